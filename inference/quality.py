"""Can this photo be judged at all? A poor photo is an answer of its own, not an error."""

from dataclasses import dataclass
from enum import StrEnum
from math import log, log2
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage, Square, centre_square
from inference.lesion import LesionRegion, ProbabilityMap, Segmentation

_BRIGHTEST: Final = 0.05  # of the pixels may be brighter than what is called the light
_COLOURFUL: Final = 0.05  # of the pixels may be more colourful than what is called so
_SKIN: Final = 0.75  # of the pixels are at most as bright as much of the skin
_BLOWN_LEVEL: Final = 250  # grey level of green from which on a place shows nothing but light
_SPECK_PX: Final = 7  # smaller white places are scale, bubbles and gloss, which belong to a lesion or a dermatoscope
_RIM_SHARE: Final = 1 / 8  # of each side, where glare does no harm
_BORDER_PX: Final = 4  # left out of sharpness: blurring has no neighbours there
_BLOCK_EDGE_PX: Final = 5  # the edge of a JPEG block is narrower than this
_BLACK: Final = 30  # grey level of a frame
_NEAR_PX: Final = 17  # across: what the edge of a frame reaches, and the blur of it
_FLAT: Final = 6.4  # squared slopes that noise has, as Sobel's filter measures them
_ACROSS: Final = 0.1  # of all slopes, that are the least in each direction
_ALMOST_SURE: Final = 0.95  # is a place of a lesion that counts beside another
_MUCH_LEFT_OUT: Final = 0.1  # of a lesion's box; less is the margin by which its outline varies
_SUREST: Final = 1e-3  # a probability is told no surer than this


class DeclineReason(StrEnum):
    """Why a photo can't be judged, most important first; each has its own advice on retaking it."""

    TOO_SMALL = "too_small"
    DARK = "dark"
    BRIGHT = "bright"
    GLARE = "glare"
    COLOUR_CAST = "colour_cast"
    BLURRED = "blurred"
    NO_LESION = "no_lesion"
    TOO_FAR = "too_far"
    CUT_OFF = "cut_off"
    SEVERAL = "several"


class Caution(StrEnum):
    """What may be amiss with a photo that is judged nevertheless; the patient is told."""

    CUT_OFF = "cut_off"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was measured.

    Attributes:
        side_px: of the view, in the photo as it was decoded. One whose long side is longer than 1024 px was reduced to
            a half, a quarter or an eighth where that left 480 px of its short side, or of a small lesion's view; one
            that was still longer than 1280 px was scaled down to that or, where only a part is looked at, or that left
            less than 480 px of the short side, to at most 3840 px.
        light: grey level that the brightest channel reaches in the brightest twentieth of the view, 0 to 255. Of dark
            skin in good light that is far above what light skin has in the dark.
        blown_share: of the inner view that is nothing but light, 0 to 1.
        red_to_green: how much redder than green the skin is, in stops (powers of two); skin is brighter than most
            lesions, so that each channel's upper quartile is mostly of skin.
        green_to_blue: likewise.
        colourfulness: by how many grey levels the channels of the most colourful twentieth of the view differ; 0 of a
            black-and-white photo.
        sharpness: see sharpness().
        lesion_logit: above 0 the network rather sees a lesion than bare skin or something else.
        presence_logit: likewise, the segmentation network.
        peak_logit: of the place in the middle of the view that is most likely lesion.
        lesion_share: the longer side of the lesion over the shorter side of the photo; 0 where none was found.
        border_share: of the lesion's outline that lies on the border of the photo, 0 to 1.
        left_out_share: of the lesion's box that the view leaves out, 0 to 1.
        second_share: the area of the second largest place that is almost surely lesion, over that of the largest.
    """

    side_px: int
    light: float
    blown_share: float
    red_to_green: float
    green_to_blue: float
    colourfulness: float
    sharpness: float
    lesion_logit: float
    presence_logit: float
    peak_logit: float
    lesion_share: float
    border_share: float
    left_out_share: float
    second_share: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What this model can work with; fitted on photos that were made worse on purpose.

    A photo beyond a limit is declined; one beyond noted_border_share or noted_second_share is answered, with a caution,
    as is one whose view leaves out more than a tenth of the lesion.
    A small lesion whose view has enough_side_px is near enough.
    The last four are of the gate: a weighted sum of what both networks say of a lesion must reach the least evidence.
    """

    min_side_px: int
    min_light: float
    max_blown_share: float
    max_glare_share: float
    min_red_to_green: float
    max_red_to_green: float
    min_green_to_blue: float
    max_green_to_blue: float
    min_colourfulness: float
    min_sharpness: float
    min_lesion_share: float
    enough_side_px: int
    max_border_share: float
    max_second_share: float
    noted_border_share: float
    noted_second_share: float
    lesion_logit_weight: float
    presence_logit_weight: float
    peak_logit_weight: float
    min_lesion_evidence: float

    def lesion_evidence(self, report: QualityReport) -> float:
        """Return how much speaks for a lesion."""
        return (
            self.lesion_logit_weight * report.lesion_logit
            + self.presence_logit_weight * report.presence_logit
            + self.peak_logit_weight * report.peak_logit
        )


