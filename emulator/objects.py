"""Bot API objects as they travel: JSON, with types for the parts that callers read."""

from typing import Any, Final, TypeAlias, TypedDict

JsonObject: TypeAlias = dict[str, Any]
MAX_TEXT: Final = 4096  # characters
MAX_CAPTION: Final = 1024  # likewise, of a bot
MAX_PREMIUM_CAPTION: Final = 4096  # of a person who pays Telegram
MAX_ALBUM: Final = 10  # photos or documents
Json: TypeAlias = JsonObject | list[Any] | str | int | float | bool | None


class User(TypedDict, total=False):
    """A person or the bot."""

    id: int
    is_bot: bool
    first_name: str
    last_name: str
    username: str
    language_code: str


class Chat(TypedDict, total=False):
    """A private chat (its id is the user's), a group (negative id) or a supergroup (its id begins with -100)."""

    id: int
    type: str
    first_name: str
    last_name: str
    username: str
    title: str


class MessageEntity(TypedDict, total=False):
    """Formatting of a part of a text; offset and length in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str
    language: str
    user: User
    custom_emoji_id: str
    unix_time: int
    date_time_format: str


class PhotoSize(TypedDict, total=False):
    """One of the sizes in which a photo is offered, in pixels and bytes."""

    file_id: str
    file_unique_id: str
    width: int
    height: int
    file_size: int


class Document(TypedDict, total=False):
    """A file kept byte for byte."""

    file_id: str
    file_unique_id: str
    file_name: str
    mime_type: str
    file_size: int
    thumbnail: PhotoSize


class Location(TypedDict, total=False):
    """A point on the map, in degrees; the live period in seconds."""

    latitude: float
    longitude: float
    live_period: int
    horizontal_accuracy: float


class Venue(TypedDict, total=False):
    """A place with a name and an address."""

    location: Location
    title: str
    address: str


class MessageOrigin(TypedDict, total=False):
    """Who wrote a forwarded message: a user, only a name where they hide their account, a group or a channel."""

    type: str
    date: int
    sender_user: User
    sender_user_name: str
    sender_chat: Chat
    chat: Chat
    message_id: int


class Contact(TypedDict, total=False):
    """A phone contact."""

    phone_number: str
    first_name: str
    last_name: str
    user_id: int


class InlineKeyboardButton(TypedDict, total=False):
    """A button below a message."""

    text: str
    url: str
    callback_data: str


class InlineKeyboardMarkup(TypedDict):
    """Rows of buttons below a message."""

    inline_keyboard: list[list[InlineKeyboardButton]]


Message = TypedDict(
    "Message",
    {
        "message_id": int,
        "from": User,  # a Python keyword, hence this form of declaration
        "date": int,
        "edit_date": int,
        "chat": Chat,
        "text": str,
        "entities": list[MessageEntity],
        "caption": str,
        "caption_entities": list[MessageEntity],
        "photo": list[PhotoSize],
        "document": Document,
        "location": Location,
        "venue": Venue,
        "contact": Contact,
        "media_group_id": str,
        "forward_origin": MessageOrigin,
        "reply_to_message": "Message",
        "reply_markup": InlineKeyboardMarkup,
    },
    total=False,
)
"""A message of a chat, as the bot gets it."""
