"""What is taken from a file that somebody sent, and what is refused."""

import json
import time
from datetime import date
from typing import Any

import pytest

from bot.directory.dermatologists import Source
from bot.directory.imports import MAX_BYTES, MAX_ENTRIES, Imported, Remark, read_import

TODAY = date(2026, 11, 23)
HEADER = "name,address,phone,website,opening_hours,latitude,longitude,note"
POINT = {"type": "Point", "coordinates": [13.05, 47.8]}


def read(text: str | bytes) -> Imported | Remark:
    return read_import(text.encode() if isinstance(text, str) else text, "Chamber, CC0", TODAY)


def taken(text: str | bytes) -> Imported:
    imported = read(text)
    assert isinstance(imported, Imported), imported
    return imported


def feature(tags: object, geometry: object = POINT) -> dict[str, object]:
    return {"type": "Feature", "properties": tags, "geometry": geometry}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_csv_is_read_with_its_attribution() -> None:
    hours = "Mo-Fr 08:00-12:00"
    row = f'Dr. A,"Street 1, Town",+43 662 1234,https://a.example,{hours},47.8,13.05,by appointment'
    (doctor,) = taken(f"{HEADER}\n{row}\n").doctors
    assert (doctor.name, doctor.address, doctor.phone) == ("Dr. A", "Street 1, Town", "+43 662 1234")
    assert (doctor.website, doctor.opening_hours, doctor.note) == ("https://a.example", hours, "by appointment")
    assert (doctor.latitude, doctor.longitude) == (47.8, 13.05)
    assert doctor.source == Source("Chamber, CC0", TODAY)


@pytest.mark.parametrize(
    "raw",
    [
        b"name;latitude;longitude\r\nDr. M\xc3\xbcller;47,8;13,05\r\n",
        b"\xef\xbb\xbfname;latitude;longitude\r\nDr. M\xc3\xbcller;47,8;13,05\r\n",
        b"\xef\xbb\xbfName,Latitude,Longitude\nDr. M\xc3\xbcller,47.8,13.05",
        b"longitude\tlatitude\tname\n13.05\t47.8\tDr. M\xc3\xbcller\n\n\t\t\n",
    ],
)
def test_csv_from_excel_is_read(raw: bytes) -> None:
    imported = taken(raw)
    assert [(d.name, d.latitude, d.longitude) for d in imported.doctors] == [("Dr. Müller", 47.8, 13.05)]
    assert imported.refused == ()


def test_refused_rows_are_told_with_their_line() -> None:
    rows = ["Dr. A,,,,,47,13,", ",,,,,47,13,", '"Dr.\nB",,,,,95,13,', ",,,,,,,", "Dr. C,Street,1,,,,47,13,", "Dr. D"]
    imported = taken("\n".join([HEADER, *rows]))
    assert [doctor.name for doctor in imported.doctors] == ["Dr. A"]
    assert [(remark.position, remark.code) for remark in imported.refused] == [
        (3, "name"),
        (4, "place"),
        (7, "place"),
        (8, "place"),
    ]
    assert imported.refused[1].value == "95 / 13"


def test_row_with_more_cells_than_columns_is_refused() -> None:
    imported = taken("name,latitude,longitude\nDr. A, Street 1,47,13\n")
    assert imported.refused == (Remark(2, "cells", "Dr. A"),)


def test_entry_is_taken_without_the_fields_that_can_not_be_read() -> None:
    imported = taken(f"{HEADER}\nDr. A,Street,0662 1234,a.example,by appointment,47,13,note\n")
    (doctor,) = imported.doctors
    assert (doctor.address, doctor.phone, doctor.website, doctor.opening_hours) == ("Street", "", "", "")
    assert imported.left_out == (
        Remark(2, "phone", "0662 1234"),
        Remark(2, "website", "a.example"),
        Remark(2, "opening_hours", "by appointment"),
    )


def test_columns_of_no_use_are_named() -> None:
    assert taken("name,latitude,longitude,fax,\nDr. A,47,13,1,\n").unknown_columns == ("fax",)


@pytest.mark.parametrize(
    ("raw", "remark"),
    [
        (b"", Remark(1, "columns", "name, latitude, longitude")),
        (b"name,lat,lon\nDr. A,47,13\n", Remark(1, "columns", "latitude, longitude")),
        (b"name,latitude,longitude\nDr. A,47,13\nDr. M\xfcller,47,13\n", Remark(3, "encoding")),
        ("name,latitude,longitude\nDr. A,47,13\n".encode("utf-16"), Remark(1, "encoding")),
        (b'name,latitude,longitude\nDr. A,47,13\n"Dr. B,47,13\n', Remark(3, "csv", "unexpected end of data")),
        (b'{"type": "FeatureCollection",\n"features": [}\n', Remark(2, "json", "Expecting value")),
        (b'{"type": "Feature"}', Remark(1, "collection")),
        (b"[1, 2]", Remark(1, "collection")),
        (b'{"type": "FeatureCollection", "features": 3}', Remark(1, "collection")),
        (b'{"type": "Topology", "features": []}', Remark(1, "collection")),
        (b'{"a": ' * 100_000, Remark(1, "json")),
        (b"[" + b"9" * 5000 + b"]", Remark(1, "collection")),
        (b"x" * (MAX_BYTES + 1), Remark(0, "too-large")),
    ],
)
def test_file_that_can_not_be_read_is_refused_with_its_line(raw: bytes, remark: Remark) -> None:
    assert read(raw) == remark


