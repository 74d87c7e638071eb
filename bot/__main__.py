"""`python -m bot run`, `migrate`, `receipt CODE` and `schema`."""

import argparse
import asyncio
import json
import sys


def main() -> int:
    """Run the command line; returns the exit status."""
    # Every worker process imports this file: what only the bot itself needs is imported here.
    from bot.errors import ContentError, SettingsError  # noqa: PLC0415

    asked = _arguments().parse_args()
    try:
        match asked.command:
            case "run":
                _run()
            case "migrate":
                _migrate()
            case "receipt":
                return _check_receipt(asked.code)
            case "schema":
                _print_schema()
    except (SettingsError, ContentError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the bot was ready to be stopped
        return 130
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Lentigo, a Telegram bot about spots on the skin."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="bring the database up to date and run the bot (long polling)")
    commands.add_parser("migrate", help="bring the database up to date")
    receipt = commands.add_parser("receipt", help="say what the receipt of an erasure stands for")
    receipt.add_argument("code", help="as /delete gave it: XXXX-XXXX-XXXX-XXXX-XXXX")
    commands.add_parser("schema", help="print the schema of the file that /export sends")
    return parser


def _run() -> None:
    from bot.app import run  # noqa: PLC0415
    from bot.logs import start_logging  # noqa: PLC0415
    from bot.settings import Settings, load  # noqa: PLC0415
    from bot.storage.database import migrate  # noqa: PLC0415

    settings = load(Settings)
    start_logging(settings.log_level, settings.bot_token.get_secret_value())
    migrate(settings.storage_url)
    asyncio.run(run(settings))


def _migrate() -> str:
    """Bring the database up to date; returns its address."""
    from bot.settings import StorageSettings, load  # noqa: PLC0415
    from bot.storage.database import migrate  # noqa: PLC0415

    url = load(StorageSettings).storage_url
    migrate(url)
    return url


def _check_receipt(code: str) -> int:
    from bot.storage.database import open_database  # noqa: PLC0415
    from bot.storage.records import Erasure, Records  # noqa: PLC0415

    async def look_up(url: str) -> Erasure | None:
        engine = open_database(url)
        try:
            return await Records(engine).erasure(code)
        finally:
            await engine.dispose()

    erasure = asyncio.run(look_up(_migrate()))
    if erasure is None:
        print("This service never gave such a receipt.", file=sys.stderr)
        return 1
    rows = ", ".join(f"{count} of {table}" for table, count in erasure.counts.items())
    print(f"On {erasure.erased_on} every row of one person was erased: {rows}.")
    return 0


def _print_schema() -> None:
    from bot.export import Export  # noqa: PLC0415

    print(json.dumps(Export.model_json_schema(), indent=2))


if __name__ == "__main__":
    sys.exit(main())
