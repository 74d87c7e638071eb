"""What a reply does to the message whose place it takes."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
from telegram.error import BadRequest

from bot.delivery import Replaced, formatted, replace
from bot.render.reply import Reply

if TYPE_CHECKING:
    from telegram.ext import ExtBot


@pytest.mark.parametrize(
    ("markdown", "text"), [("# Title", "Title"), ("## 😀 Title", "😀 Title"), ("__Title__", "Title")]
)
def test_heading_is_bold_and_nothing_else(markdown: str, text: str) -> None:
    said, (entity,) = formatted(markdown)
    assert (said, entity.type, entity.offset) == (text, "bold", 0)
    assert entity.length == len(text.encode("utf-16-le")) // 2


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


@pytest.mark.parametrize(("is_anew", "sent"), [(True, ["Here"]), (False, [])])
@pytest.mark.parametrize("reason", ["Message to edit not found", "Message can't be edited", "MESSAGE_ID_INVALID"])
async def test_reply_whose_message_is_gone_is_sent_only_where_that_is_wished(
    reason: str, sent: list[str], *, is_anew: bool
) -> None:
    class Gone:
        sent: ClassVar[list[str]] = []

        async def edit_message_text(self, *_: object, **__: object) -> None:
            raise BadRequest(reason)

        async def send_message(self, _chat_id: int, text: str, **_: object) -> None:
            self.sent.append(text)

    assert await replace(cast("ExtBot[int]", Gone()), 7, 8, Reply("Here"), is_anew=is_anew) is Replaced.GONE
    assert Gone.sent == sent