def test_list_of_more_than_20000_is_refused() -> None:
    rows = ["Dr. A,47,13"] * MAX_ENTRIES
    assert len(taken("\n".join(["name,latitude,longitude", *rows])).doctors) == MAX_ENTRIES
    for one_more in ("Dr. B,47,13", ",47,13"):  # the second can't be taken anyway
        assert read("\n".join(["name,latitude,longitude", *rows, one_more])) == Remark(0, "too-many")


def test_long_list_is_read_within_seconds() -> None:
    row = 'Dr. {},"Street 1, Town",+43 662 1234,https://a.example,"Mo-Fr 08:00-12:00",47.8,13.05,'
    text = "\n".join([HEADER, *(row.format(number) for number in range(MAX_ENTRIES))])
    began = time.process_time()
    assert len(taken(text).doctors) == MAX_ENTRIES
    assert time.process_time() - began < 10


def test_geojson_is_read_with_openstreetmaps_tags() -> None:
    tags = {
        "name": "Dr. A",
        "addr:street": "Linzer Gasse",
        "addr:housenumber": "4",
        "addr:postcode": "5020",
        "addr:city": "Salzburg",
        "contact:phone": "+43 662 1234; +43 662 5678",
        "website": "https://a.example",
        "opening_hours": "Mo-Fr 08:00-12:00",
        "healthcare:speciality": "dermatology",
        "building:levels": 3,
    }
    (doctor,) = taken(collection(feature(tags))).doctors
    assert (doctor.latitude, doctor.longitude) == (47.8, 13.05)
    assert (doctor.address, doctor.phone) == ("Linzer Gasse 4, 5020 Salzburg", "+43 662 1234")
    assert (doctor.website, doctor.opening_hours) == ("https://a.example", "Mo-Fr 08:00-12:00")


@pytest.mark.parametrize(
    ("tags", "address"),
    [
        ({"addr:full": "Somewhere 1"}, "Somewhere 1"),
        ({"addr:city": "Salzburg"}, "Salzburg"),
        ({"addr:place": "Hof", "addr:housenumber": "7"}, "Hof 7"),
        ({}, ""),
    ],
)
def test_address_is_put_together_from_what_there_is(tags: dict[str, str], address: str) -> None:
    assert [d.address for d in taken(collection(feature({"name": "Dr. A", **tags}))).doctors] == [address]


@pytest.mark.parametrize(
    ("tags", "is_taken"),
    [
        ({}, True),
        ({"healthcare:speciality": "dermatology"}, True),
        ({"healthcare:specialty": "Dermatology"}, True),
        ({"healthcare:speciality": "dermatovenerology"}, True),
        ({"healthcare:speciality": "allergology; dermatology;urology"}, True),
        ({"healthcare:speciality": "venereology"}, True),
        ({"healthcare:speciality": "cardiology"}, False),
        ({"healthcare:specialty": "cardiology"}, False),
        ({"healthcare:speciality": "general;surgery"}, False),
        ({"amenity": "doctors"}, True),
        ({"amenity": "pharmacy"}, False),
        ({"healthcare": "dentist"}, False),
    ],
)
def test_other_trades_are_refused(tags: dict[str, str], *, is_taken: bool) -> None:
    imported = taken(collection(feature({"name": "A", **tags})))
    assert (len(imported.doctors), len(imported.refused)) == ((1, 0) if is_taken else (0, 1))
    assert is_taken or imported.refused[0].code == "trade"


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "LineString", "coordinates": [[13.0, 47.7], [13.1, 47.9]]},
        {"type": "Polygon", "coordinates": [[[13.0, 47.7], [13.1, 47.7], [13.1, 47.9], [13.0, 47.7]]]},
        {"type": "MultiPolygon", "coordinates": [[[[13.0, 47.7], [13.02, 47.9]]], [[[13.1, 47.8], [13.05, 47.8]]]]},
        {"type": "Point", "coordinates": [13.05, 47.8, 424.0]},
    ],
)
def test_place_is_the_centre_of_the_box(geometry: dict[str, Any]) -> None:
    (doctor,) = taken(collection(feature({"name": "A"}, geometry))).doctors
    assert (doctor.latitude, doctor.longitude) == pytest.approx((47.8, 13.05))


@pytest.mark.parametrize(
    "broken",
    [
        feature({"name": "A"}, None),
        feature({"name": "A"}, {"type": "Point"}),
        feature({"name": "A"}, {"type": "Point", "coordinates": []}),
        feature({"name": "A"}, {"type": "Point", "coordinates": ["13", "47"]}),
        feature({"name": "A"}, {"type": "Point", "coordinates": [47.8, 113.05]}),
        feature({"name": "A"}, {"type": "Point", "coordinates": [float("nan"), 47.8]}),
        feature({"name": "A"}, {"type": "Point", "coordinates": [10**400, 47]}),
        feature({"name": "A"}, {"type": "Point", "coordinates": [True, True]}),
        feature({"name": "A"}, {"type": "Point", "coordinates": json.loads("[" * 500 + "]" * 500)}),
        feature({"name": "A"}, {"type": "GeometryCollection", "geometries": []}),
        feature({"name": 5}),
        feature({}),
        feature(None),
        feature([1]),
        "nothing",
        None,
    ],
)
def test_feature_without_name_or_place_is_refused_with_its_number(broken: object) -> None:
    imported = taken(collection(feature({"name": "A"}), broken))
    assert len(imported.doctors) == 1
    assert [remark.position for remark in imported.refused] == [2]
    assert {remark.code for remark in imported.refused} <= {"name", "place"}


def test_tags_that_are_nested_one_deeper_are_read() -> None:
    assert [d.name for d in taken(collection(feature({"id": 1, "tags": {"name": "A"}}))).doctors] == ["A"]
