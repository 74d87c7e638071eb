"""`python -m bot run`, `worker`, `migrate`, and what else an operator types; `python -m bot --help` lists it."""

import argparse
import asyncio
import json
import os
import secrets
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.settings import Settings
    from bot.storage.records import Erasure

_PATIENCE_S: Final = 60  # for a bot that runs and holds a row; who has typed a command sits there and waits
_T = TypeVar("_T")


def main() -> int:
    """Run the command line; returns the exit status."""
    os.umask(0o077)  # what this process and its workers write is for their user alone
    # Every worker process imports this file: what only the bot itself needs is imported here.
    from bot.errors import BackupError, ContentError, DatabaseAway, SealedValueError, SettingsError  # noqa: PLC0415

    asked = _arguments().parse_args()
    try:
        return _done(asked)
    except (SettingsError, ContentError, SealedValueError, BackupError) as error:
        print(error, file=sys.stderr)
        return 2  # who starts the bot again and again leaves off here
    except DatabaseAway as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the bot was ready to be stopped
        return 130


def _done(asked: argparse.Namespace) -> int:  # noqa: C901 - a case for each word
    """Do what is asked; returns the exit status."""
    match asked.command:
        case "run":
            _run()
        case "worker":
            _work()
        case "migrate":
            _migrate()
        case "receipt":
            return _check_receipt(asked.code)
        case "erase":
            return _erase(asked.user_id)
        case "backup" | "restore" | "copy":
            _save(asked)
        case "doctor":
            return asyncio.run(_examine())
        case "schema":
            _print_schema()
        case "new-key":
            _print_new_key()
        case "rotate-keys":
            _rotate_keys()
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Lentigo, a Telegram bot about spots on the skin."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="bring the database up to date and run the bot")
    commands.add_parser("worker", help="answer photos that wait in PostgreSQL; one or more, on any machines")
    commands.add_parser("migrate", help="bring the database up to date")
    receipt = commands.add_parser("receipt", help="say what the receipt of an erasure stands for")
    receipt.add_argument("code", help="as /delete gave it: XXXX-XXXX-XXXX-XXXX-XXXX")
    erase = commands.add_parser("erase", help="erase somebody who asks for it and can't send /delete any more")
    erase.add_argument("user_id", metavar="ID", type=_id, help="their number at Telegram")
    commands.add_parser("schema", help="print the schema of the file that /export sends")
    commands.add_parser("new-key", help="print a new key for ENCRYPTION_KEYS")
    commands.add_parser("rotate-keys", help="seal all that is kept with the first of ENCRYPTION_KEYS")
    backup = commands.add_parser("backup", help="save the whole database into one file, also while the bot runs")
    backup.add_argument("place", metavar="FILE", type=Path, help="the file, or a folder, where its name is the moment")
    backup.add_argument("--keep", type=_positive, help="in a folder: so many of the latest stay, older ones go")
    restore = commands.add_parser("restore", help="bring a backup back, while the bot is stopped")
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument("--replace", action="store_true", help="also where people are in the database")
    copy = commands.add_parser("copy", help="copy everything into another, empty database, while the bot is stopped")
    copy.add_argument("--to", metavar="SETTING", required=True, help="the environment variable that has its address")
    commands.add_parser("doctor", help="look at everything that the bot stands on, and say how to mend it")
    return parser


def _run() -> None:
    import uvloop  # noqa: PLC0415

    from bot.app import run  # noqa: PLC0415
    from bot.lead import alone_on  # noqa: PLC0415
    from bot.storage.backup_sqlite import clear_away_cut_off  # noqa: PLC0415
    from bot.storage.database import migrate, naming_database  # noqa: PLC0415
    from bot.storage.server import wait_for_server  # noqa: PLC0415
    from bot.web import serving_without_database  # noqa: PLC0415

    settings = _started()
    wait_for_server(settings.storage_url, partial(serving_without_database, settings.web_host, settings.web_port))
    with alone_on(settings.storage_url):
        clear_away_cut_off(settings.storage_url)
        migrate(settings.storage_url)
        with naming_database(settings.storage_url):
            uvloop.run(run(settings))


def _work() -> None:
    import uvloop  # noqa: PLC0415

    from bot.address import file_of  # noqa: PLC0415
    from bot.storage.database import migrate, naming_database  # noqa: PLC0415
    from bot.storage.server import wait_for_server  # noqa: PLC0415
    from bot.web import serving_without_database  # noqa: PLC0415
    from bot.worker import run_worker  # noqa: PLC0415

    settings = _started()
    if file_of(settings.storage_url) is None:  # else there is no work, and the worker says so
        pages = partial(serving_without_database, settings.web_host, settings.worker_web_port)
        wait_for_server(settings.storage_url, pages)
        migrate(settings.storage_url)
    with naming_database(settings.storage_url):
        uvloop.run(run_worker(settings))


def _started() -> "Settings":
    """Read the settings and begin the log."""
    from bot.logs import start_logging  # noqa: PLC0415
    from bot.settings import Settings, load  # noqa: PLC0415

    settings = load(Settings)
    secrets_kept = (settings.bot_token.get_secret_value(), settings.webhook_token)
    start_logging(settings.log_level, *secrets_kept, log_format=settings.log_format)
    return settings