def quality_report(image_rgb: RgbImage, input_rgb: RgbImage, seen: Segmentation, lesion_logit: float) -> QualityReport:
    """Measure a photo.

    Args:
        image_rgb: (H, W, 3) uint8, RGB: the whole photo.
        input_rgb: (side, side, 3) uint8, RGB: what the classifying network is given: the view, without hair.
        seen: what the segmentation network says of the whole photo.
        lesion_logit: what the classifying network says of its input.
    """
    red, green, blue = cv2.split(input_rgb)
    brightest = cv2.max(cv2.max(red, green), blue)
    colours = cv2.subtract(brightest, cv2.min(cv2.min(red, green), blue))
    stops = [log2(1 + _level(channel, _SKIN)) for channel in (red, green, blue)]
    region, view = seen.region, seen.view or centre_square(*image_rgb.shape[:2])
    return QualityReport(
        side_px=view.side,
        light=_level(brightest, 1 - _BRIGHTEST),
        blown_share=blown_share(green),
        red_to_green=stops[0] - stops[1],
        green_to_blue=stops[1] - stops[2],
        colourfulness=_level(colours, 1 - _COLOURFUL),
        sharpness=sharpness(_not_enlarged(cv2.cvtColor(input_rgb, cv2.COLOR_RGB2GRAY), view.side)),
        lesion_logit=lesion_logit,
        presence_logit=_logit(seen.presence_probability),
        peak_logit=_logit(_peak_probability(seen.probability_map, view, *image_rgb.shape[:2])),
        lesion_share=region.longer_px / min(image_rgb.shape[:2]) if region else 0.0,
        border_share=region.border_share if region else 0.0,
        left_out_share=_left_out(region, view) if region else 0.0,
        second_share=second_share(seen.probability_map),
    )


def decline_reason(report: QualityReport, limits: QualityLimits) -> DeclineReason | None:
    """Return the first thing to mend, or None.

    Light comes before focus, as what is dark never looks sharp, and focus before framing, as nothing is found in a
    blur.
    """
    is_wrong = {
        DeclineReason.TOO_SMALL: report.side_px < limits.min_side_px,
        DeclineReason.DARK: report.light < limits.min_light,
        DeclineReason.BRIGHT: report.blown_share > limits.max_blown_share,
        DeclineReason.GLARE: report.blown_share > limits.max_glare_share,
        DeclineReason.COLOUR_CAST: not (
            limits.min_red_to_green <= report.red_to_green <= limits.max_red_to_green
            and limits.min_green_to_blue <= report.green_to_blue <= limits.max_green_to_blue
            and report.colourfulness >= limits.min_colourfulness
        ),
        DeclineReason.BLURRED: report.sharpness < limits.min_sharpness,
        DeclineReason.NO_LESION: limits.lesion_evidence(report) < limits.min_lesion_evidence,
        DeclineReason.TOO_FAR: (
            0 < report.lesion_share < limits.min_lesion_share and report.side_px < limits.enough_side_px
        ),
        DeclineReason.CUT_OFF: report.border_share > limits.max_border_share,
        DeclineReason.SEVERAL: report.second_share > limits.max_second_share,
    }
    return next((reason for reason in DeclineReason if is_wrong[reason]), None)


