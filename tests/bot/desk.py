"""The bot's handlers over a database and an emulator, without intake: one update in, what the bot did out."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes
from telegram.request import HTTPXRequest, RequestData

from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence, Unmarking
from bot.directory.places import Places
from bot.handlers import add_handlers
from bot.library import Library
from bot.render.questions import Open, Step
from bot.services import services_on
from bot.storage.conversations import Conversations
from bot.storage.inbox import Finished, Inbox
from bot.storage.maintenance import Maintenance
from bot.storage.tables import metadata
from emulator.server import RunningEmulator, running_emulator
from emulator.settings import Limits, Settings
from tests.bot.conftest import NOON, let_nothing_go

ROOT = Path(__file__).parents[2]
_AS_READ = Library(ROOT / "content", ROOT / "models")
LIBRARY = copy(_AS_READ)
UNHURRIED = Settings(limits=Limits(1e6, 1e6, 1e6, 1e6))
_LOOKING_AROUND = {"getMe", "setMyCommands", "deleteMyCommands", "sendChatAction", "getFile"}


@dataclass(frozen=True, slots=True)
class Done:
    """A request of the bot: its method, and what somebody reads of it."""

    method: str
    chat_id: int | None
    text: str


class Recorder(HTTPXRequest):
    """Sends requests, and remembers those that somebody notices."""

    def __init__(self) -> None:
        super().__init__(connection_pool_size=8)
        self.done: list[Done] = []

    async def do_request(  # type: ignore[override]  # what is left out here is passed on as it comes
        self, url: str, method: str, request_data: RequestData | None = None, **more: object
    ) -> tuple[int, bytes]:
        """Remember a request and send it."""
        name = url.rpartition("/")[2]
        if name not in _LOOKING_AROUND:
            said: Mapping[str, Any] = request_data.parameters if request_data else {}
            chat_id = int(said["chat_id"]) if "chat_id" in said else None
            words = str(said.get("text") or said.get("caption") or "")
            self.done.append(Done(name, chat_id, words))
        return await super().do_request(url, method, request_data, **cast("dict[str, Any]", more))


@dataclass
class Desk:
    """Where updates are handed in."""

    application: LentigoApplication
    services: Services
    engine: AsyncEngine
    emulator: RunningEmulator
    recorder: Recorder
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def newcomer(self, user_id: int, language_code: str = "en") -> None:
        """Let somebody exist at Telegram, who has written to the bot."""
        profile = {"id": user_id, "first_name": "Robin", "username": f"robin_{user_id}", "language_code": language_code}
        self.emulator.world.accounts.add_user(profile)
        self.emulator.world.accounts.note_written(user_id)

    async def registers(self, user_id: int, language: str = "en", *, has_consent: bool = True) -> None:
        """Let somebody exist at Telegram, who is a registered patient."""
        self.newcomer(user_id, language)
        patients = self.services.patients
        await patients.speak(user_id, language, NOON)
        if has_consent:
            await patients.consent(user_id, self.services.content.consent_version, NOON)
        await patients.register(user_id, NOON)

    async def hears(self, user_id: int, kind: str = "private", **message: object) -> list[Done]:
        """Handle a message of somebody in a chat of this kind."""
        return await self.gets("channel_post" if kind == "channel" else "message", user_id, message, kind)

    async def gets(self, name: str, user_id: int, message: Mapping[str, object], kind: str = "private") -> list[Done]:
        """Handle an update of this name that holds a message of somebody, such as one that was edited."""
        chat = _chat(user_id, kind)
        number = next(self.numbers)
        head = {"message_id": 1_000_000 + number, "date": 1_795_000_000, "chat": chat, "from": self._user(user_id)}
        return await self._handle({"update_id": number, name: head | _with_entities(message)})

    async def presses(self, user_id: int, data: str, kind: str = "private", **message: object) -> list[Done]:
        """Handle a press on a button that says this, whether there is one or not."""
        chat = _chat(user_id, kind)
        number = next(self.numbers)
        bot = {"id": self.application.bot.id, "is_bot": True, "first_name": "Bot"}
        head = {"message_id": 1_000_000 + number, "date": 1_795_000_000, "chat": chat, "from": bot, "text": "?"}
        query = {"id": str(number), "from": self._user(user_id), "chat_instance": "1", "message": head | message}
        query["data"] = data
        return await self._handle({"update_id": number, "callback_query": query})

    def stands(self, user_id: int, state: Step | Open | None) -> None:
        """Let a question be open to somebody, or none."""
        states: dict[Any, object] = cast("Any", self.application.handlers[0][0])._conversations
        states.pop((user_id, user_id), None)
        if state is not None:
            states[user_id, user_id] = state

    async def finishes(self, user_id: int) -> None:
        """Write where somebody's conversation stands, as intake does when it is done with an update."""
        await self.application.update_persistence()
        moves = cast("SqlPersistence", self.application.persistence).take_moves(user_id)
        await Inbox(self.engine).finish([Finished(0, moves)], self.services.now())

    async def rows(self) -> dict[str, list[Any]]:
        """Return everything that the database holds."""
        async with self.engine.connect() as connection:
            return {t.name: list(await connection.execute(sa.select(t))) for t in metadata.sorted_tables}

    async def _handle(self, body: Mapping[str, Any]) -> list[Done]:
        self.recorder.done.clear()
        update = Update.de_json(json.loads(json.dumps(body)), self.application.bot)
        await self.application.process_update(update)
        if (error := self.services.failures.pop(update.update_id, None)) is not None:
            raise error
        return list(self.recorder.done)

    def _user(self, user_id: int) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.emulator.world.accounts.user(user_id))


def _chat(user_id: int, kind: str) -> Mapping[str, Any]:
    if kind == "private":
        return {"id": user_id, "type": kind, "first_name": "Robin"}
    return {"id": -user_id, "type": kind, "title": "Somewhere"}


def _with_entities(message: Mapping[str, object]) -> dict[str, object]:
    text = str(message.get("text", ""))
    if not text.startswith("/"):
        return {**message}
    command = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return {**message, "entities": [command]}


def own_library() -> Library:
    """Return a library to change; read but once, which takes a second, as nothing is changed in place."""
    return copy(_AS_READ)


def idle_services(engine: AsyncEngine, *owner_ids: int, library: Library = LIBRARY) -> Services:
    """Return what handlers call, over this database; nothing that they hand on is worked on."""
    return services_on(
        engine,
        owner_ids=frozenset(owner_ids),
        library=library,
        places=Places(""),
        maintenance=Maintenance(engine),
        answer_soon=lambda *_: None,
        let_go=let_nothing_go,
        broadcast_soon=lambda _: None,
    )


@asynccontextmanager
async def open_desk(engine: AsyncEngine, *owner_ids: int, library: Library = LIBRARY) -> AsyncIterator[Desk]:
    """A desk with these owners."""
    recorder = Recorder()
    async with running_emulator(settings=UNHURRIED) as emulator:
        builder = ApplicationBuilder().token(emulator.token).base_url(f"{emulator.url}/bot").updater(None)
        builder = builder.base_file_url(f"{emulator.url}/file/bot").request(recorder).application_class(Unmarking)
        persistence = SqlPersistence(Conversations(engine))
        built = builder.persistence(persistence).context_types(ContextTypes(context=Context)).build()
        application = cast("LentigoApplication", built)
        services = idle_services(engine, *owner_ids, library=library)
        application.bot_data["services"] = services
        add_handlers(application)
        await application.initialize()
        yield Desk(application, services, engine, emulator, recorder)
        await services.beside.stop()
        await application.shutdown()
