"""The story of one photo, from its bytes to what can be said about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from inference import calibration
from inference.classes import ImageType, LesionClass
from inference.decoding import ENOUGH_PX, MOST_LONG_SIDE_PX, Wanted, decode, has_more
from inference.heatmap import Heatmap, class_heatmap
from inference.image import RgbImage, lesion_view, network_input, without_border
from inference.lesion import VIEW_TO_LESION, Segmentation
from inference.model import Model
from inference.quality import Caution, DeclineReason, QualityReport, cautions, decline_reason, quality_report
from inference.risk import RiskLevel, RiskReason, class_of_concern, most_urgent, risk_level, risk_reasons, top_class

_OVERVIEW_PX: Final = 64


@dataclass(frozen=True, slots=True)
class Assessment:
    """What can be said about one photo.

    Attributes:
        probabilities: of all seven classes, in LesionClass order; also when the photo is declined.
        is_for_own_mix: whether they are for Model.mix. The prediction set is for the mix of calibration, and advice
            follows whichever of the two asks for more.
        is_advice_above_mix: whether the mix of calibration asks for more haste than Model.mix does, and not only for
            another reason.
        is_rarer_than_average: whether malignant classes are less likely than among the photos of calibration; never
            said of Model.mix, among whose people the average is another.
        prediction_set: the classes that can't be ruled out, likeliest first; see calibration.prediction_set.
        image_type: how the photo was taken, by its looks.
        risk_level: what to do next; None when declined.
        risk_reasons: why, most urgent first; empty when declined.
        declined_because: why the photo can't be judged; None when it can.
        cautions: what may be amiss with a photo that was judged; mostly nothing.
        quality: what was measured.
        heatmap_class: the class that the advice is about, see risk.class_of_concern.
        heatmap: (h, w) float32 in [0, 1]: where that class comes from.
        view_rgb: (S, S, 3) uint8, RGB: the part of the photo that was looked at.
        overview_rgb: (h, w, 3) uint8, RGB: the whole photo in every so many of its rows and columns, 64 to 128 of the
            longer side.
        model_sha256: which network said so.
    """

    probabilities: Mapping[LesionClass, float]
    is_for_own_mix: bool
    is_advice_above_mix: bool
    is_rarer_than_average: bool
    prediction_set: tuple[LesionClass, ...]
    image_type: ImageType
    risk_level: RiskLevel | None
    risk_reasons: tuple[RiskReason, ...]
    declined_because: DeclineReason | None
    cautions: tuple[Caution, ...]
    quality: QualityReport
    heatmap_class: LesionClass
    heatmap: Heatmap
    view_rgb: RgbImage
    overview_rgb: RgbImage
    model_sha256: str

    @property
    def status(self) -> Literal["assessed", "declined"]:
        """Whether the photo could be judged."""
        return "declined" if self.declined_because else "assessed"

    @property
    def malignancy_probability(self) -> float:
        """The probabilities of mel, bcc and akiec together."""
        return calibration.malignancy_probability(self.probabilities)

    @property
    def top_class(self) -> LesionClass:
        """The likeliest class."""
        return top_class(self.probabilities)


def assess(photo: bytes, model: Model) -> Assessment:
    """Look at one photo of one lesion.

    Args:
        photo: the bytes of a JPEG, PNG, WebP or HEIC file.
        model: see model.load_model.

    Raises:
        TypeError: this is no bytes but, say, the file's name, or its pixels.
        UnreadableImage: the bytes can't be read as a picture; its children say why.
    """
    if not isinstance(photo, bytes | bytearray):
        raise TypeError(
            f"assess() takes the bytes of a photo's file, as Path.read_bytes() returns: no {type(photo).__name__}"
        )
    image_rgb, seen = _found(photo, model)
    view_rgb = lesion_view(image_rgb, seen.view)
    input_rgb = network_input(view_rgb, model.input_side_px)
    answer = model.answer(input_rgb)
    calibrated = model.calibrations[answer.image_type]
    as_fitted = calibration.probabilities(answer.logits, calibrated)
    told = calibration.for_mix(calibrated, model.mix) if model.mix else calibrated
    probabilities = calibration.probabilities(answer.logits, told)
    quality = quality_report(image_rgb, input_rgb, seen, answer.lesion_logit)
    declined_because = decline_reason(quality, model.quality_limits)
    policy = model.risk_policies[answer.image_type]
    advised, advice = most_urgent([probabilities, as_fitted], policy)
    reasons = () if declined_because else advice
    heatmap_class = class_of_concern(advised, reasons)
    return Assessment(
        probabilities=probabilities,
        is_for_own_mix=model.mix is not None,
        is_advice_above_mix=risk_level(advice) is not risk_level(risk_reasons(probabilities, policy)),
        is_rarer_than_average=model.mix is None and calibration.is_rarer_than_average(as_fitted, calibrated),
        prediction_set=calibration.prediction_set(as_fitted, calibrated),
        image_type=answer.image_type,
        risk_level=risk_level(reasons) if reasons else None,
        risk_reasons=reasons,
        declined_because=declined_because,
        cautions=() if declined_because else cautions(quality, model.quality_limits),
        quality=quality,
        heatmap_class=heatmap_class,
        heatmap=class_heatmap(answer.class_activation_map, list(LesionClass).index(heatmap_class)),
        view_rgb=view_rgb,
        overview_rgb=_overview(image_rgb),
        model_sha256=model.sha256,
    )


def _overview(image_rgb: RgbImage) -> RgbImage:
    step = max(1, max(image_rgb.shape[:2]) // _OVERVIEW_PX)
    return np.ascontiguousarray(image_rgb[::step, ::step])  # a copy, or it would hold all pixels


def _found(photo: bytes, model: Model) -> tuple[RgbImage, Segmentation]:
    """Decode a photo and find its lesion; where that is small, its view needs the pixels that decoding left out."""
    decoded_rgb = decode(photo)
    image_rgb = without_border(decoded_rgb)
    seen = model.segmentation(image_rgb)
    short_px, long_px = sorted(image_rgb.shape[:2])
    if seen.region is None or seen.view is None or short_px < ENOUGH_PX or seen.view.side == short_px:
        return image_rgb, seen
    times = min(ENOUGH_PX / (VIEW_TO_LESION * seen.region.longer_px), MOST_LONG_SIDE_PX / long_px)
    if times <= 1 or not has_more(photo, decoded_rgb):
        return image_rgb, seen
    image_rgb = without_border(decode(photo, Wanted(round(short_px * times), round(long_px * times))))
    return image_rgb, model.segmentation(image_rgb)
