"""The chat page in headless Chromium, with somebody who looks at it and a bot that gets what they do."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, async_playwright, expect
from telegram import Bot

from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.emulator.page.looking import OpenPage, bot_of, log_of, received

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 30_000  # a machine may be busy

expect.set_options(timeout=PATIENCE_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def emulator() -> AsyncIterator[RunningEmulator]:
    async with running_emulator() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(emulator: RunningEmulator) -> AsyncIterator[Town]:
    async with open_town(emulator.url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def ana(town: Town, bot: Bot) -> Person:
    """Somebody who wrote to the bot already, which has seen it."""
    person = await town.newcomer("Ana")
    await person.says("/start")
    assert (await received(bot)).text == "/start"
    return person


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lasting_bot(emulator: RunningEmulator) -> AsyncIterator[Bot]:
    async with bot_of(emulator) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def bot(lasting_bot: Bot) -> Bot:
    """The bot, with nothing left to get from earlier tests."""
    await lasting_bot.delete_webhook(drop_pending_updates=True)
    return lasting_bot


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens the page at an address; in the end nothing may have gone wrong in it, nor been asked of other hosts."""
    wrong: list[str] = []

    async with AsyncExitStack() as stack:

        async def opened(url: str, **options: Any) -> Page:  # noqa: ANN401 - whatever Playwright offers
            context = await browser.new_context(**{"viewport": PHONE, "reduced_motion": "reduce", **options})
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()

            def check(request: Request) -> None:
                if not request.url.startswith((url.split("/?", maxsplit=1)[0], "blob:")):
                    wrong.append(f"asked for {request.url}")

            page.on("request", check)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            await page.goto(url)
            return page

        yield opened
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="session")
async def chat(open_page: OpenPage, emulator: RunningEmulator, ana: Person) -> Page:
    """Ana's chat on a phone."""
    page = await open_page(f"{emulator.url}/?user={ana.id}")
    await expect(log_of(page).get_by_role("article")).to_have_count(1)
    return page
