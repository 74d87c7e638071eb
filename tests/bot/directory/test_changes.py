"""The lists with the moderators' changes over them, and the table that keeps these."""

import math
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.directory.changes import Change, Known, Merge, change_of, corrected, laid_over, matching, taken_in
from bot.directory.dermatologists import Dermatologist, Found, Source, sphere_km
from bot.render.dermatologists import nearest_reply
from bot.storage.audit import Audit, Entry
from bot.storage.directory import Directory
from bot.storage.tables import directory_changes
from tests.bot.conftest import NOON
from tests.shipped import CONTENT

TODAY = NOON.date()
LIST = Source("© OpenStreetMap contributors", date(2025, 7, 10))
FILE = Source("Chamber, CC0", TODAY)
OURS = Source("", TODAY)


def doctor(key: str = "l1", name: str = "Dr. A", latitude: float = 47.8, **fields: str) -> Dermatologist:
    texts = {"address": "", "phone": "", "website": "", "opening_hours": "", "note": ""} | fields
    return Dermatologist(key=key, name=name, latitude=latitude, longitude=13.05, source=LIST, **texts)


def entry(action: str = "directory-correct") -> Entry:
    return Entry(7, action, NOON, details="l1")


LISTED = doctor(address="Street 1, Salzburg", phone="+43 662 1")


def seen(listed: list[Dermatologist], changes: dict[str, Change]) -> list[Dermatologist]:
    by_key = {one.key: one for one in listed}
    return list(laid_over(by_key, by_key, changes).values())


def test_without_changes_the_lists_are_shown() -> None:
    assert seen([LISTED, doctor("l2")], {}) == [LISTED, doctor("l2")]


def test_removed_entry_is_not_shown() -> None:
    assert seen([LISTED, doctor("l2")], {"l1": None}) == [doctor("l2")]


def test_corrected_entry_keeps_its_source_and_is_said_to_be_changed() -> None:
    new = corrected(LISTED, TODAY, phone="+43 662 2")
    (shown,) = seen([LISTED], {"l1": change_of(new, {"l1": LISTED})})
    assert shown == new
    assert shown.source == replace(LIST, is_changed=True)


def test_whatever_was_not_corrected_follows_a_newer_list() -> None:
    change = change_of(corrected(LISTED, TODAY, phone="+43 662 2"), {"l1": LISTED})
    newer = replace(LISTED, address="Street 9", source=replace(LIST, date=date(2026, 1, 1)))
    (shown,) = seen([newer], {"l1": change})
    assert (shown.phone, shown.address, shown.source.date) == ("+43 662 2", "Street 9", date(2026, 1, 1))


def test_correction_rests_while_no_list_has_the_entry() -> None:
    change = change_of(corrected(LISTED, TODAY, phone="+43 662 2"), {"l1": LISTED})
    assert seen([], {"l1": change}) == []


def test_added_entry_is_shown_and_stays_ours_when_it_is_corrected() -> None:
    added = replace(doctor("a1"), source=OURS)
    assert seen([], {"a1": change_of(added, {})}) == [added]
    assert corrected(added, date(2026, 12, 1), note="x").source == Source("", date(2026, 12, 1))


def test_words_are_found_in_name_and_address_whatever_their_accents() -> None:
    people = [doctor("l1", "Dr. Müller", address="Wien"), doctor("l2", "Dr. Gómez"), doctor("l3", "Anna MULLER")]
    assert [found.key for found in matching(people, "muller")] == ["l3", "l1"]
    assert [found.key for found in matching(people, "WIEN müller")] == ["l1"]
    assert [found.key for found in matching(people, "gomez")] == ["l2"]
    assert matching(people, "nobody") == []


@pytest.mark.parametrize(("latitude", "is_same"), [(47.8, True), (47.8008, True), (47.801, False)])
def test_same_name_within_100_m_is_the_same_entry(latitude: float, *, is_same: bool) -> None:
    assert (Known([LISTED]).same("DR.  A", latitude, 13.05) is not None) is is_same
    assert Known([LISTED]).same("Dr. B", latitude, 13.05) is None


