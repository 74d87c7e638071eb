"""Where what stands before the handlers breaks, nothing gets through to them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.handlers.errors import remember
from bot.menus import Menus
from bot.render.questions import Open
from bot.storage.audit import Entry
from bot.storage.bans import Bans
from bot.storage.feedback import Feedback, Message
from bot.storage.moderators import Moderators
from bot.storage.visitors import Visitor, Visitors
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, open_desk

OWNER, BANNED, ANA, SAM = range(700_000_001, 700_000_005)
PHOTO = [{"file_id": "x", "file_unique_id": "x", "width": 90, "height": 90}]


class UnknownVisitors(Visitors):
    """Those whom the database can't be asked about."""

    async def get(self, user_id: int, now: datetime) -> Visitor:
        raise OperationalError("SELECT", None, Exception("away"))


class UnknownCopies(Feedback):
    """Feedback of which the database can't be asked where it was shown."""

    async def by_copy(self, chat_id: int, message_id: int) -> Message | None:
        raise OperationalError("SELECT", None, Exception("away"))


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        services = desk.services
        for person in (OWNER, BANNED, ANA, SAM):
            await desk.registers(person)
        await services.bans.ban(BANNED, "shouting", None, Entry(OWNER, "ban", NOON, BANNED))
        yield desk


async def test_photo_is_not_handled_where_the_ban_of_its_sender_cannot_be_looked_up(desk: Desk) -> None:
    unknown = UnknownVisitors(desk.engine, Moderators(desk.engine, frozenset()), Bans(desk.engine))
    desk.application.bot_data["services"] = replace(desk.services, visitors=unknown)
    before = await desk.rows()
    with pytest.raises(OperationalError):
        await desk.hears(BANNED, photo=PHOTO)
    assert desk.recorder.done == []
    assert await desk.rows() == before


@pytest.mark.parametrize("name", ["edited_message", "business_message"])
@pytest.mark.parametrize("said", [{"text": "/delete"}, {"photo": PHOTO}], ids=["command", "photo"])
async def test_what_was_not_asked_for_is_passed_over(desk: Desk, name: str, said: dict[str, object]) -> None:
    before = await desk.rows()
    assert await desk.gets(name, ANA, said) == []
    assert await desk.rows() == before


async def test_menu_that_telegram_does_not_take_now_is_shown_with_a_later_update(desk: Desk) -> None:
    now_s = 0.0
    desk.application.bot_data["services"] = replace(desk.services, menus=Menus(lambda: now_s))
    async with open_town(desk.emulator.url) as town:
        await town.suffers({"kind": "429", "method": "setMyCommands", "retry_after": 900})
        for asked_s in (0.0, 899.0):
            now_s = asked_s
            assert [done.method for done in await desk.hears(ANA, text="/history")] == ["sendMessage"]
        assert [call["status"] for call in await town.calls()].count(429) == 1  # it is not asked again so long
        await town.suffers()
        now_s = 901.0
        await desk.hears(ANA, text="/history")
    assert desk.emulator.world.commands.get(f"chat:{ANA}", "") != []


async def test_reply_to_one_patient_that_breaks_answers_no_question_about_another(desk: Desk) -> None:
    services = desk.services
    to_sam = await services.feedback.add(SAM, "I wait since Monday", NOON)
    await services.feedback.add(ANA, "Thank you", NOON)
    await services.drafts.put(OWNER, {"feedback": to_sam})
    desk.stands(OWNER, Open.FEEDBACK_ANSWER)
    desk.application.bot_data["services"] = replace(services, feedback=UnknownCopies(desk.engine))
    before = (await desk.rows())["feedback"]
    about_ana = {"message_id": 7, "date": 1_795_000_000, "chat": {"id": OWNER, "type": "private"}, "text": "Thank you"}
    with pytest.raises(OperationalError):
        await desk.hears(OWNER, text="You are welcome, Ana", reply_to_message=about_ana)
    assert desk.recorder.done == []
    assert (await desk.rows())["feedback"] == before


async def test_what_breaks_outside_of_updates_is_an_incident(desk: Desk) -> None:
    assert remember in desk.application.error_handlers
    assert await desk.application.process_error(None, ValueError("a task"))
    assert [row.kind for row in (await desk.rows())["incidents"]] == ["ValueError"]
    assert desk.services.failures == {}
