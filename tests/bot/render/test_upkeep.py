"""What moderators read of incidents and maintenance."""

import pytest

from bot.content import Texts
from bot.delivery import formatted
from bot.incidents import MAX_FRAMES, Frame
from bot.render.upkeep import ERRORS_PAGE, incident, incidents, maintenance
from bot.storage.incidents import Incident
from bot.storage.maintenance import Mode, Pause
from tests.bot.conftest import NOON
from tests.shipped import CONTENT

MESSAGE_LIMIT = 4096
LANGUAGES = CONTENT.by_language
each_language = pytest.mark.parametrize("texts", LANGUAGES.values(), ids=LANGUAGES)
HERE = Frame("bot/handlers/__init__.py", 120, "__init__")
DEEP = Frame("telegram/" + "a_rather_long_name/" * 8 + "file.py", 1_234_567, "a_function_with_a_long_name" * 2)


def an_incident(frames: tuple[Frame, ...] = (HERE,)) -> Incident:
    return Incident("3FA29C", NOON, "ValueError", frames)


@each_language
def test_line_of_code_is_shown_as_it_is(texts: Texts) -> None:
    for reply in (incident(an_incident(), 0, texts), incidents([an_incident()], 0, 1, texts)):
        text, entities = formatted(reply.markdown)
        (code,) = [e for e in entities if e.type in {"code", "pre"}]
        words = text.encode("utf-16-le")[2 * code.offset : 2 * (code.offset + code.length)].decode("utf-16-le")
        assert words.strip() == "bot/handlers/__init__.py:120 __init__"


@each_language
def test_longest_incident_fits_into_a_message(texts: Texts) -> None:
    deepest = an_incident((DEEP,) * MAX_FRAMES)
    for reply in (incident(deepest, 99, texts), incidents([deepest] * ERRORS_PAGE, 24, 200, texts)):
        text, _ = formatted(reply.markdown)
        assert len(text.encode("utf-16-le")) // 2 <= MESSAGE_LIMIT
        assert all(len(button.data.encode()) <= 64 for row in reply.buttons for button in row)


@each_language
def test_incident_without_a_way_says_so(texts: Texts) -> None:
    assert texts.say("errors-no-frames") in incident(an_incident(()), 0, texts).markdown
    assert "`" not in incidents([an_incident(())], 0, 1, texts).markdown


@each_language
def test_pages_of_incidents_lead_to_each_other(texts: Texts) -> None:
    reply = incidents([an_incident()] * ERRORS_PAGE, 1, 3 * ERRORS_PAGE, texts)
    data = [button.data for row in reply.buttons for button in row]
    assert data == ["errors:3FA29C:1"] * ERRORS_PAGE + ["errors:0", "errors:2"]
    assert incidents([], 0, 0, texts).markdown == texts.say("errors-none")


@each_language
@pytest.mark.parametrize(
    ("pause", "offered"),
    [
        (None, ["maintenance:wait", "maintenance:refuse"]),
        (Pause(Mode.WAIT, NOON), ["maintenance:refuse", "maintenance:off"]),
        (Pause(Mode.REFUSE, NOON), ["maintenance:wait", "maintenance:off"]),
    ],
)
def test_state_offers_every_other_state(texts: Texts, pause: Pause | None, offered: list[str]) -> None:
    reply = maintenance(pause, 3, texts)
    assert [button.data for row in reply.buttons for button in row] == offered
