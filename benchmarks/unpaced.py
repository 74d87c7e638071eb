"""`python -m bot run` as it is, but that it doesn't keep to Telegram's pace: for measuring what it could do.

    python -m benchmarks.unpaced [--profile=FILE] run|worker

The FILE says at the end where the time went; `python -m pstats` reads it.
"""

import cProfile
import sys
from typing import Final

from bot.__main__ import main
from bot.connection import pacing

_NO_LIMIT: Final = (1_000_000, 1.0)


def run() -> int:
    """Run the bot until it is told to stop."""
    pacing._ALL_CHATS = pacing._ONE_CHAT = pacing._PHOTOS = _NO_LIMIT  # type: ignore[misc]  # noqa: SLF001
    option, _, profile = sys.argv[1].partition("=")
    if option != "--profile":
        return main()
    del sys.argv[1]
    with cProfile.Profile() as profiler:
        status = main()
    profiler.dump_stats(profile)
    return status


if __name__ == "__main__":
    sys.exit(run())
