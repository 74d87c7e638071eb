"""Edits of the bot's messages and answers to pressed buttons."""

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest

from emulator.person import Person, RefusedError
from emulator.settings import Settings
from tests.emulator.asking import Ask, emulator_with
from tests.emulator.pictures import picture

BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


async def test_edit_changes_the_message_and_drops_its_buttons(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, "one", reply_markup=BUTTON)
    edited = await bot.edit_message_text("two", ana.id, message.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.message_id, edited.reply_markup) == ("two", message.message_id, None)
    assert edited.edit_date is not None
    seen = await ana.waits_for("two")
    assert "reply_markup" not in seen


async def test_text_message_becomes_a_picture(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, "Looking…")
    photo = InputMediaPhoto(picture(400, 300), caption="<b>Result</b>", parse_mode="HTML")
    edited = await bot.edit_message_media(photo, ana.id, message.message_id, reply_markup=BUTTON)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.caption, edited.reply_markup) == (None, "Result", BUTTON)
    assert (edited.photo[-1].width, edited.photo[-1].height) == (400, 300)
    caption = await bot.edit_message_caption(ana.id, message.message_id, caption="Other")
    assert not isinstance(caption, bool)
    assert (caption.caption, caption.photo) == ("Other", edited.photo)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("text", ana.id, message.message_id)


async def test_same_picture_once_more_is_no_edit_though_it_is_uploaded_anew(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, "Looking…")
    photo = InputMediaPhoto(picture(400, 300), caption="Result")
    await bot.edit_message_media(photo, ana.id, message.message_id, reply_markup=BUTTON)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(photo, ana.id, message.message_id, reply_markup=BUTTON)
    assert await bot.edit_message_media(photo, ana.id, message.message_id)
    assert await bot.edit_message_media(InputMediaPhoto(picture(300, 400)), ana.id, message.message_id)


async def test_buttons_alone_can_be_changed(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, "one")
    edited = await bot.edit_message_reply_markup(ana.id, message.message_id, reply_markup=BUTTON)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("one", BUTTON)


async def test_edit_that_changes_nothing_is_refused(ask: Ask, ana: Person) -> None:
    markup = BUTTON.to_dict()
    sent = await ask("sendMessage", chat_id=ana.id, text="*one*", parse_mode="MarkdownV2", reply_markup=markup)
    same = {"chat_id": ana.id, "message_id": sent["result"]["message_id"], "text": "<b>one</b>", "parse_mode": "HTML"}
    answer = await ask("editMessageText", **same, reply_markup=markup)
    assert answer["description"] == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )
    assert (await ask("editMessageText", **same))["ok"] is True


async def test_messages_that_cannot_be_edited(bot: Bot, ana: Person) -> None:
    hers = await ana.says("hers")
    place = await bot.send_location(ana.id, 1, 1)
    for message_id, complaint in ((hers["message_id"], "Message can't be edited"), (999, "Message to edit not found")):
        with pytest.raises(BadRequest, match=complaint):
            await bot.edit_message_text("new", ana.id, message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ana.id, (await bot.send_message(ana.id, "text")).message_id, caption="new")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_media(InputMediaPhoto(picture(9, 9)), ana.id, place.message_id)


@pytest.mark.parametrize("markup", [ReplyKeyboardMarkup([["Here"]]), ReplyKeyboardRemove(), ForceReply()])
async def test_message_that_came_with_other_keys_than_buttons_cannot_be_edited(
    bot: Bot, ana: Person, markup: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply
) -> None:
    message = await bot.send_message(ana.id, "Where?", reply_markup=markup)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("There", ana.id, message.message_id)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_reply_markup(ana.id, message.message_id, reply_markup=BUTTON)


