"""Links to the bot itself: they open its private chat, and START sends along what they carry."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup

from emulator.person import Person, Town
from emulator.server import RunningEmulator
from tests.emulator.page.looking import OpenPage, field_of, log_of, received

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _in_the_text(page: Page, person: Person, bot: Bot, link: str) -> None:
    await bot.send_message(person.id, f"Invite others: {link}")
    await log_of(page).get_by_role("button", name=link).click()


async def _in_a_button(page: Page, person: Person, bot: Bot, link: str) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("My settings", url=link)]])
    await bot.send_message(person.id, "Well?", reply_markup=buttons)
    await log_of(page).get_by_role("button", name="My settings").click()


async def _in_the_answer_to_a_button(page: Page, person: Person, bot: Bot, link: str) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    await bot.send_message(person.id, "Well?", reply_markup=buttons)
    await log_of(page).get_by_role("button", name="Go").click()
    query: CallbackQuery = await received(bot, "callback_query")
    await bot.answer_callback_query(query.id, url=link)


@pytest.mark.parametrize("follow", [_in_the_text, _in_a_button, _in_the_answer_to_a_button])
async def test_link_to_the_bot_opens_it_with_its_payload(
    follow: Callable[[Page, Person, Bot, str], Awaitable[None]], chat: Page, ana: Person, bot: Bot
) -> None:
    username = (await bot.get_me()).username
    await follow(chat, ana, bot, f"https://t.me/{username}?start=clinic-salzburg")
    await chat.get_by_role("button", name="START", exact=True).click()
    assert (await received(bot)).text == "/start clinic-salzburg"
    await expect(field_of(chat)).to_be_visible()
    await chat.reload()
    await expect(field_of(chat)).to_be_visible()


async def test_link_in_a_group_leads_to_the_private_chat(
    open_page: OpenPage, emulator: RunningEmulator, town: Town, bot: Bot
) -> None:
    ben = await town.newcomer("Ben")
    group_id = await town.group("Friends", ben)
    await received(bot, "my_chat_member")
    await received(bot)
    page = await open_page(f"{emulator.url}/?user={ben.id}&chat={group_id}")
    username = (await bot.get_me()).username
    await bot.send_message(group_id, f"In private: https://t.me/{username}")
    await log_of(page).get_by_role("button", name=f"https://t.me/{username}").click()
    await page.get_by_role("button", name="START", exact=True).click()
    message = await received(bot)
    assert (message.text, message.chat.type) == ("/start", "private")
    await expect(log_of(page).get_by_role("article")).to_have_count(1)
