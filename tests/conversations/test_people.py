"""/users and /user: who there is, and whom a moderator means."""

import re
from collections.abc import Awaitable, Callable, Iterator

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person
from emulator.reading import buttons
from inference.classes import LesionClass
from tests.conversations.service import Service
from tests.conversations.stories import enrol, has_button, heading, how, rows, shown
from tests.conversations.test_history import assess

LATEST = range(910_000_001, 910_000_013)  # twelve people who come last
UNFINISHED, BLOCKED, BANNED = LATEST[:3]


@pytest.fixture
def crowd(service: Service, content: Content) -> Iterator[None]:
    """People on the first two pages."""
    enrol(service.data_dir, LATEST, "en", content)
    for user_id in LATEST:
        told = (f"2999-01-01 12:00:{user_id % 100:02}", f"*P_{user_id % 100}*", user_id)
        rows(service.data_dir, "UPDATE patients SET created_at = ?, first_name = ? WHERE user_id = ?", *told)
    rows(service.data_dir, "UPDATE patients SET registered_at = NULL WHERE user_id = ?", UNFINISHED)
    rows(service.data_dir, "UPDATE patients SET blocked_at = created_at, username = 'p_2' WHERE user_id = ?", BLOCKED)
    yield
    rows(service.data_dir, "DELETE FROM patients WHERE user_id BETWEEN ? AND ?", LATEST[0], LATEST[-1])


