"""The log: to standard error, one line a record, without the bot token."""

import logging

# At DEBUG and INFO these libraries log addresses, names, texts and places.
_CHATTY = (
    *("aiosqlite", "alembic", "asyncio", "geopy", "httpcore", "httpx", "PIL", "procrastinate", "sqlalchemy"),
    "telegram",
)
_TELLING = "telegram.request"  # logs what Telegram answers, names and texts too, where that is no JSON
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redacting(logging.Formatter):
    """Blackens the token wherever it appears, in tracebacks too: it is part of every address at Telegram."""

    def __init__(self, secret: str) -> None:
        super().__init__(_FORMAT)
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without the secret."""
        return super().format(record).replace(self._secret, "[token]")


def start_logging(level: str, secret: str) -> None:
    """Send every record of this level and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(secret))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger(_TELLING).setLevel(logging.CRITICAL)
