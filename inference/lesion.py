"""Where the lesion is in a photo: a small segmentation network, and what its map says.

Source: Ronneberger et al. 2015, U-Net, arXiv:1505.04597; Howard et al. 2017, MobileNets, arXiv:1704.04861.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from inference.image import RgbImage, Square, resized

INPUT_SIDE_PX: Final = 96
MAP_SIDE_PX: Final = 48
VIEW_TO_LESION: Final = 2  # the side of a small lesion's view over its longer side; the smallest have a larger one

ProbabilityMap: TypeAlias = NDArray[np.float32]
"""(96, 96) float32 in [0, 1]: how likely each place of the whole photo, squeezed to a square, is lesion."""


@dataclass(frozen=True, slots=True)
class LesionLimits:
    """What a lesion must reach to be one, and how the network's view is laid around it; from model.json.

    Attributes:
        min_probability: of a place that belongs to a lesion.
        min_peak_probability: of the likeliest place of a lesion.
        min_presence_probability: of a photo that shows one at all.
        small_share: of the photo's short side; a lesion whose longer side has no more is looked at from nearer.
        view_min_side_px: no smaller view is cut.
        max_overhang: in shares of the short side, how far a lesion that is not small may reach out of the centre square
            before the view follows it.
    """

    min_probability: float
    min_peak_probability: float
    min_presence_probability: float
    small_share: float
    view_min_side_px: int
    max_overhang: float


@dataclass(frozen=True, slots=True)
class LesionRegion:
    """The main lesion of a photo.

    Attributes:
        left: of its box, in photo pixels.
        top: likewise.
        right: likewise, the first column beyond it.
        bottom: likewise, the first row beyond it.
        centre_x: the centre of its area, in photo pixels.
        centre_y: likewise.
        border_share: of its outline that lies on the photo's border, 0 to 1; above 0 it may go on beyond.
        peak_probability: of its likeliest place.
    """

    left: int
    top: int
    right: int
    bottom: int
    centre_x: float
    centre_y: float
    border_share: float
    peak_probability: float

    @property
    def longer_px(self) -> int:
        """The longer side of its box."""
        return max(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What the segmentation network says of one photo.

    Attributes:
        probability_map: over the whole photo.
        presence_probability: that there is a lesion at all.
        region: the main lesion; None where none is found.
        view: the part of the photo to look at, for image.lesion_view; None for the centre square.
    """

    probability_map: ProbabilityMap
    presence_probability: float
    region: LesionRegion | None
    view: Square | None


@dataclass(frozen=True, slots=True)
class LesionFinder:
    """The segmentation network with its limits."""

    limits: LesionLimits
    session: onnxruntime.InferenceSession

    def segmentation(self, image_rgb: RgbImage) -> Segmentation:
        """Look for the lesion in a whole photo.

        Args:
            image_rgb: (H, W, 3) uint8, RGB, of any shape.
        """
        small_map, presence = self.session.run(["lesion_map", "presence"], {"image": squeezed(image_rgb)[None]})
        enlarged = cv2.resize(small_map[0], (INPUT_SIDE_PX, INPUT_SIDE_PX), interpolation=cv2.INTER_LINEAR)
        probability_map = np.asarray(enlarged, np.float32)
        height_px, width_px = image_rgb.shape[:2]
        region, view = None, None
        if presence[0] >= self.limits.min_presence_probability:
            region = main_region(probability_map, width_px, height_px, self.limits)
        if region is not None:
            view = view_square(region, width_px, height_px, self.limits)
        return Segmentation(probability_map, float(presence[0]), region, view)


