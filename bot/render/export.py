"""The file of /export: everything that is kept of somebody, in the words of docs/export.schema.json.

Every field is a column of the database; the schema is made from these classes by `python -m bot schema`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.render.questions import name_of
from bot.storage.records import Rows

FORMAT: Final = "lentigo-export/1"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_RowKind = TypeVar("_RowKind", bound=_Row)


class Registration(_Row):
    """What is known of you since your registration."""

    user_id: int = Field(description="Your number at Telegram.")
    language: str = Field(description="The language you chose, ISO 639-1.")
    username: str | None = Field(description="Your @name at Telegram, as it was when you last wrote.")
    first_name: str | None = Field(description="What you are called by.")
    skin_type: int | None = Field(ge=1, le=6, description="Fitzpatrick skin type, 1 to 6, if you gave it.")
    is_adult: bool | None = Field(description="Whether you said that you are 18 or older.")
    consent_version: str | None = Field(description="The version of the consent text that you agreed to.")
    consented_at: datetime | None = Field(description="When you agreed to it.")
    created_at: datetime = Field(description="When you chose a language for the first time.")
    registered_at: datetime | None = Field(description="When you answered the last question.")
    invited_by: str | None = Field(description="The code of the clinic that invited you.")
    blocked_at: datetime | None = Field(description="Since when you block the bot.")


class Photo(_Row):
    """A photo that you sent. The photo itself was not kept."""

    case_id: int = Field(description="This service's number for it.")
    chat_id: int = Field(description="The chat it came in.")
    user_id: int = Field(description="Who sent it: you.")
    message_id: int = Field(description="The message it came in.")
    progress_message_id: int | None = Field(description="The message that became the answer.")
    file_id: str | None = Field(description="What opens the photo at Telegram; only until it is answered.")
    retries: int = Field(description="How often it was looked at anew after the service had ended with it in hand.")
    received_at: datetime = Field(description="When it came.")
    closed_at: datetime | None = Field(description="When it was answered.")
    outcome: str | None = Field(description="How it ended: assessed, or why not; null while it is looked at.")
    top_class: str | None = Field(description="The likeliest of the seven HAM10000 classes. Not a diagnosis.")
    risk_level: str | None = Field(description="What you were advised to do: urgent, soon or routine.")
    probabilities: dict[str, float] | None = Field(description="The share of each class among photos like it, 0 to 1.")
    model_sha256: str | None = Field(description="Which version of the network said so.")


class Feedback(_Row):
    """A message of yours to the moderators."""

    feedback_id: int = Field(description="This service's number for it.")
    user_id: int = Field(description="Who wrote it: you.")
    text: str = Field(description="What you wrote.")
    sent_at: datetime = Field(description="When you wrote it.")
    answer: str | None = Field(description="What you were answered, the last time.")
    answered_at: datetime | None = Field(description="When it was answered or put aside.")


class Announcement(_Row):
    """A message to many people that was also meant for you."""

    broadcast_id: int = Field(description="This service's number for it.")
    user_id: int = Field(description="Whom it was for: you.")
    outcome: str = Field(description="Whether it reached you.")
    after_message_id: int | None = Field(description="Where to look whether it arrived, while it is being sent.")


class Ban(_Row):
    """That you may not use the bot."""

    reason: str = Field(description="Why; nothing once you were erased.")
    banned_at: datetime = Field(description="Since when; the beginning of the year once you were erased.")
    until: datetime | None = Field(description="Until when; null for good.")


class Deed(_Row):
    """What a moderator did about you, or what you did as a moderator."""

    entry_id: int = Field(description="This service's number for it.")
    at: datetime = Field(description="When.")
    action: str = Field(description="What.")
    details: str = Field(description="How much, until when, which.")
    is_yours: bool = Field(description="Whether you did it.")


class OpenQuestion(_Row):
    """A question that you have not answered yet."""

    question: str = Field(description="Which question, by the name that the program has for it.")


class Moderation(_Row):
    """Your role as a moderator."""

    user_id: int = Field(description="Your number at Telegram.")
    granted_at: datetime = Field(description="Since when you are a moderator.")


class Export(BaseModel):
    """Everything that this service keeps of you. Moments are in UTC, ISO 8601."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["lentigo-export/1"] = Field(description="The name and version of this format.")
    exported_at: datetime = Field(description="When this file was made.")
    registration: Registration | None = Field(description="Null where you are not registered.")
    photos: list[Photo] = Field(description="Every photo, oldest first.")
    feedback: list[Feedback] = Field(description="What you wrote to the moderators.")
    announcements: list[Announcement] = Field(description="Messages to many people.")
    ban: Ban | None = Field(description="Null where you are not banned.")
    moderation: Moderation | None = Field(description="Null where you are no moderator.")
    alias: str | None = Field(description="The code that the moderators' log knows you by.")
    deeds: list[Deed] = Field(description="The moderators' log, as far as it is about you.")
    open_questions: list[OpenQuestion] = Field(description="What you were asked and have not answered.")
    draft: dict[str, Any] | None = Field(description="What you have begun and not finished.")
    broadcasts_of_yours: list[int] = Field(description="The numbers of messages to many people that you sent.")
    feedback_seen: list[int] = Field(description="The messages of your chat that show you others' feedback.")


def export(everything: Mapping[str, Rows], now: datetime) -> Export:
    """Return all rows of somebody as one document.

    Args:
        everything: rows by table, see Records.everything.
        now: aware UTC.
    """
    alias = next((row["alias"] for row in everything["aliases"]), None)
    return Export(
        format=FORMAT,
        exported_at=now,
        registration=_one(Registration, everything["patients"]),
        photos=_all(Photo, everything["cases"]),
        feedback=_all(Feedback, everything["feedback"]),
        announcements=_all(Announcement, everything["deliveries"]),
        ban=_one(Ban, everything["bans"]),
        moderation=_one(Moderation, everything["moderators"]),
        alias=alias,
        deeds=[_deed(row, alias) for row in everything["audit"]],
        open_questions=[OpenQuestion(question=name_of(row["state"])) for row in everything["conversations"]],
        draft=next((row["content"] for row in everything["drafts"]), None),
        broadcasts_of_yours=[row["broadcast_id"] for row in everything["broadcasts"]],
        feedback_seen=[row["message_id"] for row in everything["feedback_copies"]],
    )


def _all(kind: type[_RowKind], rows: Rows) -> list[_RowKind]:
    return [kind.model_validate(dict(row)) for row in rows]


def _one(kind: type[_RowKind], rows: Rows) -> _RowKind | None:
    return next(iter(_all(kind, rows)), None)


def _deed(row: Mapping[str, Any], alias: str | None) -> Deed:
    kept = {name: row[name] for name in ("entry_id", "at", "action", "details")}
    return Deed(**kept, is_yours=row["actor"] == alias)
