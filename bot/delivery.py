"""The one way out: a Reply becomes a message, or takes the place of one."""

from enum import Enum, auto
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.render.formatting import shown
from bot.render.reply import Reply

_UPLOAD_TIMEOUT_S: Final = 60
_GONE: Final = ("to edit not found", "can't be edited", "message_id_invalid")  # what Telegram says of a message


def formatted(markdown: str) -> tuple[str, list[MessageEntity]]:
    """Return the text and its entities, counted in UTF-16 units as Telegram does; headings are bold."""
    text, entities = shown(markdown)
    return text, [MessageEntity(e.type, e.offset, e.length, url=e.url) for e in entities]


async def send(bot: ExtBot[int], chat_id: int, reply: Reply, reply_to: int | None = None) -> Message:
    """Send a reply as a new message; one that replies to a message keeps to the pace of photos."""
    text, entities = formatted(reply.markdown)
    keyboard = _keyboard(reply)
    if reply.picture is None:
        return await bot.send_message(
            chat_id,
            text,
            entities=entities,
            reply_markup=keyboard,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True,
            disable_web_page_preview=True,
        )
    return await bot.send_photo(
        chat_id,
        reply.picture,
        caption=text,
        caption_entities=entities,
        reply_markup=keyboard,
        reply_to_message_id=reply_to,
        allow_sending_without_reply=True,
        write_timeout=_UPLOAD_TIMEOUT_S,
    )


async def send_file(bot: ExtBot[int], chat_id: int, name: str, content: bytes, reply: Reply) -> Message:
    """Send a file of this name, with the reply's words under it."""
    text, entities = formatted(reply.markdown)
    return await bot.send_document(
        chat_id, content, caption=text, caption_entities=entities, filename=name, write_timeout=_UPLOAD_TIMEOUT_S
    )


class Replaced(Enum):
    """What became of the message that a reply was to take the place of."""

    BEFORE = auto()  # the reply stood there already
    IN_PLACE = auto()
    GONE = auto()  # not in place, as the other one was gone: sent anew where that was wanted


async def replace(bot: ExtBot[int], chat_id: int, message_id: int, reply: Reply, *, is_anew: bool = True) -> Replaced:
    """Turn a message into the reply; doing it twice shows nothing twice.

    Args:
        bot: sends.
        chat_id: where.
        message_id: the message that is replaced.
        reply: by what.
        is_anew: whether the reply is sent where the message is gone.

    Raises:
        ValueError: the reply is about the keys under the text field, see edit.
    """
    try:
        await edit(bot, chat_id, message_id, reply)
    except BadRequest as error:
        reason = error.message.lower()
        if "not modified" in reason or "no text in the message" in reason:  # a picture stands there: the answer
            return Replaced.BEFORE
        if not any(words in reason for words in _GONE):
            raise
        if is_anew:
            await send(bot, chat_id, reply)
        return Replaced.GONE
    return Replaced.IN_PLACE


async def edit(bot: ExtBot[int], chat_id: int, message_id: int, reply: Reply) -> None:
    """Turn a message into the reply; one that is gone, or says that already, raises BadRequest.

    Raises:
        ValueError: the reply is about the keys under the text field, which only a new message shows or takes away.
    """
    if reply.is_end_of_keys or reply.location_button is not None:
        raise ValueError("only a new message shows keys under the text field or takes them away")
    text, entities = formatted(reply.markdown)
    if reply.picture is None:
        await bot.edit_message_text(
            text,
            chat_id,
            message_id,
            entities=entities,
            reply_markup=_inline_keyboard(reply),
            disable_web_page_preview=True,
        )
        return
    media = InputMediaPhoto(reply.picture, caption=text, caption_entities=entities)
    await bot.edit_message_media(
        media, chat_id, message_id, reply_markup=_inline_keyboard(reply), write_timeout=_UPLOAD_TIMEOUT_S
    )


def _inline_keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    if not reply.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in reply.buttons]
    )


def _keyboard(reply: Reply) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    if reply.location_button is not None:
        key = KeyboardButton(reply.location_button, request_location=True)
        return ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove() if reply.is_end_of_keys else _inline_keyboard(reply)
