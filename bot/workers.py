"""The pool of processes that look at photos. A photo that ends a worker never ends the bot."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WorkTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from pebble import CONSTS, ProcessExpired, ProcessPool

from bot.picture import PictureLabels, answer_picture
from inference.assess import Assessment, assess
from inference.calibration import ClassMix
from inference.errors import InferenceError, UnreadableImage
from inference.model import Model, load_model

_TIMEOUT_S: Final = 60
_START_S: Final = 10  # of a process
_TRIES: Final = 4  # for a photo that is not to blame
_DEATHS_TO_BLAME: Final = 2
_CHANNEL_S: Final = 5  # that a process may keep the way to the bot for itself; it needs milliseconds
_NO_CHANNEL: Final = 1  # exit code of a process that waited for it in vain
_MEMORY_LIMIT: Final = 4 * 2**30  # bytes of address space; a worker asks for less than 2
_NICENESS: Final = 5  # the bot itself goes first: it answers everybody else meanwhile

_MAX_OPEN_FILES: Final = 64
SET_ASIDE: Final = "set_aside"  # why a photo was declined that ended its workers

_NO_PIXELS: Final = np.empty((0, 0, 3), np.uint8)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker made of a photo.

    Attributes:
        assessment: without the pixels of its view, which stay here; None where the photo could not be read.
        picture: the JPEG for the patient; None unless the photo was assessed.
        declined_because: a DeclineReason, an error's code or SET_ASIDE; None where it was assessed.
    """

    assessment: Assessment | None
    picture: bytes | None
    declined_because: str | None


class Workers:
    """A number of processes, one thread and one model each.

    Attributes:
        count: how many processes.
        has_model: whether they have loaded the model.
    """

    def __init__(
        self,
        count: int,
        model_dir: Path,
        font_dir: Path,
        mix: ClassMix | None = None,
        *,
        timeout_s: float = _TIMEOUT_S,
        memory_limit: int = _MEMORY_LIMIT,
    ) -> None:
        self.count = count
        self._timeout_s = timeout_s
        self._preparation = (model_dir, font_dir, mix, memory_limit)
        self._pool = self._new_pool()
        self._in_hand: set[Future[Seen]] = set()  # by this pool
        self.has_model = False

    @property
    def is_alive(self) -> bool:
        """Whether there are processes, or will be for the next photo."""
        return bool(self._pool.active)

    async def warm_up(self, labels: Sequence[PictureLabels] = ()) -> list[int]:
        """Start the processes, load the models and look at a first picture in each; returns who answered.

        The first photo of a patient then waits no longer than the tenth.

        Args:
            labels: of every language that pictures are drawn in.

        Raises:
            InferenceError: the model can't be loaded.
        """
        warm: set[int] = set()
        while len(warm) < self.count:  # one that starts sooner may answer for one that does not answer yet
            greetings = (asyncio.wrap_future(self._pool.schedule(_greet, args=[labels])) for _ in range(self.count))
            warm.update(await asyncio.gather(*greetings))
        self.has_model = True
        return sorted(warm)

    async def see(self, photo: bytes, labels: PictureLabels) -> Seen:
        """Assess a photo and draw the patient's picture.

        A worker can also be ended or halted from outside: only the second that fails with the same photo is the photo's
        doing.

        Raises:
            BrokenProcessPool: the workers end again and again, without a photo.
        """
        deaths = 0
        for _ in range(_TRIES):
            try:
                return await self._seen(photo, labels)
            except BrokenProcessPool:  # a worker ended that had nothing to do, or took the way to the bot with it
                _log.warning("A worker ended between photos; all are started anew")
            except ProcessExpired as error:
                _log.warning("A worker ended with a photo in hand, exit code %s", error.exitcode)
                deaths += 1
            except WorkTimeoutError:
                _log.warning("A photo took more time than a worker gives, and ended it")
                deaths += 1
            except MemoryError:
                _log.warning("A photo asked a worker for too much memory")
                return Seen(None, None, UnreadableImage.code)
            if deaths == _DEATHS_TO_BLAME:
                return Seen(None, None, SET_ASIDE)
        raise BrokenProcessPool("no worker stays alive")

    def stop(self) -> None:
        """End the processes, also in the middle of a photo: its case is kept."""
        self._pool.stop()
        self._pool.join()

    async def _seen(self, photo: bytes, labels: PictureLabels) -> Seen:
        """Ask the pool once.

        Its own limit of time begins when a process takes the photo, and goes by a clock that can be set. A process that
        was halted takes none, so here is another: for the photo, for one that goes before it, and for the start.
        """
        if not self._pool.active:
            await self._replace(self._pool)
        pool, in_hand = self._pool, self._in_hand
        seeing = pool.schedule(_see, args=[photo, labels], timeout=self._timeout_s)
        in_hand.add(seeing)
        seeing.add_done_callback(in_hand.discard)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(seeing), 2 * self._timeout_s + _START_S)
        except ProcessExpired as error:
            if error.exitcode != _NO_CHANNEL:
                raise
            await self._replace(pool)
            raise BrokenProcessPool("one process was killed while it kept the others from the bot") from error
        except WorkTimeoutError:
            if seeing.cancelled():  # by this limit, not by the pool's
                await self._replace(pool)
            raise

    async def _replace(self, pool: ProcessPool) -> None:
        """Start anew, unless somebody else did; whoever waits for this pool hears that it is broken."""
        if pool is not self._pool:
            return
        self._pool = self._new_pool()
        in_hand, self._in_hand = self._in_hand, set()
        pool.stop()
        await asyncio.to_thread(pool.join)
        for seeing in tuple(in_hand):
            if not seeing.done():
                seeing.set_exception(BrokenProcessPool("given up"))

    def _new_pool(self) -> ProcessPool:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of numpy in the workers, which inherit it
        return ProcessPool(
            max_workers=self.count,
            initializer=_prepare,
            initargs=self._preparation,
            context=multiprocessing.get_context("spawn"),
        )


