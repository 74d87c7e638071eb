"""Two moderators change one entry: neither overwrites or removes what they have not seen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeAlias

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.request import RequestData

from bot.content import Texts
from bot.delivery import formatted
from bot.directory.changes import mark_of
from bot.directory.dermatologists import Dermatologist
from bot.directory.places import Place
from bot.render.questions import Open
from tests.bot.desk import Desk, Done, open_desk, own_library

OLGA, PILAR = 71, 72
Does: TypeAlias = Callable[[Desk, str], Coroutine[Any, Any, None]]
FIRST, SECOND = "+34 910 000 001", "+34 910 000 002"


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OLGA, PILAR, library=own_library()) as desk:
        for person in (OLGA, PILAR):
            desk.newcomer(person)
        yield desk


@pytest.fixture
def key(desk: Desk) -> str:
    return next(iter(desk.services.library.listed))


def entry(desk: Desk, key: str) -> Dermatologist:
    return desk.services.library.directory[key]


def says(done: list[Done], texts: Texts, message_id: str) -> bool:
    return any(formatted(texts.say(message_id))[0] in one.text for one in done)


async def removes(desk: Desk, key: str) -> None:
    await desk.presses(PILAR, f"dir:gone:{mark_of(entry(desk, key))}:{key}")


async def corrects(desk: Desk, key: str) -> None:
    await desk.presses(PILAR, f"dir:edit:note:{key}")
    await desk.hears(PILAR, text="ring twice")


@pytest.mark.parametrize(("does", "said"), [(removes, "directory-gone"), (corrects, "directory-corrected")])
async def test_what_a_colleague_did_while_a_place_was_looked_up_stays_done(
    desk: Desk,
    texts: Texts,
    key: str,
    does: Does,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def found(*_: str) -> Place:
        await does(desk, key)
        return Place("Reykjavik", 64.1, -21.9)

    monkeypatch.setattr(desk.services.places, "find", found)
    await desk.presses(OLGA, f"dir:edit:place:{key}")
    done = await desk.hears(OLGA, text="Reykjavik")
    assert says([one for one in done if one.chat_id == OLGA], texts, said)
    doctor = desk.services.library.directory.get(key)
    kept = doctor and (doctor.note, doctor.latitude)
    assert kept == (None if does is removes else ("ring twice", 64.1))


async def both_are_asked_and_the_first_answers(desk: Desk, key: str) -> None:
    for person in (OLGA, PILAR):
        await desk.presses(person, f"dir:edit:phone:{key}")
    await desk.hears(OLGA, text=FIRST)


async def test_field_that_a_colleague_has_corrected_since_it_was_shown_is_asked_for_again(
    desk: Desk, texts: Texts, key: str
) -> None:
    await both_are_asked_and_the_first_answers(desk, key)
    told = await desk.hears(PILAR, text=SECOND)
    assert says(told, texts, "directory-changed-meanwhile")
    assert any(FIRST in one.text for one in told)
    assert entry(desk, key).phone == FIRST
    assert says(await desk.hears(PILAR, text=SECOND), texts, "directory-corrected")
    assert entry(desk, key).phone == SECOND


async def test_answer_that_was_held_back_and_comes_twice_is_held_back_twice(desk: Desk, texts: Texts, key: str) -> None:
    await both_are_asked_and_the_first_answers(desk, key)
    for _ in range(2):
        desk.stands(PILAR, Open.DIRECTORY_FIELD)
        told = await desk.hears(PILAR, text=SECOND, message_id=4711)
        assert says(told, texts, "directory-changed-meanwhile")
    assert entry(desk, key).phone == FIRST


async def test_same_answer_of_two_is_no_quarrel(desk: Desk, texts: Texts, key: str) -> None:
    await both_are_asked_and_the_first_answers(desk, key)
    assert says(await desk.hears(PILAR, text=FIRST), texts, "directory-same")


async def test_entry_that_a_colleague_has_corrected_is_shown_again_before_it_is_removed(
    desk: Desk, texts: Texts, key: str
) -> None:
    old = f"dir:gone:{mark_of(entry(desk, key))}:{key}"
    await corrects(desk, key)
    told = await desk.presses(OLGA, old)
    assert says(told, texts, "directory-changed-meanwhile")
    assert any("ring twice" in one.text for one in told)
    assert key in desk.services.library.directory
    await desk.presses(OLGA, f"dir:gone:{mark_of(entry(desk, key))}:{key}")
    assert key not in desk.services.library.directory


async def test_question_before_a_removal_shows_what_the_entry_says_now(desk: Desk, key: str) -> None:
    await corrects(desk, key)
    told = await desk.presses(OLGA, f"dir:remove:{key}")
    assert any("ring twice" in one.text for one in told)


async def test_entry_that_was_corrected_since_its_removal_is_shown_again_before_it_is_erased(desk: Desk) -> None:
    await desk.presses(OLGA, "dir:add")
    await desk.hears(OLGA, text="Dr. Twice")
    await desk.hears(OLGA, location={"latitude": 64.1, "longitude": -21.9})
    (key,) = desk.services.library.directory.keys() - desk.services.library.listed.keys()
    old = f"dir:erase:{mark_of(entry(desk, key))}:{key}"
    await removes(desk, key)
    await desk.presses(PILAR, f"dir:back:{key}")
    await corrects(desk, key)
    await removes(desk, key)
    assert any("ring twice" in one.text for one in await desk.presses(OLGA, old))
    assert key in desk.services.library.removed


def slow_down(desk: Desk, person: int, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Let what is sent to somebody wait, as Telegram may; returns what tells that it does, and what ends it."""
    waits, may_go_on, do_request = asyncio.Event(), asyncio.Event(), desk.recorder.do_request

    async def slow(url: str, method: str, request_data: RequestData | None = None, **more: object) -> tuple[int, bytes]:
        if request_data is not None and request_data.parameters.get("chat_id") == person:
            waits.set()
            await may_go_on.wait()
        return await do_request(url, method, request_data, **more)

    monkeypatch.setattr(desk.recorder, "do_request", slow)
    return waits, may_go_on


async def answers_what_is_outdated(desk: Desk, key: str) -> None:
    await desk.hears(OLGA, text=SECOND)


async def answers_the_same(desk: Desk, key: str) -> None:
    await desk.hears(OLGA, text=FIRST)


async def removes_what_is_outdated(desk: Desk, key: str) -> None:
    await desk.presses(OLGA, f"dir:gone:00000000:{key}")


@pytest.mark.parametrize("does", [answers_what_is_outdated, answers_the_same, removes_what_is_outdated])
async def test_moderator_whose_chat_is_slow_holds_up_no_colleague(
    desk: Desk, key: str, does: Does, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.presses(OLGA, f"dir:edit:phone:{key}")
    await desk.presses(PILAR, f"dir:edit:phone:{key}")
    await desk.hears(PILAR, text=FIRST)
    waits, may_go_on = slow_down(desk, OLGA, monkeypatch)
    olga = asyncio.create_task(does(desk, key))
    async with asyncio.timeout(20):
        await waits.wait()
        await corrects(desk, key)
    assert entry(desk, key).note == "ring twice"
    assert not olga.done()
    may_go_on.set()
    await olga
