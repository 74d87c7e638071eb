"""All checks, one after another: what needs nothing first, what others stand on before them."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from functools import partial

from bot.address import file_of
from bot.doctor import configuration, machine, shipped
from bot.doctor.backup import backup
from bot.doctor.check import Check, Look, looked_at
from bot.doctor.database import database
from bot.doctor.telegram import telegram
from bot.environment import forget_secrets
from bot.workers import landlock, seccomp


async def examination(now: Callable[[], datetime]) -> AsyncIterator[Check]:
    """Look at everything and tell each thing as soon as it is known.

    Args:
        now: the clock, aware UTC; compared with Telegram's once that is told.
    """
    for name, look in _looks(now):
        for check in await looked_at(name, look):
            yield check


def _looks(now: Callable[[], datetime]) -> Iterator[tuple[str, Look]]:
    """Return what is looked at, and how."""
    yield "Python", configuration.this_python
    yield ".env", configuration.env_file
    yield "settings", configuration.settings
    settings = configuration.lenient_settings()
    storage_url = settings.storage_url
    forget_secrets()  # before a process is started that loads the model
    if (file := file_of(storage_url)) is not None:
        yield "folder", partial(machine.folder, file.parent)
        yield "disk", partial(machine.disk, file.parent)
    yield "memory", partial(machine.memory, settings.worker_count)
    yield "Landlock", lambda: machine.shutting_in(landlock.version())
    yield "seccomp", lambda: machine.filtering(is_there=seccomp.is_there())
    yield "model", partial(shipped.model, settings.model_dir, settings.content_dir / "fonts")
    yield "content", partial(shipped.content, settings.content_dir, settings.model_dir)
    yield "WEB_PORT", partial(machine.port, settings.web_host, settings.web_port)
    if settings.webhook_url:
        listens_at = settings.webhook_listens_at
        yield "WEBHOOK_PORT", partial(machine.webhook_port, settings.webhook_host, settings.webhook_port, listens_at)
    token, webhook_url = settings.bot_token.get_secret_value(), settings.webhook_url
    yield "database", partial(database, storage_url, settings.keys, token)
    yield "backup", lambda: backup(storage_url, now())
    owner_ids = sorted(settings.owner_ids)
    yield "Telegram", partial(telegram, settings.telegram_api_url, token, owner_ids, webhook_url, now)