def _migrate() -> None:
    from bot.settings import StorageSettings, load  # noqa: PLC0415
    from bot.storage.database import migrate  # noqa: PLC0415

    migrate(load(StorageSettings).storage_url)


def _check_receipt(code: str) -> int:
    erasure = asyncio.run(_erasure(code))
    if erasure is None:
        print("This service never gave such a receipt.", file=sys.stderr)
        return 1
    print(f"On {erasure.erased_on} every row of one person was erased: {_counted(erasure)}.")
    return 0


async def _erasure(code: str) -> "Erasure | None":
    """Read, and change nothing."""
    from bot.settings import StorageSettings, load  # noqa: PLC0415
    from bot.storage.database import check_revision, open_database  # noqa: PLC0415
    from bot.storage.records import Records  # noqa: PLC0415

    engine = open_database(load(StorageSettings).storage_url)
    try:
        await check_revision(engine)
        return await Records(engine).erasure(code)
    finally:
        await engine.dispose()


def _erase(user_id: int) -> int:
    if asyncio.run(_with_engine(lambda engine: _has_role(engine, user_id))):
        words = "the copies of feedback in their chat could not be blanked any more"
        print(f"They look after the bot: {words}. An owner sends /revoke {user_id} first;", file=sys.stderr)
        print("an owner's number is taken out of OWNER_IDS.", file=sys.stderr)
        return 1
    request, now = secrets.token_hex(), datetime.now(UTC)
    erasure = asyncio.run(_with_engine(lambda engine: _erased(engine, user_id, request, now)))
    if erasure is None:
        print(f"Nobody here has the id {user_id}; nothing was erased.", file=sys.stderr)
        return 1
    print(f"Receipt {erasure.receipt}: {_counted(erasure)}.")
    print("What moderators read of their feedback stays in the moderators' chats: ask them to delete it there.")
    return 0


async def _erased(engine: "AsyncEngine", user_id: int, request: str, now: datetime) -> "Erasure | None":
    """Erase somebody; None where nobody has this id. Where this is tried again, the first try may have erased them."""
    from bot.storage.records import Records  # noqa: PLC0415

    records = Records(engine)
    if not await records.knows(user_id) and await records.erasure_for(request) is None:
        return None
    return await records.erase(user_id, request, now)


async def _has_role(engine: "AsyncEngine", user_id: int) -> bool:
    from bot.settings import StorageSettings, load  # noqa: PLC0415
    from bot.storage.moderators import Moderators, Role  # noqa: PLC0415

    return await Moderators(engine, load(StorageSettings).owner_ids).role(user_id) is not Role.NOBODY


def _counted(erasure: "Erasure") -> str:
    return ", ".join(f"{count} of {table}" for table, count in erasure.counts.items())


def _rotate_keys() -> None:
    from bot.storage.rotation import rotate  # noqa: PLC0415

    count = asyncio.run(_with_engine(rotate))
    print(f"{count} rows were sealed anew. Only the first key is needed now.")


def _print_new_key() -> None:
    from bot.storage.sealed import new_key  # noqa: PLC0415

    print(new_key())


async def _with_engine(deed: "Callable[[AsyncEngine], Awaitable[_T]]") -> _T:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from bot.faults import until_it_works  # noqa: PLC0415
    from bot.settings import StorageSettings, load  # noqa: PLC0415
    from bot.storage.database import (  # noqa: PLC0415
        check_is_there,
        migrate,
        open_database,
        refusal,
        truncate_write_ahead_log,
    )

    settings = load(StorageSettings)
    check_is_there(settings.storage_url)  # an empty one would say of everybody that nobody is there
    await asyncio.to_thread(migrate, settings.storage_url)
    engine = open_database(settings.storage_url, settings.keys)
    try:
        done = await until_it_works(lambda: deed(engine), _PATIENCE_S)
        await truncate_write_ahead_log(engine)
    except DBAPIError as error:
        raise refusal(engine.url, error) from error
    else:
        return done
    finally:
        await engine.dispose()


def _id(text: str) -> int:
    from bot.settings import ID_BELOW  # noqa: PLC0415

    must = f"must be a number above 0 and below {ID_BELOW}, as /export shows it; @names don't work"
    return _above_0(text, must, ID_BELOW)


def _positive(text: str) -> int:
    return _above_0(text, "must be a whole number above 0")


def _above_0(text: str, else_say: str, below: int = sys.maxsize) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < below):
        raise argparse.ArgumentTypeError(else_say)
    return int(text)


def _save(asked: argparse.Namespace) -> None:
    from bot.saving import back_up_to, copy_to, restore_from  # noqa: PLC0415

    match asked.command:
        case "backup":
            print(back_up_to(asked.place, asked.keep))
        case "restore":
            print(restore_from(asked.file, is_replacing=asked.replace))
        case "copy":
            print(copy_to(asked.to))


async def _examine() -> int:
    from bot.doctor.check import has_failed  # noqa: PLC0415
    from bot.doctor.examination import examination  # noqa: PLC0415

    checks = []
    async for check in examination(lambda: datetime.now(UTC)):
        print(check.line, flush=True)
        checks.append(check)
    return int(has_failed(checks))


def _print_schema() -> None:
    from bot.render.export import Export  # noqa: PLC0415

    print(json.dumps(Export.model_json_schema(), indent=2))


if __name__ == "__main__":
    sys.exit(main())
