"""Whether a photo shows an answer of the bot's own: judged again, it could come out milder.

It is told by its paper. A wall or a sheet of paper may have that colour, too, but spreads around it, as light does.
"""

from typing import Final

import numpy as np
from PIL import ImageColor

from bot.pictures.drawing import PAPER
from inference.image import RgbImage

OWN_ANSWER: Final = "own_answer"  # why such a photo is declined
_PAPER_RGB: Final = np.array(ImageColor.getrgb(PAPER), np.int16)
_SAME: Final = 2  # levels by which a JPEG changes an even colour
_NEAR: Final = 6  # white is further away
_LEAST: Final = 0.1  # of a photo is paper: half of an answer is, and a screen has other things around it
_EVEN: Final = 0.5  # of what is near the paper's colour has that colour


def shows_own_answer(overview_rgb: RgbImage) -> bool:
    """Return whether it does; where little of it is left, or it was photographed off a screen, that can't be told.

    Args:
        overview_rgb: (h, w, 3) uint8, RGB; see Assessment.overview_rgb.
    """
    off = np.abs(overview_rgb - _PAPER_RGB).max(axis=2)
    same, near = np.count_nonzero(off <= _SAME), np.count_nonzero(off <= _NEAR)
    return bool(same >= max(_LEAST * off.size, _EVEN * near))
