"""What python-telegram-bot remembers of people."""

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.connection.reach import Reach
from bot.conversations import Unmarking
from bot.metrics import Metrics
from bot.parts import telegram_builder
from bot.settings import Settings
from tests.bot.conftest import on_one_database
from tests.bot.desk import open_desk

_MARKS = [f"_{who}_ids_to_be_{what}_in_persistence" for who in ("chat", "user") for what in ("updated", "deleted")]


@on_one_database  # which it does not ask
async def test_nobodys_number_is_kept_in_memory_of_who_wrote_or_was_erased(engine: AsyncEngine) -> None:
    async with open_desk(engine) as desk:
        desk.newcomer(7)
        await desk.hears(7, text="/start")
        desk.application.chat_data[7]["album"] = "1"
        await desk.presses(7, "delete:yes:en")
        await desk.application.update_persistence()
        assert [getattr(desk.application, name) for name in _MARKS] == [set()] * 4
        assert 7 not in desk.application.chat_data


def test_bot_is_made_so() -> None:
    settings = Settings(bot_token="1:token", _env_file=None)
    assert isinstance(telegram_builder(settings, Reach(Metrics())).build(), Unmarking)
