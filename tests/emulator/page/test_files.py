"""What a bot sends besides short texts: files to keep, captions that change, many buttons."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from emulator.person import Person
from emulator.server import RunningEmulator
from tests.emulator.page.looking import OpenPage, log_of, picture, received

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("my-data.json", '{"name": "Aña", "photos": []}'.encode()),
        ("report.txt", b"refused: line 3\n" * 2000),
        ("list.csv", b"name,address\nDr. X,Street 1\n"),
    ],
)
async def test_file_of_the_bot_is_saved_byte_for_byte_under_its_name(
    chat: Page, ana: Person, bot: Bot, name: str, content: bytes
) -> None:
    await bot.send_document(ana.id, content, filename=name, caption="Here it is.")
    bubble = log_of(chat).get_by_role("article").last
    await expect(bubble).to_contain_text("Here it is.")
    async with chat.expect_download() as saving:
        await bubble.get_by_role("link", name=name).click()
    saved = await saving.value
    assert saved.suggested_filename == name
    assert Path(await saved.path()).read_bytes() == content


async def test_caption_that_the_bot_changes_is_shown(chat: Page, ana: Person, bot: Bot) -> None:
    sent = await bot.send_photo(ana.id, picture(), caption="A preview")
    bubble = log_of(chat).get_by_role("article").last
    await expect(bubble).to_contain_text("A preview")
    await expect(bubble.get_by_role("button", name="Open photo: A preview", exact=True)).to_be_visible()
    await bot.edit_message_caption(ana.id, sent.message_id, caption="Sent to 950 people")
    await expect(bubble).to_contain_text("Sent to 950 people")
    await bot.edit_message_caption(ana.id, sent.message_id)
    await expect(bubble).not_to_contain_text("Sent to")
    await expect(bubble.get_by_role("button", name="Open photo", exact=True)).to_be_visible()


async def test_person_changes_the_caption_of_a_photo(chat: Page, ana: Person, bot: Bot) -> None:
    await ana.sends_photo(("spot.png", picture()), caption="on my arm")
    await received(bot)
    bubble = log_of(chat).get_by_role("article").last
    await bubble.hover()
    await bubble.get_by_role("button", name="Message actions").click()
    await chat.get_by_role("menuitem", name="Edit").click()
    field = chat.get_by_role("textbox", name="Message", exact=True)
    await expect(field).to_have_value("on my arm")
    await field.fill("on my leg")
    await field.press("Enter")
    message = await received(bot, "edited_message")
    assert (message.caption, len(message.photo) > 0) == ("on my leg", True)
    await expect(bubble).to_contain_text("on my leg")


async def test_many_buttons_and_long_labels_fit_a_small_phone(
    open_page: OpenPage, emulator: RunningEmulator, ana: Person, bot: Bot
) -> None:
    rows = [[InlineKeyboardButton(f"{n}. Ana Martínez de la Rosa y Gómez", callback_data=f"{n}")] for n in range(30)]
    rows.append([InlineKeyboardButton(f"{n}", callback_data=f"page:{n}") for n in range(1, 9)])
    await bot.send_message(ana.id, "Everybody", reply_markup=InlineKeyboardMarkup(rows))
    page = await open_page(f"{emulator.url}/?user={ana.id}", viewport={"width": 360, "height": 740})
    buttons = log_of(page).get_by_role("group", name="Buttons").get_by_role("button")
    await expect(buttons).to_have_count(38)
    edges = "nodes => nodes.map(n => n.getBoundingClientRect()).filter(b => b.right > innerWidth || b.height < 32)"
    assert await buttons.evaluate_all(edges) == []
    cut_off = "nodes => nodes.filter(n => n.scrollWidth > n.clientWidth).map(n => n.textContent)"
    assert await buttons.evaluate_all(cut_off) == []
    await buttons.first.click()
    assert (await received(bot, "callback_query")).data == "0"
