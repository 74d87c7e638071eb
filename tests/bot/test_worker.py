"""A worker, on its way between two photos."""

import asyncio

from bot.connection.reach import Reach
from bot.metrics import Metrics
from bot.parts import meanwhile, telegram_builder
from bot.settings import Settings
from bot.worker import hear_of
from emulator.server import running_emulator


class Heard(Reach):
    """Tells that Telegram has answered."""

    def __init__(self) -> None:
        super().__init__(Metrics())
        self.is_heard = asyncio.Event()

    def answered(self) -> None:
        super().answered()
        self.is_heard.set()


async def test_worker_without_work_goes_on_hearing_whether_telegram_answers() -> None:
    reach = Heard()
    async with running_emulator() as emulator:
        settings = Settings(bot_token=emulator.token, telegram_api_url=emulator.url, _env_file=None)
        async with telegram_builder(settings, reach).build().bot as bot, meanwhile(hear_of(bot, every_s=0.01)):
            for _ in range(3):
                reach.is_heard.clear()
                await asyncio.wait_for(reach.is_heard.wait(), 10)
