"""Reading and writing in the chat page."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.emulator.page.looking import OpenPage, bot_of, field_of, log_of, picture, received

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_newcomer_presses_start_and_reads_the_answer(open_page: OpenPage) -> None:
    async with running_emulator() as nobody_there, bot_of(nobody_there) as bot:
        page = await open_page(nobody_there.url, locale="es-ES")
        await page.get_by_role("button", name="INICIAR").click()
        message = await received(bot)
        assert (message.text, message.from_user.language_code) == ("/start", "es")
        await bot.send_message(message.chat_id, "Hola, soy un bot.")
        await expect(log_of(page).get_by_role("article").last).to_contain_text("Hola, soy un bot.")
        await expect(page.get_by_role("button", name="INICIAR")).to_be_hidden()
        await expect(page.get_by_role("textbox", name="Mensaje")).to_be_focused()


async def test_formatting_is_shown_and_never_read_as_markup(chat: Page, ana: Person, bot: Bot) -> None:
    html = (
        "😀👩‍👩‍👧 <b>bold <i>both</i></b> <u>under</u> <s>struck</s> <code>&lt;img src=x onerror=alert(1)&gt;</code> "
        '<a href="https://example.org/a?b=1">a link</a> <tg-spoiler>secret</tg-spoiler> @somebody see /help\n'
        '<pre><code class="language-python">print(1)</code></pre>\n<blockquote>quoted</blockquote>\n'
        f"<blockquote expandable>{'A long line of a quotation. ' * 12}</blockquote>"
    )
    await bot.send_message(ana.id, html, parse_mode="HTML")
    text = log_of(chat).get_by_role("article").last.locator(".text")
    for selector, content in {
        "strong": "bold both",
        "strong em": "both",
        "u": "under",
        "s": "struck",
        "code >> nth=0": "<img src=x onerror=alert(1)>",
        "pre": "print(1)",
        "blockquote >> nth=0": "quoted",
    }.items():
        await expect(text.locator(selector)).to_have_text(content)
    link = text.get_by_role("link", name="a link")
    await expect(link).to_have_attribute("href", "https://example.org/a?b=1")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(text.locator("img")).to_have_count(0)
    await text.get_by_role("button", name="Hidden text").press("Enter")
    await expect(text.get_by_text("secret")).to_be_visible()
    await text.get_by_role("button", name="Show more").click()
    await expect(text.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")
    await text.get_by_role("button", name="/help").click()
    assert (await received(bot)).text == "/help"


async def test_pressed_button_waits_for_the_answer_and_shows_it(chat: Page, ana: Person, bot: Bot) -> None:
    button = InlineKeyboardButton("Press me", callback_data="pressed")
    link = InlineKeyboardButton("Read more", url="https://example.org/more")
    await bot.send_message(ana.id, "Choose", reply_markup=InlineKeyboardMarkup([[button, link]]))
    pressed = log_of(chat).get_by_role("button", name="Press me")
    await pressed.click()
    await expect(pressed).to_have_attribute("aria-busy", "true")
    query = await received(bot, "callback_query")
    assert query.data == "pressed"
    await bot.answer_callback_query(query.id, "Just a toast")
    await expect(chat.get_by_text("Just a toast")).to_be_visible()
    await expect(pressed).not_to_have_attribute("aria-busy", "true")
    await pressed.click()
    await bot.answer_callback_query((await received(bot, "callback_query")).id, "An alert", show_alert=True)
    alert = chat.get_by_role("alertdialog", name="An alert")
    await alert.get_by_role("button", name="OK").click()
    await expect(alert).to_be_hidden()
    await expect(log_of(chat).get_by_role("link", name="Read more")).to_have_attribute("target", "_blank")


async def test_progress_message_turns_into_a_picture_that_can_be_enlarged(chat: Page, ana: Person, bot: Bot) -> None:
    progress = await bot.send_message(ana.id, "Looking at your photo…")
    bubble = log_of(chat).get_by_role("article").last
    await expect(bubble).to_contain_text("Looking at your photo…")
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton(f"Choice {n}", callback_data=str(n))] for n in range(6)])
    media = InputMediaPhoto(picture(1280, 1100), caption="What to do next.\n" * 60)
    await bot.edit_message_media(media, ana.id, progress.message_id, reply_markup=buttons)
    await expect(bubble).to_contain_text("What to do next.")
    await expect(bubble).not_to_contain_text("Looking at your photo…")
    await expect(log_of(chat).get_by_role("article")).to_have_count(2)
    await expect(bubble.get_by_role("group", name="Buttons").get_by_role("button")).to_have_count(6)
    await bubble.get_by_role("button", name="Open photo").click()
    viewer = chat.get_by_role("dialog", name="Photo")
    assert (
        await viewer.locator("img").evaluate("async image => { await image.decode(); return image.naturalWidth; }")
        == 1280
    )
    await chat.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()


async def test_reply_keyboard_sends_its_texts_and_goes_when_removed(chat: Page, ana: Person, bot: Bot) -> None:
    keyboard = ReplyKeyboardMarkup([["Yes", "No"]], resize_keyboard=True, input_field_placeholder="Yes or no?")
    await bot.send_message(ana.id, "Well?", reply_markup=keyboard)
    group = chat.get_by_role("group", name="Bot’s keyboard")
    await expect(chat.get_by_placeholder("Yes or no?")).to_be_visible()
    await group.get_by_role("button", name="Yes").click()
    assert (await received(bot)).text == "Yes"
    await bot.send_message(ana.id, "Thanks.", reply_markup=ReplyKeyboardRemove())
    await expect(group).to_be_hidden()


async def test_commands_are_suggested_while_typing_and_listed_by_the_menu(chat: Page, ana: Person, bot: Bot) -> None:
    commands = [("start", "Begin"), ("help", "What I can do"), ("hello", "Say hello")]
    await bot.set_my_commands(commands, BotCommandScopeChat(ana.id))
    menu = chat.get_by_role("button", name="Commands")
    await expect(menu).to_be_visible()
    await field_of(chat).press_sequentially("/he")
    options = chat.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_have_text([re.compile("/help"), re.compile("/hello")])
    await field_of(chat).press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await field_of(chat).press("Enter")
    assert (await received(bot)).text == "/hello"
    await expect(field_of(chat)).to_have_value("")
    await menu.click()
    await options.filter(has_text="What I can do").click()
    assert (await received(bot)).text == "/help"


async def test_conversation_needs_nothing_but_the_keyboard(
    open_page: OpenPage, emulator: RunningEmulator, town: Town, bot: Bot
) -> None:
    ben = await town.newcomer("Ben")
    page = await open_page(f"{emulator.url}/?user={ben.id}&start=poster", viewport={"width": 1280, "height": 800})
    await expect(page.get_by_role("button", name="START")).to_be_focused()
    await page.keyboard.press("Enter")
    assert (await received(bot)).text == "/start poster"
    await expect(field_of(page)).to_be_focused()
    await page.keyboard.type("two")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Enter")
    assert (await received(bot)).text == "two\nlines"
    button = InlineKeyboardButton("Go on", callback_data="on")
    await bot.send_message(ben.id, "Ready?", reply_markup=InlineKeyboardMarkup([[button]]))
    await expect(log_of(page).get_by_role("button", name="Go on")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await expect(log_of(page).get_by_role("button", name="Go on")).to_be_focused()
    await page.keyboard.press("Enter")
    assert (await received(bot, "callback_query")).data == "on"
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu", name="Message actions")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu", name="Message actions")).to_be_hidden()
    await expect(log_of(page).get_by_role("button", name="Message actions").last).to_be_focused()


async def test_message_can_be_answered_changed_deleted_and_reacted_to(chat: Page, ana: Person, bot: Bot) -> None:
    asked = await bot.send_message(ana.id, "How do you do?")
    bubbles = log_of(chat).get_by_role("article")

    async def act(index: int, item: str) -> None:
        await bubbles.nth(index).hover()
        await bubbles.nth(index).get_by_role("button", name="Message actions").click()
        await chat.get_by_role("menuitem", name=item).click()

    await act(1, "Reply")
    await field_of(chat).fill("Wel")
    await field_of(chat).press("Enter")
    answer = await received(bot)
    assert answer.reply_to_message.message_id == asked.message_id
    await expect(bubbles.nth(2).get_by_role("button", name="How do you do?")).to_be_visible()
    await act(2, "Edit")
    await expect(field_of(chat)).to_have_value("Wel")
    await field_of(chat).fill("Well")
    await field_of(chat).press("Enter")
    assert (await received(bot, "edited_message")).text == "Well"
    await expect(bubbles.nth(2)).to_contain_text("edited")
    await bot.set_message_reaction(ana.id, asked.message_id, "👍")
    await act(1, "React 🔥")
    await expect(bubbles.nth(1).get_by_role("group", name="Reactions").get_by_role("button")).to_have_text(["🔥", "👍"])
    await act(2, "Delete")
    await chat.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await expect(bubbles).to_have_count(2)
    assert await bot.set_message_reaction(ana.id, answer.message_id, "👍")  # which has it still
    await bot.delete_message(ana.id, asked.message_id)
    await expect(bubbles).to_have_count(1)


async def test_what_the_bot_does_shows_below_its_name_until_it_answers(chat: Page, ana: Person, bot: Bot) -> None:
    status = chat.locator("#chat-header .status")
    await bot.send_chat_action(ana.id, "typing")
    await expect(status).to_have_text("typing")
    await bot.send_chat_action(ana.id, "upload_photo")
    await expect(status).to_have_text("sending a photo")
    await bot.send_message(ana.id, "Here it is.")
    await expect(status).to_have_text("bot")


async def test_reader_of_old_messages_is_not_moved_but_told_of_new_ones(chat: Page, ana: Person, bot: Bot) -> None:
    for number in range(4):
        await bot.send_message(ana.id, f"{number}\n" * 14)
    await expect(log_of(chat).get_by_role("article")).to_have_count(5)
    await log_of(chat).evaluate("log => { log.scrollTop = 0; }")
    jump = chat.get_by_role("button", name="To the newest message")
    await expect(jump).to_be_visible()
    await bot.send_message(ana.id, "the newest")
    await expect(jump).to_have_accessible_name("To the newest message (1)")
    assert await log_of(chat).evaluate("log => log.scrollTop") == 0
    await jump.click()
    await expect(log_of(chat).get_by_role("article").last).to_be_in_viewport()
    await expect(jump).to_be_hidden()


async def test_page_catches_up_after_the_connection_was_lost(open_page: OpenPage, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with running_emulator(state=state) as first, open_town(first.url) as town, bot_of(first) as bot:
        ana = await town.newcomer("Ana")
        await ana.says("/start")
        page = await open_page(f"{first.url}/?user={ana.id}")
        await bot.send_message(ana.id, "before")
        await expect(log_of(page)).to_contain_text("before")
    await expect(page.get_by_text("Connection lost")).to_be_visible()
    async with running_emulator(state=state, port=int(first.url.rsplit(":", 1)[1])) as second, bot_of(second) as bot:
        await bot.send_message(ana.id, "meanwhile")
        await expect(log_of(page)).to_contain_text("meanwhile")
        await expect(page.get_by_text("Connection lost")).to_be_hidden()
        await expect(log_of(page).get_by_role("article")).to_have_count(3)
        await bot.send_message(ana.id, "afterwards")
        await expect(log_of(page)).to_contain_text("afterwards")
