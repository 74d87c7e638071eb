"""/history: what the bot said about earlier photos."""

import json
import re
from itertools import count

from bot.content import Content, Texts
from bot.render.account import HISTORY_PAGE
from emulator.objects import Message
from emulator.person import Person
from emulator.reading import has_label
from inference.classes import LesionClass
from tests.conversations.service import PHOTOS, Service
from tests.conversations.stories import first_line, has_button, rows, shown
from tests.conversations.test_photos import ANSWER_WITHIN_S, is_answer

_message_ids = count(9_000_000)  # no message in any chat has these numbers


def assess(service: Service, person: Person, *days: int) -> None:
    """Let somebody have been answered on these days of a month; as likely as the day's number is a mole."""
    for day in days:
        shares = dict.fromkeys(LesionClass, 0.0) | {LesionClass.NV: day / 100, LesionClass.MEL: 0.005}
        values = (person.id, person.id, next(_message_ids), f"2026-10-{day:02} 09:05:00.000000", json.dumps(shares))
        columns = "(chat_id, user_id, message_id, received_at, probabilities, outcome, top_class, risk_level)"
        statement = f"INSERT INTO cases {columns} VALUES (?, ?, ?, ?, ?, 'assessed', 'nv', 'routine')"  # noqa: S608
        rows(service.data_dir, statement, *values)


def days_on(page: Message) -> list[int]:
    """The days of the assessments on a page, as `assess` numbers them."""
    return [int(found) for found in re.findall(r"^• .+: (\d+) ", page["text"], flags=re.MULTILINE) if found != "1"]


def is_page(texts: Texts, page: int, pages: int, assessments: int) -> str:
    return shown(texts, "history-heading", page=page, pages=pages, count=assessments)


async def test_there_is_nothing_before_the_first_photo(patient: Person, texts: Texts) -> None:
    await patient.says("/history")
    await patient.waits_for(shown(texts, "history-empty"))


async def test_answers_are_listed_latest_first_and_declined_photos_are_not(patient: Person, texts: Texts) -> None:
    said: list[list[str]] = []
    for name in ("ham10000_mel_ISIC_0028412.jpg", "ham10000_nv_ISIC_0028441.jpg"):
        await patient.sends_photo(PHOTOS / name)
        caption = (await patient.waits_for(is_answer, ANSWER_WITHIN_S))["caption"]
        said.insert(0, re.findall(r"^• .+100$", caption, flags=re.MULTILINE))
    await patient.sends_document(PHOTOS / "truncated.jpg")
    await patient.waits_for(first_line(texts, "declined-truncated"), ANSWER_WITHIN_S)
    await patient.says("/history")
    history = await patient.waits_for(is_page(texts, 1, 1, 2))
    assert re.findall(r"^• .+100$", history["text"], flags=re.MULTILINE) == [line for lines in said for line in lines]
    assert history["text"].endswith(shown(texts, "history-note"))
    assert history["text"].count(" UTC ·") == 2
    assert "reply_markup" not in history


async def test_pages_turn_in_place(patient: Person, texts: Texts, service: Service, sam: Person) -> None:
    assess(service, patient, *range(11, 23))
    assess(service, sam, 30, 31)
    await patient.says("/history")
    first = await patient.waits_for(is_page(texts, 1, 3, 12))
    assert days_on(first) == [22, 21, 20, 19, 18]
    assert shown(texts, "history-routine") in first["text"]
    assert not has_label(first, texts.plain("button-newer"))
    await patient.presses(texts.plain("button-older"), first)
    second = await patient.waits_for(is_page(texts, 2, 3, 12))
    assert days_on(second) == [17, 16, 15, 14, 13]
    await patient.presses(texts.plain("button-older"), second)
    third = await patient.waits_for(is_page(texts, 3, 3, 12))
    assert days_on(third) == [12, 11]
    assert not has_label(third, texts.plain("button-older"))
    await patient.presses(texts.plain("button-newer"), third)
    again = await patient.waits_for(is_page(texts, 2, 3, 12))
    assert again["message_id"] == first["message_id"]


async def test_page_that_is_not_there_any_more_is_the_last_one(patient: Person, texts: Texts, service: Service) -> None:
    assess(service, patient, *range(11, 11 + HISTORY_PAGE + 1))
    await patient.says("/history")
    page = await patient.waits_for(is_page(texts, 1, 2, HISTORY_PAGE + 1))
    rows(service.data_dir, "DELETE FROM cases WHERE user_id = ? AND received_at < '2026-10-14'", patient.id)
    await patient.presses(texts.plain("button-older"), page)
    assert days_on(await patient.waits_for(is_page(texts, 1, 1, 3))) == [16, 15, 14]
    await patient.forges(page, "history:9999")
    assert (await patient.waits_for_event("callback_answer"))["text"] == ""
    await patient.forges(page, "history:-1")
    assert (await patient.waits_for_event("callback_answer"))["text"] == texts.plain("old-button")


async def test_withdrawn_consent_empties_it(patient: Person, texts: Texts, service: Service) -> None:
    assess(service, patient, *range(11, 20))
    await patient.says("/history")
    page = await patient.waits_for(is_page(texts, 1, 2, 9))
    await patient.says("/privacy")
    await patient.waits_for(lambda message: has_button(message, "privacy:withdraw"))
    await patient.presses("privacy:withdraw")
    await patient.waits_for(first_line(texts, "withdraw-question"))
    await patient.presses(texts.plain("button-withdraw-yes"))
    await patient.waits_for(first_line(texts, "consent-withdrawn"))
    await patient.presses(texts.plain("button-older"), page)
    emptied = await patient.waits_for(shown(texts, "history-without-consent"))
    assert emptied["message_id"] == page["message_id"]
    await patient.says("/history")
    await patient.waits_for(shown(texts, "history-without-consent"))


async def test_stranger_is_asked_to_register_first(newcomer: Person, content: Content) -> None:
    await newcomer.says("/history")
    await newcomer.waits_for(shown(content.texts("en"), "register-first"))
