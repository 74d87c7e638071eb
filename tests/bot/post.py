"""A bot that broadcasts to emulated people."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.broadcasting import Broadcasting
from bot.connection.pacing import Pacing
from bot.content import Texts
from bot.storage.broadcasts import Announcement, Broadcasts
from bot.storage.incidents import Incidents
from bot.storage.patients import Patients
from emulator.objects import JsonObject
from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY
from tests.bot.test_broadcasts import NEWS, add_patients, start
from tests.conversations.stories import shown


@dataclass(frozen=True, slots=True)
class Post:
    """A bot that broadcasts, and the emulated people around it."""

    emulator: RunningEmulator
    town: Town
    bot: ExtBot[int]
    engine: AsyncEngine
    moderator: Person
    texts: Texts

    def broadcasting(self, now: Callable[[], datetime] = lambda: NOON) -> Broadcasting:
        """As after a start of the bot."""
        return Broadcasting(
            bot=self.bot,
            broadcasts=Broadcasts(self.engine),
            patients=Patients(self.engine),
            library=LIBRARY,
            incidents=Incidents(self.engine, lambda: NOON),
            now=now,
        )

    async def people(self, count: int, blocked: int = 0) -> list[int]:
        """Registered patients, of whom the last ones block the bot, which does not know it yet."""
        accounts = self.emulator.world.accounts
        user_ids = [accounts.add_user({})["id"] for _ in range(count)]
        for user_id in user_ids:
            accounts.note_written(user_id)
        for user_id in user_ids[count - blocked :]:
            accounts.set_blocked(user_id, is_blocked=True)
        await add_patients(self.engine, user_ids)
        return user_ids

    async def start(self, news: Announcement = NEWS) -> int:
        """The moderator presses Send."""
        return await start(self.engine, news=news, moderator_id=self.moderator.id)

    def said(self, user_id: int) -> list[JsonObject]:
        """What the bot has sent to somebody."""
        return [m for m in self.emulator.world.messages.of_chat(user_id) if m["from"]["is_bot"]]

    def times_sent(self, user_ids: Iterable[int]) -> list[int]:
        """How often each of them got a message."""
        return [len(self.said(user_id)) for user_id in user_ids]

    async def until_sent(self, count: int, user_ids: Iterable[int]) -> None:
        """Wait until so many messages have arrived."""
        for _ in range(1000):
            if sum(self.times_sent(user_ids)) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{sum(self.times_sent(user_ids))} of {count} messages arrived")

    def report(self) -> str:
        """The moderator's last message."""
        return str(self.said(self.moderator.id)[-1]["text"])

    def counted(self, **counts: int) -> list[str]:
        """The lines of a report."""
        return [shown(self.texts, f"broadcast-{name}", count=count) for name, count in counts.items()]


@asynccontextmanager
async def open_post(engine: AsyncEngine) -> AsyncIterator[Post]:
    """A bot over this database."""
    async with running_emulator() as emulator, open_town(emulator.url) as town:
        bot: ExtBot[int] = ExtBot(
            emulator.token,
            base_url=f"{emulator.url}/bot",
            base_file_url=f"{emulator.url}/file/bot",
            request=HTTPXRequest(connection_pool_size=16, httpx_kwargs={"verify": False}),
            rate_limiter=Pacing(),
        )
        async with bot:
            moderator = await town.newcomer("Mo")
            await moderator.says("/broadcast")
            yield Post(emulator, town, bot, engine, moderator, LIBRARY.content.texts("en"))
