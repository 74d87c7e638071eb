"""Which commands somebody sees in the menu. A courtesy: what somebody may do is checked where they do it."""

from contextlib import suppress
from typing import Final

from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import ExtBot

from bot.content import Content, Texts
from bot.pacing import told_to_wait
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


async def try_to_show_menu(bot: ExtBot[int], chat_id: int, texts: Texts, role: Role) -> bool:
    """Show somebody their commands in their language, whatever the language of their Telegram; nobody waits for it.

    Telegram takes few menus, and then wants none for a quarter of an hour.

    Returns:
        Whether it is shown: not to who never wrote to the bot or has blocked it, nor where Telegram wants none now.
    """
    try:
        with told_to_wait():
            return await bot.set_my_commands(menu(texts, role), BotCommandScopeChat(chat_id))
    except (BadRequest, Forbidden, RetryAfter):
        return False


async def try_to_hide_menu(bot: ExtBot[int], chat_id: int) -> None:
    """Show somebody what everybody is shown, unless Telegram wants to hear nothing of menus now."""
    with suppress(BadRequest, Forbidden, RetryAfter), told_to_wait():
        await bot.delete_my_commands(BotCommandScopeChat(chat_id))


async def show_menus_to_all(bot: ExtBot[int], content: Content) -> None:
    """Show everybody else the patients' commands, by the language of their Telegram; it may take long."""
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands(menu(content.texts(None)), scope)
    for texts in content.by_language.values():
        await bot.set_my_commands(menu(texts), scope, texts.language)
