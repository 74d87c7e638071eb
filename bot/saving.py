"""What an operator types to save the database, bring it back, or move it; each returns what they then read."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.errors import SettingsError
from bot.lead import alone_on
from bot.settings import StorageSettings, load, other_database
from bot.storage.backup import back_up, note_backup, restore
from bot.storage.copying import copy_everything
from bot.storage.database import check_is_there, migrate, open_database
from bot.storage.moderators import Moderators
from bot.storage.server import ended_by_signal

_END_BY_SIGNAL: Final = 143  # as shells call the end by SIGTERM


def back_up_to(place: Path, keep: int | None) -> str:
    """Save the whole database, also while the bot runs; see storage.backup.back_up."""
    url, now = load(StorageSettings).storage_url, datetime.now(UTC)
    with ended_by_signal(_END_BY_SIGNAL):
        file = back_up(url, place, now, keep)
    asyncio.run(note_backup(url, now))
    return f"Saved and verified: {file}, {file.stat().st_size:,} bytes."


def restore_from(file: Path, *, is_replacing: bool) -> str:
    """Bring a backup back, while no bot runs, and say what of later days is known; see storage.backup.restore."""
    settings, now = load(StorageSettings), datetime.now(UTC)
    with alone_on(settings.storage_url), ended_by_signal(_END_BY_SIGNAL):
        done = restore(settings.storage_url, file, now, is_replacing=is_replacing, keys=settings.keys)
    words = ["Restored and brought up to date."]
    if done.knows_since:
        words += [
            "By the database that was there before, who was erased, banned or lost a role since still is:",
            f"{done.erased} people were erased again, of {done.withdrawn} more the health data, as they withdrew.",
        ]
    else:
        words += [
            "There was no later state of this database that could be read: whoever was erased, withdrew, was banned",
            "or lost a role since the backup is back as they were. Look through the moderators below, and /users:",
            "/revoke, /ban, python -m bot erase ID. Ask the others to /delete again.",
            'docs/operating.md, "Restore", says how.',
        ]
    words += [asyncio.run(_moderators(settings))]
    if done.cancelled:
        words += ["A broadcast was being sent when it was saved. It is cancelled: those who waited may have it by now."]
    return "\n".join(words)


async def _moderators(settings: StorageSettings) -> str:
    """Say who has a role now, which nobody sees elsewhere without the bot; owners stand in the settings."""
    engine = open_database(settings.storage_url)
    try:
        ids = await Moderators(engine, frozenset()).ids()
    finally:
        await engine.dispose()
    return f"Moderators are: {', '.join(map(str, ids))}." if ids else "Nobody is a moderator."


def copy_to(name: str) -> str:
    """Copy everything into another, empty database, while no bot runs.

    Args:
        name: of the environment variable that has its address.
    """
    settings, target = load(StorageSettings), other_database(name)
    source = settings.storage_url
    if target == source:
        raise SettingsError(f"{name}: is the database to copy from.")
    check_is_there(source)
    with alone_on(source):
        for url in (source, target):
            migrate(url)
        counts = asyncio.run(_copied(source, target, settings.keys))
    return f"Copied: {', '.join(f'{count} of {table}' for table, count in counts.items())}."


async def _copied(source: str, target: str, keys: tuple[str, ...]) -> Mapping[str, int]:
    old, new = open_database(source, keys), open_database(target, keys)
    try:
        return await copy_everything(old, new)
    finally:
        await old.dispose()
        await new.dispose()
