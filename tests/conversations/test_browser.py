"""The whole story in a browser: register, photo, explanation, location."""

import shutil

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.content import Content
from emulator.person import Town
from tests.conversations.service import PHOTOS, Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PATIENCE_MS = 30_000


async def test_patient_registers_asks_reads_and_finds_a_dermatologist(
    service: Service, town: Town, content: Content
) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    texts = content.texts("en")
    patient = await town.newcomer("Robin")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        await page.goto(f"{service.emulator.url}/?user={patient.id}")
        await page.get_by_role("button", name="START").click()
        for label in ("language-name", "button-agree", "button-adult"):
            await _press(page, texts.plain(label))
        await _press(page, texts.plain("button-call-me", name="Robin"))
        await _press(page, texts.plain("button-skip"))
        await expect(_last(page)).to_contain_text("Thank you, Robin")

        await _send_photo(page, "ham10000_mel_ISIC_0028412.jpg")
        await expect(_last(page).get_by_role("button", name="Open photo")).to_be_visible()
        await expect(_last(page)).to_contain_text("in 100")
        await _press(page, texts.plain("class-mel"))
        await expect(_last(page)).to_contain_text("ABCDE")

        await _share_salzburg(page)
        await expect(_last(page)).to_contain_text("5. ")
        await expect(page.get_by_role("log")).to_contain_text("© OpenStreetMap contributors")
        await browser.close()


def _last(page: Page) -> Locator:
    return page.get_by_role("log").get_by_role("article").last


async def _press(page: Page, label: str) -> None:
    await _last(page).get_by_role("button", name=label, exact=True).click()


async def _send_photo(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Attach").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Photo or video").click()
    await (await chooser.value).set_files(PHOTOS / name)
    await page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()


async def _share_salzburg(page: Page) -> None:
    await page.get_by_role("button", name="Attach").click()
    await page.get_by_role("menuitem", name="Location").click()
    dialog = page.get_by_role("dialog", name="Share a location")
    await dialog.get_by_role("button", name="Salzburg").click()
    await dialog.get_by_role("button", name="Send this location").click()
