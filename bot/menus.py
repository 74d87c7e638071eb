"""Which commands somebody sees in the menu. A courtesy: what somebody may do is checked where they do it."""

from typing import Final

from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.content import Content, Texts
from bot.storage.moderators import Role

PATIENTS: Final = (
    *("start", "history", "dermatologist", "settings", "feedback"),
    *("model", "privacy", "export", "delete", "help", "cancel"),
)
MODERATORS: Final = (
    *("stats", "inbox", "users", "user", "ban", "unban", "broadcast"),
    *("directory", "reload", "maintenance", "errors", "audit"),
)
OWNERS: Final = ("grant", "revoke")


def commands_of(role: Role) -> tuple[str, ...]:
    """Return the names of the commands that somebody with this role has."""
    match role:
        case Role.OWNER:
            return (*PATIENTS, *MODERATORS, *OWNERS)
        case Role.MODERATOR:
            return (*PATIENTS, *MODERATORS)
        case Role.NOBODY:
            return PATIENTS


def menu(texts: Texts, role: Role = Role.NOBODY) -> list[BotCommand]:
    """Return the command menu in a language."""
    return [BotCommand(name, texts.plain(f"command-{name}")) for name in commands_of(role)]


async def show_menu(bot: ExtBot[int], chat_id: int, texts: Texts, role: Role) -> None:
    """Show somebody their commands in their language, whatever the language of their Telegram."""
    await bot.set_my_commands(menu(texts, role), BotCommandScopeChat(chat_id))


async def try_to_show_menu(bot: ExtBot[int], chat_id: int, texts: Texts, role: Role) -> None:
    """The same for somebody who may never have written to the bot, or has blocked it."""
    try:
        await show_menu(bot, chat_id, texts, role)
    except (BadRequest, Forbidden):  # they get it with their first /start
        return


async def show_menus_to_all(bot: ExtBot[int], content: Content) -> None:
    """Show everybody else the patients' commands, by the language of their Telegram."""
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands(menu(content.texts(None)), scope)
    for texts in content.by_language.values():
        await bot.set_my_commands(menu(texts), scope, texts.language)
