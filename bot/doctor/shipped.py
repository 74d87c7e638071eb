"""What came with the program: the model, the texts, the type, the lists of dermatologists."""

import asyncio
import time
from pathlib import Path
from typing import Final

from PIL import ImageFont

from bot.doctor.check import Check, failed, ok, warning
from bot.errors import ContentError
from bot.library import Library
from bot.workers.network import network_in
from bot.workers.pool import Workers
from inference.errors import InferenceError

_SLOW_MS: Final = 1000
_TIMEOUT_S: Final = 60
_WEIGHTS: Final = ("Regular", "SemiBold")
_ANEW: Final = "Get the folder anew from the repository: git status shows what differs."


async def model(model_dir: Path, font_dir: Path) -> Check:
    """Return whether the files of the model belong together, and how long a photo takes.

    They are loaded where photos are looked at, in a process that is shut in: what is wrong with them may be made to be.
    """
    workers = Workers(1, model_dir, font_dir)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await workers.warm_up()  # the first photo takes longer: it loads and reserves
            began = time.perf_counter()
            await workers.warm_up()
            took_ms = (time.perf_counter() - began) * 1000
        name = network_in(model_dir).name
    except InferenceError as error:
        return failed("model", str(error).rstrip("."), _ANEW)
    finally:
        await asyncio.to_thread(workers.stop)
    words = f"{name}, its checksums are right; a test photo took {took_ms:.0f} ms"
    if took_ms > _SLOW_MS:
        return warning("model", words, "The machine is busy or slow: patients will wait.")
    return ok("model", words)


def content(content_dir: Path, model_dir: Path) -> list[Check]:
    """Return whether every language says everything, and the lists and the type can be read."""
    try:
        library = Library(content_dir, model_dir)
    except ContentError as error:
        return [failed("content", str(error).rstrip("."), f"Mend that line, or: {_ANEW}")]
    languages = ", ".join(library.content.by_language)
    return [ok("content", f"every message and page in {languages}"), _lists(library), fonts(library.font_dir)]


def _lists(library: Library) -> Check:
    timed = sum(bool(doctor.opening_hours) for doctor in library.directory.values())
    return ok("dermatologists", f"{len(library.directory):,} dermatologists, {timed:,} with opening hours")


def fonts(folder: Path) -> Check:
    """Return whether the type on the pictures can be read."""
    try:
        for weight in _WEIGHTS:
            ImageFont.truetype(folder / f"Inter-{weight}.otf", 20)
    except OSError:
        return failed("fonts", f"{folder} lacks one, or it is damaged", _ANEW)
    return ok("fonts", "the type on the pictures is there")
