"""/grant and /revoke: who looks after the service, and what they then see."""

import pytest

from bot.content import Content, Texts
from bot.menus import MODERATORS, PATIENTS
from emulator.person import Person, Town
from tests.conversations.service import Service
from tests.conversations.stories import has_button, heading, how, menu_of, rows, shown
from tests.conversations.test_people import is_card
from tests.conversations.test_settings import other


@pytest.fixture
async def friend(patient: Person, texts: Texts, content: Content, service: Service) -> Person:
    """A patient who has written, and speaks another language than the owner."""
    language = other(texts, content).language
    rows(service.data_dir, "UPDATE patients SET language = ? WHERE user_id = ?", language, patient.id)
    await patient.says("/help")
    await patient.waits_for("/dermatologist")
    return patient


async def test_new_moderator_is_told_in_their_language_and_sees_what_is_theirs(
    boss: Person, friend: Person, texts: Texts, content: Content
) -> None:
    theirs = other(texts, content)
    await boss.says(f"/grant {friend.id}")
    await boss.waits_for(shown(texts, "granted"))
    await friend.waits_for(shown(theirs, "you-are-moderator"))
    assert await menu_of(friend) == {name: theirs.plain(f"command-{name}") for name in (*PATIENTS, *MODERATORS)}
    await friend.says("/help")
    await friend.waits_for(heading(theirs, "moderators"))
    await friend.says("/user 4242")
    await friend.waits_for(shown(theirs, "user-heading", id="4242"))
    await boss.says(f"/grant {friend.id}")
    await boss.waits_for(shown(texts, "grant-already"))
    await boss.says(f"/revoke @{friend.user['username']}")
    await boss.waits_for(shown(texts, "revoked"))
    await friend.waits_for(shown(theirs, "you-are-no-moderator"))
    assert await menu_of(friend) == {name: theirs.plain(f"command-{name}") for name in PATIENTS}
    await friend.says("/help")
    await friend.waits_for(heading(theirs, "help"))
    await friend.says("/user 4242")
    await friend.waits_for(shown(theirs, "unknown-command"))
    assert heading(theirs, "moderators") not in [m["text"].splitlines()[0] for m in (await friend.messages())[-4:]]


async def test_person_behind_a_message_is_made_a_moderator(
    boss: Person, friend: Person, texts: Texts, content: Content
) -> None:
    message = await boss.says("I would help", forwarded_from=friend)
    await boss.says("/grant", reply_to=message)
    await boss.waits_for(shown(texts, "granted"))
    await friend.waits_for(shown(other(texts, content), "you-are-moderator"))
    await boss.says("/revoke", reply_to=message)
    await boss.waits_for(shown(texts, "revoked"))
    await friend.waits_for(shown(other(texts, content), "you-are-no-moderator"))


async def test_buttons_of_the_card_do_the_same(boss: Person, friend: Person, texts: Texts, content: Content) -> None:
    await boss.says(f"/user @{friend.user['username']}")
    card = await boss.waits_for(is_card)
    await boss.presses(texts.plain("button-grant"))
    assert (await boss.waits_for_event("callback_answer"))["text"] == texts.plain("granted")
    changed = await boss.waits_for(lambda message: has_button(message, "user:revoke:"))
    assert changed["message_id"] == card["message_id"]
    assert shown(texts, "user-role-moderator") in changed["text"]
    await friend.waits_for(shown(other(texts, content), "you-are-moderator"))
    await boss.presses(texts.plain("button-revoke"))
    assert (await boss.waits_for_event("callback_answer"))["text"] == texts.plain("revoked")
    await boss.waits_for(lambda message: has_button(message, "user:grant:"))
    await friend.waits_for(shown(other(texts, content), "you-are-no-moderator"))


async def test_somebody_who_never_wrote_is_a_moderator_from_their_first_word(
    boss: Person, town: Town, texts: Texts
) -> None:
    newcomer = await town.newcomer("Nora", language_code=texts.language)
    await boss.says(f"/grant {newcomer.id}")
    await boss.waits_for(shown(texts, "granted-unheard"))
    await newcomer.says("/help")
    await newcomer.waits_for(heading(texts, "moderators"))
    assert set(await menu_of(newcomer)) == {*PATIENTS, *MODERATORS}
    await newcomer.blocks()
    await boss.says(f"/revoke {newcomer.id}")
    await boss.waits_for(shown(texts, "revoked-unheard"))


async def test_roles_that_can_be_neither_given_nor_taken_are_explained(
    boss: Person, friend: Person, texts: Texts
) -> None:
    for command, words in (
        (f"/grant {boss.id}", shown(texts, "grant-owner")),
        (f"/revoke {boss.id}", shown(texts, "revoke-owner")),
        (f"/revoke {friend.id}", shown(texts, "revoke-nobody")),
        ("/grant", how(texts, "grant")),
        ("/revoke @nobody_of_this_name", how(texts, "revoke")),
    ):
        await boss.says(command)
        await boss.waits_for(words)


@pytest.mark.parametrize("command", ["/grant", "/revoke"])
async def test_owner_sees_who_looks_after_the_bot_also_those_who_never_wrote(
    boss: Person, moderator: Person, friend: Person, town: Town, texts: Texts, service: Service, command: str
) -> None:
    newcomer = await town.newcomer("Nora", language_code=texts.language)
    for user_id in (newcomer.id, friend.id):
        await boss.says(f"/grant {user_id}")
    await friend.waits_for(lambda message: "/help" in message["text"])
    await boss.says(command)
    listed = await boss.waits_for(lambda message: message["text"].startswith(heading_of_moderators(texts)))
    lines = listed["text"].splitlines()[2:]
    mark = texts.plain("users-mark-moderator")
    assert any(f" · {boss.id} {texts.plain('users-mark-owner')}" in line for line in lines)
    assert any(f" · {moderator.id} {mark}" in line for line in lines)
    (nora,) = (line for line in lines if f" · {newcomer.id} " in line)
    assert nora.endswith(f"{mark} {texts.plain('users-mark-unknown')}")
    await boss.presses(nora.partition(".")[0], listed)
    await boss.waits_for(shown(texts, "user-heading", id=str(newcomer.id)))
    await boss.presses(texts.plain("button-revoke"))
    assert (await boss.waits_for_event("callback_answer"))["text"] == texts.plain("revoked-unheard")
    assert (await line_of(friend, boss, texts, service)).endswith(mark)


async def line_of(person: Person, moderator: Person, texts: Texts, service: Service) -> str:
    """Turn the pages of /users until somebody stands there."""
    ((count,),) = rows(service.data_dir, "SELECT count(*) FROM patients")
    await moderator.says("/users")
    for page in range(1, (pages := -(-count // 10)) + 1):
        shown_now = await moderator.waits_for(shown(texts, "users-heading", page=page, pages=pages, count=count))
        if found := [line for line in shown_now["text"].splitlines() if f" · {person.id}" in line]:
            return str(found[0])
        await moderator.presses(texts.plain("button-older"), shown_now)
    raise AssertionError("they stand on no page")


def heading_of_moderators(texts: Texts) -> str:
    return shown(texts, "moderators-heading", count=0).partition("0")[0]


async def test_banned_person_is_let_in_before_they_are_a_moderator(
    boss: Person, moderator: Person, friend: Person, texts: Texts
) -> None:
    await moderator.says(f"/ban {friend.id} 1d spam")
    await moderator.waits_for(is_card)
    await boss.says(f"/grant {friend.id}")
    await boss.waits_for(shown(texts, "grant-banned"))
