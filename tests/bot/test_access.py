"""Nobody gets what is not theirs: every handler, every kind of person, every kind of chat."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from string import ascii_letters, digits
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis.strategies import from_regex
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ConversationHandler

from bot.menus import MODERATORS, OWNERS, PATIENTS
from bot.render.questions import BESIDE_REGISTRATION, Open, Step
from tests.bot.conftest import on_one_database
from tests.bot.desk import Desk
from tests.bot.kinds import (
    BANNED,
    MODERATOR,
    OWNER,
    PATIENT,
    REGISTERED,
    STRANGER,
    UNREGISTERED,
    open_desk_for_all,
)
from tests.conversations.stories import shown

WHO = ["owner", "moderator", "patient", "banned", "unregistered", "stranger"]
IDS = dict(zip(WHO, (OWNER, MODERATOR, PATIENT, BANNED, UNREGISTERED, STRANGER), strict=True))
SIGNS = ascii_letters + digits + ":-_. "
pytestmark = on_one_database
each_person = pytest.mark.parametrize("who", WHO)


class For(StrEnum):
    """Whom something is for."""

    ALL = auto()
    RIGHTS = auto()  # of everybody, also of the banned
    REGISTERED = auto()  # likewise, once they are registered
    PATIENTS = auto()
    MODERATORS = auto()
    OWNERS = auto()


RIGHTS = {"privacy", "export", "delete", "help", "cancel"}
COMMANDS = (
    dict.fromkeys(PATIENTS, For.PATIENTS)
    | {"start": For.ALL, "model": For.ALL, "dermatologist": For.ALL}
    | dict.fromkeys(RIGHTS, For.RIGHTS)
    | dict.fromkeys(MODERATORS, For.MODERATORS)
    | dict.fromkeys(OWNERS, For.OWNERS)
)
BUTTONS = {  # by what they begin with
    "reg": For.ALL,
    "chosen": For.ALL,
    "sure": For.ALL,
    "find": For.ALL,
    "explain": For.ALL,
    "privacy:withdraw": For.REGISTERED,
    "privacy": For.RIGHTS,
    "delete": For.RIGHTS,
    **dict.fromkeys(("settings", "history"), For.PATIENTS),
    "user:grant": For.OWNERS,
    "user:revoke": For.OWNERS,
    **dict.fromkeys(
        ("user", "users", "ban", "inbox", "audit", "stats", "errors", "maintenance", "broadcast", "dir"),
        For.MODERATORS,
    ),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach a handler: in which state of the conversation, and by what."""

    state: Step | Open | None
    data: str


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk_for_all(engine) as desk:
        yield desk


def handlers_of(desk: Desk) -> Iterator[tuple[Step | Open | None, BaseHandler[Any, Any, Any]]]:
    """Every handler, and the state of the conversation that it belongs to."""
    for group in desk.application.handlers.values():
        for handler in group:
            if not isinstance(handler, ConversationHandler):
                yield None, handler
                continue
            for inner in (*handler.entry_points, *handler.fallbacks):
                yield None, inner
            for state, inners in handler.states.items():
                for inner in inners:
                    yield state, inner  # type: ignore[misc]


def commands_of(desk: Desk) -> set[str]:
    return {name for _, h in handlers_of(desk) if isinstance(h, CommandHandler) for name in h.commands}


def buttons_of(desk: Desk) -> list[Way]:
    """One press for each handler of buttons, made from the handler's own pattern."""
    ways = {}
    for state, handler in handlers_of(desk):
        if isinstance(handler, CallbackQueryHandler) and isinstance(handler.pattern, re.Pattern):
            ways[id(handler)] = Way(state, example_of(handler.pattern))  # those of every state: in the last
    return list(ways.values())


@cache
def example_of(pattern: re.Pattern[str]) -> str:
    """Something that a button with this pattern can say."""
    once = settings(database=None, phases=[Phase.generate], max_examples=10)
    return find(from_regex(pattern, fullmatch=True, alphabet=SIGNS), lambda _: True, settings=once)


def audience(data: str) -> For:
    return next(whom for prefix, whom in sorted(BUTTONS.items(), reverse=True) if re.match(rf"{prefix}\b", data))