async def test_live_location_is_stopped_and_everything_else_is_refused(bot: Bot, ana: Person) -> None:
    live = await bot.send_location(ana.id, 1, 2, live_period=60)
    stopped = await bot.stop_message_live_location(ana.id, live.message_id)
    assert not isinstance(stopped, bool)
    assert stopped.location is not None
    assert (stopped.location.latitude, stopped.location.live_period) == (1, None)
    hers = (await ana.says("hers"))["message_id"]
    ours = (await bot.send_message(ana.id, "ours", reply_markup=BUTTON)).message_id
    no_place = "There is no live location in the message to edit"
    for message_id, complaint in ((live.message_id, no_place), (ours, no_place), (hers, "Message can't be edited")):
        with pytest.raises(BadRequest, match=complaint):
            await bot.stop_message_live_location(ana.id, message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.stop_message_live_location(ana.id, ours + 1)


async def test_edited_caption_is_measured_after_formatting(ask: Ask, bot: Bot, ana: Person) -> None:
    message = await bot.send_photo(ana.id, picture(40, 30))
    where = {"chat_id": ana.id, "message_id": message.message_id, "parse_mode": "HTML"}
    assert (await ask("editMessageCaption", **where, caption=f"<b>{'x' * 1024}</b>"))["ok"] is True
    refusal = await ask("editMessageCaption", **where, caption="x" * 1025)
    assert refusal["description"] == "Bad Request: message caption is too long"


async def test_pressed_button_is_answered_with_a_notice(bot: Bot, ana: Person) -> None:
    await bot.send_message(ana.id, "Sure?", reply_markup=BUTTON)
    query_id = await ana.presses("Yes")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (query_id, "yes", ana.id)
    assert query.message is not None
    await bot.answer_callback_query(query.id, "Noted", show_alert=True)
    notice = await ana.waits_for_event("callback_answer")
    assert (notice["text"], notice["show_alert"]) == ("Noted", True)
    await bot.answer_callback_query(query.id, "Noted again")  # Telegram shows only the first answer
    with pytest.raises(AssertionError):
        await ana.waits_for_event("callback_answer", timeout_s=0)


async def test_answers_to_unknown_queries_and_long_answers_are_refused(ask: Ask) -> None:
    old = await ask("answerCallbackQuery", callback_query_id="1")
    long = await ask("answerCallbackQuery", callback_query_id="1", text="x" * 201)
    assert old["description"] == ("Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"


async def test_answer_after_the_timeout_is_refused() -> None:
    async with emulator_with(Settings(callback_timeout_s=0)) as (town, bot):
        ana = await town.newcomer()
        await ana.says("/start")
        await bot.send_message(ana.id, "Sure?", reply_markup=BUTTON)
        query_id = await ana.presses("yes")
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query_id)


async def test_press_below_a_message_that_is_gone_tells_only_where_that_stood(bot: Bot, ana: Person) -> None:
    message = await bot.send_message(ana.id, "Yes?", reply_markup=BUTTON)
    query_id = await ana.presses("Yes", is_gone=True)
    *_, update = await bot.get_updates()
    assert update.callback_query is not None
    pressed = update.callback_query.message
    assert pressed is not None
    assert (pressed.chat.id, pressed.message_id, pressed.is_accessible) == (ana.id, message.message_id, False)
    assert not {"from", "text", "reply_markup"} & set(pressed.to_dict())
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Done", ana.id, message.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ana.id, message.message_id)
    assert await bot.answer_callback_query(query_id)
    assert [message["text"] for message in await ana.messages()] == ["/start"]


async def test_button_that_is_not_there_cannot_be_pressed(bot: Bot, ana: Person) -> None:
    await bot.send_message(ana.id, "Sure?", reply_markup=BUTTON)
    shown = await ana.waits_for("Sure?")
    with pytest.raises(RefusedError, match="has no such button"):
        await ana.presses("No", shown)
    with pytest.raises(AssertionError, match="There is no button “No”"):
        await ana.presses("No")


async def test_place_that_stays_gets_other_buttons_and_nothing_else(bot: Bot, ana: Person) -> None:
    place = await bot.send_venue(ana.id, 47.8, 13.0, "Dr. Lee", "Main Street 1", reply_markup=BUTTON)
    for edit in (
        bot.edit_message_text("text", ana.id, place.message_id),
        bot.edit_message_caption(ana.id, place.message_id, caption="text"),
        bot.stop_message_live_location(ana.id, place.message_id),
    ):
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await edit
    assert await bot.edit_message_reply_markup(ana.id, place.message_id)
