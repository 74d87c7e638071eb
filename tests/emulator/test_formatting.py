"""Formatting that people choose for what they write."""

import pytest
from telegram import Bot, Message, MessageEntity

from emulator.objects import JsonObject
from emulator.person import Person, RefusedError
from tests.emulator.pictures import picture


async def _latest(bot: Bot) -> Message:
    message = (await bot.get_updates())[-1].effective_message
    assert message is not None
    return message


@pytest.mark.parametrize(
    "chosen",
    [
        {"type": "bold"},
        {"type": "spoiler"},
        {"type": "blockquote"},
        {"type": "text_link", "url": "https://example.org/mole"},
        {"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"},
    ],
    ids=lambda chosen: chosen["type"],
)
async def test_formatting_of_a_text_reaches_the_bot(bot: Bot, ana: Person, chosen: JsonObject) -> None:
    await ana.says("👍 mole, see @somebody", entities=[{**chosen, "offset": 3, "length": 4}])
    message = await _latest(bot)
    first, second = message.entities
    assert {name: first.to_dict()[name] for name in chosen} == chosen
    assert (message.parse_entity(first), message.parse_entity(second)) == ("mole", "@somebody")


async def test_mentioned_person_without_a_name_at_telegram_is_told_by_their_id(bot: Bot, ana: Person) -> None:
    mention = {"type": "text_mention", "offset": 4, "length": 3, "user": {"id": ana.id, "is_bot": False}}
    await ana.says("ask Ana", entities=[mention])
    (entity,) = (await _latest(bot)).entities
    assert entity.user is not None
    assert entity.user.id == ana.id


async def test_command_that_is_wholly_bold_is_still_found(bot: Bot, ana: Person) -> None:
    await ana.says("/user 123", entities=[{"type": "bold", "offset": 0, "length": 9}])
    kinds = [(entity.type, entity.length) for entity in (await _latest(bot)).entities]
    assert kinds == [(MessageEntity.BOLD, 9), (MessageEntity.BOT_COMMAND, 5)]


async def test_formatting_of_a_caption_reaches_the_bot_and_changes_with_it(bot: Bot, ana: Person) -> None:
    formatting = [{"type": "italic", "offset": 0, "length": 4}]
    files = [("spot.jpg", picture(60, 40))]
    (photo,) = await ana.sends_files("photo", files, "this spot", caption_entities=formatting)
    assert [entity.type for entity in (await _latest(bot)).caption_entities] == [MessageEntity.ITALIC]
    await ana.edits(photo, "that spot", [{"type": "underline", "offset": 5, "length": 4}])
    (changed,) = (await _latest(bot)).caption_entities
    assert (changed.type, changed.offset) == (MessageEntity.UNDERLINE, 5)


async def test_formatting_that_no_app_makes_is_refused(ana: Person) -> None:
    with pytest.raises(RefusedError, match="Unsupported type specified"):
        await ana.says("loud", entities=[{"type": "loud", "offset": 0, "length": 4}])
    with pytest.raises(RefusedError, match="ends after the end of the text"):
        await ana.says("short", entities=[{"type": "bold", "offset": 0, "length": 9}])
