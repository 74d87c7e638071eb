"""What this process hands on of its environment, in which secrets stand."""

import os
import re
from typing import Final

from bot.prctl import keep_to_itself

_SECRETS: Final = frozenset(
    {
        *("BOT_TOKEN", "DATABASE_URL", "ENCRYPTION_KEYS", "WEBHOOK_SECRET"),
        "POSTGRES_PASSWORD",  # a part of DATABASE_URL; compose.postgres.yaml hands on all of .env
    }
)
# What processes that are started may know of the environment. Libraries of this process that ask the C library see no
# more than that either: libpq is one.
_HANDED_ON: Final = re.compile(
    "PATH|HOME|USER|TZ|TZDIR|TMPDIR|LANG|LANGUAGE|LC_.*|LD_.*|DYLD_.*|PYTHON.*|VIRTUAL_ENV|SSL_CERT_(FILE|DIR)"
    "|MALLOC_.*|GLIBC_TUNABLES|OPENBLAS_.*|OMP_.*|ORT_DISABLE_TELEMETRY|PG.*(?<!PASSWORD)"
)


def forget_secrets() -> None:
    """Take what opens doors out of the environment, and hand on to processes started from here on only what they need.

    On Linux they can't read it out of this one either, unless they are root's.
    """
    for name in [name for name in os.environ if name.upper() in _SECRETS]:
        del os.environ[name]
    for name in os.environ:
        if not _HANDED_ON.fullmatch(name):
            os.unsetenv(name)  # os.environ still has it: HTTPS_PROXY is for this process
    keep_to_itself()
