"""An import shows where its entries lie, and can be taken back, but for what was changed since."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content import Texts
from bot.delivery import formatted
from bot.directory.changes import Change, mark_of
from bot.directory.dermatologists import Dermatologist
from bot.storage.audit import Entry
from bot.storage.directory import IMPORT_DAYS, Directory
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, Done, own_library
from tests.bot.directory.conftest import OLGA

HEADER = "name,latitude,longitude,note"
MADRID = "Dr. Wrong,40.4,-3.7,"


@pytest.fixture
def listed(desk: Desk) -> Dermatologist:
    return next(iter(desk.services.library.listed.values()))


def row(doctor: Dermatologist, note: str) -> str:
    return f'"{doctor.name}",{doctor.latitude},{doctor.longitude},{note}'


async def imports(desk: Desk, *rows: str) -> list[Done]:
    raw = "\n".join([HEADER, *rows, ""]).encode()
    document = (await desk.application.bot.send_document(OLGA, raw, filename="list.csv")).document
    assert document is not None
    await desk.presses(OLGA, "dir:import")
    return await desk.hears(OLGA, document=document.to_dict(), caption="Chamber")


async def number(desk: Desk) -> str:
    """The number of the last import, as /audit shows it."""
    entries = [entry for entry in await desk.services.audit.page(9) if entry.action == "directory-import"]
    return entries[0].details.rpartition("number=")[2]


async def takes_back(desk: Desk, import_id: str | None = None) -> list[Done]:
    return await desk.presses(OLGA, f"dir:undo:{import_id or await number(desk)}")


async def corrects(desk: Desk, key: str, note: str) -> None:
    await desk.presses(OLGA, f"dir:edit:note:{key}")
    await desk.hears(OLGA, text=note)


def says(done: list[Done], texts: Texts, message_id: str, **values: int) -> bool:
    return any(formatted(texts.say(message_id, **values))[0] in one.text for one in done)


async def is_shown_as_kept(desk: Desk) -> bool:
    """Return whether patients would see the same after a restart."""
    again = own_library()
    again.change(await desk.services.directory.changes())
    return again.directory == dict(desk.services.library.directory)


async def test_import_tells_where_its_entries_lie(desk: Desk, texts: Texts) -> None:
    told = (await imports(desk, "Dr. Swapped,-3.7,40.4,", "Dr. Cold,64.1,-21.9,"))[-1]
    edges = {"south": "-3.70", "north": "64.10", "west": "-21.90", "east": "40.40"}
    assert formatted(texts.say("directory-imported-span", **edges))[0] in told.text
    assert "Dr. Swapped: -3.70, 40.40" in told.text
    assert "km" in told.text


async def test_import_that_comes_again_as_the_answer_to_its_commit_was_lost_adds_nobody_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, faults = Directory.change, [OperationalError("COMMIT", {}, Exception("the connection is closed"))]

    async def changed(self: Directory, changes: Mapping[str, Change], *more: Any) -> None:  # noqa: ANN401 - passed on
        await change(self, changes, *more)
        if faults:
            raise faults.pop()

    monkeypatch.setattr(Directory, "change", changed)
    with pytest.raises(OperationalError):
        await imports(desk, MADRID)
    await imports(desk, MADRID)
    assert [doctor.name for doctor in desk.services.library.dermatologists].count("Dr. Wrong") == 1
    assert len(await desk.services.directory.changes()) == 1
    assert await is_shown_as_kept(desk)


async def test_import_that_is_taken_back_leaves_the_directory_as_it_was(
    desk: Desk, texts: Texts, listed: Dermatologist
) -> None:
    await corrects(desk, listed.key, "ring twice")
    before, changes = dict(desk.services.library.directory), await desk.services.directory.changes()
    untouched = list(desk.services.library.listed.values())[1]
    await imports(desk, MADRID, row(listed, "never here"), row(untouched, "wrong"))
    assert desk.services.library.directory[listed.key].note == "never here"
    assert says(await takes_back(desk), texts, "directory-import-undone", removed=2, restored=1)
    assert desk.services.library.directory == before
    assert await desk.services.directory.changes() == changes
    latest = (await desk.services.audit.page(1))[0]
    assert (latest.action, latest.details) == (
        "directory-import-undo",
        f"removed=2, restored=1, left=0, number={await number(desk)}",
    )
    assert says(await takes_back(desk), texts, "directory-import-nothing-left", days=IMPORT_DAYS)


async def test_what_was_changed_since_an_import_stays(desk: Desk, texts: Texts, listed: Dermatologist) -> None:
    await imports(desk, MADRID, row(listed, "never here"))
    await corrects(desk, listed.key, "ring twice")
    told = await takes_back(desk)
    assert says(told, texts, "directory-import-undone", removed=1, restored=0)
    assert says(told, texts, "directory-import-left", count=1)
    assert desk.services.library.directory[listed.key].note == "ring twice"
    assert "Dr. Wrong" not in {doctor.name for doctor in desk.services.dermatologists}
    assert await is_shown_as_kept(desk)


async def test_two_imports_are_taken_back_one_after_the_other(desk: Desk, texts: Texts, listed: Dermatologist) -> None:
    before = dict(desk.services.library.directory)
    await imports(desk, row(listed, "first"))
    first = await number(desk)
    await imports(desk, row(listed, "second"))
    assert says(await takes_back(desk, first), texts, "directory-import-nothing-left", days=IMPORT_DAYS)
    await takes_back(desk)
    assert desk.services.library.directory[listed.key].note == "first"
    assert await is_shown_as_kept(desk)
    await takes_back(desk, first)
    assert desk.services.library.directory == before


async def test_number_of_an_import_in_the_audit_leads_to_its_way_back(desk: Desk, texts: Texts) -> None:
    await imports(desk, MADRID)
    await desk.presses(OLGA, "dir:find")
    told = await desk.hears(OLGA, text=await number(desk))
    assert says(told, texts, "directory-import-found", count=1)


async def test_entry_that_was_erased_leaves_nothing_in_what_imports_keep(desk: Desk) -> None:
    await desk.presses(OLGA, "dir:add")
    await desk.hears(OLGA, text="Dr. Twice")
    await desk.hears(OLGA, location={"latitude": 64.1, "longitude": -21.9})
    (key,) = desk.services.library.directory.keys() - desk.services.library.listed.keys()
    await imports(desk, "Dr. Twice,64.1,-21.9,ring twice")
    for deed in ("gone", "erase"):
        library = desk.services.library
        entry = library.directory.get(key) or library.removed[key]
        await desk.presses(OLGA, f"dir:{deed}:{mark_of(entry)}:{key}")
    assert [one.entry for one in (await desk.rows())["directory_imports"]] == [None]


async def test_file_with_nothing_but_a_header_is_said_to_have_no_rows(desk: Desk, texts: Texts) -> None:
    assert says(await imports(desk), texts, "directory-file-no-rows")


async def test_import_can_be_taken_back_for_some_days(engine: AsyncEngine) -> None:
    directory = Directory(engine)
    await directory.change({"a1": {"name": "Dr. A"}}, Entry(OLGA, "directory-import", NOON), "i1")
    later = NOON + timedelta(days=IMPORT_DAYS, seconds=1)
    await directory.change({"a2": {"name": "Dr. B"}}, Entry(OLGA, "directory-import", later), "i2")
    assert [(await directory.undoing(one)).count for one in ("i1", "i2")] == [0, 1]


async def test_long_import_is_taken_back_in_one_go(engine: AsyncEngine) -> None:
    directory = Directory(engine)
    rows = {f"a{number}": {"name": f"Dr. {number}"} for number in range(20_000)}
    await directory.change(rows, Entry(OLGA, "directory-import", NOON), "i1")
    await directory.undo("i1", await directory.undoing("i1"), Entry(OLGA, "directory-import-undo", NOON))
    assert await directory.changes() == {}
