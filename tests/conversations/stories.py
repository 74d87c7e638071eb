"""What several stories begin with."""

import sqlite3
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any

from bot.content import Content, Texts
from bot.delivery import formatted
from bot.questions import Step
from emulator.objects import Message
from emulator.person import Person


def shown(texts: Texts, message_id: str, **values: str | float) -> str:
    """A sentence as the patient sees it, without the signs of its formatting."""
    return formatted(texts.say(message_id, **values))[0].strip()


def first_line(texts: Texts, message_id: str) -> str:
    """The first line of a sentence, for those that end differently."""
    return shown(texts, message_id).splitlines()[0]


def heading(texts: Texts, page: str) -> str:
    """The first line of a page."""
    return texts.page(page).splitlines()[0].removeprefix("# ")


def how(texts: Texts, command: str) -> str:
    """How a command is used that has to name somebody."""
    return f"{shown(texts, f'{command}-how')}\n\n{shown(texts, 'naming-how')}"


def button(step: Step, answer: str) -> str:
    """What the button of a question sends."""
    return f"reg:{int(step)}:{answer}"


async def register(person: Person, language: str, skin_type: str = "skip") -> None:
    """Answer every question with a button."""
    await person.says("/start")
    for step, answer in (
        (Step.LANGUAGE, language),
        (Step.CONSENT, "agree"),
        (Step.AGE, "adult"),
        (Step.NAME, "keep"),
        (Step.SKIN_TYPE, skin_type),
    ):
        await person.waits_for(asks(step))
        await person.presses(button(step, answer))
    await person.waits_for(lambda message: not message.get("reply_markup"))


def enrol(
    data_dir: Path, user_ids: Iterable[int], language: str, content: Content, known_blocked: Container[int] = ()
) -> None:
    """Let people be registered, as if they had answered every question."""
    columns = "(user_id, language, consent_version, is_adult, first_name, registered_at, created_at, blocked_at)"
    moment = "2026-11-23 12:00:00.000000"
    people = [
        (user_id, language, content.consent_version, moment, moment, moment if user_id in known_blocked else None)
        for user_id in user_ids
    ]
    with sqlite3.connect(data_dir / "lentigo.db", timeout=10) as connection:
        connection.executemany(f"INSERT INTO patients {columns} VALUES (?, ?, ?, 1, 'Sam', ?, ?, ?)", people)  # noqa: S608 - constants
    connection.close()


def rows(data_dir: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement finds or changes in the bot's database."""
    with sqlite3.connect(data_dir / "lentigo.db", timeout=10) as connection:
        found = connection.execute(query, values).fetchall()
    connection.close()
    return found


async def menu_of(person: Person) -> dict[str, str]:
    """The commands that somebody is offered, with what they say."""
    return {command["command"]: command["description"] for command in (await person.chat())["commands"]}


def asks(step: Step) -> Callable[[Message], bool]:
    """A message that holds the buttons of a question."""

    def asks_step(message: Message) -> bool:
        return has_button(message, f"reg:{int(step)}:")

    return asks_step


def has_button(message: object, data: str) -> bool:
    """Whether a message has a button that sends something that begins like this."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", []) if isinstance(message, dict) else []
    return any(str(b.get("callback_data", "")).startswith(data) for row in rows for b in row)
