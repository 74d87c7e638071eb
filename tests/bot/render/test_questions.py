"""What is understood when somebody types instead of pressing a button."""

import pytest

from bot.render import questions
from bot.render.questions import Step, question
from tests.shipped import CONTENT


@pytest.mark.parametrize(
    ("text", "age"),
    [("25", 25), (" 17 ", 17), ("-3", None), ("old", None), ("٣", None), ("120", 120), ("121", None), ("9999", None)],
)
def test_age_is_a_plain_number(text: str, age: int | None) -> None:
    assert questions.typed_age(text) == age


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ana  María ", "Ana María"),
        ("a\nb", "a b"),
        ("", None),
        (" \u200b ", None),
        ("\u200cامیر\u200cعلی\u202e", "امیر\u200cعلی"),  # joiners belong to its spelling, a sign of direction does not
        (" \u200d \u200c", None),
        ("x" * 64, "x" * 64),
        ("x" * 65, None),
        ("María del Carmen Ana", "María del Carmen Ana"),
        ("help it is bleeding and will not stop", None),
        ("¡Ayuda!", None),
    ],
)
def test_name_is_one_line_of_at_most_64_letters_and_no_sentence(text: str, name: str | None) -> None:
    assert questions.typed_name(text) == name


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (" Salzburg,  Austria ", "Salzburg, Austria"),
        ("Santa Cruz de la Sierra", "Santa Cruz de la Sierra"),
        ("Avenida de la Libertad 12, 4020 Linz, Austria", "Avenida de la Libertad 12, 4020 Linz, Austria"),
        ("am I going to die?", None),
        ("it is bleeding and will not stop", None),
        ("¡Socorro!", None),
        ("socorro", None),
        ("help me please", None),
        ("ayuda, me muero", None),
        ("Socorro, Colombia", "Socorro, Colombia"),
        ("Sangre Grande, Trinidad", "Sangre Grande, Trinidad"),
        ("  ", None),
    ],
)
def test_sentence_or_cry_is_no_place(text: str, place: str | None) -> None:
    assert questions.typed_place(text, CONTENT) == place


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        *[("Ana", False), ("Ana María", True), ("help me please", True), ("Socorro", True)],
        *[("HELP...", True), ("please", True), ("ayuda", True), ("auxilio", True), ("Helping", False)],
        *[("40", True), ("Ana2", True), ("٤٠", True), ("...", True), ("🙂", True), ("José", False), ("امیر", False)],
        *[
            ("suicide", True),
            ("suicidio", True),
            ("dying", True),
            ("bleeding", True),
            ("sangra", True),
            ("Sangro", True),
        ],
        *[
            ("pain", True),
            ("dolor", True),
            ("Dolores", False),
            ("cancer", True),
            ("CÁNCER.", True),
            ("can\u0301cer", True),
        ],
        *[
            ("helppp", True),
            ("suicde", True),
            ("Ayúdenme", True),
            ("suisidio", True),
            ("matarme", True),
            ("infarto", True),
        ],
        *[("Muriel", False), ("Killian", False), ("Bledar", False), ("Auxiliadora", False), ("Sandra", False)],
    ],
)
def test_name_of_several_words_or_a_single_one_may_be_a_cry_for_help(name: str, *, may_be: bool) -> None:
    assert questions.may_be_words(name, CONTENT) is may_be


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
@pytest.mark.parametrize("step", list(Step))
def test_question_in_short_fits_on_a_screen_and_is_still_a_question(step: Step, language: str) -> None:
    asked = question(step, CONTENT, CONTENT.texts(language), "Ana")
    short = questions.in_short(asked, "No.")
    assert short.buttons == asked.buttons
    assert short.markdown.startswith("No.\n\n")
    assert "?" in short.markdown
    assert len(short.markdown) < 120


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_name_in_doubt_has_buttons_that_telegram_accepts(language: str) -> None:
    reply = questions.name_doubted("x" * 64, "reg:3:meant", "reg:3:rename", CONTENT.texts(language))
    assert [button.data for row in reply.buttons for button in row] == ["reg:3:meant", "reg:3:rename"]


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
@pytest.mark.parametrize(
    ("name", "may_be_cry"),
    [("40", False), ("Ana2", False), ("911", True), ("🙂", True), ("ayuda", True), ("4 help", True)],
)
def test_whom_to_call_is_said_where_a_name_may_be_a_cry_and_not_where_it_is_an_age(
    name: str, language: str, *, may_be_cry: bool
) -> None:
    texts = CONTENT.texts(language)
    asked = questions.name_doubted(name, "meant", "back", texts)
    assert asked.markdown == texts.say("name-taken" if may_be_cry else "name-asked", name=name)


@pytest.mark.parametrize(("text", "number"), [("iii", 3), ("6", 6), ("7", None), ("VII", None), ("", None)])
def test_skin_type_is_roman_or_a_digit(text: str, number: int | None) -> None:
    assert questions.typed_skin_type(text) == number


@pytest.mark.parametrize(("text", "language"), [("Español", "es"), ("en", "en"), ("ENGLISH", "en"), ("klingon", None)])
def test_language_is_known_by_name_or_code(text: str, language: str | None) -> None:
    assert questions.typed_language(text, CONTENT) == language


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
@pytest.mark.parametrize("step", list(Step))
def test_every_question_has_buttons_that_telegram_accepts(step: Step, language: str) -> None:
    reply = question(step, CONTENT, CONTENT.texts(language), "Ana" * 40)
    buttons = [button for row in reply.buttons for button in row]
    assert buttons
    assert all(len(button.data.encode()) <= 64 for button in buttons)
    assert any(button.data.endswith(questions.BACK) for button in buttons) == (step is not Step.LANGUAGE)
