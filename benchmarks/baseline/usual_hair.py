"""The copy of DullRazor that most projects paste: grey, black-hat, threshold, inpainting.

Source: the recipe as it circulates in public notebooks on HAM10000; inpainting by Telea 2004,
doi:10.1080/10867651.2004.10487596.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE_PX: Final = 17
_THRESHOLD: Final = 10
_RADIUS_PX: Final = 1


def usual_hair_removal(image_rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the photo without what it takes for hair, and the mask of that.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
    """
    grey = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (_SIDE_PX, _SIDE_PX))
    mask = (cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, square) > _THRESHOLD).astype(np.uint8)
    return cv2.inpaint(image_rgb, mask, _RADIUS_PX, cv2.INPAINT_TELEA).astype(np.uint8, copy=False), mask > 0
