"""What a moderator may type into the directory."""

import pytest

from bot.directory.fields import Field, read_field, read_place, typed_place


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+43 662 642274", "+43 662 642274"),
        ("0043 662/642274", "+43 662 642274"),
        ("+43 (0)662 642274", "+43 662 642274"),
        ("+81 138-41-2000", "+81 138-41-2000"),
        ("0662 642274", None),
        ("+43", None),
        ("call me", None),
        ("+4366264227412345", None),
        ("-", ""),
    ],
)
def test_phone_number_is_international(typed: str, kept: str | None) -> None:
    assert read_field(Field.PHONE, typed) == kept


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ("https://hautarzt.example", True),
        ("http://hautarzt.example/a?b=c", True),
        ("hautarzt.example", False),
        ("ftp://hautarzt.example", False),
        ("javascript:alert(1)", False),
        ("https://localhost", False),
        ("https://[::1", False),
        ("https://haut arzt.example", False),
    ],
)
def test_website_is_an_address_of_the_web(typed: str, *, is_taken: bool) -> None:
    assert read_field(Field.WEBSITE, typed) == (typed if is_taken else None)


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ("Mo-Fr 08:00-12:00; PH off", True),
        ("24/7", True),
        ("whenever I like", False),
        ("Lu-Vi 08:00-12:00", False),
        ('"by appointment"', False),  # the library would call that open at all times
    ],
)
def test_opening_hours_are_those_that_can_be_read(typed: str, *, is_taken: bool) -> None:
    assert read_field(Field.OPENING_HOURS, typed) == (typed if is_taken else None)


@pytest.mark.parametrize("field", [field for field in Field if field not in {Field.NAME, Field.PLACE}])
def test_field_is_emptied_by_a_dash(field: Field) -> None:
    assert read_field(field, " - ") == ""


@pytest.mark.parametrize("typed", ["", " ", "-", "x" * 201])
def test_name_is_neither_empty_nor_endless(typed: str) -> None:
    assert read_field(Field.NAME, typed) is None


def test_text_is_kept_on_one_line_without_signs_that_nobody_sees() -> None:
    assert read_field(Field.NOTE, " by\nappointment\u202e  only ") == "by appointment only"


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("47.8, 13.05", (47.8, 13.05)),
        ("47.8 13.05", (47.8, 13.05)),
        ("47,8; 13,05", (47.8, 13.05)),
        ("-25.2637,-57.5759", (-25.2637, -57.5759)),
        ("47.8°, 13.05°", (47.8, 13.05)),
        ("47", None),
        ("Salzburg", None),
        ("91, 13", None),
        ("47, 181", None),
        ("0, 0", None),
    ],
)
def test_coordinates_are_latitude_then_longitude(typed: str, place: tuple[float, float] | None) -> None:
    assert typed_place(typed) == place


@pytest.mark.parametrize("number", ["nan", "inf", "", "x", "1e9"])
def test_number_that_is_no_coordinate_is_no_place(number: str) -> None:
    assert read_place(number, "13") is None
    assert read_place("47", number) is None
