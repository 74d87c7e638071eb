"""How a photo ends that no process survives; and that one case is answered by one worker."""

from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.parts import alerts_to, answering_on, instruments
from bot.settings import Settings
from bot.storage.tables import cases
from bot.workers import SET_ASIDE, Seen, Workers
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, ROOT, open_desk
from tests.conversations.stories import shown

OWNER_ID = 600_000_001
TEXTS = LIBRARY.content.by_language["en"]
PHOTO = ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg"


class DeadlyPool:
    """Stands in for processes that all end with this photo; test_workers.py has how they do."""

    count = 1

    async def see(self, *_: object) -> Seen:
        return Seen(None, None, SET_ASIDE)


class BrokenPool(DeadlyPool):
    """Stands in for processes that a bug keeps from looking at photos."""

    async def see(self, *_: object) -> Seen:
        raise ValueError("a bug")


async def _answered(engine: AsyncEngine, pool: DeadlyPool) -> tuple[list[str], list[str], str]:
    """Return what the sender of a photo and the owner then read, and how the case ended."""
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        owner, eva = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Eva")
        await owner.says("/start")
        photo, bot = await eva.sends_photo(PHOTO), desk.application.bot
        progress = await bot.send_message(eva.id, "Looking")
        file_id = photo["photo"][-1]["file_id"]
        case = await desk.services.cases.open(eva.id, eva.id, photo["message_id"], file_id, NOON)
        assert case is not None
        await desk.services.cases.promise(case.case_id, progress.message_id)
        settings = Settings(bot_token=desk.emulator.token, owner_ids=frozenset({OWNER_ID}), _env_file=None)
        by = instruments(settings, engine)
        alerts = alerts_to(settings, engine, bot, LIBRARY, by.metrics)
        answering = answering_on(engine, alerts, bot, LIBRARY, cast("Workers", pool), by)
        for _ in range(2):  # a job that comes again finds the case closed
            await answering.answer_or_apologise(case.case_id, 0)
        told = [str(message["text"]) for message in await eva.messages() if "text" in message]
        alarms = [str(message["text"]) for message in (await owner.messages())[1:]]
        assert str(eva.id) not in "".join(alarms)
        async with engine.connect() as connection:
            return told, alarms, (await connection.execute(cases.select())).one().outcome


async def test_photo_that_ends_workers_is_set_aside_its_sender_told_and_an_owner(engine: AsyncEngine) -> None:
    told, (alarm,), outcome = await _answered(engine, DeadlyPool())
    assert told == [f"{shown(TEXTS, 'declined-set-aside')}\n\n{shown(TEXTS, 'declined-red-flags')}"]
    assert alarm.startswith("A photo was set aside:")
    assert outcome == "set_aside"


async def test_photo_that_fails_gets_an_apology_and_when_to_see_a_doctor_without_one(engine: AsyncEngine) -> None:
    (told,), alarms, outcome = await _answered(engine, BrokenPool())
    before, after = shown(TEXTS, "our-fault", incident="|").split("|")
    assert told.startswith(before)
    assert told.endswith(after)
    assert (alarms, outcome) == ([], "failed")
