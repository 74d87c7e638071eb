"""What people pass on: messages and contacts of others; and captions that they change."""

import io

import pytest
from PIL import Image
from telegram import (
    Bot,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from emulator.person import Channel, Person, RefusedError, Town


async def _latest(bot: Bot) -> Message:
    message = (await bot.get_updates())[-1].effective_message
    assert message is not None
    return message


def _picture() -> tuple[str, bytes]:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "pink").save(content, "PNG")
    return "spot.png", content.getvalue()


async def test_forwarded_message_tells_who_wrote_it(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam", username="sam_writes")
    await ana.says("is this cancer?", forwarded_from=sam)
    message = await _latest(bot)
    assert message.text == "is this cancer?"
    assert message.from_user is not None
    assert message.from_user.id == ana.id
    assert isinstance(message.forward_origin, MessageOriginUser)
    assert (message.forward_origin.sender_user.id, message.forward_origin.sender_user.username) == (
        sam.id,
        "sam_writes",
    )


async def test_hidden_account_shows_only_a_name(bot: Bot, ana: Person) -> None:
    await ana.says("hello", forwarded_from="Somebody")
    origin = (await _latest(bot)).forward_origin
    assert isinstance(origin, MessageOriginHiddenUser)
    assert origin.sender_user_name == "Somebody"


async def test_forwarded_photo_tells_which_channel_posted_it(bot: Bot, ana: Person) -> None:
    await ana.sends_files("photo", [_picture()], "look", forwarded_from=Channel("Skin news"))
    message = await _latest(bot)
    assert (message.caption, message.photo[-1].width) == ("look", 60)
    origin = message.forward_origin
    assert isinstance(origin, MessageOriginChannel)
    assert (origin.chat.type, origin.chat.title) == ("channel", "Skin news")


async def test_every_photo_of_a_forwarded_album_tells_whose_it_is(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    await ana.sends_files("photo", [_picture(), _picture()], forwarded_from=sam)
    origins = [update.message.forward_origin for update in (await bot.get_updates())[1:] if update.message]
    assert [isinstance(origin, MessageOriginUser) and origin.sender_user.id for origin in origins] == [sam.id, sam.id]


async def test_nameless_administrators_of_a_group_write_as_the_group(bot: Bot, ana: Person, town: Town) -> None:
    group = await town.group("Friends", ana, kind="supergroup")
    await ana.says("be kind", forwarded_from=group)
    origin = (await _latest(bot)).forward_origin
    assert isinstance(origin, MessageOriginChat)
    assert (origin.sender_chat.id, origin.sender_chat.title) == (group, "Friends")
    with pytest.raises(RefusedError, match="There is no group -1"):
        await ana.says("be kind", forwarded_from=-1)


async def test_answer_to_a_forwarded_message_carries_its_origin(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    await ana.says("/ban", reply_to=await ana.says("rude words", forwarded_from=sam))
    replied = (await _latest(bot)).reply_to_message
    assert replied is not None
    assert isinstance(replied.forward_origin, MessageOriginUser)
    assert replied.forward_origin.sender_user.id == sam.id


async def test_message_of_nobody_can_not_be_forwarded(ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    sam.id = 42
    with pytest.raises(RefusedError, match="There is no user 42"):
        await ana.says("hello", forwarded_from=sam)


async def test_contact_of_somebody_on_telegram_has_their_id(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    await ana.shares_contact("+1 555 0100", "Sam", sam.id)
    contact = (await _latest(bot)).contact
    assert contact is not None
    assert contact.user_id == sam.id
    await ana.shares_contact("+1 555 0101", "Eve")
    stranger = (await _latest(bot)).contact
    assert stranger is not None
    assert stranger.user_id is None


async def test_caption_is_changed_and_taken_away_but_the_photo_stays(bot: Bot, ana: Person) -> None:
    sent = await ana.sends_photo(_picture(), caption="see /help")
    await ana.edits(sent, "see @somebody")
    changed = await _latest(bot)
    assert (changed.caption, [entity.type for entity in changed.caption_entities]) == ("see @somebody", ["mention"])
    assert changed.edit_date is not None
    await ana.edits(sent, "")
    bare = await _latest(bot)
    assert (bare.caption, bare.caption_entities) == (None, ())
    assert bare.photo[-1].width == 60


async def test_text_has_no_caption_and_a_caption_has_a_limit(ana: Person) -> None:
    photo, place = await ana.sends_photo(_picture()), await ana.shares_location(47.8, 13.0)
    await ana.edits(photo, "x" * 4096)
    with pytest.raises(RefusedError, match="at most 4096"):
        await ana.edits(photo, "x" * 4097)
    with pytest.raises(RefusedError, match="no caption"):
        await ana.edits(place, "my town")
