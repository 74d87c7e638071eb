"""After a crash an update may come twice: an answer that was sent is neither sent again nor held back."""

import asyncio

from tests.bot.desk import Desk, Done
from tests.bot.test_blanking import MODERATOR, OWNER, SAM, desk

__all__ = ["desk"]


async def shown_to(desk: Desk, user_id: int) -> dict[str, object]:
    """What a moderator replies to."""
    await desk.hears(user_id, text="/inbox")
    ((chat_id, message_id),) = [one for one in await desk.services.feedback.copies_of(SAM) if one[0] == user_id]
    return {"message_id": message_id, "date": 1_795_000_000, "chat": {"id": chat_id, "type": "private"}, "text": "?"}


def to_sam(done: list[Done]) -> list[str]:
    return [one.text for one in done if one.chat_id == SAM]


async def test_answer_whose_update_comes_twice_is_sent_once(desk: Desk) -> None:
    item = await shown_to(desk, OWNER)
    assert len(to_sam(await desk.hears(OWNER, text="We know.", reply_to_message=item))) == 1
    again = await desk.hears(OWNER, text="We know.", reply_to_message=item)
    assert to_sam(again) == []
    assert [one.text for one in again] == ["The answer to message 1 was sent."]


async def test_of_two_answers_in_the_same_moment_one_is_held_back(desk: Desk) -> None:
    first, second = await shown_to(desk, OWNER), await shown_to(desk, MODERATOR)
    await asyncio.gather(
        desk.hears(OWNER, text="Yes, do.", reply_to_message=first),
        desk.hears(MODERATOR, text="No, never.", reply_to_message=second),
    )
    assert len(to_sam(desk.recorder.done)) == 1