def cautions(report: QualityReport, limits: QualityLimits) -> tuple[Caution, ...]:
    """Return what to tell about a photo that is not declined; mostly nothing."""
    is_noted = {
        Caution.CUT_OFF: report.border_share > limits.noted_border_share or report.left_out_share > _MUCH_LEFT_OUT,
        Caution.SEVERAL: report.second_share > limits.noted_second_share,
    }
    return tuple(caution for caution in Caution if is_noted[caution])


def blown_share(green: cv2.typing.MatLike) -> float:
    """Return the share of the inner picture that is so bright that nothing is left to see.

    Args:
        green: (S, S) uint8: of skin, green is clipped when red has long been, and shows most of a lesion.
    """
    rim_px = round(green.shape[0] * _RIM_SHARE)
    inner = np.ascontiguousarray(green[rim_px:-rim_px, rim_px:-rim_px])
    is_blown = cv2.threshold(inner, _BLOWN_LEVEL - 1, 1, cv2.THRESH_BINARY)[1]
    patches = cv2.morphologyEx(is_blown, cv2.MORPH_OPEN, np.ones((_SPECK_PX, _SPECK_PX), np.uint8))
    return cv2.countNonZero(patches) / patches.size


def sharpness(grey: cv2.typing.MatLike) -> float:
    """Return how much steeper edges are than after a blur by one more pixel, in the direction where that is least.

    A ratio, so that neither a pale lesion nor a dim light looks blurred; measured at the network's size, so that a
    photo's own size does not matter; in the worst direction, so that a shaken hand is found as well as a wrong focus:
    where there are next to no slopes in one direction, they count as lost. Narrow lines of slopes down the whole
    picture or across it are taken for edges of JPEG blocks and laid down to what is beside them.

    Args:
        grey: (S, S) uint8, at the network's size or a smaller view's, without hair.

    Returns:
        About 0.9 where one more blur changes nothing, as in a blurred photo; 1.2 and more in a sharp one; 0 on an empty
        picture.

    Source: Crété-Roffet et al. 2007, The Blur Effect, doi:10.1117/12.702790, with structure tensors in place of rows.
    """
    as_float = grey.astype(np.float32)
    kept = _beside_frame(grey)
    across, down = _slopes(as_float, kept)
    columns, rows = _block_weights(across, 0), _block_weights(down, 1)
    before = _structure_tensor(across, down, columns, rows)
    after = _structure_tensor(*_slopes(cv2.GaussianBlur(as_float, (7, 7), 1), kept), columns, rows)
    least = (_FLAT + _ACROSS * float(np.trace(after))) * np.eye(2)
    return float(np.sqrt(np.maximum(np.linalg.eigvals(np.linalg.solve(after + least, before)).real, 0).min()))


