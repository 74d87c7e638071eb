"""Where in the photo the answer comes from.

Source: Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150.
"""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage

Heatmap: TypeAlias = NDArray[np.float32]
"""(h, w) float32 in [0, 1]: 1 where the photo speaks most for the class."""

_OPACITY: Final = 0.8  # of the strongest place: the lesion must stay visible under it


def class_heatmap(class_activation_map: NDArray[np.float32], class_index: int) -> Heatmap:
    """Return what speaks for one class more than for the average class.

    Adding the same to every class changes no probability, so only the difference between classes is evidence.

    Args:
        class_activation_map: (7, h, w) float32.
        class_index: the class, in LesionClass order.

    Returns:
        (h, w) float32 in [0, 1]: the strongest place is 1; all 0 where nothing speaks for the class.
    """
    evidence = class_activation_map[class_index] - class_activation_map.mean(axis=0)
    positive = np.maximum(evidence, 0)
    return np.asarray(positive / max(float(positive.max()), 1e-6), np.float32)


def overlay(image_rgb: RgbImage, heatmap: Heatmap) -> RgbImage:
    """Lay the heat-map over the photo in grey, so that colour means heat alone.

    Viridis grows lighter all the way and is read by the colour-blind as well.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
        heatmap: (h, w) float32 in [0, 1]; resized to (H, W) here. Where it is 0 the grey photo shows.

    Returns:
        (H, W, 3) uint8, RGB; a new array.
    """
    height, width = image_rgb.shape[:2]
    heat = cv2.resize(heatmap, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    colours_bgr = cv2.applyColorMap((heat * 255 + 0.5).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    grey = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)[..., None]
    opacity = (heat * _OPACITY)[..., None]
    return (grey * (1 - opacity) + colours_bgr[..., ::-1] * opacity + 0.5).astype(np.uint8)
