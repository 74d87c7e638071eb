"""A worker, on its way between two photos."""

import asyncio

from bot.metrics import Metrics
from bot.parts import meanwhile, telegram_builder
from bot.reach import Reach
from bot.settings import Settings
from bot.worker import hear_of
from emulator.server import running_emulator


async def test_worker_without_work_goes_on_hearing_whether_telegram_answers() -> None:
    clock_s = [0.0]
    reach = Reach(Metrics(), lambda: clock_s[0])
    async with running_emulator() as emulator:
        settings = Settings(bot_token=emulator.token, telegram_api_url=emulator.url, _env_file=None)
        async with telegram_builder(settings, reach).build().bot as bot:
            clock_s[0] = 3600
            async with meanwhile(hear_of(bot, every_s=0.01)):
                async with asyncio.timeout(10):
                    while reach.silent_s:
                        await asyncio.sleep(0.01)