def _beside_frame(grey: cv2.typing.MatLike) -> cv2.typing.MatLike | None:
    """Return 1 where there is photo, 0 on a black or white frame and near it, float32; None where there is no frame.

    The edge of a frame is as sharp in a blurred photo: that of a dermatoscope, of a screenshot, of a print.
    """
    is_frame = ((grey < _BLACK) | (grey >= _BLOWN_LEVEL)).view(np.uint8)
    if not any(edge.any() for edge in (is_frame[0], is_frame[-1], is_frame[:, 0], is_frame[:, -1])):
        return None
    ringed = cv2.copyMakeBorder(is_frame, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    labels = cv2.connectedComponents(ringed, connectivity=4)[1]
    joined = (labels == labels[0, 0])[1:-1, 1:-1].astype(np.uint8)
    return 1 - cv2.dilate(joined, np.ones((_NEAR_PX, _NEAR_PX), np.uint8)).astype(np.float32)


def _slopes(grey: cv2.typing.MatLike, kept: cv2.typing.MatLike | None) -> tuple[cv2.typing.MatLike, cv2.typing.MatLike]:
    slopes = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    across, down = slopes if kept is None else (cv2.multiply(slope, kept) for slope in slopes)
    inner = slice(_BORDER_PX, -_BORDER_PX)
    return across[inner, inner], down[inner, inner]


def _block_weights(slopes: cv2.typing.MatLike, axis: int) -> NDArray[np.float32]:
    """Return what lays the mean slope of each column (axis 0) or row down to that of its neighbours, (S,)."""
    profile = np.sqrt(_mean_square(slopes, axis)) + np.float32(1e-3)
    opened = cv2.morphologyEx(profile[None], cv2.MORPH_OPEN, np.ones((1, _BLOCK_EDGE_PX), np.uint8))[0]
    return np.asarray(opened / profile, np.float32)


def _mean_square(slopes: cv2.typing.MatLike, axis: int) -> NDArray[np.float32]:
    return cv2.reduce(cv2.multiply(slopes, slopes), axis, cv2.REDUCE_AVG).astype(np.float32, copy=False).ravel()


def _structure_tensor(
    across: cv2.typing.MatLike, down: cv2.typing.MatLike, columns: NDArray[np.float32], rows: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the weighted mean product of the slope with itself, (2, 2)."""
    side = len(columns)
    along_x = float(_mean_square(across, 0) @ columns**2) / side
    along_y = float(_mean_square(down, 1) @ rows**2) / side
    mixed = float(rows @ cv2.multiply(across, down) @ columns) / side**2
    return np.array([[along_x, mixed], [mixed, along_y]])


def _not_enlarged(grey: cv2.typing.MatLike, side_px: int) -> cv2.typing.MatLike:
    """Return the picture at the size of a view that was smaller: that it was enlarged makes no photo blurred."""
    if side_px >= grey.shape[0]:
        return grey
    side_px = max(side_px, 4 * _BORDER_PX)
    return cv2.resize(grey, (side_px, side_px), interpolation=cv2.INTER_AREA)


def second_share(probability_map: ProbabilityMap) -> float:
    """Return the area of the second largest lesion over that of the largest, of places that are almost surely lesion.

    Args:
        probability_map: (h, w) float32 in [0, 1]: how likely each place is lesion.

    Returns:
        0 where there are not two.
    """
    is_sure = (probability_map >= _ALMOST_SURE).view(np.uint8)
    areas = sorted(np.bincount(cv2.connectedComponents(is_sure)[1].ravel())[1:], reverse=True)
    return float(areas[1] / areas[0]) if len(areas) > 1 else 0.0


def _left_out(region: LesionRegion, view: Square) -> float:
    width = min(region.right, view.left + view.side) - max(region.left, view.left)
    height = min(region.bottom, view.top + view.side) - max(region.top, view.top)
    area = (region.right - region.left) * (region.bottom - region.top)
    return 1 - max(width, 0) * max(height, 0) / area if area else 0.0


def _peak_probability(probability_map: ProbabilityMap, view: Square, height_px: int, width_px: int) -> float:
    """Return the highest probability in the middle half of the view."""
    rows, columns = probability_map.shape
    top, bottom = (int((view.top + view.side * part) * rows / height_px) for part in (0.25, 0.75))
    left, right = (int((view.left + view.side * part) * columns / width_px) for part in (0.25, 0.75))
    return float(probability_map[top : bottom + 1, left : right + 1].max())


def _level(channel: cv2.typing.MatLike, share: float) -> float:
    """Return the grey level that this share of the pixels does not exceed."""
    counts = cv2.calcHist([channel], [0], None, [256], [0, 256]).ravel()
    return float(np.searchsorted(np.cumsum(counts), share * channel.size))


def _logit(probability: float) -> float:
    sure = min(max(probability, _SUREST), 1 - _SUREST)
    return log(sure / (1 - sure))