_model: Model | InferenceError
_font_dir: Path


def _prepare(model_dir: Path, font_dir: Path, mix: ClassMix | None, memory_limit: int) -> None:
    global _model, _font_dir  # noqa: PLW0603 - one model a process, loaded once
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the bot ends its workers itself
    os.nice(_NICENESS)
    CONSTS.channel_lock_timeout = _CHANNEL_S
    _limit(memory_limit)
    cv2.setNumThreads(1)
    _font_dir = font_dir
    try:
        _model = load_model(model_dir, mix)
    except InferenceError as error:
        _model = error


def _loaded_model() -> Model:
    if isinstance(_model, InferenceError):
        raise _model
    return _model


def _greet(labels: Sequence[PictureLabels]) -> int:
    first = assess(first_photo(), _loaded_model())
    for words in labels:
        _picture(first, words)
    return os.getpid()


def first_photo() -> bytes:
    """Return a large JPEG of a hairy spot on skin: with it all that photos need is loaded, reserved and drawn once."""
    photo_bgr = np.full((960, 1280, 3), (155, 175, 225), np.uint8)
    cv2.circle(photo_bgr, (640, 480), 200, (60, 70, 120), cv2.FILLED)
    for x in range(460, 820, 60):
        cv2.line(photo_bgr, (x, 250), (x + 120, 700), (30, 30, 40), 5, cv2.LINE_AA)
    return cv2.imencode(".jpg", photo_bgr)[1].tobytes()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    sentinels: Sequence[int] = [parent.sentinel] if parent else []
    wait(sentinels)
    os._exit(1)


def _limit(memory: int) -> None:
    """Give up what looking at photos does not need: more memory, files, and dumps of what was in memory."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
    ):
        _, hard = resource.getrlimit(kind)
        wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with suppress(ValueError, OSError):  # macOS knows the limit of memory and refuses it
            resource.setrlimit(kind, (wanted, wanted))


def _see(photo: bytes, labels: PictureLabels) -> Seen:
    try:
        assessment = assess(photo, _loaded_model())
    except UnreadableImage as error:
        return Seen(None, None, error.code)
    picture = None if assessment.declined_because else _picture(assessment, labels)
    return Seen(replace(assessment, view_rgb=_NO_PIXELS), picture, assessment.declined_because)


def _picture(assessment: Assessment, labels: PictureLabels) -> bytes:
    return answer_picture(
        assessment.view_rgb,
        assessment.heatmap,
        assessment.heatmap_class,
        assessment.probabilities,
        labels,
        _font_dir,
    )