def may(person: int, whom: For) -> bool:
    match whom:
        case For.ALL:
            return person != BANNED
        case For.RIGHTS:
            return True
        case For.REGISTERED:
            return person in REGISTERED
        case For.PATIENTS:
            return person in REGISTERED - {BANNED}
        case For.MODERATORS:
            return person in {MODERATOR, OWNER}
        case For.OWNERS:
            return person == OWNER


async def test_every_command_and_button_of_the_bot_is_known_to_this_test(desk: Desk) -> None:
    assert commands_of(desk) == set(COMMANDS)
    assert {way.data.partition(":")[0] for way in buttons_of(desk)} == {name.partition(":")[0] for name in BUTTONS}


@each_person
async def test_command_that_is_not_theirs_is_an_unknown_command(desk: Desk, who: str) -> None:
    person = IDS[who]
    unknown = await desk.hears(person, text="/frobnicate")
    before = await desk.rows()
    for name, whom in COMMANDS.items():
        if may(person, whom):
            continue
        for words in (f"/{name}", f"/{name} {PATIENT}", f"/{name} @robin_{PATIENT} 7d why", f"/{name} on"):
            assert await desk.hears(person, text=words) == unknown, words
    assert await desk.rows() == before


@each_person
async def test_command_that_is_theirs_is_not_an_unknown_command(desk: Desk, who: str) -> None:
    person = IDS[who]
    unknown = await desk.hears(person, text="/frobnicate")
    for name, whom in COMMANDS.items():
        desk.stands(person, None)
        if may(person, whom) and (name != "cancel" or person in REGISTERED):
            answer = await desk.hears(person, text=f"/{name}")
            assert answer, name
            assert answer != unknown, name


@each_person
async def test_button_that_is_not_theirs_is_an_old_button_wherever_they_stand(desk: Desk, who: str) -> None:
    person = IDS[who]
    tried = 0
    for way in buttons_of(desk):
        if may(person, audience(way.data)):
            continue
        desk.stands(person, way.state)
        nonsense = await desk.presses(person, "nonsense")
        before = await desk.rows()
        for data in {way.data, re.sub(r"\d{2,}$|\d$", str(PATIENT), way.data)}:
            answer = await desk.presses(person, data)
            guarded = nonsense if audience(way.data) in {For.MODERATORS, For.OWNERS} else answer
            assert answer == guarded, data
        assert await desk.rows() == before, way
        tried += 1
    assert tried or person == OWNER


@pytest.mark.parametrize("who", ["patient", "banned", "unregistered", "stranger"])
async def test_words_do_nothing_in_a_question_of_the_moderators(desk: Desk, who: str) -> None:
    """A moderator whose role was taken away stands there, say, with a draft; the draft at most is dropped."""
    person = IDS[who]
    draft = {"ban": PATIENT, "days": 7, "feedback": 1, "key": "abc", "field": "name", "name": "Dr X", "text": "Hello"}
    everybodys = {Open.PLACE, Open.NAME, Open.FEEDBACK, Open.ERASE, Open.WITHDRAW} | BESIDE_REGISTRATION
    for state in set(Open) - everybodys:
        await desk.services.drafts.put(person, draft)
        desk.stands(person, None)
        outside = await desk.hears(person, text="12.5, 47.8")
        before = await desk.rows() | {"drafts": []}
        desk.stands(person, state)
        assert await desk.hears(person, text="12.5, 47.8") == outside, state
        assert await desk.rows() | {"drafts": []} == before, state


@pytest.mark.parametrize(
    "passed_on",
    [
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "Mallory", "date": 1_795_000_000}},
        {"via_bot": {"id": 1, "is_bot": True, "first_name": "Mallory's bot"}},
    ],
    ids=["forwarded", "written by an inline bot"],
)
@pytest.mark.parametrize("who", ["owner", "moderator"])
async def test_command_of_somebody_else_is_not_the_wish_of_who_passes_it_on(
    desk: Desk, who: str, passed_on: dict[str, Any]
) -> None:
    before = await desk.rows()
    for words in (f"/grant {STRANGER}", f"/ban {PATIENT} 7d because", f"/unban {BANNED}", "/maintenance off"):
        (answer,) = await desk.hears(IDS[who], text=words, **passed_on)
        assert answer.text == desk.services.content.texts("en").plain("forwarded-command")
    assert await desk.rows() == before


