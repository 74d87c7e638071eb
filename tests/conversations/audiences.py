"""Many people who get one message: made quickly, and the way of a moderator's message to its report."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.content import Content
from emulator.objects import Message
from emulator.person import Person
from emulator.settings import Settings
from emulator.world import open_world
from tests.conversations.stories import has_button, shown


def people_who_wrote(data_dir: Path, user_ids: Iterable[int], blocked: Iterable[int] = ()) -> None:
    """Make people who wrote to the bot once, so that it may write to them."""
    world = open_world(data_dir / "telegram.db", Settings())
    with world.store.together():
        for user_id in user_ids:
            world.accounts.add_user({"id": user_id})
            world.accounts.note_written(user_id)
        for user_id in blocked:
            world.accounts.set_blocked(user_id, is_blocked=True)
    world.store.close()


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to that")


async def previewed(moderator: Person, content: Content, text: str, audience: str = "en") -> Message:
    """Lead a message to its preview; returns the message with the buttons Send and Don't send."""
    await moderator.says("/broadcast")
    await moderator.waits_for("/cancel")
    written = await moderator.says(text)
    await moderator.waits_for(lambda message: has_button(message, "broadcast:to"))
    await moderator.presses(f"broadcast:to:{written['message_id']}:{audience}")
    return await moderator.waits_for(is_confirmation)


def is_confirmation(message: Message) -> bool:
    return has_button(message, "broadcast:send")


async def reported(
    moderator: Person, content: Content, language: str = "en", people: int | None = None, timeout_s: float = 20
) -> list[str]:
    """Wait for the report; returns the lines that count."""
    texts = content.texts(language)
    heading = shown(texts, "broadcast-done", people=people) if people else shown(texts, "broadcast-done", people=0)[:-1]
    report = await moderator.waits_for(heading, timeout_s)
    return report["text"].splitlines()[2:]


def counted(content: Content, language: str = "en", **counts: int) -> list[str]:
    return [shown(content.texts(language), f"broadcast-{name}", count=count) for name, count in counts.items()]


def data(message: Message, start: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    return next(b["callback_data"] for row in rows for b in row if b["callback_data"].startswith(start))
