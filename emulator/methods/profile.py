"""What the bot says about itself: its name, its descriptions, its menus."""

from typing import Any

from emulator.commands import checked_commands
from emulator.errors import bad_request
from emulator.objects import Json, JsonObject
from emulator.requests import Params
from emulator.world import World

_TEXTS = {"name": 64, "description": 512, "short_description": 120}
_SCOPES_OF_A_CHAT = frozenset({"chat", "chat_administrators", "chat_member"})
_SCOPES = _SCOPES_OF_A_CHAT | {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}


async def get_me(world: World, params: Params) -> Json:  # noqa: ARG001 - the signature of every method
    """The bot."""
    return {
        **world.accounts.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.settings.has_privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def log_out(world: World, params: Params) -> Json:  # noqa: ARG001 - the signature of every method
    """Nothing to log out of here."""
    return True


def _language(params: Params) -> str:
    language = params.text("language_code")
    if language and not (len(language) == 2 and language.isascii() and language.islower()):
        raise bad_request("LANG_CODE_INVALID")
    return language


def _set_text(world: World, params: Params, which: str) -> Json:
    text, language = params.text(which), _language(params)
    if len(text) > _TEXTS[which]:
        raise bad_request(f"{which} must not exceed {_TEXTS[which]} characters")
    texts: JsonObject = {key: value for key, value in world.store.fact(which, {}).items() if key != language}
    world.store.remember(which, texts | ({language: text} if text else {}))
    return True


def _get_text(world: World, params: Params, which: str, default: str = "") -> Json:
    texts: JsonObject = world.store.fact(which, {})
    return {which: texts.get(_language(params)) or texts.get("") or default}


async def set_my_name(world: World, params: Params) -> Json:
    """Change the bot's name in a language; an empty one goes back to the default."""
    return _set_text(world, params, "name")


async def get_my_name(world: World, params: Params) -> Json:
    """The bot's name in a language."""
    return _get_text(world, params, "name", str(world.accounts.bot["first_name"]))


async def set_my_description(world: World, params: Params) -> Json:
    """Change what an empty chat shows."""
    return _set_text(world, params, "description")


async def get_my_description(world: World, params: Params) -> Json:
    """What an empty chat shows."""
    return _get_text(world, params, "description")


async def set_my_short_description(world: World, params: Params) -> Json:
    """Change what the bot's profile shows."""
    return _set_text(world, params, "short_description")


async def get_my_short_description(world: World, params: Params) -> Json:
    """What the bot's profile shows."""
    return _get_text(world, params, "short_description")


async def set_my_commands(world: World, params: Params) -> Json:
    """Replace the command menu of a scope and language."""
    return _change_commands(world, params, checked_commands(params.json("commands")))


async def delete_my_commands(world: World, params: Params) -> Json:
    """Delete the command menu of a scope and language."""
    return _change_commands(world, params, [])


async def get_my_commands(world: World, params: Params) -> Json:
    """The command menu of exactly this scope and language."""
    return list(world.commands.get(_scope(world, params), _language(params)))


def _change_commands(world: World, params: Params, commands: list[JsonObject]) -> Json:
    scope, language = _scope(world, params), _language(params)
    seen = {user_id: _menu_of(world, user_id) for user_id in _concerned(world, scope)}
    world.commands.set(scope, language, commands)
    for user_id, menu in seen.items():
        if (now := _menu_of(world, user_id)) != menu:
            world.note("commands", user_id, commands=now)
    return True


def _concerned(world: World, scope: str) -> list[int]:
    """Whose menu, in their private chat, a scope can change."""
    kind, _, where = scope.partition(":")
    if where:
        return [int(where)] if kind == "chat" else []
    return [user["id"] for user in world.accounts.users()]


def _menu_of(world: World, user_id: int) -> list[JsonObject]:
    user, chat = world.accounts.user(user_id), world.accounts.chat(user_id)
    return world.commands.seen_by(user, chat) if user and chat else []


def _scope(world: World, params: Params) -> str:
    scope: dict[str, Any] = params.json("scope") or {"type": "default"}
    kind = str(scope.get("type"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if kind not in _SCOPES_OF_A_CHAT:
        return kind
    if "chat_id" not in scope or (kind == "chat_member" and "user_id" not in scope):
        field = "user_id" if "chat_id" in scope else "chat_id"
        raise bad_request(f"can't parse BotCommandScope: Can't find field \"{field}\"")
    chat = world.bot_chat(str(scope["chat_id"]))
    return f"{kind}:{chat['id']}" + (f":{scope['user_id']}" if kind == "chat_member" else "")


async def set_chat_menu_button(world: World, params: Params) -> Json:
    """Change the button beside the text field, of one chat or all."""
    button = params.json("menu_button") or {"type": "default"}
    if str(button.get("type")) not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: unsupported type specified")
    world.store.remember(_button_fact(world, params), button)
    return True


async def get_chat_menu_button(world: World, params: Params) -> Json:
    """The button beside the text field, of one chat or all."""
    shared = world.store.fact("menu_button", {"type": "commands"})
    button: JsonObject = world.store.fact(_button_fact(world, params), shared)
    return button if button["type"] != "default" else {"type": "commands"}


def _button_fact(world: World, params: Params) -> str:
    return f"menu_button:{world.bot_chat(params.text('chat_id'))['id']}" if "chat_id" in params else "menu_button"
