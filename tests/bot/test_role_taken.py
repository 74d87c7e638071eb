"""What ends with a role, and that it ends at once."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import RetryAfter

from bot.render.questions import Open
from bot.storage.audit import Entry
from bot.storage.broadcasts import Announcement
from bot.storage.moderators import Role
from emulator.person import open_town
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import Desk
from tests.bot.kinds import MODERATOR, OWNER, PATIENT, open_desk_for_all

pytestmark = on_one_database


async def test_photo_of_somebody_who_was_a_moderator_is_a_photo(engine: AsyncEngine) -> None:
    async with open_desk_for_all(engine) as desk:
        desk.stands(PATIENT, Open.BROADCAST)
        photo = {"file_id": "x", "file_unique_id": "x", "width": 90, "height": 90}
        await desk.hears(PATIENT, photo=[photo])
        assert len(await desk.services.cases.open_of(PATIENT)) == 1


async def test_role_that_is_given_again_finishes_nothing_from_before(engine: AsyncEngine) -> None:
    async with open_desk_for_all(engine) as desk:
        await desk.presses(MODERATOR, f"ban:{PATIENT}:7")
        desk.stands(MODERATOR, Open.BAN_REASON)
        await desk.hears(OWNER, text=f"/revoke {MODERATOR}")
        await desk.hears(OWNER, text=f"/grant {MODERATOR}")
        await desk.hears(MODERATOR, text="thanks for letting me back")
        assert await desk.services.bans.of(PATIENT, desk.services.now()) is None


async def broadcast_by_a_moderator(desk: Desk) -> tuple[int, list[int]]:
    """Begin one; return its number, and those of the broadcasts that are taken up from then on."""
    services, begun = desk.services, list[int]()
    desk.application.bot_data["services"] = replace(services, broadcast_soon=begun.append)
    await services.drafts.put(MODERATOR, {})
    by = Entry(MODERATOR, "broadcast", NOON)
    number = await services.broadcasts.start(Announcement("News", []), None, "en", frozenset(), by)
    assert number is not None
    return number, begun


async def test_broadcast_of_a_moderator_ends_with_the_role(engine: AsyncEngine) -> None:
    async with open_desk_for_all(engine) as desk:
        number, begun = await broadcast_by_a_moderator(desk)
        await desk.hears(OWNER, text=f"/revoke {MODERATOR}")
        assert await desk.services.broadcasts.waiting(number, 9) == []
        assert begun == [number]  # it is reported, also where an error had ended it


async def test_role_is_gone_before_its_holder_is_told_and_though_they_can_not_be(engine: AsyncEngine) -> None:
    """Else who is slowed down by Telegram, by what they send themselves, say, would be a moderator for as long."""
    async with open_desk_for_all(engine) as desk:
        number, begun = await broadcast_by_a_moderator(desk)
        async with open_town(desk.emulator.url) as town:
            await town.suffers({"kind": "429", "method": "sendMessage", "chat_id": MODERATOR, "retry_after": 3600})
            with pytest.raises(RetryAfter):
                await desk.hears(OWNER, text=f"/revoke {MODERATOR}")
        assert await desk.services.moderators.role(MODERATOR) is Role.NOBODY
        assert begun == [number]
        await desk.hears(OWNER, text=f"/revoke {MODERATOR}")  # the same again, where the answer to the first was lost
        assert begun == [number, number]
