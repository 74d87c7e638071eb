"""How the chat page looks, on small screens and to weak eyes."""

import pytest
from playwright.async_api import Page, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from emulator.person import Person
from emulator.server import RunningEmulator
from tests.emulator.page.looking import OpenPage, log_of, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

# WCAG 2.2, 1.4.3: at least 4.5 to 1 for every text that is seen; colours are mixed as they are painted.
CONTRAST_BELOW_AA = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const painted = (...colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (node) =>
        node ? [...behind(node.parentElement), getComputedStyle(node).backgroundColor] : ["white"];
    const isSeen = (node) => node.checkVisibility({ opacityProperty: true }) && !node.closest("svg, .sr-only, .avatar");
    const contrast = (node) => {
        const text = luminance(painted(...behind(node), getComputedStyle(node).color));
        const back = luminance(painted(...behind(node)));
        return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const seen = [];
    while (texts.nextNode()) {
        const { currentNode } = texts;
        if (currentNode.data.trim() && isSeen(currentNode.parentElement)) seen.push(currentNode);
    }
    const faint = seen.filter((text) => contrast(text.parentElement) < 4.5).map((text) => text.data.trim());
    return [seen.length, faint];
}"""


async def test_nothing_is_wider_than_a_small_phone(
    open_page: OpenPage, emulator: RunningEmulator, ana: Person, bot: Bot
) -> None:
    await send_a_bit_of_everything(bot, ana)
    page = await open_page(f"{emulator.url}/?user={ana.id}", viewport={"width": 360, "height": 740})
    await expect(log_of(page).get_by_role("article")).to_have_count(6)
    too_wide = "nodes => nodes.map(node => node.getBoundingClientRect().right).filter(right => right > innerWidth)"
    parts = page.locator("article, article .bubble, article button, article a, #composer *")
    assert await parts.evaluate_all(too_wide) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_stand_out_from_what_is_behind_them(
    scheme: str, open_page: OpenPage, emulator: RunningEmulator, ana: Person, bot: Bot
) -> None:
    await send_a_bit_of_everything(bot, ana)
    page = await open_page(
        f"{emulator.url}/?user={ana.id}", color_scheme=scheme, viewport={"width": 1280, "height": 800}
    )
    await expect(log_of(page).get_by_role("article")).to_have_count(6)
    seen, faint = await page.evaluate(CONTRAST_BELOW_AA)
    assert seen > 20
    assert faint == []


async def send_a_bit_of_everything(bot: Bot, person: Person) -> None:
    """Five messages after the first one of the person."""
    await bot.send_message(
        person.id, "W" * 300 + " <code>code</code> <i>it</i> <a href='https://example.org'>link</a>", parse_mode="HTML"
    )
    buttons = [[InlineKeyboardButton(label, callback_data=label) for label in ("One", "A rather long label", "Three")]]
    await bot.send_photo(
        person.id, picture(1280, 1100), caption="Caption " * 40, reply_markup=InlineKeyboardMarkup(buttons)
    )
    await bot.send_venue(person.id, 47.8, 13.04, "A practice with a long name", "Somewhere 12, 5020 Salzburg")
    await person.sends_document(
        ("a-file-with-" + "a-long-name-" * 8 + ".txt", b"text"), caption="see https://example.org/path"
    )
    keyboard = ReplyKeyboardMarkup([["A button", "Another button with a long text that needs room"]])
    await bot.send_message(person.id, "Choose", reply_markup=keyboard)


async def test_chosen_theme_is_kept(chat: Page) -> None:
    page = chat.locator("html")
    await expect(page).to_have_css("color-scheme", "light dark")
    await chat.get_by_role("button", name="Chat menu").click()
    await chat.get_by_role("menuitemradio", name="Dark").click()
    await expect(page).to_have_css("color-scheme", "dark")
    await chat.reload()
    await expect(page).to_have_css("color-scheme", "dark")
