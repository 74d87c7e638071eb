"""What a reply does to the message whose place it takes."""

from typing import TYPE_CHECKING, Any, cast

import pytest
from telegram.error import BadRequest

from bot.delivery import Replaced, replace
from bot.render.reply import Reply

if TYPE_CHECKING:
    from telegram.ext import ExtBot


async def test_words_leave_an_answer_alone_that_was_sent_before_a_kill() -> None:
    class Answered:
        async def edit_message_text(self, *_: object, **__: object) -> None:
            raise BadRequest("There is no text in the message to edit")

    outcome = await replace(cast("ExtBot[int]", Answered()), 7, 8, Reply("It was set aside"))
    assert outcome is Replaced.BEFORE


@pytest.mark.parametrize("keys", [{"is_end_of_keys": True}, {"location_button": "Here"}], ids=["gone", "shown"])
async def test_keys_under_the_text_field_are_never_lost_in_an_edit(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="only a new message"):
        await replace(cast("ExtBot[int]", None), 7, 8, Reply("Where are you?", **keys))
