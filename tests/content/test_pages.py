"""Every language has every page, in the same shape, short enough for Telegram."""

from __future__ import annotations

import re
import unicodedata
from string import Template

import pytest

from bot.content import load_content
from bot.settings import RETENTION_DAYS, UNFINISHED_DAYS
from tests.content.pages import (
    CLASS_PAGES,
    CONTENT,
    FIGURES,
    LANGUAGES,
    LIMITS,
    filled,
    headings,
    shown,
    source,
    utf16_units,
)
from tests.content.words import WORDS, offences

each_page = pytest.mark.parametrize("page", LIMITS)
each_class = pytest.mark.parametrize("page", CLASS_PAGES)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def test_every_language_in_the_folder_has_its_rules() -> None:
    folders = {path.parent.name for path in CONTENT.glob("*/*.md")}
    assert folders - {"fonts"} == set(LANGUAGES)


@each_language
def test_a_language_has_exactly_the_known_pages(language: str) -> None:
    found = {path.relative_to(CONTENT / language).as_posix() for path in (CONTENT / language).rglob("*.md")}
    assert found == set(LIMITS)


@each_language
@each_page
def test_page_is_short_enough_for_telegram(language: str, page: str) -> None:
    assert 0 < utf16_units(shown(language, page)) <= LIMITS[page]


@each_language
@each_page
def test_page_uses_only_markdown_that_telegram_shows(language: str, page: str) -> None:
    text = source(language, page)
    assert not re.search(r"^\s*\||```|!\[|<[a-z/]|^\s*>|^---", text, re.MULTILINE)


@each_language
@each_page
def test_headings_carry_no_emoji(language: str, page: str) -> None:
    words = "".join(heading for _, heading in headings(source(language, page)))
    assert not [sign for sign in words if unicodedata.category(sign) == "So"]


@each_language
@each_page
def test_page_says_nothing_forbidden(language: str, page: str) -> None:
    assert offences(filled(language, page), WORDS[language]) == []


@each_language
@each_page
def test_sentences_are_short_enough_to_read_at_night(language: str, page: str) -> None:
    lengths = [len(sentence.split()) for sentence in sentences(language, page)]
    assert max(lengths) <= 30
    assert sum(lengths) / len(lengths) <= 14


def sentences(language: str, page: str) -> list[str]:
    """What stands before the sources, cut at every full stop, colon and end of line."""
    sources_heading = rf"^(?:## |\*\*){WORDS[language].sections[-1]}"
    prose = re.split(sources_heading, source(language, page), maxsplit=1, flags=re.MULTILINE)[0]
    return [part for part in re.split(r"[.!?:;]\s|\n", prose) if part.strip()]


@each_page
def test_page_has_the_same_shape_in_every_language(page: str) -> None:
    shapes = {language: shape(source(language, page)) for language in LANGUAGES}
    assert len(set(shapes.values())) == 1, shapes


def shape(text: str) -> tuple[str, ...]:
    """One sign for each line: a heading by its level, an item, a paragraph."""
    lines = [line for line in text.splitlines() if line]
    marks = [re.match(r"#+ |- |", line) for line in lines]
    return tuple(mark[0] for mark in marks if mark)


@each_page
def test_page_links_to_the_same_places_and_commands_in_every_language(page: str) -> None:
    links = {language: sorted(targets(source(language, page))) for language in LANGUAGES}
    assert all(found == links["en"] for found in links.values())


def targets(text: str) -> list[tuple[str, str]]:
    """The addresses and the commands of a page; a source may have a translation of its own."""
    neutral = text.replace("medlineplus.gov/spanish/", "medlineplus.gov/")
    return re.findall(r"\]\((https?://[^)]+)\)|(?<!\S)(/[a-z]+)", neutral)


@each_language
@each_class
def test_class_page_has_its_sections_in_order(language: str, page: str) -> None:
    (level, name), *sections = headings(source(language, page))
    expected = WORDS[language].sections
    found = tuple(words for _, words in sections)
    assert (level, {depth for depth, _ in sections}) == (1, {2})
    assert found in {expected, tuple(words for words in expected if "ABCDE" not in words)}
    assert re.fullmatch(r".+ \(.+\)", name), "the medical name, then the common one"


@each_language
@each_class
def test_class_page_opens_by_saying_that_it_is_not_about_the_photo(language: str, page: str) -> None:
    assert source(language, page).splitlines()[2] == WORDS[language].opening


@each_language
@pytest.mark.parametrize("code", ["mel", "nv", "bkl", "df", "vasc"])
def test_page_whose_list_may_ask_for_less_haste_says_first_that_the_answer_counts(language: str, code: str) -> None:
    said = {"en": "two weeks or the coming weeks, that counts", "es": "las próximas semanas, eso vale"}
    assert said[language] in source(language, f"classes/{code}.md").splitlines()[4]


@each_language
@pytest.mark.parametrize("page", ["classes/mel.md", "classes/nv.md"])
def test_pigmented_classes_explain_abcde(language: str, page: str) -> None:
    letters = re.findall(r"^- \*\*([A-E]), ", source(language, page), re.MULTILINE)
    assert letters == list("ABCDE")


