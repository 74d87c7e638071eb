"""Command menus by scope and language, and what the bot says about itself."""

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    MenuButtonCommands,
    MenuButtonDefault,
)
from telegram.error import BadRequest

from emulator.person import Person, Town


async def _menu(person: Person, chat_id: int | None = None) -> list[str]:
    return [command["description"] for command in (await person.chat(chat_id))["commands"]]


async def test_narrowest_scope_in_the_own_language_wins(bot: Bot, ana: Person, town: Town) -> None:
    sam = await town.newcomer("Sam", language_code="en")
    await bot.set_my_commands([("help", "default")])
    assert await _menu(ana) == await _menu(sam) == ["default"]
    await bot.set_my_commands([("help", "Spanish")], language_code="es")
    assert (await _menu(ana), await _menu(sam)) == (["Spanish"], ["default"])
    await bot.set_my_commands([("help", "private")], BotCommandScopeAllPrivateChats())
    assert await _menu(ana) == await _menu(sam) == ["private"]
    await bot.set_my_commands([("help", "only Ana")], BotCommandScopeChat(ana.id))
    assert (await _menu(ana), await _menu(sam)) == (["only Ana"], ["private"])
    await bot.delete_my_commands(BotCommandScopeChat(ana.id))
    assert await _menu(ana) == ["private"]


async def test_group_does_not_see_the_menu_of_private_chats(bot: Bot, ana: Person, town: Town) -> None:
    group = await town.group("Skin", ana)
    await bot.set_my_commands([("help", "default")])
    await bot.set_my_commands([("help", "private")], BotCommandScopeAllPrivateChats())
    assert await _menu(ana, group) == ["default"]


async def test_menu_is_read_back_only_for_its_own_scope_and_language(bot: Bot) -> None:
    await bot.set_my_commands([("help", "Ayuda")], BotCommandScopeDefault(), language_code="es")
    assert await bot.get_my_commands(language_code="es") == (BotCommand("help", "Ayuda"),)
    assert await bot.get_my_commands() == ()


async def test_change_of_a_menu_is_an_event_for_those_who_see_it(bot: Bot, ana: Person) -> None:
    await bot.set_my_commands([("help", "Ayuda")], language_code="es")
    event = await ana.waits_for_event("commands")
    assert event["commands"] == [{"command": "help", "description": "Ayuda"}]


@pytest.mark.parametrize(
    ("commands", "complaint"),
    [
        ([("Help", "x")], "Bot_command_invalid"),
        ([("help", " ")], "Bot_command_description_invalid"),
        ([(f"help{number}", "x") for number in range(101)], "Bot_commands_too_much"),
    ],
)
async def test_bad_commands_are_refused(bot: Bot, commands: list[tuple[str, str]], complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        await bot.set_my_commands(commands)


async def test_names_and_descriptions_depend_on_the_language(bot: Bot) -> None:
    assert (await bot.get_my_name()).name == (await bot.get_me()).first_name
    await bot.set_my_name("Lunar", language_code="es")
    await bot.set_my_name("Mole")
    assert ((await bot.get_my_name("es")).name, (await bot.get_my_name("de")).name) == ("Lunar", "Mole")
    assert (await bot.get_me()).first_name == "Mole"
    await bot.set_my_description("About spots")
    await bot.set_my_short_description("Spots")
    assert (await bot.get_my_description("es")).description == "About spots"
    assert (await bot.get_my_short_description()).short_description == "Spots"
    with pytest.raises(BadRequest, match="Short_description must not exceed 120 characters"):
        await bot.set_my_short_description("x" * 121)


async def test_menu_button_can_be_set(bot: Bot, ana: Person) -> None:
    await bot.set_chat_menu_button(ana.id, MenuButtonDefault())
    assert await bot.get_chat_menu_button(ana.id) == MenuButtonCommands()


async def test_bot_knows_itself_and_may_log_out(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.can_read_all_group_messages) == (True, False)
    assert await bot.log_out()
    assert await bot.close()
