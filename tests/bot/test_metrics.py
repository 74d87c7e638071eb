"""What is counted, and that what asks for it asks for what there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.connection.reach import Reach, failure_kind
from bot.incoming.updates import kind_of
from bot.metrics import TELEGRAM_FAILURES, Metrics, Stage
from bot.storage.measuring import measure

ROOT = Path(__file__).parents[2]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "ops/grafana/lentigo.json").read_text(encoding="utf-8"))
RULES = (ROOT / "ops/prometheus/alerts.yml").read_text(encoding="utf-8")
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
QUERIES += [variable["query"]["query"] for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query"]
CONDITIONS = re.findall(r"^ +expr: (.+)$", RULES, re.MULTILINE)
OF_PROMETHEUS = {"up"}
NO_METRICS = {"histogram_quantile", "label_values", "min_over_time", "increase", "rate", "count", "sum", "time", "by"}


def everything() -> Metrics:
    """A registry in which everything has been counted once."""
    metrics = Metrics()
    metrics.update_begun("text")
    metrics.updates_repeated(1)
    metrics.update_handled(0.1)
    metrics.webhook_refused(403)
    metrics.photo_waited(1)
    metrics.photo_closed("assessed", 2)
    metrics.show_queue(1, 2, 3, 4)
    metrics.show_dependencies({"database": True, "telegram": False})
    metrics.show_model("lentigo-3", "a" * 64)
    metrics.telegram_answered()
    metrics.telegram_failed("429")
    metrics.statement_done(0.001)
    metrics.statement_failed("OperationalError")
    metrics.incident_recorded()
    metrics.alert_sent("queue-old")
    with metrics.stage(Stage.ASSESS):
        pass
    return metrics


def samples(metrics: Metrics) -> dict[str, set[str]]:
    """The names of all samples, and each one's labels."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def metrics_of(query: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[\w+\]|by \([^)]*\)", "", query)
    return set(re.findall(r"[a-z_]{2,}", bare)) - NO_METRICS - {"job"} - OF_PROMETHEUS


def labels_of(query: str) -> set[str]:
    by = {name.strip() for names in re.findall(r"by \(([^)]*)\)", query) for name in names.split(",")}
    return by | set(re.findall(r"(\w+)(?:=|!=|=~)\"", query))


@pytest.mark.parametrize("query", QUERIES + CONDITIONS)
def test_every_metric_and_label_that_is_asked_for_exists(query: str) -> None:
    known = samples(everything())
    asked = metrics_of(query)
    assert asked <= known.keys()
    assert asked or "up{" in query
    assert labels_of(query) <= {"job", "le"}.union(*(known[name] for name in asked))


def test_dashboard_and_rules_leave_no_metric_out() -> None:
    asked = set().union(*(metrics_of(query) for query in QUERIES))
    own = {re.sub(r"_(bucket|sum|count|total|created|info)$", "", name) for name in samples(everything())}
    shown = {re.sub(r"_(bucket|sum|count|total|created|info)$", "", name) for name in asked}
    assert {name for name in own - shown if name.startswith("lentigo_")} == set()
    assert len(CONDITIONS) == RULES.count("- alert:") == RULES.count("summary:") == RULES.count("severity:")


def test_panels_lie_side_by_side() -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_two_processes_of_metrics_know_nothing_of_each_other() -> None:
    first, second = Metrics(), Metrics()
    first.update_begun("text")
    assert "lentigo_updates_total{" not in second.text().decode()


def test_no_label_tells_of_anybody() -> None:
    labels = set().union(*samples(everything()).values())
    assert labels == {"dependency", "kind", "le", "name", "outcome", "sha256", "stage", "status"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"message": {"text": "hello"}}, "text"),
        ({"message": {"text": "/help"}}, "command"),
        ({"message": {"location": {"longitude": 1, "latitude": 2}}}, "location"),
        ({"message": {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}}, "photo"),
        ({"message": {"document": {"file_id": "a", "file_unique_id": "b"}}}, "document"),
        ({"message": {"new_chat_title": "x"}}, "other"),
        ({"edited_message": {"text": "hello"}}, "other"),
        ({"callback_query": {}}, "button"),
        ({}, "other"),
    ],
)
def test_updates_have_few_kinds(fields: dict[str, Any], kind: str) -> None:
    person = {"id": 5, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": 1, "date": 1_795_000_000, "chat": {"id": 5, "type": "private"}, "from": person}
    needed = {
        "message": message,
        "edited_message": message,
        "callback_query": {"id": "1", "from": person, "chat_instance": "1"},
    }
    described = {name: needed[name] | value for name, value in fields.items()}
    assert kind_of(Update.de_json({"update_id": 1, **described})) == kind


def _caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "is_in_reach"),
    [
        (RetryAfter(3), "429", True),
        (BadRequest("wrong"), "refused", True),
        (Forbidden("blocked"), "refused", True),
        (InvalidToken(), "refused", True),
        (Conflict("another"), "refused", True),
        (ChatMigrated(-100), "refused", True),
        (TimedOut(), "timeout", False),
        (_caused(NetworkError("reset"), ConnectionError()), "network", False),
        (_caused(NetworkError("Bad Gateway (502)"), TelegramError("no JSON")), "5xx", False),
        (NetworkError("Bad Gateway"), "5xx", False),
    ],
)
def test_failures_of_telegram_have_few_kinds(error: TelegramError, kind: str, *, is_in_reach: bool) -> None:
    moments, metrics = iter([10.0, 10.0, 10.0]), Metrics()
    reach = Reach(metrics, lambda: next(moments))
    reach.failed(error)
    assert failure_kind(error) == kind
    assert kind in TELEGRAM_FAILURES
    assert (reach.silent_s == 0) == is_in_reach
    assert f'lentigo_telegram_errors_total{{kind="{kind}"}} 1.0' in metrics.text().decode()


def test_errors_that_may_come_are_shown_before_they_do_so_that_their_first_rise_is_seen() -> None:
    shown = Metrics().text().decode()
    for kind in TELEGRAM_FAILURES:
        assert f'lentigo_telegram_errors_total{{kind="{kind}"}} 0.0' in shown
    for kind in ("OperationalError", "InterfaceError", "DBAPIError"):
        assert f'lentigo_database_errors_total{{kind="{kind}"}} 0.0' in shown


async def test_statements_and_errors_of_the_database_are_counted(engine: AsyncEngine) -> None:
    metrics = Metrics()
    measure(engine, metrics)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text("SELECT nothing FROM nowhere"))
    written = metrics.text().decode()
    assert "lentigo_database_seconds_count 1.0" in written
    assert f'lentigo_database_errors_total{{kind="{type(refused.value).__name__}"}} 1.0' in written
