"""Groups and supergroups of people and the bot."""

import re

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden

from emulator.person import Person, RefusedError, Town

each_kind = pytest.mark.parametrize("kind", ["group", "supergroup"])


@each_kind
async def test_group_shows_the_bot_only_commands_and_answers_to_it(
    bot: Bot, ana: Person, town: Town, kind: str
) -> None:
    sam = await town.newcomer("Sam")
    group = await town.group("Skin", ana, sam, kind=kind)
    greeting = await bot.send_message(group, "hello all")
    shown = next(message for message in await ana.messages(group) if message["message_id"] == greeting.message_id)
    await ana.says("just chatting", chat_id=group)
    await ana.says("/help", chat_id=group)
    await ana.says("/help@another_bot", chat_id=group)
    await sam.says("me too", reply_to=shown, chat_id=group)
    texts = [update.message.text for update in await bot.get_updates() if update.message]
    assert texts == ["/start", None, "/help", "me too"]
    eve = await town.newcomer("Eve")
    members = [await bot.get_chat_member(group, user_id) for user_id in (ana.id, sam.id, bot.id, eve.id)]
    assert [member.status for member in members] == ["creator", "member", "member", "left"]


async def test_nobody_speaks_in_a_group_of_others(ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    group = await town.group("Skin", sam)
    with pytest.raises(RefusedError, match=re.escape(f"User {ana.id} is in no chat {group}.")):
        await ana.says("hello", chat_id=group)


async def test_supergroup_has_an_id_of_its_own_kind_and_is_older_than_the_bot_in_it(
    bot: Bot, ana: Person, town: Town
) -> None:
    basic, larger = await town.group("Skin", ana), await town.group("Skin and more", ana, kind="supergroup")
    assert re.fullmatch(r"-100\d{10}", str(larger))
    assert not str(basic).startswith("-100")
    made = {update.message.chat.type: update.message for update in await bot.get_updates() if update.message}
    assert made["group"].group_chat_created
    assert not made["supergroup"].group_chat_created
    assert [member.id for member in made["supergroup"].new_chat_members] == [bot.id]
    assert (await bot.get_chat(larger)).type == "supergroup"


async def test_supergroup_counts_its_own_messages(bot: Bot, ana: Person, town: Town) -> None:
    larger = await town.group("Skin and more", ana, kind="supergroup")
    numbers = [(await bot.send_message(chat_id, "hi")).message_id for chat_id in (larger, ana.id, larger)]
    assert (numbers[0], numbers[2]) == (2, 3)
    assert numbers[1] != 3
    await bot.edit_message_text("hello", larger, numbers[2])
    assert [message.get("text") for message in await ana.messages(larger)] == [None, "hi", "hello"]


@each_kind
async def test_somebody_who_is_only_in_a_group_with_the_bot_is_not_written_to(
    bot: Bot, ana: Person, town: Town, kind: str
) -> None:
    sam = await town.newcomer("Sam")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.get_chat(sam.id)
    group = await town.group("Skin", ana, sam, kind=kind)
    await sam.says("/help", chat_id=group)
    assert (await bot.get_chat(sam.id)).first_name == "Sam"
    for deed in (bot.send_message(sam.id, "hi"), bot.send_chat_action(sam.id, "typing"), bot.send_photo(sam.id, b"x")):
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await deed
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("hi", sam.id, 1)
    await sam.says("/start")
    assert await bot.send_message(sam.id, "hi")


async def test_other_kinds_of_groups_are_refused(ana: Person, town: Town) -> None:
    with pytest.raises(RefusedError, match="no kind of group “channel”"):
        await town.group("News", ana, kind="channel")
