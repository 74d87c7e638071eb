"""What becomes of an update whose handler fails, or that ends the bot; its chat goes on."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Message, Update
from telegram.error import Forbidden, InvalidToken

from bot.context import Context
from bot.incoming.updates import Take
from bot.storage.cases import Cases
from bot.storage.inbox import Inbox, StoredUpdate
from bot.storage.incidents import Incidents
from bot.storage.patients import Patient, Patients
from bot.storage.tables import cases
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY
from tests.bot.taking import Brings, Heard, run, taking, text, until, until_handled
from tests.conversations.stories import shown


async def test_update_that_breaks_its_handler_does_not_end_its_chat(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([text(1, "break"), text(2, "after")], NOON)
    await run(engine, inbox, heard)
    assert heard.texts == ["break", "after"]
    assert await inbox.unhandled() == []


class Panic(BaseException):
    """What a library raises that is written in another language."""


class Panics(Heard):
    """A handler that a library ends once."""

    async def sees_through(self) -> None:
        if len(self.texts) == 1:
            raise Panic


async def test_panic_of_a_library_is_apologised_for_and_does_not_end_its_chat(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Panics()
    source = BringsLater([[text(1, "where?"), text(2, "after")]])
    async with taking(engine, inbox, heard, source) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("/start")
        source.may_bring.set()
        await ana.waits_for(shown(LIBRARY.content.texts("en"), "our-fault", incident="|").split("|")[0])
        await until_handled(inbox, heard, 2)
    assert heard.texts == ["where?", "after"]
    assert await inbox.unhandled() == []
    assert [one.kind for one in await Incidents(engine, lambda: NOON).latest(9)] == ["Panic"]


class Revoked(Heard):
    """A handler that finds once that Telegram does not know the token any more."""

    async def __call__(self, update: Update, context: Context) -> int:
        state = await super().__call__(update, context)
        if state == 1:
            raise InvalidToken
        return state


async def test_update_that_comes_as_the_token_is_revoked_is_kept_for_the_next_start(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Revoked()
    await inbox.store([text(1, "photo")], NOON)
    async with taking(engine, inbox, heard, Brings([])):
        await until(lambda: heard.texts == ["photo"])
    assert [update.update_id for update in await inbox.unhandled()] == [1]
    await run(engine, inbox, heard)
    assert heard.texts == ["photo", "photo"]
    assert await inbox.unhandled() == []


class Speaks(Heard):
    """A handler that says two things."""

    async def __call__(self, update: Update, context: Context) -> int:
        state = await super().__call__(update, context)
        message = cast("Message", update.message)
        await context.bot.send_message(message.chat_id, "first")
        await context.bot.send_location(message.chat_id, 47.8, 13.0)
        return state


async def test_handler_is_not_run_again_by_an_absence_of_telegram(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.connection.pacing._WAITS_S", (0.01,))
    monkeypatch.setattr("bot.connection.pacing._LONGER_WAITS_S", (0.01,) * 20)
    inbox, heard = Inbox(engine), Speaks()
    await inbox.store([text(1, "where?")], NOON)
    async with taking(engine, inbox, heard, Brings([])) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("hello")
        await town.suffers({"kind": "5xx", "method": "sendLocation", "times": 15})
        await ana.waits_for(lambda message: "location" in message, 20)
        said = [message.get("text") for message in await ana.messages() if message["from"]["is_bot"]]
    assert (heard.texts, said) == (["where?"], ["first", None])


class Opens(Heard):
    """A handler that opens a case for each text, as for a photo, and promises some their answer."""

    def __init__(self, cases: Cases) -> None:
        super().__init__()
        self.cases = cases

    async def __call__(self, update: Update, context: Context) -> int:
        message = cast("Message", update.message)
        case = await self.cases.open(message.chat_id, message.chat_id, message.message_id, "file", NOON)
        if message.text == "promised" and case is not None:
            await self.cases.promise(case.case_id, 77)
        return await super().__call__(update, context)


async def test_photo_whose_handler_breaks_before_the_promise_is_answered_by_the_apology(engine: AsyncEngine) -> None:
    inbox, cases = Inbox(engine), Cases(engine)
    await inbox.store([text(1, "promised"), text(2, "break")], NOON)
    await run(engine, inbox, Opens(cases))
    assert [case.message_id for case in await cases.open_of(500_000_001)] == [1]
    assert await cases.is_known(500_000_001, 2)


class TurnsAway(Opens):
    """A handler that finds that whoever sent the first photo has been banned since it was opened."""

    def __init__(self, cases: Cases, error: Exception | None) -> None:
        super().__init__(cases)
        self.error = error

    async def __call__(self, update: Update, context: Context) -> int:
        if cast("Message", update.message).message_id != 1:
            return await super().__call__(update, context)
        if self.error is not None:
            raise self.error
        return await Heard.__call__(self, update, context)


@pytest.mark.parametrize("error", [None, Forbidden("bot was blocked by the user"), ValueError("a bug")])
async def test_photo_that_was_opened_before_its_sender_is_turned_away_does_not_wait_for_ever(
    engine: AsyncEngine, error: Exception | None
) -> None:
    inbox, kept = Inbox(engine), Cases(engine)
    updates = [text(1, "promised"), text(2, "promised")]
    await inbox.store(updates, NOON)
    for number in (1, 2):  # here the bot ended; the second one is promised its answer only now
        await kept.open(500_000_001, 500_000_001, number, "file", NOON)
    await run(engine, inbox, TurnsAway(kept, error))
    async with engine.connect() as connection:
        ended = await connection.execute(sa.select(cases.c.outcome, cases.c.file_id).order_by(cases.c.case_id))
        assert ended.all() == [("failed", None), (None, "file")]


class TurnsAwayAnew(Opens):
    """A handler that a fault ends once a case is open; begun anew, it finds that its sender is banned."""

    async def __call__(self, update: Update, context: Context) -> int:
        if self.texts:
            return await Heard.__call__(self, update, context)
        await super().__call__(update, context)
        raise OperationalError("SELECT", {}, Exception("database is locked"))


async def test_photo_whose_sender_is_turned_away_after_a_fault_of_the_database_does_not_wait_for_ever(
    engine: AsyncEngine,
) -> None:
    inbox, kept = Inbox(engine), Cases(engine)
    heard = TurnsAwayAnew(kept)
    await run(engine, inbox, heard, [[text(1, "photo")]])
    assert heard.texts == ["photo", "photo"]
    assert await kept.is_known(500_000_001, 1)
    assert await kept.open_of(500_000_001) == []


async def test_update_that_cannot_be_read_does_not_end_its_chat(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([StoredUpdate(1, 500_000_001, "{"), text(2, "after")], NOON)
    await run(engine, inbox, heard)
    assert heard.texts == ["after"]
    assert await inbox.unhandled() == []


class BringsLater(Brings):
    """A source that waits until it may bring what it has."""

    def __init__(self, arriving: Sequence[Sequence[StoredUpdate]]) -> None:
        super().__init__(arriving)
        self.may_bring = asyncio.Event()

    async def run(self, take: Take) -> None:
        await self.may_bring.wait()
        await super().run(take)


async def test_who_has_chosen_no_language_is_apologised_to_in_that_of_their_telegram(engine: AsyncEngine) -> None:
    update = text(1, "break")
    told = json.loads(update.payload)
    told["message"]["from"]["language_code"] = "es"
    source = BringsLater([[replace(update, payload=json.dumps(told))]])
    async with taking(engine, Inbox(engine), Heard(), source) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("/start")
        source.may_bring.set()
        await ana.waits_for(shown(LIBRARY.content.by_language["es"], "our-fault", incident="|").split("|")[0])


@pytest.mark.parametrize("is_gone", ["telegram", "database"])
async def test_apology_outlives_an_absence_of(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, is_gone: str
) -> None:
    monkeypatch.setattr("bot.connection.pacing._WAITS_S", (0.01,))
    monkeypatch.setattr("bot.connection.pacing._LONGER_WAITS_S", (0.01,) * 20)
    ask, faults = Patients.get, [2 if is_gone == "database" else 0]

    async def away(patients: Patients, user_id: int) -> Patient | None:
        if faults[0]:
            faults[0] -= 1
            raise OperationalError("SELECT", {}, Exception("away"))
        return await ask(patients, user_id)

    monkeypatch.setattr(Patients, "get", away)
    inbox, heard, source = Inbox(engine), Heard(), BringsLater([[text(1, "break")]])
    async with taking(engine, inbox, heard, source) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("/start")
        if is_gone == "telegram":
            await town.suffers({"kind": "5xx", "method": "sendMessage", "times": 15})
        source.may_bring.set()
        await ana.waits_for(shown(LIBRARY.content.texts("en"), "our-fault", incident="|").split("|")[0], 20)
        await until_handled(inbox, heard, 1)
    assert (heard.texts, await inbox.unhandled()) == (["break"], [])


async def test_apology_that_telegram_refuses_for_good_holds_its_chat_up_no_longer(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("_WAITS_S", (0.0,)),
        ("_LONGER_WAITS_S", ()),
        ("_LONGEST_WAIT_S", 0.01),
        ("_MANY_REFUSALS", 5),
    ):
        monkeypatch.setattr(f"bot.connection.pacing.{name}", value)
    inbox, heard, source = Inbox(engine), Heard(), BringsLater([[text(1, "break"), text(2, "after")]])
    async with taking(engine, inbox, heard, source) as emulator, open_town(emulator.url) as town:
        await town.suffers({"kind": "5xx", "method": "sendMessage"})
        source.may_bring.set()
        await until_handled(inbox, heard, 2)
    assert (heard.texts, await inbox.unhandled()) == (["break", "after"], [])
