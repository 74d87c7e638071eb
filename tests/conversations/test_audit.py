"""/audit: who did what when, under the names that people had; aliases only once they are erased."""

import re

from bot.content import Texts
from emulator.objects import Message
from emulator.person import Person
from emulator.reading import has_label
from tests.conversations.service import Service
from tests.conversations.stories import first_line, has_button, heading, how, rows, shown
from tests.conversations.test_people import is_card


def is_audit(texts: Texts, page: int = 1) -> str:
    return shown(texts, "audit-heading", page=page)


def did(texts: Texts, action: str) -> str:
    return texts.plain(f"audit-deed-{action}")


def page(texts: Texts, number: int = 1) -> str:
    return f"({texts.plain('audit-fact-page', value=str(number))})"


def deeds(message: Message) -> list[str]:
    """Each line without its moment."""
    lines = re.findall(r"^• (.+)$", message["text"], flags=re.MULTILINE)
    assert all(re.search(r"20\d\d", line.partition(" · ")[0]) for line in lines)
    return [line.partition(" · ")[2] for line in lines]


async def test_deeds_are_told_latest_first(moderator: Person, patient: Person, boss: Person, texts: Texts) -> None:
    for command in (f"/user {patient.id}", f"/ban {patient.id} 7d spam", f"/unban {patient.id}", "/users"):
        await moderator.says(command)
        await moderator.waits_for(lambda message: "text" in message)
    await boss.says("/audit")
    told = deeds(await boss.waits_for(is_audit(texts)))
    assert told[0] == f"{moderator.id} · {did(texts, 'users')} {page(texts)}"
    assert told[1] == f"{moderator.id} · {did(texts, 'unban')} → {patient.id}"
    assert told[2].startswith(f"{moderator.id} · {did(texts, 'ban')} → {patient.id} (")
    assert re.search(r"20\d\d-\d\d-\d\d\)$", told[2])
    assert told[3] == f"{moderator.id} · {did(texts, 'user')} → {patient.id}"
    assert not [line for line in told if "spam" in line or "Sam" in line]
    await moderator.says("/audit")
    told = deeds(await moderator.waits_for(is_audit(texts)))
    assert told[0] == f"{boss.id} · {did(texts, 'audit')} {page(texts)}"


async def test_look_at_the_card_before_a_role_is_given_is_told(boss: Person, writer: Person, texts: Texts) -> None:
    await boss.says(f"/grant @{writer.user['username']}")
    await boss.waits_for(is_about(writer, texts))
    await boss.says("/audit")
    assert deeds(await boss.waits_for(is_audit(texts)))[0] == f"{boss.id} · {did(texts, 'user')} → {writer.id}"


async def test_pages_turn_in_place(moderator: Person, texts: Texts, service: Service) -> None:
    await moderator.says("/audit")
    await moderator.waits_for(is_audit(texts))
    ((alias,),) = rows(service.data_dir, "SELECT alias FROM aliases WHERE user_id = ?", moderator.id)
    for number in range(25):
        columns = "(at, actor, action, details) VALUES ('2026-11-23 12:00:00.000000', ?, 'test', ?)"
        rows(service.data_dir, f"INSERT INTO audit {columns}", alias, str(number))
    await moderator.says(f"/audit {moderator.id}")
    first = await moderator.waits_for(is_audit(texts))
    assert deeds(first) == [f"{moderator.id} · test ({number})" for number in range(24, 14, -1)]
    assert not has_label(first, texts.plain("button-newer"))
    await moderator.presses(texts.plain("button-older"), first)
    second = await moderator.waits_for(is_audit(texts, 2))
    assert second["message_id"] == first["message_id"]
    assert deeds(second) == [f"{moderator.id} · test ({number})" for number in range(15, 5, -1)]  # one came meanwhile
    await moderator.presses(texts.plain("button-older"), second)
    third = await moderator.waits_for(is_audit(texts, 3))
    assert deeds(third)[-1] == f"{moderator.id} · {did(texts, 'audit')} {page(texts)}"
    assert not has_label(third, texts.plain("button-older"))
    await moderator.presses(texts.plain("button-newer"), third)
    await moderator.waits_for(is_audit(texts, 2))


async def test_one_persons_deeds_and_what_was_done_about_them(
    boss: Person, moderator: Person, patient: Person, texts: Texts
) -> None:
    await boss.says(f"/user {moderator.id}")
    await boss.waits_for(is_about(moderator, texts))
    await moderator.says(f"/user {patient.id}")
    card = await moderator.waits_for(is_about(patient, texts))
    await moderator.says("/audit", reply_to=card)
    assert deeds(await moderator.waits_for(is_audit(texts))) == [
        f"{moderator.id} · {did(texts, 'user')} → {patient.id}"
    ]
    await moderator.says(f"/audit {moderator.id}")
    assert deeds(await moderator.waits_for(is_audit(texts))) == [
        f"{moderator.id} · {did(texts, 'audit')} → {patient.id} {page(texts)}",
        f"{moderator.id} · {did(texts, 'user')} → {patient.id}",
        f"{boss.id} · {did(texts, 'user')} → {moderator.id}",
    ]


def is_about(person: Person, texts: Texts) -> str:
    return shown(texts, "user-heading", id=str(person.id))


async def test_erased_person_is_an_alias_that_is_nobodys(
    moderator: Person, patient: Person, texts: Texts, service: Service
) -> None:
    await moderator.says(f"/user {patient.id}")
    await moderator.waits_for(is_card)
    ((alias,),) = rows(service.data_dir, "SELECT alias FROM aliases WHERE user_id = ?", patient.id)
    await patient.says("/delete")
    await patient.waits_for(shown(texts, "delete-question"))
    await patient.presses(texts.plain("button-delete-yes"))
    await patient.waits_for(first_line(texts, "deleted"))
    await moderator.says("/audit")
    told = await moderator.waits_for(is_audit(texts))
    assert deeds(told)[0] == f"{moderator.id} · {did(texts, 'user')} → #{alias}"
    assert str(patient.id) not in told["text"]
    await moderator.says(f"/audit {patient.id}")
    await moderator.waits_for(shown(texts, "audit-empty"))


async def test_moderator_who_is_erased_stays_in_the_log_until_an_owner_ends_it(
    boss: Person, moderator: Person, texts: Texts
) -> None:
    await moderator.says("/users")
    await moderator.waits_for(lambda message: has_button(message, "user:show:"))
    await moderator.says("/delete")
    asked = await moderator.waits_for(shown(texts, "delete-question"))
    assert shown(texts, "delete-keeps-role") in asked["text"]
    await moderator.presses(texts.plain("button-delete-yes"))
    await moderator.waits_for(first_line(texts, "deleted"))
    await moderator.says("/help")
    await moderator.waits_for(heading(texts, "moderators"))
    await boss.says(f"/audit {moderator.id}")
    assert deeds(await boss.waits_for(is_audit(texts))) == [f"{moderator.id} · {did(texts, 'users')} {page(texts)}"]


async def test_nobody_in_particular_is_explained(moderator: Person, texts: Texts) -> None:
    for argument in ("yesterday", "@nobody_of_this_name"):
        await moderator.says(f"/audit {argument}")
        await moderator.waits_for(how(texts, "audit"))