@each_language
@pytest.mark.parametrize("page", ["classes/mel.md", "classes/nv.md"])
def test_uneven_shape_and_colour_together_are_a_reason_to_hurry_with_a_source(language: str, page: str) -> None:
    """2 points each on the weighted 7-point checklist, of which 3 ask for an urgent referral."""
    *_, hurry, sources = re.split(r"^## ", source(language, page), flags=re.MULTILINE)
    (said,) = (line for line in hurry.splitlines() if "(NICE NG12)" in line)
    assert re.search("uneven shape.+uneven colours|forma irregular.+color desigual", said)
    assert re.search("7-point checklist|lista ponderada de 7 puntos", sources)


@each_language
@each_class
def test_class_page_names_checkable_sources(language: str, page: str) -> None:
    listed = source(language, page).split(f"## {WORDS[language].sections[-1]}\n")[1]
    sources = [line for line in listed.splitlines() if line.startswith("- ")]
    assert len(sources) >= 4
    assert all(re.search(r"https?://|\b(19|20)\d\d\b|British Association", line) for line in sources)


@each_language
@each_class
def test_class_page_says_within_which_time_to_see_a_doctor(language: str, page: str) -> None:
    two_weeks = {"en": "within two weeks", "es": "antes de dos semanas"}
    assert two_weeks[language] in source(language, page)


@each_language
@pytest.mark.parametrize("page", ["about.md", "help.md"])
def test_red_flags_and_emergency_numbers_are_there(language: str, page: str) -> None:
    text = source(language, page)
    assert "112" in text
    assert "911" in text
    assert {"en": "fever", "es": "fiebre"}[language] in text


def test_consent_has_one_version_in_every_language() -> None:
    firsts = {source(language, "consent.md").splitlines()[0] for language in LANGUAGES}
    assert len(firsts) == 1
    assert re.fullmatch(r"Version: \d{4}-\d\d-\d\d", firsts.pop())


@each_language
def test_model_page_asks_for_every_figure_and_no_other(language: str) -> None:
    template = Template(source(language, "model.md"))
    assert template.is_valid()
    assert set(template.get_identifiers()) == set(FIGURES)


@each_language
@each_page
def test_no_page_has_placeholders_but_those_with_figures_and_periods(language: str, page: str) -> None:
    assert page in {"model.md", "consent.md", "privacy.md"} or "$" not in source(language, page)


@each_language
@pytest.mark.parametrize("page", ["consent", "privacy"])
def test_page_says_for_how_long_things_are_kept_as_it_is_set(language: str, page: str) -> None:
    for days in (RETENTION_DAYS, 77):
        told = load_content(CONTENT, days).by_language[language].page(page)
        assert re.findall(r"(\d+) (?:days|días)", told) == [str(days), str(UNFINISHED_DAYS)]


def test_other_period_is_another_version_of_the_consent_text() -> None:
    assert load_content(CONTENT, 77).consent_version == f"{load_content(CONTENT).consent_version}/77"


@each_language
@pytest.mark.parametrize("page", ["about.md", "help.md"])
def test_emergencies_and_two_weeks_name_what_they_are_about(language: str, page: str) -> None:
    text = source(language, page)
    assert {"en": "bleeding that does not stop", "es": "sangrado que no para"}[language] in text
    assert {"en": "is a firm lump that keeps growing", "es": "es un bulto duro que sigue creciendo"}[language] in text
    assert "NICE NG12" in text
    assert {"en": "**Emergency:**", "es": "**Emergencia:**"}[language] in text  # "urgencia" is less than that
    assert {"en": "after a transplant", "es": "tras un trasplante"}[language] in text


@each_language
@pytest.mark.parametrize("code", ["mel", "df", "vasc"])
def test_page_begins_with_the_words_of_its_button(language: str, code: str) -> None:
    label = load_content(CONTENT).by_language[language].plain(f"class-{code}")
    assert source(language, f"classes/{code}.md").startswith(f"# {label.partition(' (')[0]} (")


@each_language
def test_help_begins_with_when_to_see_a_doctor_and_emergencies(language: str) -> None:
    _title, two_weeks, _signs, emergency, *_ = source(language, "help.md").split("\n\n")
    assert {"en": "within two weeks", "es": "antes de dos semanas"}[language] in two_weeks
    assert "112" in emergency


@pytest.mark.parametrize("page", ["about.md", "help.md"])
def test_spanish_pages_ask_for_lumps_too(page: str) -> None:
    """A "mancha" alone is flat."""
    assert "una sola mancha, lunar o bulto de la piel" in source("es", page)


@each_language
def test_help_says_that_a_doctor_and_a_laboratory_count_more(language: str) -> None:
    *_, limits, _sources = source(language, "help.md").split("\n\n")
    assert {"en": "a doctor or a laboratory", "es": "un médico o un laboratorio"}[language] in limits


@each_language
def test_model_page_tells_of_phones_and_of_the_cancer_that_is_missing(language: str) -> None:
    text = source(language, "model.md")
    assert {"en": "squamous cell carcinoma", "es": "carcinoma de células escamosas"}[language] in text
    assert {"en": "through a dermatoscope (", "es": "con dermatoscopio ("}[language] in text.split("\n\n- ")[0]
