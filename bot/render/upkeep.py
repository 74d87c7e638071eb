"""What moderators see of incidents and of maintenance."""

from collections.abc import Sequence
from typing import Final

from bot.content import Texts, verbatim
from bot.incidents import Frame, place
from bot.render.reply import Button, Reply, moment, page_buttons, page_count
from bot.storage.incidents import Incident
from bot.storage.maintenance import Mode, Pause

ERRORS: Final = "errors"  # callback data: a page, or an incident's number and the page to go back to
ERRORS_PAGE: Final = 8
MAINTENANCE: Final = "maintenance"  # callback data, followed by a colon and a Mode or OFF
OFF: Final = "off"
_BUTTONS_IN_ROW: Final = 2
_SHOWN_FRAMES: Final = 25  # so many fit into a message
_MAX_FILE_LENGTH: Final = 80


def incidents(found: Sequence[Incident], page: int, count: int, texts: Texts) -> Reply:
    """Return a page of incidents, with a button for each; pages count from 0."""
    if not found:
        return Reply(texts.say("errors-none"))
    words = [texts.say("errors-heading", count=count), *(_line(incident, texts) for incident in found)]
    buttons = [Button(one.incident_id, f"{ERRORS}:{one.incident_id}:{page}") for one in found]
    rows = [tuple(buttons[at : at + _BUTTONS_IN_ROW]) for at in range(0, len(buttons), _BUTTONS_IN_ROW)]
    return Reply("\n\n".join(words), (*rows, *page_buttons(ERRORS, page, page_count(count, ERRORS_PAGE), texts)))


def incident(one: Incident, page: int, texts: Texts) -> Reply:
    """Return an incident with the way to it, and a button back to its page."""
    when = texts.say("errors-one", number=one.incident_id, when=moment(one.happened_at, texts))
    words = [when, verbatim(one.kind)]
    if one.frames:
        shown = one.frames[-_SHOWN_FRAMES:]
        way = "\n".join(_line_of_code(frame, texts) for frame in shown)
        words += [texts.say("errors-way"), f"```\n{way}\n```"]  # no messenger takes it for addresses of the web
    else:
        words.append(texts.say("errors-no-frames"))
    return Reply("\n\n".join(words), ((Button(texts.plain("button-back"), f"{ERRORS}:{page}"),),))


def maintenance(pause: Pause | None, waiting: int, texts: Texts, *, is_wanted: bool = False) -> Reply:
    """Return the state of maintenance, with buttons for every other state; is_wanted says that it is to be on."""
    if pause is None:
        words = [texts.say("maintenance-not-yet" if is_wanted else "maintenance-off"), texts.say("maintenance-ask")]
    else:
        words = [texts.say("maintenance-on-already")] if is_wanted else []
        words.append(texts.say(f"maintenance-{pause.mode}", when=moment(pause.since, texts), count=waiting))
    return Reply("\n\n".join(words), maintenance_buttons(pause, texts))


def maintenance_buttons(pause: Pause | None, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """Return a button for each state other than this one."""
    now = pause.mode if pause else OFF
    others = [str(state) for state in (*Mode, OFF) if state != now]
    return tuple((Button(texts.plain(f"button-maintenance-{state}"), f"{MAINTENANCE}:{state}"),) for state in others)


def _line(one: Incident, texts: Texts) -> str:
    first = texts.say("errors-line", number=one.incident_id, when=moment(one.happened_at, texts))
    where = place(one.frames)
    kind = verbatim(one.kind)
    return f"{first}\n{kind} `{_line_of_code(where, texts)}`" if where else f"{first}\n{kind}"


def _line_of_code(frame: Frame, texts: Texts) -> str:
    """Return where something happened, to be shown as code."""
    file = frame.file[-_MAX_FILE_LENGTH:]
    line = texts.plain("errors-frame", file=file, line=str(frame.line), function=frame.function)
    return line.replace("`", "")
