"""`python -m bot run` and `python -m bot migrate`."""

import argparse
import asyncio
import sys


def main() -> int:
    """Run the command line; returns the exit status."""
    # Every worker process imports this file: what only the bot itself needs is imported here.
    from bot.app import run  # noqa: PLC0415
    from bot.errors import ContentError, SettingsError  # noqa: PLC0415
    from bot.logs import start_logging  # noqa: PLC0415
    from bot.settings import Settings, StorageSettings, load  # noqa: PLC0415
    from bot.storage.database import migrate  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Lentigo, a Telegram bot about spots on the skin."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="bring the database up to date and run the bot (long polling)")
    commands.add_parser("migrate", help="bring the database up to date")
    command = parser.parse_args().command
    try:
        if command == "migrate":
            migrate(load(StorageSettings).storage_url)
        else:
            settings = load(Settings)
            start_logging(settings.log_level, settings.bot_token.get_secret_value())
            migrate(settings.storage_url)
            asyncio.run(run(settings))
    except (SettingsError, ContentError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the bot was ready to be stopped
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
