"""After a crash an update may come twice: the directory is changed once, and audited once."""

from typing import Any

import pytest

from bot.content import Texts
from bot.delivery import formatted
from bot.directory.changes import mark_of
from bot.directory.places import Place, Places
from bot.render.questions import Open
from tests.bot.desk import Desk, Done
from tests.bot.directory.conftest import OLGA

HERE: dict[str, Any] = {"location": {"latitude": 64.1, "longitude": -21.9}}


async def answers_twice(desk: Desk, state: Open, message: dict[str, Any]) -> list[list[Done]]:
    """Answer a question, and once more as if the bot had died before it could forget what was begun."""
    draft = await desk.services.drafts.get(OLGA)
    assert draft is not None
    told = []
    for _ in range(2):
        desk.stands(OLGA, state)
        await desk.services.drafts.put(OLGA, draft)
        told.append(await desk.hears(OLGA, **message))
    return told


async def begins_to_add(desk: Desk) -> None:
    await desk.presses(OLGA, "dir:add")
    await desk.hears(OLGA, text="Dr. Twice")


async def begins_to_find(desk: Desk) -> None:
    await desk.presses(OLGA, "dir:find")


async def deeds(desk: Desk) -> list[str]:
    return [entry.action for entry in await desk.services.audit.page(9)]


def gone(desk: Desk, key: str) -> str:
    """The button that removes an entry as it is now."""
    return f"dir:gone:{mark_of(desk.services.library.directory[key])}:{key}"


def says(done: list[Done], texts: Texts, message_id: str) -> bool:
    return any(formatted(texts.say(message_id))[0] in one.text for one in done)


async def test_added_twice_is_added_once(desk: Desk, texts: Texts) -> None:
    count = len(desk.services.dermatologists)
    await begins_to_add(desk)
    for told in await answers_twice(desk, Open.DIRECTORY_PLACE, HERE):
        assert says(told, texts, "directory-added")
    assert len(desk.services.dermatologists) == count + 1
    assert await deeds(desk) == ["directory-add"]


async def test_corrected_twice_is_corrected_once(desk: Desk, texts: Texts) -> None:
    key = next(iter(desk.services.library.listed))
    await desk.presses(OLGA, f"dir:edit:note:{key}")
    first, second = await answers_twice(desk, Open.DIRECTORY_FIELD, {"text": "ring twice"})
    assert says(first, texts, "directory-corrected")
    assert says(second, texts, "directory-same")
    assert await deeds(desk) == ["directory-correct"]


async def test_removed_and_put_back_twice_are_done_once(desk: Desk) -> None:
    await begins_to_add(desk)
    await desk.hears(OLGA, **HERE)
    (added,) = desk.services.library.directory.keys() - desk.services.library.listed.keys()
    for key in (next(iter(desk.services.library.listed)), added):
        for data in (gone(desk, key), f"dir:back:{key}"):
            first = await desk.presses(OLGA, data)
            assert await desk.presses(OLGA, data) == first
        assert (await deeds(desk))[:2] == ["directory-restore", "directory-remove"]
    await desk.presses(OLGA, gone(desk, added))
    erases = f"dir:erase:{mark_of(desk.services.library.removed[added])}:{added}"
    for _ in range(2):
        await desk.presses(OLGA, erases)
    assert await desk.services.directory.changes() == {}
    assert (await deeds(desk))[:2] == ["directory-erase", "directory-remove"]


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (Open.DIRECTORY_PLACE, HERE),
        (Open.DIRECTORY_SOURCE, {"text": "Chamber, CC0"}),
    ],
)
async def test_answer_to_what_is_forgotten_is_asked_to_begin_again(
    desk: Desk, texts: Texts, state: Open, answer: dict[str, Any]
) -> None:
    desk.stands(OLGA, state)
    assert says(await desk.hears(OLGA, **answer), texts, "directory-begin-again")
    assert await deeds(desk) == []


async def test_field_of_an_entry_that_went_meanwhile_is_not_asked_for_any_more(desk: Desk, texts: Texts) -> None:
    key = next(iter(desk.services.library.listed))
    await desk.presses(OLGA, f"dir:edit:note:{key}")
    await desk.presses(OLGA, gone(desk, key))
    assert says(await desk.hears(OLGA, text="ring twice"), texts, "directory-gone")
    assert await deeds(desk) == ["directory-remove"]


async def test_location_is_no_phone_number(desk: Desk, texts: Texts) -> None:
    key = next(iter(desk.services.library.listed))
    await desk.presses(OLGA, f"dir:edit:phone:{key}")
    assert says(await desk.hears(OLGA, **HERE), texts, "directory-how-phone")
    assert await deeds(desk) == []


async def test_corrected_by_a_place_name_tells_which_place_was_found(
    desk: Desk, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(*_: str) -> Place:
        return Place("Reykjavík, Ísland", 64.1, -21.9)

    monkeypatch.setattr(desk.services.places, "find", found)
    key = next(iter(desk.services.library.listed))
    await desk.presses(OLGA, f"dir:edit:place:{key}")
    told = await desk.hears(OLGA, text="Reykjavik")
    assert says(told, texts, "directory-corrected")
    assert any("Reykjavík, Ísland" in one.text for one in told)


async def test_place_names_that_can_not_be_looked_up_are_explained(desk: Desk, texts: Texts) -> None:
    await begins_to_add(desk)
    assert says(await desk.hears(OLGA, text="Reykjavik"), texts, "directory-places-unavailable")
    assert says(await desk.presses(OLGA, "dir:place:Reykjavik"), texts, "directory-places-unavailable")


async def test_no_map_server_hears_a_name_that_is_looked_for(
    desk: Desk, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    async def found(name: str, _: str) -> Place:
        heard.append(name)
        return Place("", 47.8, 13.04)

    monkeypatch.setattr(Places, "can_find", value=True)
    monkeypatch.setattr(desk.services.places, "find", found)
    await begins_to_find(desk)
    told = await desk.hears(OLGA, text="Dr. Nowhere")
    assert any(formatted(texts.say("directory-nobody-named", words="Dr. Nowhere"))[0] == one.text for one in told)
    assert heard == []
    await desk.presses(OLGA, "dir:place:Dr. Nowhere")
    assert heard == ["Dr. Nowhere"]
