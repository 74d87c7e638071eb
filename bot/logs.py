"""The log: to standard error, for people or for machines, without secrets and without anybody's name."""

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Final, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.tracebacks import told

LogFormat = Literal["console", "json"]

# Only what this project says itself is heard below WARNING: libraries tell of addresses, names, texts and places there.
_OWN: Final = ("bot", "inference")
# These tell of others' words even in their warnings: what Telegram answers, and who sent a broken request.
_TELLING: Final = ("telegram.request", "aiohttp.server")
# Of these the words hold an error's, or a value's, repr: what stands before it is kept.
_HEADS: Final = {
    "asyncio": re.compile(r"[^\n(<]*"),  # "Task exception was never retrieved", then the task with its error
    "py.warnings": re.compile(r".*?:\d+: \w+|"),  # the file, the line and the kind; then whatever is warned of
}
_FIELDS: Final = ("case", "incident")  # what a record may carry beside its words

_REDACTIONS: Final = (
    (re.compile(r"\bbot\d+:[\w-]+"), "bot[token]"),  # as addresses at Telegram have it
    (re.compile(r"\b\d{6,}:[\w-]{30,}"), "[token]"),
    (re.compile(r"(\w://[^\s/:@\"'\\]+:)[^\s/@\"'\\]+@"), r"\1[password]@"),
    (re.compile(r"(\w://[^\s?\"'\\<>]+\?)[^\s\"'\\<>)]+"), r"\1[query]"),
    (
        re.compile(r"(?i)\b(authorization|x-telegram-bot-api-secret-token)(\W{1,6})(?:basic |bearer )?[^\s\"'\\,;]+"),
        r"\1\2[secret]",
    ),
)


class Redacting(structlog.stdlib.ProcessorFormatter):
    """Blackens secrets wherever they appear, in tracebacks too: the token is part of every address at Telegram."""

    def __init__(self, log_format: LogFormat, *secrets: str) -> None:
        super().__init__(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format)],
            foreign_pre_chain=_preparing(),
        )
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text without a secret."""
        return redacted(super().format(record), *self._secrets)


def redacted(text: str, *secrets: str) -> str:
    """Return a text without these secrets, and without what looks like one: a token, a password, a query."""
    for secret in secrets:
        text = text.replace(secret, "[token]")
    for pattern, instead in _REDACTIONS:
        text = pattern.sub(instead, text)
    return text


def start_logging(level: str, *secrets: str, log_format: LogFormat = "console") -> None:
    """Send every record of this level and above to standard error, of libraries only warnings and worse."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(log_format, *secrets))
    logging.captureWarnings(True)  # noqa: FBT003 - its name says what
    logging.basicConfig(
        level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), handlers=[handler], force=True
    )
    for own in _OWN:
        logging.getLogger(own).setLevel(level)
    for telling in _TELLING:
        logging.getLogger(telling).setLevel(logging.CRITICAL)
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_a_thread


def _log_the_end(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    logging.getLogger("bot").critical("Ended: %s", kind.__name__, exc_info=(kind, error, frames))


def _log_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    error = ended.exc_value or ended.exc_type()
    logging.getLogger("bot").error("A thread ended: %s", ended.exc_type.__name__, exc_info=error)


def _preparing() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=_FIELDS),
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _head,
        _in_one_line,
    ]


def _rendering(log_format: LogFormat) -> list[Processor]:
    in_words = structlog.processors.ExceptionRenderer(told)
    if log_format == "json":
        return [in_words, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback  # else it warns that the traceback comes as text
    return [in_words, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]


def _head(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep of a record of Python itself what is sure to be Python's."""
    pattern = _HEADS.get(event["logger"])
    if pattern is not None and (head := pattern.match(str(event["event"]))):
        event["event"] = head[0].rstrip()
    return event


def _in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Nobody's text can begin a line that looks like a record."""
    event["event"] = "\\n".join(str(event["event"]).splitlines())
    return event
