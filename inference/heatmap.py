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
_OUTLINED: Final = 0.5  # heat inside the outline
_LINE_PX: Final = 3  # width of the outline's white core, which a dark one surrounds
_LINE_STEP_PX: Final = 6  # between the points of the outline: thick lines cost by the point
_NOTHING: Final = np.empty((0, 0), np.float32)
_OUTLINE_BITS: Final = 3  # of a pixel's fraction, with which the outline is drawn


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
    """Lay the heat-map over the photo in grey, so that colour means heat alone, and outline where there is most.

    Viridis grows lighter all the way and is read by the colour-blind as well; the outline needs no colour at all.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
        heatmap: (h, w) float32 in [0, 1]; enlarged to (H, W) here. Where it is 0 the grey photo shows.

    Returns:
        (H, W, 3) uint8, RGB; a new array.
    """
    heat = _enlarged(heatmap, *image_rgb.shape[:2])
    colours, transparency = _palette()
    grey = cv2.multiply(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY), cv2.LUT(heat, transparency), scale=1 / 255)
    tinted = cv2.add(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), cv2.applyColorMap(heat, colours))
    tinted_rgb = tinted.astype(np.uint8, copy=False)
    _draw_outline(tinted_rgb, heat)
    return tinted_rgb


def _enlarged(heatmap: Heatmap, height: int, width: int) -> NDArray[np.uint8]:
    """Return the heat at this size, 0 to 255, without the network's coarse squares; the strongest place stays so."""
    rows, columns = _spline(heatmap.shape[0], height), _spline(heatmap.shape[1], width)
    # numpy's product would wake the threads of its BLAS, and wait for them where other processes keep the cores busy
    heat = cv2.gemm(cv2.gemm(rows, heatmap, 1, _NOTHING, 0), columns, 1, _NOTHING, 0, flags=cv2.GEMM_2_T)
    strongest = 255 * float(heatmap.max()) / max(float(heat.max()), 1e-6)
    return np.asarray(cv2.convertScaleAbs(heat, alpha=strongest), np.uint8)


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
    """Return for each heat the colour's part, RGB, and the grey photo's, of 255."""
    heat = np.arange(256, dtype=np.uint8)[:, None]
    opacity = heat / 255 * _OPACITY
    viridis_rgb = cv2.applyColorMap(heat, cv2.COLORMAP_VIRIDIS)[..., ::-1]
    colours = np.rint(viridis_rgb * opacity[..., None]).astype(np.uint8)
    return colours, np.rint(255 * (1 - opacity)).astype(np.uint8)


def _draw_outline(image_rgb: NDArray[np.uint8], heat: NDArray[np.uint8]) -> None:
    """Draw around what is hot, light on dark: seen on every skin; nothing along the edge of the photo."""
    beyond_px = 2 * _LINE_PX
    hot = np.pad((heat >= 255 * _OUTLINED).astype(np.uint8), beyond_px, "edge")
    lines, _ = cv2.findContours(hot, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE, offset=(-beyond_px, -beyond_px))
    around = [_smoothed(line.astype(np.int32, copy=False)) for line in lines]
    for width_px, colour in ((_LINE_PX + 2, (28, 36, 48)), (_LINE_PX, (255, 255, 255))):
        cv2.polylines(image_rgb, around, True, colour, width_px, cv2.LINE_AA, _OUTLINE_BITS)  # noqa: FBT003 - OpenCV's


def _smoothed(line: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a closed line through fewer points, without the stairs of its pixels, in fractions of a pixel."""
    if len(line) < 4 * _LINE_STEP_PX:
        return line * 2**_OUTLINE_BITS
    reach = _LINE_STEP_PX
    closed = np.concatenate([line[-reach:, 0], line[:, 0], line[:reach, 0]]).astype(np.float32)
    mean = cv2.blur(closed, (1, 2 * reach + 1))[reach:-reach:_LINE_STEP_PX]
    return np.rint(mean * 2**_OUTLINE_BITS).astype(np.int32)