@pytest.mark.parametrize("latitude", [0.0, 47.8, 78.2, 89.9999, -89.9999])
@pytest.mark.parametrize("longitude", [0.0, 13.05, 179.9999, -179.9999])
def test_namesake_within_100_m_is_found_in_every_direction(latitude: float, longitude: float) -> None:
    rng = random.Random(20261124)
    for _ in range(200):
        metres, heading = rng.choice([1, 50, 99, 101, 150]), rng.uniform(0, 2 * math.pi)
        north = latitude + metres / 111_195 * math.cos(heading)
        east = longitude + metres / 111_195 * math.sin(heading) / math.cos(math.radians(latitude))
        there = replace(LISTED, latitude=north, longitude=(east + 180) % 360 - 180)
        is_near = sphere_km(there, latitude, longitude) <= 0.1
        assert (Known([there]).same("Dr. A", latitude, longitude) is there) is is_near


def test_nearest_namesake_is_the_one_also_where_it_has_moved() -> None:
    near, nearer = doctor("l1", latitude=47.8), doctor("l2", latitude=47.8004)
    known = Known([near, nearer])
    assert known.same("Dr. A", 47.8005, 13.05) is nearer
    known.add(replace(nearer, latitude=48.8))
    assert known.same("Dr. A", 47.8005, 13.05) is near


def test_import_of_many_namesakes_takes_seconds() -> None:
    many = [doctor(latitude=-60 + number / 200) for number in range(20_000)]
    began = time.process_time()
    assert take_in(*many).added == 20_000
    assert time.process_time() - began < 20  # each compared with each: minutes


def keys() -> Iterator[str]:
    return (f"a{number}" for number in count())


def take_in(*doctors: Dermatologist, shown: Dermatologist = LISTED, source: Source = FILE) -> Merge:
    new = keys()
    imported = [replace(one, key="", source=source) for one in doctors]
    return taken_in(imported, [shown], {"l1": LISTED}, lambda: next(new))


def test_import_updates_whom_it_knows_and_adds_the_others() -> None:
    merge = take_in(doctor(phone="+43 662 2", address="Street 2"), doctor(name="Dr. B"))
    assert (merge.added, merge.updated, merge.unchanged) == (1, 1, 0)
    shown = seen([LISTED], dict(merge.changes))
    assert [(one.key, one.name) for one in shown] == [("l1", "Dr. A"), ("a0", "Dr. B")]
    assert (shown[0].phone, shown[0].source) == ("+43 662 2", FILE)


def test_entry_that_keeps_something_names_both_sources_and_the_older_day() -> None:
    (shown,) = seen([LISTED], dict(take_in(doctor(phone="+43 662 2")).changes))
    assert (shown.phone, shown.address) == ("+43 662 2", "Street 1, Salzburg")
    assert shown.source == Source("© OpenStreetMap contributors; Chamber, CC0", LIST.date)


def test_import_over_what_moderators_added_says_that_they_changed_it() -> None:
    ours = replace(doctor("a7", note="ring twice"), source=OURS)
    merge = take_in(doctor(phone="+43 662 2"), shown=ours)
    (shown,) = seen([], dict(merge.changes))
    assert (shown.key, shown.note, shown.source) == ("a7", "ring twice", replace(FILE, is_changed=True))


def test_entry_that_keeps_what_moderators_corrected_is_still_said_to_be_changed() -> None:
    before = corrected(LISTED, TODAY, note="ring twice")
    (shown,) = seen([LISTED], dict(take_in(doctor(phone="+43 662 2"), shown=before).changes))
    assert (shown.note, shown.source.is_changed) == ("ring twice", True)


@pytest.mark.parametrize("attribution", ["Chamber, CC0", ""])
def test_field_that_a_newer_file_of_the_same_source_lacks_is_not_dated_anew(attribution: str) -> None:
    before = replace(LISTED, source=Source(attribution, date(2024, 1, 2)))
    (shown,) = seen([LISTED], dict(take_in(doctor(phone="+43 662 2"), shown=before).changes))
    assert (shown.phone, shown.address) == ("+43 662 2", "Street 1, Salzburg")
    assert shown.source == Source("Chamber, CC0", date(2024, 1, 2), is_changed=not attribution)


def test_source_with_a_semicolon_is_named_once_however_often_it_is_imported() -> None:
    shown, chamber = LISTED, Source("Chamber; CC0", TODAY)
    for _ in range(3):
        merge = take_in(doctor(phone="+43 662 2"), shown=shown, source=chamber)
        (shown,) = seen([LISTED], dict(merge.changes)) if merge.changes else [shown]
    assert shown.source == Source("© OpenStreetMap contributors; Chamber; CC0", LIST.date)
    assert (merge.updated, merge.unchanged) == (0, 1)


