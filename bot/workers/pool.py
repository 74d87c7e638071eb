"""The pool of processes that look at photos. A photo that ends a worker never ends the bot."""

import asyncio
import logging
import os
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WorkTimeoutError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final

from pebble import ProcessExpired, ProcessPool
from pydantic import ConfigDict, TypeAdapter

from bot.pictures.answer import PictureLabels
from bot.workers.answers import AnsweringContext, NotAnAnswer
from bot.workers.looking import Seen, greet, see
from bot.workers.shut_in import begin
from inference.calibration import ClassMix
from inference.errors import UnreadableImage

_TIMEOUT_S: Final = 60
_START_S: Final = 10  # of a process
_TRIES: Final = 4  # for a photo that is not to blame
_DEATHS_TO_BLAME: Final = 2
_NO_CHANNEL: Final = 1  # exit code of a process that waited for it in vain
_MEMORY_LIMIT: Final = 4 * 2**30  # bytes of address space; a worker asks for less than 2

SET_ASIDE: Final = "set_aside"  # why a photo was declined that ended its workers

_ONE_SEEN: Final = TypeAdapter(tuple[Seen], config=ConfigDict(arbitrary_types_allowed=True))  # alone it takes no config

_log = logging.getLogger(__name__)


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
        memory_limit: int = _MEMORY_LIMIT,
    ) -> None:
        self.count = count
        self._preparation = (model_dir, font_dir, mix, memory_limit)
        self._pool = self._new_pool()
        self._in_hand: set[Future[object]] = set()  # by this pool
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
            greetings = (asyncio.wrap_future(self._pool.schedule(greet, args=[labels])) for _ in range(self.count))
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
            except NotAnAnswer:
                _log.warning("A worker said what is no answer; all are started anew")
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
        seeing = pool.schedule(see, args=[photo, labels], timeout=_TIMEOUT_S)
        in_hand.add(seeing)
        seeing.add_done_callback(in_hand.discard)
        try:
            return seen_in(await asyncio.wait_for(asyncio.wrap_future(seeing), 2 * _TIMEOUT_S + _START_S))
        except NotAnAnswer:
            await self._replace(pool)
            raise
        except BrokenProcessPool as error:
            if isinstance(error.__cause__, NotAnAnswer):  # perhaps to another photo: nobody knows which worker it was
                raise NotAnAnswer from None
            raise
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
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of numpy in the workers, which inherit it
        return ProcessPool(
            max_workers=self.count,
            initializer=begin,
            initargs=self._preparation,
            context=AnsweringContext(),
        )


def seen_in(told: object) -> Seen:
    """Return what a worker saw, from what it has told; arrays are empty.

    Raises:
        NotAnAnswer: it tells of no such thing.
    """
    try:
        (seen,) = _ONE_SEEN.validate_python((told,))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it may be made to be
        raise NotAnAnswer from None
    return seen
