"""Texts, places, contacts, replies, keyboards and deletions, with python-telegram-bot as the bot."""

import time
from datetime import UTC, datetime

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ChatAction, ReactionEmoji
from telegram.error import BadRequest, Forbidden

from emulator.person import Person, Town
from emulator.reactions import EMOJI
from emulator.server import RunningEmulator
from tests.emulator.asking import Ask


async def test_every_kind_of_message_comes_back_as_sent(bot: Bot, ana: Person) -> None:
    text = await bot.send_message(ana.id, "hi", link_preview_options=LinkPreviewOptions(is_disabled=True))
    assert (text.text, text.chat.id, text.from_user and text.from_user.id) == ("hi", ana.id, bot.id)
    location = (await bot.send_location(ana.id, 47.8, 13.04)).location
    assert location is not None
    assert (location.latitude, location.longitude) == (47.8, 13.04)
    venue = (await bot.send_venue(ana.id, 47.8, 13.04, title="Dr. Haut", address="Gasse 1")).venue
    assert venue is not None
    assert (venue.title, venue.address, venue.location.latitude) == ("Dr. Haut", "Gasse 1", 47.8)
    contact = (await bot.send_contact(ana.id, "+43 1", "Eva")).contact
    assert contact is not None
    assert (contact.phone_number, contact.first_name) == ("+43 1", "Eva")


async def test_message_ids_grow_over_all_chats(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    first = await sam.says("hello")
    answer = await bot.send_message(sam.id, "a")
    other = await bot.send_message(ana.id, "b")
    assert first["message_id"] + 2 == answer.message_id + 1 == other.message_id


async def test_somebody_who_never_wrote_cannot_be_written_to(bot: Bot, town: Town) -> None:
    stranger = await town.newcomer()
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.id, "hi")
    await stranger.says("hello")
    assert await bot.send_message(stranger.id, "hi")


async def test_blocked_bot_is_forbidden_until_the_person_writes_again(bot: Bot, ana: Person) -> None:
    await ana.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "hi")
    changes = [update.my_chat_member for update in await bot.get_updates() if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked"]
    await ana.says("back again")
    assert await bot.send_message(ana.id, "hi")


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "  \n "}, "text must be non-empty"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "\ud83d"}, "strings must be encoded in UTF-8"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "é" * 33}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "b"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "b"}]]}},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [["b"]]}},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "b", "url": "nowhere"}]]}},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "reply_markup": {"keyboard": [[1]]}},
            "can't parse keyboard button: KeyboardButton must be a String or an Object",
        ),
        ({"text": "x", "reply_markup": {"keyboard": [[{"text": ""}]]}}, "button text must be non-empty"),
        ({"text": "x", "reply_markup": "{"}, 'can\'t parse parameter "reply_markup" as JSON'),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [{"text": "b"}]}},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
    ],
)
async def test_message_that_telegram_refuses_is_refused(
    ask: Ask, ana: Person, params: dict[str, object], description: str
) -> None:
    answer = await ask("sendMessage", chat_id=ana.id, **params)
    assert answer["description"] == f"Bad Request: {description}"


async def test_length_counts_after_formatting(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(message.text or "") == 4096


async def test_callback_data_may_have_64_bytes(bot: Bot, ana: Person) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="é" * 32)]])
    assert (await bot.send_message(ana.id, "x", reply_markup=markup)).reply_markup == markup


async def test_reply_shows_what_it_answers(bot: Bot, ana: Person) -> None:
    asked = await ana.says("which one?", reply_to=await ana.says("a spot"))
    answer = await bot.send_message(ana.id, "this", reply_parameters=ReplyParameters(asked["message_id"]))
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "which one?"
    assert answer.reply_to_message.reply_to_message is None


async def test_reply_to_a_deleted_message_may_be_sent_without(bot: Bot, ana: Person) -> None:
    gone = ReplyParameters(12345, allow_sending_without_reply=True)
    assert (await bot.send_message(ana.id, "still", reply_parameters=gone)).reply_to_message is None


async def test_moment_is_shown_in_the_time_of_whoever_reads(bot: Bot, ana: Person) -> None:
    moment = MessageEntity("date_time", 0, 4, unix_time=datetime(2026, 11, 23, 12, tzinfo=UTC), date_time_format="Dt")
    assert (await bot.send_message(ana.id, "Noon", entities=[moment])).entities == (moment,)
    (seen,) = (await ana.waits_for("Noon"))["entities"]
    assert (seen["unix_time"], seen["date_time_format"]) == (1_795_435_200, "Dt")


async def test_reply_keyboard_stays_until_removed(bot: Bot, ana: Person) -> None:
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Here", request_location=True), "No"]], resize_keyboard=True)
    message = await bot.send_message(ana.id, "where?", reply_markup=keyboard)
    assert message.reply_markup is None  # the Bot API shows only inline keyboards in messages
    shown = (await ana.chat())["reply_keyboard"]
    assert shown["keyboard"] == [[{"text": "Here", "request_location": True}, {"text": "No"}]]
    await ana.says("No")
    assert (await ana.chat())["reply_keyboard"] == shown
    await bot.send_message(ana.id, "ok", reply_markup=ReplyKeyboardRemove())
    assert (await ana.chat())["reply_keyboard"] is None


async def test_one_time_keyboard_vanishes_when_used(bot: Bot, ana: Person) -> None:
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Here", request_location=True)]], one_time_keyboard=True)
    await bot.send_message(ana.id, "where?", reply_markup=keyboard)
    await ana.says("wait")
    assert (await ana.chat())["reply_keyboard"] is not None
    await ana.shares_location(47.8, 13.04)
    assert (await ana.chat())["reply_keyboard"] is None


