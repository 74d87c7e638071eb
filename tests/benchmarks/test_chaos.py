"""Chaos is the same for the same seed, notices what it looks for, and finds nothing in a few schedules."""

from pathlib import Path
from typing import Any, cast

from benchmarks.chaos import figures, verdict_on
from benchmarks.schedules import LONGEST_S, schedule_of
from emulator.objects import Message
from tests.conversations.stories import shown
from tests.shipped import CONTENT

STRUCK = ("bot", "worker", "database")


def said(message_id: int, *, reply_to: int, is_answer: bool = True, is_bot: bool = True) -> Message:
    message: dict[str, Any] = {"message_id": message_id, "from": {"is_bot": is_bot}, "chat": {"id": 7}}
    answered: dict[str, Any] = {"reply_to_message": {"message_id": reply_to}}
    content: dict[str, Any] = {"photo": [{}]} if is_answer else {"text": "Looking"}
    return cast("Message", message | answered | content)


def test_same_seed_gives_the_same_schedule_and_another_seed_another() -> None:
    assert schedule_of(7, STRUCK) == schedule_of(7, STRUCK)
    assert schedule_of(7, STRUCK) != schedule_of(8, STRUCK)


def test_schedules_strike_everything_and_end_soon() -> None:
    schedules = [schedule_of(seed, STRUCK) for seed in range(30)]
    assert {blow.what for schedule in schedules for blow in schedule.blows} == set(STRUCK)
    assert all(event.at_s <= LONGEST_S for schedule in schedules for event in schedule.events)
    assert all(schedule.photos and schedule.blows for schedule in schedules)


def test_lost_doubled_and_open_photos_are_noticed() -> None:
    sent = [(7, 1), (7, 2), (7, 3)]
    shown = [
        said(2, reply_to=0, is_bot=False),
        said(11, reply_to=1),
        said(12, reply_to=2),
        said(13, reply_to=2),
        said(14, reply_to=3, is_answer=False),
    ]
    verdict = verdict_on(1, sent, shown, (0, 0), 1.0)
    assert (verdict.lost, verdict.twice, verdict.left_over, verdict.is_good) == (1, 1, 1, False)
    assert not verdict_on(1, [(7, 1)], [said(11, reply_to=1)], (1, 0), 1.0).is_good


def test_sender_of_a_photo_that_was_set_aside_has_an_answer() -> None:
    words = shown(CONTENT.texts("en"), "declined-set-aside")
    told = said(11, reply_to=1, is_answer=False) | {"text": words}
    verdict = verdict_on(1, [(7, 1)], [told], (0, 0), 1.0)
    assert (verdict.set_aside, verdict.lost, verdict.left_over, verdict.is_good) == (1, 0, 0, True)


def test_photos_survive_a_few_random_schedules(tmp_path: Path) -> None:
    told = list(figures(range(1, 3), "sqlite", 2, tmp_path))
    left = [path.read_text(encoding="utf-8") for path in tmp_path.glob("seed-*.log")]
    assert not left, left[0]
    assert told[0].name.startswith("2 schedules, ")
    assert ", 0 photos" not in told[0].name
    assert [figure.is_met for figure in told[1:4]] == [True] * 3