@pytest.mark.usefixtures("crowd")
async def test_everybody_is_there_page_by_page(moderator: Person, texts: Texts, service: Service) -> None:
    await moderator.says(f"/ban {BANNED} 1d spam")
    await moderator.waits_for(is_card)
    ((people,),) = rows(service.data_dir, "SELECT count(*) FROM patients")
    pages = -(-people // 10)
    await moderator.says("/users")
    first = await moderator.waits_for(shown(texts, "users-heading", page=1, pages=pages, count=people))
    assert re.findall(r"^(\d+)\. \*P_(\d+)\* – · (\d+)$", first["text"], flags=re.MULTILINE) == [
        (str(number), str(13 - number), str(LATEST[-number])) for number in range(1, 10)
    ]
    banned = texts.plain("users-mark-banned")
    assert first["text"].endswith(f"10. *P_3* – · {BANNED} {banned}")
    await moderator.presses(texts.plain("button-older"))
    second = await moderator.waits_for(shown(texts, "users-heading", page=2, pages=pages, count=people))
    assert second["message_id"] == first["message_id"]
    assert f"11. *P_2* @p_2 · {BLOCKED} {texts.plain('users-mark-blocked')}" in second["text"]
    assert f"12. *P_1* – · {UNFINISHED} {texts.plain('users-mark-unfinished')}" in second["text"]
    await moderator.presses("12")
    card = await moderator.waits_for(shown(texts, "user-heading", id=str(UNFINISHED)))
    assert shown(texts, "user-not-registered") in card["text"]
    await moderator.presses(texts.plain("button-newer"), second)
    await moderator.waits_for(shown(texts, "users-heading", page=1, pages=pages, count=people))
    await moderator.forges(first, "users:9999")
    await moderator.waits_for(shown(texts, "users-heading", page=pages, pages=pages, count=people))


def is_card(message: Message) -> bool:
    return has_button(message, "user:") and not has_button(message, "user:show:")


async def by_id(moderator: Person, patient: Person, texts: Texts) -> None:
    await moderator.says(f"/user {patient.id}")


async def by_name(moderator: Person, patient: Person, texts: Texts) -> None:
    await patient.says("/help")
    await patient.waits_for(heading(texts, "help"))
    await moderator.says(f"/user @{patient.user['username'].upper()}")


async def by_forwarded_message(moderator: Person, patient: Person, texts: Texts) -> None:
    message = await moderator.says("Is this a mole?", forwarded_from=patient)
    await moderator.waits_for(shown(texts, "naming-reply"))
    await moderator.says("/user", reply_to=message)


async def by_button_below_a_forwarded_message(moderator: Person, patient: Person, texts: Texts) -> None:
    await moderator.says("Is this a mole?", forwarded_from=patient)
    await moderator.waits_for(shown(texts, "naming-reply"))
    await moderator.presses(texts.plain("button-who"))


async def by_contact(moderator: Person, patient: Person, texts: Texts) -> None:
    contact = await moderator.shares_contact("+43 555 0100", "Sam", patient.id)
    await moderator.waits_for(shown(texts, "naming-reply"))
    await moderator.says("/user", reply_to=contact)


async def by_card(moderator: Person, patient: Person, texts: Texts) -> None:
    await moderator.says(f"/user {patient.id}")
    await moderator.says("/user", reply_to=await moderator.waits_for(is_card))


@pytest.mark.parametrize(
    "points_at",
    [by_id, by_name, by_forwarded_message, by_button_below_a_forwarded_message, by_contact, by_card],
)
async def test_person_is_found(
    moderator: Person,
    patient: Person,
    texts: Texts,
    points_at: Callable[[Person, Person, Texts], Awaitable[None]],
) -> None:
    await points_at(moderator, patient, texts)
    card = await moderator.waits_for(is_card)
    assert card["text"].startswith(shown(texts, "user-heading", id=str(patient.id)))


async def test_card_has_the_registration_and_no_health_data(
    moderator: Person, patient: Person, texts: Texts, service: Service, content: Content
) -> None:
    assess(service, patient, 11, 12)
    columns = "skin_type = 5, invited_by = 'north', blocked_at = '2026-11-23', username = 'sam_the_first'"
    rows(service.data_dir, f"UPDATE patients SET {columns} WHERE user_id = ?", patient.id)  # noqa: S608
    rows(service.data_dir, "UPDATE cases SET received_at = CURRENT_TIMESTAMP WHERE user_id = ?", patient.id)
    await moderator.says(f"/user {patient.id}")
    card = await moderator.waits_for(is_card)
    day = re.compile(r"23[^,]*2026|Nov 23, 2026")
    title, *lines = [line.removeprefix("• ") for line in card["text"].splitlines() if line]
    registered, blocked = lines.pop(2), lines.pop(3)
    assert title == shown(texts, "user-heading", id=str(patient.id))
    assert lines == [
        shown(texts, "user-name", name="Sam", username="@sam_the_first"),
        shown(texts, "user-language", language=texts.language),
        shown(texts, "user-invited", clinic="north"),
        shown(texts, "user-photos", count=2),
    ]
    assert content.consent_version in registered
    assert day.search(registered)
    assert day.search(blocked)
    assert [one["text"] for one in buttons(card)] == [texts.plain("button-ban")]
    assert not [lesion for lesion in LesionClass if texts.plain(f"class-{lesion}") in card["text"]]


@pytest.mark.parametrize("argument", ["", " Sam", " @nobody_of_this_name", " 0", " -5", f" {2**60}", " ١٢٣"])
async def test_nobody_in_particular_is_explained(moderator: Person, texts: Texts, argument: str) -> None:
    await moderator.says(f"/user{argument}")
    await moderator.waits_for(how(texts, "user"))


async def test_sender_who_hides_their_account_is_explained(moderator: Person, texts: Texts) -> None:
    message = await moderator.says("Is this a mole?", forwarded_from="Sam")
    await moderator.waits_for(shown(texts, "naming-how"))
    await moderator.says("/user", reply_to=message)
    await moderator.waits_for(how(texts, "user"))


async def test_unknown_id_has_a_card_all_the_same(moderator: Person, texts: Texts) -> None:
    await moderator.says("/user 4242")
    assert shown(texts, "user-unknown") in (await moderator.waits_for(is_card))["text"]


async def test_buttons_of_a_card_fit_who_looks_and_at_whom(
    boss: Person, moderator: Person, patient: Person, texts: Texts
) -> None:
    ban, grant, revoke = (texts.plain(f"button-{deed}") for deed in ("ban", "grant", "revoke"))
    for looking, at, expected in (
        (moderator, patient, [ban]),
        (moderator, moderator, []),
        (boss, patient, [ban, grant]),
        (boss, moderator, [revoke]),
        (boss, boss, []),
    ):
        await looking.says(f"/user {at.id}")
        card = await looking.waits_for(shown(texts, "user-heading", id=str(at.id)))
        assert [one["text"] for one in buttons(card)] == expected
    assert shown(texts, "user-role-owner") in card["text"]


async def test_what_a_patient_forwards_is_no_question_about_people(patient: Person, texts: Texts, sam: Person) -> None:
    await patient.says("Is this a mole?", forwarded_from=sam)
    await patient.waits_for(shown(texts, "sent-text"))
    await patient.shares_contact("+43 555 0100", "Sam", sam.id)
    await patient.waits_for(shown(texts, "sent-contact"))
