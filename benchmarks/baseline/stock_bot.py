"""The baseline of responsiveness.py: the same photos with python-telegram-bot's own updater, as its examples use it."""

import asyncio
import os
from pathlib import Path

from telegram import InputMediaPhoto, Update
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from bot.content import load_content
from bot.delivery import formatted
from bot.pictures.answer import answer_picture
from bot.render.answer import answer, picture_labels
from inference.assess import Assessment, assess
from inference.model import load_model

MODEL = load_model(Path(os.environ["MODEL_DIR"]))
TEXTS = load_content(Path(os.environ["CONTENT_DIR"])).texts("en")
LABELS = picture_labels(TEXTS)
FONTS = Path(os.environ["CONTENT_DIR"]) / "fonts"


def see(photo: bytes) -> tuple[Assessment, bytes]:
    """Assess a photo and draw its picture."""
    seen = assess(photo, MODEL)
    return seen, answer_picture(seen.view_rgb, seen.heatmap, seen.heatmap_class, seen.probabilities, LABELS, FONTS)


async def help_(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer /help."""
    assert update.message is not None
    text, entities = formatted(TEXTS.page("help"))
    await update.message.reply_text(text, entities=entities)


async def photo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a photo; the work is done in a thread, so that the event loop is free."""
    assert update.message is not None
    progress = await update.message.reply_text(TEXTS.plain("looking"))
    file = await update.message.photo[-1].get_file()
    seen, picture = await asyncio.to_thread(see, bytes(await file.download_as_bytearray()))
    caption, entities = formatted(answer(seen, picture, TEXTS, None).markdown)
    await progress.edit_media(InputMediaPhoto(picture, caption=caption, caption_entities=entities))


if __name__ == "__main__":
    url = os.environ["TELEGRAM_API_URL"]
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{url}/bot")
    application = builder.base_file_url(f"{url}/file/bot").build()
    application.add_handler(CommandHandler("help", help_))
    application.add_handler(MessageHandler(filters.PHOTO, photo))
    application.run_polling()
