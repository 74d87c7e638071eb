"""A person and a bot made with python-telegram-bot talk to each other."""

import io

import pytest
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from emulator.person import Person, Town
from emulator.server import RunningEmulator


async def _greet(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
    await update.message.reply_text(f"You said {update.message.text}", reply_markup=buttons)


async def _agree(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer("Good")
    await update.callback_query.edit_message_text("You said yes")


async def test_application_answers_and_edits_through_the_emulator(emulator: RunningEmulator, town: Town) -> None:
    builder = Application.builder().token(emulator.token).base_url(f"{emulator.url}/bot")
    app = builder.base_file_url(f"{emulator.url}/file/bot").build()
    app.add_handler(MessageHandler(filters.TEXT, _greet))
    app.add_handler(CallbackQueryHandler(_agree))
    ana = await town.newcomer("Ana")
    async with app:
        assert app.updater is not None
        await app.updater.start_polling()
        await app.start()
        await ana.says("hello")
        answer = await ana.waits_for("You said hello")
        await ana.presses("Yes")
        assert (await ana.waits_for_event("callback_answer"))["text"] == "Good"
        edited = await ana.waits_for("You said yes")
        assert edited["message_id"] == answer["message_id"]
        assert "reply_markup" not in edited
        await app.updater.stop()
        await app.stop()


async def test_waiting_in_vain_shows_the_end_of_the_chat(ana: Person, bot: Bot) -> None:
    await bot.send_message(ana.id, "something else")
    with pytest.raises(
        AssertionError, match=r"Ana waited 0.05 s for a message with “answer”(.|\n)*bot: something else"
    ):
        await ana.waits_for("answer", timeout_s=0.05)


async def test_photo_of_a_person_reaches_the_bot_in_several_sizes(ana: Person, bot: Bot) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2000, 1000), "pink").save(picture, "PNG")
    await ana.sends_photo(("lesion.png", picture.getvalue()), caption="look")
    updates = await bot.get_updates()
    message = updates[-1].message
    assert message is not None
    assert message.caption == "look"
    assert [(size.width, size.height) for size in message.photo] == [(90, 45), (320, 160), (800, 400), (1280, 640)]
    file = await bot.get_file(message.photo[-1].file_id)
    content = bytes(await file.download_as_bytearray())
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (1280, 640))
