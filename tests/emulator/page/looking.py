"""What tests of the chat page look for in it, and what a bot gets from it."""

import io
from collections.abc import Awaitable, Callable
from typing import Any

from PIL import Image
from playwright.async_api import FilePayload, Locator, Page
from telegram import Bot, Update

from emulator.server import RunningEmulator

OpenPage = Callable[..., Awaitable[Page]]


def bot_of(emulator: RunningEmulator) -> Bot:
    """The bot of an emulator, not yet initialised."""
    return Bot(emulator.token, base_url=f"{emulator.url}/bot", base_file_url=f"{emulator.url}/file/bot")


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def field_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


async def received(bot: Bot, kind: str = "message") -> Any:  # noqa: ANN401 - a message, a callback query, …
    """What the bot gets next; it has to be of this kind."""
    updates = await bot.get_updates(limit=1, timeout=30, allowed_updates=Update.ALL_TYPES)
    assert updates, f"the bot got no {kind}"
    await bot.get_updates(updates[0].update_id + 1)
    return getattr(updates[0], kind)


def picture(width: int = 640, height: int = 480, colour: str = "rosybrown") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "PNG")
    return content.getvalue()


def upload(name: str, content: bytes, mime_type: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": mime_type, "buffer": content}


async def choose_files(page: Page, kind: str, *files: FilePayload) -> Locator:
    """Choose files with the paper clip; returns the sheet that shows them."""
    await page.get_by_role("button", name="Attach").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name=kind).click()
    await (await chooser.value).set_files(list(files))
    return page.get_by_role("dialog")


async def give_files(page: Page, event: str, target: str, *files: tuple[str, str, bytes]) -> None:
    """Drop files on an element, or paste them."""
    script = """([event, target, files]) => {
        const data = new DataTransfer();
        for (const [name, type, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
        const options = { bubbles: true, cancelable: true };
        const given = event === "paste"
            ? new ClipboardEvent("paste", { ...options, clipboardData: data })
            : new DragEvent(event, { ...options, dataTransfer: data });
        document.querySelector(target).dispatchEvent(given);
    }"""
    await page.evaluate(script, [event, target, [[name, kind, list(content)] for name, kind, content in files]])
