"""What several stories begin with."""

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bot.content import Content, Texts
from bot.delivery import formatted
from bot.render.questions import AGREE, Step, agreement
from emulator.objects import Message
from emulator.person import Person, Town
from tests.conversations.service import database_of
from tests.shipped import CONTENT

_SLOWED_DOWN: Final = ("editMessageMedia", 429)
_SLOWED_DOWN_WITHIN_S: Final = 90


def shown(texts: Texts, message_id: str, **values: str | float) -> str:
    """A sentence as the patient sees it, without the signs of its formatting."""
    return formatted(texts.say(message_id, **values))[0].strip()


def first_line(texts: Texts, message_id: str) -> str:
    """The first line of a sentence, for those that end differently."""
    return shown(texts, message_id).splitlines()[0]


def heading(texts: Texts, page: str) -> str:
    """The first line of a page."""
    return texts.page(page).splitlines()[0].removeprefix("# ")


def how(texts: Texts, command: str) -> str:
    """How a command is used that has to name somebody."""
    return f"{shown(texts, f'{command}-how')}\n\n{shown(texts, 'naming-how')}"


def button(step: Step, answer: str) -> str:
    """What the button of a question sends."""
    return f"reg:{int(step)}:{agreement(CONTENT) if answer == AGREE else answer}"


async def reach(person: Person, step: Step) -> None:
    """Go through the registration up to a question."""
    answers = {Step.LANGUAGE: "en", Step.CONSENT: "agree", Step.AGE: "adult", Step.NAME: "keep"}
    await person.says("/start")
    for before in range(step):
        await person.waits_for(asks(Step(before)))
        await person.presses(button(Step(before), answers[Step(before)]))
    await person.waits_for(asks(step))


async def register(person: Person, language: str, skin_type: str = "skip") -> None:
    """Answer every question with a button."""
    await person.says("/start")
    for step, answer in (
        (Step.LANGUAGE, language),
        (Step.CONSENT, "agree"),
        (Step.AGE, "adult"),
        (Step.NAME, "keep"),
        (Step.SKIN_TYPE, skin_type),
    ):
        await person.waits_for(asks(step))
        await person.presses(button(step, answer))
    await person.waits_for(lambda message: not message.get("reply_markup"))


def enrol(
    data_dir: Path, user_ids: Iterable[int], language: str, content: Content, known_blocked: Container[int] = ()
) -> None:
    """Let people be registered, as if they had answered every question."""
    columns = "(user_id, language, consent_version, is_adult, first_name, registered_at, created_at, blocked_at)"
    moment = "2026-11-23 12:00:00.000000"
    people = [
        (user_id, language, content.consent_version, moment, moment, moment if user_id in known_blocked else None)
        for user_id in user_ids
    ]
    for person in people:
        rows(data_dir, f"INSERT INTO patients {columns} VALUES (?, ?, ?, TRUE, 'Sam', ?, ?, ?)", *person)  # noqa: S608 - constants


def rows(data_dir: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement finds or changes in the bot's database; a question mark stands for a value."""
    with _connected(data_dir) as connection:
        found = _asked(connection, query, values)
        return [tuple(row) for row in found] if found.returns_rows else []


def tables(data_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the bot's database."""
    with _connected(data_dir) as connection:
        names = sa.inspect(connection).get_table_names()
        return {name: [dict(row) for row in _asked(connection, f"SELECT * FROM {name}").mappings()] for name in names}  # noqa: S608 - names of tables


@contextmanager
def refusing(data_dir: Path, table: str) -> Iterator[None]:
    """While the block lasts, the bot's database takes no new row of a table, and says so."""
    if database_of(data_dir).startswith("postgresql"):  # names the row that it refuses
        begin = f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (FALSE) NOT VALID"
        end = f"ALTER TABLE {table} DROP CONSTRAINT broken"
    else:
        begin = f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        end = "DROP TRIGGER broken"
    rows(data_dir, begin)
    try:
        yield
    finally:
        rows(data_dir, end)


@contextmanager
def _connected(data_dir: Path) -> Iterator[sa.Connection]:
    url = database_of(data_dir).replace("+aiosqlite", "")
    url += "?timeout=10" if url.startswith("sqlite") else ""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection


def _asked(connection: sa.Connection, query: str, values: Sequence[object] = ()) -> sa.CursorResult[Any]:
    if connection.dialect.name == "postgresql":
        query = query.replace("?", "%s")
    return connection.exec_driver_sql(query, tuple(values))


async def menu_of(person: Person) -> dict[str, str]:
    """The commands that somebody is offered, with what they say."""
    return {command["command"]: command["description"] for command in (await person.chat())["commands"]}


def asks(step: Step) -> Callable[[Message], bool]:
    """A message that holds the buttons of a question."""

    def asks_step(message: Message) -> bool:
        return has_button(message, f"reg:{int(step)}:")

    return asks_step


def has_button(message: object, data: str) -> bool:
    """Whether a message has a button that sends something that begins like this."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", []) if isinstance(message, dict) else []
    return any(str(b.get("callback_data", "")).startswith(data) for row in rows for b in row)


def deeds(folder: Path, command: str) -> list[tuple[str, str]]:
    """What /audit tells of a command, oldest first: its action and details."""
    query = "SELECT action, details FROM audit WHERE action LIKE ? ORDER BY entry_id"
    return rows(folder, query, f"{command}%")


async def until_slowed_down(town: Town, *people: Person) -> None:
    """Wait until Telegram has refused an answer to a photo of each, because their chat is to slow down."""
    slow = {person.id for person in people}
    for _ in range(_SLOWED_DOWN_WITHIN_S * 10):
        refused = [call["chat_id"] for call in await town.calls() if (call["method"], call["status"]) == _SLOWED_DOWN]
        if slow.issubset(refused):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")
