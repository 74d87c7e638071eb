"""Moderators import lists of dermatologists, and are told what was refused."""

import json

from bot.content import Texts
from emulator.person import Person, Town
from tests.conversations.directory.moderating import House, begins, card_of, key_on, remove, seen_by_patient
from tests.conversations.stories import first_line, has_button, register, shown

HEADER = "name,latitude,longitude,phone,opening_hours"


async def test_csv_with_its_source_in_the_caption_is_imported_and_what_was_refused_is_told(
    house: House, town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    north, east = here
    rows = [f"Dr. Csv {north:.0f},{north},{east},0662 1,whenever", ",1,2,,", *["Dr. Nowhere,95,13,,"] * 11]
    await begins(moderator, "import")
    await moderator.sends_document(("list.csv", "\n".join([HEADER, *rows]).encode()), "Chamber, CC0")
    told = (await moderator.waits_for("Chamber, CC0"))["text"]
    counts = {"added": 1, "updated": 0, "unchanged": 0}
    assert shown(texts, "directory-imported", attribution="Chamber, CC0", **counts) in told
    assert shown(texts, "directory-refused-rows", count=12) in told
    name, place = texts.plain("directory-reason-name"), texts.plain("directory-reason-place", value="95 / 13")
    assert texts.plain("directory-remark-line", position="3", reason=name) in told
    assert texts.plain("directory-remark-line", position="12", reason=place) in told
    assert texts.plain("directory-remark-line", position="13", reason=place) not in told
    assert shown(texts, "directory-left-out", count=2) in told
    assert texts.plain("directory-reason-opening-hours", value="whenever") in told
    report = await moderator.waits_for(lambda message: "document" in message)
    assert report["document"]["file_name"] == texts.plain("directory-report-name")
    everything = (await moderator.downloads(report["document"]["file_id"])).decode()
    assert texts.plain("directory-remark-line", position="14", reason=place) in everything
    deed, details = house.audited()[0]
    assert (deed, details.rpartition(", number=")[0]) == (
        "directory-import",
        "added=1, updated=0, unchanged=0, refused=12",
    )
    assert "Chamber, CC0" in await seen_by_patient(town, here)


async def test_patient_gets_a_pin_for_whom_the_message_names_and_for_nobody_else(
    town: Town, moderator: Person, here: tuple[float, float]
) -> None:
    await begins(moderator, "import")
    header = "name,latitude,longitude,address,website,note"
    texts = f"{'a' * 200},https://{'w' * 180}.example,{'n' * 200}"
    rows = [f"{name * 200},{here[0]},{here[1]},{texts}" for name in "PQRST"]
    await moderator.sends_document(("long.csv", "\n".join([header, *rows]).encode()), f"Chamber {'c' * 190}")
    await moderator.waits_for("Chamber")
    patient = await town.newcomer("Sam")
    await register(patient, "en")
    await patient.shares_location(*here)
    named = str((await patient.waits_for("km"))["text"]).count(" km")
    await patient.says("/help")
    await patient.waits_for("/dermatologist")
    pins = [message for message in await patient.messages() if "venue" in message]
    assert (named < 5, len(pins)) == (True, named)


async def test_import_is_taken_back_with_its_button(
    town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    await begins(moderator, "import")
    row = f"Dr. Back {here[0]:.0f},{here[0]},{here[1]},,"
    await moderator.sends_document(("list.csv", f"{HEADER}\n{row}\n".encode()), "Chamber, CC0")
    told = await moderator.waits_for("Chamber, CC0")
    assert "Dr. Back" in told["text"]
    assert "Dr. Back" in await seen_by_patient(town, here)
    await moderator.presses(texts.plain("button-directory-undo"), told)
    await moderator.waits_for(shown(texts, "directory-import-undone", removed=1, restored=0))
    assert "Dr. Back" not in await seen_by_patient(town, here)


async def test_import_leaves_removed_whom_moderators_removed_and_tells_how_many(
    house: House, town: Town, moderator: Person, texts: Texts
) -> None:
    await begins(moderator, "find")
    await moderator.says("Fettweis")
    card = await moderator.waits_for(card_of("Dr. Raimund Fettweis"))
    await remove(moderator, card, texts)
    await begins(moderator, "import")
    row = "Dr. Raimund Fettweis,47.8020184,13.045394,,"
    await moderator.sends_document(("list.csv", f"{HEADER}\n{row}\n".encode()), "Chamber, CC0")
    told = (await moderator.waits_for("Chamber, CC0"))["text"]
    assert shown(texts, "directory-left-removed", count=1) in told
    assert "Fettweis" not in await seen_by_patient(town, (47.8020184, 13.045394))
    await moderator.presses(f"dir:back:{key_on(card)}")
    await moderator.waits_for(card_of("Dr. Raimund Fettweis"))


async def test_geojson_without_a_caption_is_imported_once_its_source_is_named(
    town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    north, east = here
    tags = {"name": f"Dr. Geo {north:.0f}", "healthcare:speciality": "dermatovenerology", "addr:city": "Town"}
    other = {"name": "Dr. Heart", "healthcare:speciality": "cardiology"}
    point = {"type": "Point", "coordinates": [east, north]}
    features = [{"type": "Feature", "properties": said, "geometry": point} for said in (tags, other)]
    document = ("map.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    await begins(moderator, "import")
    await moderator.sends_document(document)
    await moderator.waits_for(lambda message: has_button(message, "dir:osm"))
    await moderator.says("x" * 201)
    await moderator.waits_for(shown(texts, "directory-source-too-long"))
    await moderator.presses("dir:osm")
    told = (await moderator.waits_for("© OpenStreetMap contributors, ODbL"))["text"]
    reason = texts.plain("directory-reason-trade", value="cardiology")
    assert texts.plain("directory-remark-feature", position="2", reason=reason) in told
    assert f"Dr. Geo {north:.0f}" in await seen_by_patient(town, here)
    await begins(moderator, "import")
    await moderator.sends_document(document)
    await moderator.waits_for(lambda message: has_button(message, "dir:osm"))
    await moderator.says("© OpenStreetMap contributors, ODbL, openstreetmap.org/copyright")
    counts = {"added": 0, "updated": 0, "unchanged": 1}
    again = shown(texts, "directory-imported", attribution=texts.plain("directory-osm"), **counts)
    await moderator.waits_for(again)


async def test_file_of_which_nothing_can_be_taken_is_refused_with_its_lines_and_may_be_sent_again(
    house: House, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    audited = house.audited()
    await begins(moderator, "import")
    await moderator.says("What kind of file?")
    await moderator.waits_for(first_line(texts, "directory-ask-file")[:30])
    for name, raw, complaint in (
        ("a.csv", b"name,latitude,longitude\nDr. M\xfcller,47,13\n", shown(texts, "directory-file-encoding", line=2)),
        ("b.csv", b"name,lat\n", "latitude, longitude"),
        ("c.geojson", b'{"type":\n}', shown(texts, "directory-file-json", line=2, value="Expecting value")),
        ("d.csv", b"x" * 5_000_001, shown(texts, "directory-file-too-large")),
        ("e.csv", b"name,latitude,longitude\n", shown(texts, "directory-file-no-rows")),
        ("e.geojson", b'{"type": "FeatureCollection", "features": []}', shown(texts, "directory-file-no-features")),
        ("f.csv", b"name,latitude,longitude\n" + b"F,95,13\n" * 11, shown(texts, "directory-refused-rows", count=11)),
    ):
        await moderator.sends_document((name, raw), "Chamber")
        told = await moderator.waits_for(shown(texts, "directory-nothing-imported"))
        assert complaint in told["text"]
        assert shown(texts, "directory-try-again") in told["text"]
    report = await moderator.waits_for(lambda message: "document" in message)
    assert report["document"]["file_name"] == texts.plain("directory-report-name")
    assert house.audited() == audited
    await moderator.sends_document(("g.csv", f"{HEADER}\nDr. E,{here[0]},{here[1]},,\n".encode()), "Chamber")
    await moderator.waits_for("Chamber")
