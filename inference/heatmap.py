"""Where in the photo the answer comes from.

Source: Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150.
"""

from functools import lru_cache
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage

Heatmap: TypeAlias = NDArray[np.float32]
"""(h, w) float32 in [0, 1]: 1 where the photo speaks most for the class."""

_OPACITY: Final = 0.6  # of the strongest place: the lesion must stay visible under it
_OUTLINED: Final = 0.499  # heat inside the outline; not a half, or all of an even half would be its edge
_CORE_PX: Final = 2.5  # from the middle of the outline to the edge of its white core
_EDGE_PX: Final = 3.4  # likewise, of the dark line around it
_EDGE_RGB: Final = (28, 36, 48)
_STEP_PX: Final = 3  # of the picture, between the places where heat and the way to the outline are computed
_NEAR_PX: Final = 6  # as far from the outline, a level of the palette tells how far it is
_LEVELS_A_PX: Final = 6
_LINE_LEVELS: Final = _NEAR_PX * _LEVELS_A_PX  # on each side of the middle level; the others tell how hot it is
_MIDDLE: Final = 127.5
_EVEN: Final = 1e-6  # change of heat from pixel to pixel where there is none
_NOTHING: Final = np.empty((0, 0), np.float32)


def class_heatmap(class_activation_map: NDArray[np.float32], class_index: int) -> Heatmap:
    """Return what speaks for one class: its activation map where it is above zero.

    What speaks for every class alike is in it, and changes no probability. Without that, the strongest place lay on the
    lesion in fewer photos (73 % against 84 % of the validation part, with the first network), so that patients were
    pointed to skin. It is this map that the network has been taught to see on the lesion since, see training/train.py.

    Args:
        class_activation_map: (7, h, w) float32.
        class_index: the class, in LesionClass order.

    Returns:
        (h, w) float32 in [0, 1]: the strongest place is 1; all 0 where nothing speaks for the class.
    """
    positive = np.maximum(class_activation_map[class_index], 0)
    return np.asarray(positive / max(float(positive.max()), 1e-6), np.float32)


def overlay(image_rgb: RgbImage, heatmap: Heatmap) -> RgbImage:
    """Lay the heat-map over the photo in grey, so that colour means heat alone, and outline where there is most.

    Viridis grows lighter all the way and is read by the colour-blind as well; the outline needs no colour at all.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
        heatmap: (h, w) float32 in [0, 1]; enlarged to (H, W) here. Where it is 0 the grey photo shows.

    Returns:
        (H, W, 3) uint8, RGB; a new array.
    """
    height, width = image_rgb.shape[:2]
    levels = cv2.resize(_levels(heatmap, height, width), (width, height), interpolation=cv2.INTER_LINEAR)
    colours, transparency = _palette()
    grey = cv2.multiply(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY), cv2.LUT(levels, transparency), scale=1 / 255)
    tinted = cv2.add(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), cv2.applyColorMap(levels, colours))
    return tinted.astype(np.uint8, copy=False)


def _levels(heatmap: Heatmap, height: int, width: int) -> NDArray[np.uint8]:
    """Return where in the palette each third pixel of a picture of this size is.

    Below the middle level and above it: first how far the outline is, up to 6 px, then how hot it is.
    """
    heat = _enlarged(heatmap, -(-height // _STEP_PX), -(-width // _STEP_PX)) - np.float32(255 * _OUTLINED)
    across, down = (cv2.Sobel(heat, cv2.CV_32F, *axis, ksize=1, scale=0.5 / _STEP_PX) for axis in ((1, 0), (0, 1)))
    away_px = heat / (cv2.magnitude(across, down) + np.float32(_EVEN))
    beyond = np.clip(np.abs(away_px) / _NEAR_PX - 1, 0, 1)
    near = np.clip(away_px * _LEVELS_A_PX, -_LINE_LEVELS, _LINE_LEVELS)
    levels = near + heat * beyond * ((_MIDDLE - _LINE_LEVELS) / _MIDDLE) + _MIDDLE
    return np.asarray(np.rint(levels), np.uint8)


def _enlarged(heatmap: Heatmap, height: int, width: int) -> NDArray[np.float32]:
    """Return the heat at this size, 0 to 255, without the network's coarse squares; the strongest place stays so."""
    rows, columns = _spline(heatmap.shape[0], height), _spline(heatmap.shape[1], width)
    # numpy's product would wake the threads of its BLAS, and wait for them where other processes keep the cores busy
    heat = cv2.gemm(cv2.gemm(rows, heatmap, 1, _NOTHING, 0), columns, 1, _NOTHING, 0, flags=cv2.GEMM_2_T)
    strongest = 255 * float(heatmap.max()) / max(float(heat.max()), 1e-6)
    return np.asarray(heat * np.float32(strongest), np.float32)


@lru_cache(maxsize=16)
def _spline(knots: int, samples: int) -> NDArray[np.float32]:
    """Return the weights, (samples, knots), with which a row of cells becomes a smooth curve; beyond its ends it stays.

    Source: Unser 1999, Splines: A Perfect Fit for Signal and Image Processing, doi:10.1109/79.799930 (cubic B-spline).
    """
    positions = (np.arange(samples) + 0.5) * knots / samples - 0.5
    reached = np.arange(-2, knots + 2)
    distance = np.abs(positions[:, None] - reached)
    near, far = 2 / 3 - distance**2 * (1 - distance / 2), np.maximum(2 - distance, 0) ** 3 / 6
    weights = np.where(distance < 1, near, far)
    cell_of = np.eye(knots)[np.clip(reached, 0, knots - 1)]
    return np.asarray(weights @ cell_of, np.float32)


@lru_cache(maxsize=1)
def _palette() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return for each level the colour's part, RGB, and the grey photo's, of 255.

    The outline is light on dark, which is seen on every skin.
    """
    from_middle = np.arange(256)[:, None] - _MIDDLE
    hotter = np.sign(from_middle) * np.maximum(np.abs(from_middle) - _LINE_LEVELS, 0)
    heat = _MIDDLE + hotter * _MIDDLE / (_MIDDLE - _LINE_LEVELS)
    viridis_rgb = cv2.applyColorMap(np.rint(heat).astype(np.uint8), cv2.COLORMAP_VIRIDIS)[:, 0, ::-1]
    shown = np.concatenate([viridis_rgb * (heat / 255 * _OPACITY), 1 - heat / 255 * _OPACITY], axis=1)
    for width_px, colour in ((_EDGE_PX, (*_EDGE_RGB, 0)), (_CORE_PX, (255, 255, 255, 0))):
        inked = np.clip(width_px + 0.5 - np.abs(from_middle) / _LEVELS_A_PX, 0, 1)
        shown += inked * (colour - shown)
    colours = np.rint(shown[:, :3]).astype(np.uint8)[:, None]
    return colours, np.rint(255 * shown[:, 3:]).astype(np.uint8)