def squeezed(image_rgb: RgbImage) -> RgbImage:
    """Return the whole photo as the network is given it: (96, 96, 3) uint8, RGB, squeezed to a square.

    Of a large photo only every n-th pixel is looked at; at least four of them are averaged for each that comes out.
    """
    height_px, width_px = image_rgb.shape[:2]
    step = max(1, min(height_px, width_px) // (2 * INPUT_SIDE_PX))
    rows = image_rgb[::step]
    if width_px % step:
        return resized(np.ascontiguousarray(rows[:, ::step]), INPUT_SIDE_PX, INPUT_SIDE_PX)
    fewer_rgb = cv2.resize(rows, (width_px // step, len(rows)), interpolation=cv2.INTER_NEAREST)  # in half the time
    return resized(fewer_rgb.astype(np.uint8, copy=False), INPUT_SIDE_PX, INPUT_SIDE_PX)


def main_region(
    probability_map: ProbabilityMap, width_px: int, height_px: int, limits: LesionLimits
) -> LesionRegion | None:
    """Return the main lesion: of those that are sure enough the one of most and likeliest area, rather near the centre.

    Args:
        probability_map: (h, w) float32 over the whole photo.
        width_px: of the photo.
        height_px: of the photo.
        limits: what a lesion must reach.

    Returns:
        None where nothing reaches the limits.
    """
    is_lesion = (probability_map >= limits.min_probability).astype(np.uint8)
    joined = cv2.dilate(is_lesion, np.ones((3, 3), np.uint8))  # a hair across a lesion does not make two of it
    count, labels = cv2.connectedComponents(joined, connectivity=8, ltype=cv2.CV_32S)
    if count == 1:
        return None
    places = np.flatnonzero(is_lesion)
    of_place = labels.ravel()[places].astype(np.intp)
    probabilities = probability_map.ravel()[places]
    likely = np.bincount(of_place, probabilities * _centrality(*probability_map.shape).ravel()[places], minlength=count)
    peaks = np.zeros(count, np.float32)
    np.maximum.at(peaks, of_place, probabilities)
    likely[peaks < limits.min_peak_probability] = 0
    main = int(likely.argmax())
    if not likely[main]:
        return None
    return _described((labels == main) & (is_lesion > 0), (width_px, height_px), float(peaks[main]))


@cache
def _centrality(rows: int, columns: int) -> NDArray[np.float32]:
    """1 in the middle of the photo, 0.4 in its corners: people aim at what they mean."""
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)
    return np.asarray(1 - 0.3 * (x * x + y * y), np.float32)


def _described(
    is_main: NDArray[np.bool_],
    size_px: tuple[int, int],
    peak: float,
) -> LesionRegion:
    inside = is_main.view(np.uint8)
    rows, columns = is_main.shape
    left, top, width, height = cv2.boundingRect(inside)
    to_x, to_y = size_px[0] / columns, size_px[1] / rows
    area = int(inside.sum())
    by_column, by_row = inside.sum(axis=0), inside.sum(axis=1)
    inner = cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    on_border = int(by_row[0] + by_row[-1] + by_column[0] + by_column[-1])
    return LesionRegion(
        left=round(left * to_x),
        top=round(top * to_y),
        right=round((left + width) * to_x),
        bottom=round((top + height) * to_y),
        centre_x=float(by_column @ (np.arange(columns) + 0.5)) / area * to_x,
        centre_y=float(by_row @ (np.arange(rows) + 0.5)) / area * to_y,
        border_share=min(1.0, on_border / (area - int(inner.sum()))),
        peak_probability=peak,
    )


def view_square(region: LesionRegion, width_px: int, height_px: int, limits: LesionLimits) -> Square | None:
    """Return where the network looks: around the lesion where it is small or off-centre.

    Args:
        region: the main lesion.
        width_px: of the photo.
        height_px: of the photo.
        limits: how much skin is left around it.

    Returns:
        A square inside the photo; None for the centre square.
    """
    short = min(width_px, height_px)
    side = short
    if region.longer_px <= limits.small_share * short:
        side = min(short, max(VIEW_TO_LESION * region.longer_px, limits.view_min_side_px))
    if side == short and _overhang(region, width_px, height_px) <= limits.max_overhang * short:
        return None
    middle_x, middle_y = (region.left + region.right) / 2, (region.top + region.bottom) / 2
    left = min(max(round(middle_x - side / 2), 0), width_px - side)
    top = min(max(round(middle_y - side / 2), 0), height_px - side)
    return Square(left, top, side)


def _overhang(region: LesionRegion, width_px: int, height_px: int) -> float:
    """How many pixels the lesion reaches out of the centre square, at its worst side."""
    side = min(width_px, height_px)
    left, top = (width_px - side) / 2, (height_px - side) / 2
    return max(left - region.left, region.right - left - side, top - region.top, region.bottom - top - side)