def test_same_import_twice_changes_nothing_more() -> None:
    rows = (doctor(phone="+43 662 2"), doctor(name="Dr. B"))
    shown = seen([LISTED], dict(take_in(*rows).changes))
    imported = [replace(one, key="", source=FILE) for one in rows]
    again = taken_in(imported, shown, {"l1": LISTED}, lambda: "a9")
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    assert again.changes == {}


def test_import_does_not_bring_back_whom_moderators_removed_from_a_list() -> None:
    merge = take_in(doctor(phone="+43 662 2"), doctor(name="Dr. B"), shown=doctor("l2", "Dr. C"))
    assert (merge.added, merge.updated, merge.unchanged, merge.left_removed) == (1, 0, 0, 1)
    assert [change["name"] for change in merge.changes.values() if change] == ["Dr. B"]


def test_one_file_that_names_somebody_twice_adds_one_entry() -> None:
    merge = take_in(doctor(name="Dr. B", phone="+43 662 2"), doctor(name="Dr. B", note="x"))
    assert merge.added == 1
    (_, shown) = seen([LISTED], dict(merge.changes))
    assert (shown.phone, shown.note) == ("+43 662 2", "x")


async def test_changes_outlast_a_restart_and_are_audited(engine: AsyncEngine) -> None:
    directory = Directory(engine)
    await directory.change({"l1": {"phone": "+43 662 2"}, "l2": None}, entry())
    await directory.change({"l1": {"phone": "+43 662 3"}}, entry())
    assert await Directory(engine).changes() == {"l1": {"phone": "+43 662 3"}, "l2": None}
    assert [(e.action, e.details) for e in await Audit(engine).page(9)] == [("directory-correct", "l1")] * 2


async def test_removed_entry_leaves_nothing_but_its_key(engine: AsyncEngine) -> None:
    directory = Directory(engine)
    await directory.change({"l1": {"name": "Dr. A"}}, entry())
    await directory.change({"l1": None}, entry("directory-remove"))
    async with engine.connect() as connection:
        query = sa.select(directory_changes.c.key).where(directory_changes.c.entry.is_(None))
        assert await connection.scalar(query) == "l1"


async def test_forgotten_change_is_gone(engine: AsyncEngine) -> None:
    directory = Directory(engine)
    await directory.change({"a1": {"name": "Dr. A"}}, entry("directory-add"))
    await directory.forget("a1", entry("directory-remove"))
    assert await directory.changes() == {}
    assert [e.action for e in await Audit(engine).page(9)] == ["directory-remove", "directory-add"]


async def test_long_import_is_kept_in_one_go(engine: AsyncEngine) -> None:
    rows = {f"a{number}": {"name": f"Dr. {number}"} for number in range(20_000)}
    directory = Directory(engine)
    await directory.change(rows, entry("directory-import"))
    await directory.change(rows, entry("directory-import"))
    assert await directory.changes() == rows


@pytest.mark.parametrize("language", ["en", "es"])
def test_patients_read_whose_entry_it_is_and_that_it_was_changed(language: str) -> None:
    texts = CONTENT.by_language[language]
    ours = replace(doctor("a1"), source=OURS)
    found = [Found(one, 1.0, None) for one in (corrected(LISTED, TODAY, phone="+43 662 2"), ours)]
    words = nearest_reply(found, texts)[0].markdown
    assert texts.say("directory-source-changed", attribution=LIST.attribution, date="2025-07-10") in words
    assert texts.say("found-source", attribution=texts.plain("directory-moderators"), date="2026-11-23") in words


def test_answer_with_endless_entries_still_fits_into_a_message() -> None:
    texts = CONTENT.by_language["es"]
    endless = doctor(address="x" * 200, website="https://" + "x" * 190, opening_hours="y" * 200, note="z" * 200)
    reply, listed = nearest_reply([Found(replace(endless, key=f"l{n}"), 1.0, None) for n in range(5)], texts)
    assert 2000 < len(reply.markdown) <= 4096
    assert reply.markdown.count(" km") == len(listed) < 5
