"""A lesion on skin, as small scenes are made of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

SKIN = (200, 160, 140)
LESION = (80, 60, 50)


def frame() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    mask = cv2.circle(np.zeros((224, 224), np.uint8), (112, 112), 40, 255, -1)
    frame_rgb = np.full((224, 224, 3), SKIN, np.uint8)
    frame_rgb[mask > 0] = LESION
    return frame_rgb, np.asarray(mask, np.uint8)
