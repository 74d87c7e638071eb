"""The bot believes nothing of what a worker says but that it is an answer, and runs nothing of it."""

import asyncio
import pickle
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from bot.render.answer import picture_labels
from bot.workers.answers import AnsweringContext, NotAnAnswer, WorkerError
from bot.workers.looking import Seen
from bot.workers.pool import SET_ASIDE, Workers, seen_in
from inference.assess import Assessment, assess
from inference.classes import LesionClass
from inference.errors import UnreadableImage
from inference.model import load_model
from tests.bot.workers.in_worker import InWorker, done_in
from tests.shipped import CONTENT, ROOT

PHOTOS = sorted(path for path in (ROOT / "tests" / "photos").iterdir() if path.suffix != ".md")
LABELS = picture_labels(CONTENT.texts("en"))
_SAYS = """
lambda *_: [way.send_bytes({said}) for way in __import__('gc').get_objects()
            if type(way).__name__ == '_InWorker' and way.writable] and __import__('time').sleep(30)
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, ROOT / "models", ROOT / "content" / "fonts")
    assert pool.is_alive
    yield pool
    pool.stop()


class Evil:
    """Makes a folder where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.mkdir, (self.folder,)


def test_evil_object_is_evil(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Evil(tmp_path / "made")))  # noqa: S301 - what this test wrote
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize("way", ["pickle", "nonsense", "too long", "too much JSON", "no answer", "another kind"])
async def test_what_is_no_answer_runs_nothing_and_the_pool_goes_on(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, way: str
) -> None:
    source = {
        "pickle": _SAYS.format(said=pickle.dumps(Evil(tmp_path / "made"))),
        "nonsense": _SAYS.format(said=rb"b'[' * 100_000"),
        "too long": _SAYS.format(said="bytes(17 * 2**20)"),
        "too much JSON": _SAYS.format(said=rb"""b'{"task": 0, "value": [' + b'{},' * 30_000 + b"0]}" """),
        "no answer": _SAYS.format(said=b'{"task": 0, "secret": "words"}'),
        "another kind": "lambda *_: {'assessment': 'secret words'}",
    }[way]
    with monkeypatch.context() as taken_over:
        taken_over.setattr("bot.workers.pool.see", InWorker(source))
        seen = await asyncio.wait_for(workers.see(b"photo", LABELS), 60)
    assert seen.declined_because == SET_ASIDE
    assert not (tmp_path / "made").exists()
    assert [record.getMessage() for record in caplog.records] == [
        "A worker said what is no answer; all are started anew"
    ] * 2
    assert (await workers.see(PHOTOS[1].read_bytes(), LABELS)).declined_because is None


async def test_answer_says_what_the_worker_saw(workers: Workers) -> None:
    model = load_model(ROOT / "models")
    for path in PHOTOS:
        seen = await workers.see(path.read_bytes(), LABELS)
        if seen.assessment is None:
            with pytest.raises(UnreadableImage) as unreadable:
                assess(path.read_bytes(), model)
            assert seen == Seen(None, None, unreadable.value.code)
            continue
        assessment = assess(path.read_bytes(), model)
        for field in fields(Assessment):
            if field.name not in {"heatmap", "view_rgb", "overview_rgb"}:
                assert getattr(seen.assessment, field.name) == getattr(assessment, field.name), field.name
        assert seen.declined_because == assessment.declined_because
        assert (seen.picture is None) == (assessment.declined_because is not None)
        assert (seen.picture or b"\xff\xd8").startswith(b"\xff\xd8")


async def test_worker_answers_for_the_mix_of_the_people_it_is_for() -> None:
    mix = {lesion: index + 1.0 for index, lesion in enumerate(LesionClass)}
    pool = Workers(1, ROOT / "models", ROOT / "content" / "fonts", mix)
    try:
        seen = await pool.see(PHOTOS[1].read_bytes(), LABELS)
    finally:
        pool.stop()
    expected = assess(PHOTOS[1].read_bytes(), load_model(ROOT / "models", mix))
    assert seen.assessment is not None
    assert (seen.assessment.is_for_own_mix, seen.assessment.probabilities) == (True, expected.probabilities)


def test_way_that_is_closed_as_the_pool_is_stopped_blames_no_worker() -> None:
    reader, writer = AnsweringContext().Pipe()
    reader.close()
    writer.close()
    with pytest.raises(EOFError):
        reader.recv()


def test_picture_that_is_named_a_thousand_times_is_there_once() -> None:
    reader, writer = AnsweringContext().Pipe()
    writer.send_bytes(b'{"task": 1, "value": [' + b'{"raw": true},' * 1000 + b"0]}\njpeg")
    *pictures, _ = reader.recv().result.value
    assert pictures == [b"jpeg"] * 1000
    assert len({id(picture) for picture in pictures}) == 1


def test_error_of_a_worker_is_told_by_its_name(workers: Workers) -> None:
    with pytest.raises(WorkerError, match="ZeroDivisionError: division by zero") as told:
        done_in(workers, "lambda: 1 / 0")
    assert "<lambda>" in str(told.value.__cause__)


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"assessment": None, "picture": 10**12, "declined_because": None},
        {"assessment": None, "picture": None, "declined_because": ["blurred"]},
        {"assessment": {"probabilities": {"nv": 1}}, "picture": None, "declined_because": None},
        {"assessment": None, "picture": None},
        {"assessment": None, "picture": {"raw": [0, 10**12]}, "declined_because": None},
        {"assessment": None, "picture": None, "declined_because": 10**400},
    ],
)
def test_what_a_worker_did_not_see_is_not_built(told: object) -> None:
    with pytest.raises(NotAnAnswer):
        seen_in(told)


def test_worker_does_not_load_what_checks_its_answers(workers: Workers) -> None:
    assert "numpy" in str(done_in(workers, "lambda: ' '.join(__import__('sys').modules)"))
    assert "pydantic" not in str(done_in(workers, "lambda: ' '.join(__import__('sys').modules)"))
