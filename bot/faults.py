"""Which faults pass by themselves."""

from sqlalchemy.exc import OperationalError
from telegram.error import BadRequest, NetworkError, RetryAfter


def is_transient(error: BaseException) -> bool:
    """Whether the same call may go through later: Telegram or the database is away, slow or busy."""
    if isinstance(error, BadRequest):  # a NetworkError to python-telegram-bot, but it will not pass
        return False
    return isinstance(error, NetworkError | RetryAfter | OperationalError)
