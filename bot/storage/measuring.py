"""How long the database takes, and how often it fails."""

import time
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.metrics import Metrics

_BEGAN = "lentigo_began"


def measure(engine: AsyncEngine, metrics: Metrics) -> None:
    """Count every statement and every error from now on."""

    def begin(connection: Connection, *_: Any) -> None:  # noqa: ANN401 - of no use here
        connection.info[_BEGAN] = time.perf_counter()

    def end(connection: Connection, *_: Any) -> None:  # noqa: ANN401 - likewise
        if (began := connection.info.pop(_BEGAN, None)) is not None:
            metrics.statement_done(time.perf_counter() - began)

    def fail(context: ExceptionContext) -> None:
        metrics.statement_failed(type(context.sqlalchemy_exception or context.original_exception).__name__)

    event.listen(engine.sync_engine, "before_cursor_execute", begin)
    event.listen(engine.sync_engine, "after_cursor_execute", end)
    event.listen(engine.sync_engine, "handle_error", fail)