async def test_chat_action_shows_until_the_next_message(bot: Bot, ana: Person) -> None:
    await bot.send_chat_action(ana.id, ChatAction.UPLOAD_PHOTO)
    assert (await ana.chat())["action"] == "upload_photo"
    assert (await ana.waits_for_event("chat_action"))["action"] == "upload_photo"
    await bot.send_message(ana.id, "done")
    assert (await ana.chat())["action"] is None
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(ana.id, "dancing")


async def test_deleted_messages_are_gone_for_both(bot: Bot, ana: Person) -> None:
    mine = await bot.send_message(ana.id, "mine")
    hers = await ana.says("hers")
    assert await bot.delete_message(ana.id, hers["message_id"])
    assert await bot.delete_messages(ana.id, [mine.message_id, 999_999])
    assert [message.get("text") for message in await ana.messages()] == ["/start"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ana.id, mine.message_id)


async def test_bot_deletes_neither_old_messages_nor_those_of_others_in_a_group(
    emulator: RunningEmulator, bot: Bot, ana: Person, town: Town
) -> None:
    old = (await bot.send_message(ana.id, "old")).to_dict() | {"date": int(time.time()) - 49 * 3600}
    emulator.world.messages.save(old)
    group = await town.group("Skin", ana)
    hers = await ana.says("/help", chat_id=group)
    for chat_id, message_id in ((ana.id, old["message_id"]), (group, hers["message_id"])):
        with pytest.raises(BadRequest, match="Message can't be deleted"):
            await bot.delete_message(chat_id, message_id)


async def test_forwarded_message_tells_its_origin_and_a_copy_does_not(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam")
    await sam.says("hello")
    spot = await ana.says("my spot")
    forwarded = await bot.forward_message(sam.id, ana.id, spot["message_id"])
    assert forwarded.text == "my spot"
    assert forwarded.forward_origin is not None
    copied = await bot.copy_message(sam.id, ana.id, spot["message_id"])
    texts = {message["message_id"]: message for message in await sam.messages()}
    assert texts[copied.message_id]["text"] == "my spot"
    assert "forward_origin" not in texts[copied.message_id]


async def test_protected_message_cannot_be_passed_on(bot: Bot, ana: Person) -> None:
    secret = await bot.send_message(ana.id, "secret", protect_content=True)
    with pytest.raises(BadRequest, match="can't be copied"):
        await bot.copy_message(ana.id, ana.id, secret.message_id)
    with pytest.raises(BadRequest, match="can't be forwarded"):
        await bot.forward_message(ana.id, ana.id, secret.message_id)


async def test_reaction_of_the_bot_is_seen(bot: Bot, ana: Person) -> None:
    message = await ana.says("thanks")
    await bot.set_message_reaction(ana.id, message["message_id"], ReactionTypeEmoji("👍"))
    assert (await ana.chat())["reactions"] == {str(message["message_id"]): [{"type": "emoji", "emoji": "👍"}]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(ana.id, message["message_id"], "🍏")


def test_reactions_are_those_that_python_telegram_bot_knows() -> None:
    assert {emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji} == EMOJI


async def test_chat_and_member_are_described(bot: Bot, ana: Person) -> None:
    chat = await bot.get_chat(ana.id)
    assert (chat.first_name, chat.type) == ("Ana", "private")
    assert (await bot.get_chat_member(ana.id, ana.id)).status == "member"
    with pytest.raises(BadRequest, match="Participant_id_invalid"):
        await bot.get_chat_member(ana.id, 42)


async def test_things_people_send_arrive_with_their_details(bot: Bot, ana: Person) -> None:
    live = await ana.shares_location(47.8, 13.04, live_period_s=900)
    await ana.moves(live, 47.9, 13.05)
    await ana.shares_venue(47.8, 13.04, "Home")
    await ana.shares_contact("+43 1", "Eva")
    first, moved, venue, contact = (await bot.get_updates())[1:]
    assert first.message is not None
    assert first.message.location is not None
    assert moved.edited_message is not None
    assert moved.edited_message.location is not None
    assert moved.edited_message.location.latitude == 47.9
    assert venue.message is not None
    assert venue.message.venue is not None
    assert contact.message is not None
    assert contact.message.contact is not None


async def test_edited_text_of_a_person_comes_as_edited_message(bot: Bot, ana: Person) -> None:
    await ana.edits(await ana.says("/strat now"), "/start now")
    edited = (await bot.get_updates())[-1].edited_message
    assert edited is not None
    assert edited.text == "/start now"
    assert [entity.type for entity in edited.entities] == ["bot_command"]
    assert edited.edit_date is not None


async def test_who_has_deleted_the_account_is_written_to_no_more(ask: Ask, ana: Person, bot: Bot) -> None:
    mine = (await bot.send_message(ana.id, "mine")).message_id
    await ana.deletes_the_account()
    for method, params in (
        ("sendMessage", {"text": "hello"}),
        ("editMessageText", {"message_id": mine, "text": "hello"}),
        ("deleteMessage", {"message_id": mine}),
        ("deleteMessages", {"message_ids": [mine]}),
    ):
        answer = await ask(method, chat_id=ana.id, **params)
        assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")


async def test_person_is_not_found_by_a_public_name(bot: Bot, town: Town) -> None:
    """Only groups and channels are."""
    await (await town.newcomer("Rosa", username="rosa_public")).says("/start")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message("@rosa_public", "hello")