async def test_banned_person_gets_through_with_commands_only(desk: Desk) -> None:
    desk.stands(BANNED, Open.FEEDBACK)
    written_as_code = {"type": "code", "offset": 0, "length": 8}
    await desk.hears(BANNED, text="/privacy you are fools", entities=[written_as_code])
    assert await desk.services.feedback.waiting_count() == 0


async def test_name_that_has_changed_hands_names_its_new_owner(desk: Desk) -> None:
    for person in (PATIENT, UNREGISTERED):
        await desk.services.patients.note_name(person, "Bob")
    found = await desk.services.patients.by_username("@bob")
    assert found is not None
    assert found.user_id == UNREGISTERED
    (card,) = await desk.hears(OWNER, text="/grant @bob")  # shows the card; the button on it gives the role
    assert card.text.startswith(shown(desk.services.content.texts("en"), "grant-not-yet"))
    assert await desk.services.moderators.ids() == [OWNER, MODERATOR]


@pytest.mark.parametrize(
    ("who", "said"), [(OWNER, "grant-owner"), (MODERATOR, "grant-already"), (BANNED, "grant-banned")]
)
async def test_name_of_who_can_be_made_no_moderator_says_why_above_the_card(desk: Desk, who: int, said: str) -> None:
    (card,) = await desk.hears(OWNER, text=f"/grant @robin_{who}")
    first, *rest = card.text.split("\n\n")
    assert first == shown(desk.services.content.texts("en"), said)
    assert str(who) in "".join(rest)


async def test_card_of_a_new_moderator_does_not_say_any_more_that_they_are_none(desk: Desk) -> None:
    not_yet = shown(desk.services.content.texts("en"), "grant-not-yet")
    assert not_yet in "".join(one.text for one in await desk.hears(OWNER, text=f"/grant @robin_{PATIENT}"))
    assert not_yet not in "".join(one.text for one in await desk.presses(OWNER, f"user:grant:{PATIENT}"))


async def test_consent_button_of_somebody_unknown_begins_with_the_first_question(desk: Desk) -> None:
    *_, question = await desk.presses(STRANGER, "reg:renew")
    assert desk.services.content.texts("en").plain("ask-language") in question.text


@each_person
@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_other_chats_than_private_ones_hear_nothing(desk: Desk, who: str, kind: str) -> None:
    person = IDS[who]
    before = await desk.rows()
    for name in COMMANDS:
        assert await desk.hears(person, kind, text=f"/{name}") == []
    assert await desk.hears(person, kind, text="look at my mole") == []
    for way in buttons_of(desk):
        assert await desk.presses(person, way.data, kind) == []
    assert await desk.rows() == before


async def test_start_in_a_group_leads_to_a_private_chat(desk: Desk) -> None:
    name = desk.application.bot.username
    for kind in ("group", "supergroup"):
        group = desk.emulator.world.accounts.add_group("Family", [PATIENT])
        chat = {"id": group["id"], "type": kind, "title": "Family"}
        assert await desk.hears(PATIENT, kind, text=f"/help@{name}", chat=chat) == []
        (answer,) = await desk.hears(PATIENT, kind, text=f"/start@{name}", chat=chat)
        assert answer.chat_id == group["id"]
        assert f"t.me/{name}" in answer.text


async def test_nobody_can_ban_or_revoke_an_owner_and_only_owners_make_moderators(desk: Desk) -> None:
    await desk.hears(MODERATOR, text=f"/ban {OWNER} 7d mutiny")
    await desk.hears(OWNER, text=f"/ban {MODERATOR} 7d mutiny")
    await desk.hears(OWNER, text=f"/revoke {OWNER}")
    await desk.hears(MODERATOR, text=f"/grant {PATIENT}")
    await desk.presses(MODERATOR, f"user:grant:{PATIENT}")
    services = desk.services
    assert await services.bans.among([OWNER, MODERATOR], services.now()) == set()
    assert await services.moderators.ids() == [OWNER, MODERATOR]
