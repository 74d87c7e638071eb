"""Fit the limits of photo quality on photos that are made worse on purpose, and measure what they cost.

    python -m training.quality DATA CACHE RUN MODELS

Writes RUN/quality.json: "limits" and "lesion_gate" for model.json, fitted on the train and validation parts; and,
measured on the test parts, "sets", "without_lesion" and "effects": how far each way of spoiling moves the classifier's
answers. Asks MODELS/model.onnx and MODELS/lesion.onnx, with the calibration and the limits of lesions in
RUN/calibrated.json.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage, lesion_view, network_input, resized
from inference.lesion import LesionLimits
from inference.model import Model, described_calibrations
from inference.quality import DeclineReason, QualityLimits, QualityReport
from inference.sharpness import sharpness
from training.answers import NO_LIMITS, bare_model
from training.command_line import folders
from training.data import INPUT_SIDE_PX
from training.evidence import fitted_weights
from training.lesions import finder_of
from training.looks import Part, enough_side_px, few, framed_badly, look, part_of, reports, spoilt_reports, ungated
from training.measures import malignancy, rounded_down
from training.refusals import empty_figures, good_figures, refusals, rounded_share
from training.spoiling import SPOILT
from training.told import CALIBRATED, CALIBRATION, checksums, write

_GATE_REFUSES: Final = 0.015  # of the lesions of the set that it hits hardest
_BLUR_REFUSES: Final = 0.007
_FRAMING_REFUSES: Final = 0.003  # each of three checks
_LIGHT_REFUSES: Final = 0.001  # each of the checks of light and colour
_NOTED: Final = 0.03  # of the phone photos, whose lesions are whole and alone, get each caution
_LEFT_OUT: Final = 0.1  # of a lesion's box is noted; less is the margin by which its outline varies
_FOUND: Final = 0.98  # of badly lit photos, where that costs no good ones
_SMALL_STILL_SHARP: Final = 0.9  # of photos that must stay sharp enough when scaled down to the smallest side
_SIDES_PX: Final = range(96, 225, 16)
_EFFECT_PHOTOS: Final = 40

_PHONE: Final = "pad_ufes_20"

Reports = Mapping[str, Sequence[QualityReport]]
Values = NDArray[np.float64]


def least(good: Sequence[Values], bad: Values, refused: float, way: float) -> float:
    """Return the value below which a photo is refused.

    Where bad photos lie clear of good ones, so far on the way from the bad to the good; where they don't, what all but
    the allowed share of the worst set of good photos reach.
    """
    of_good = min(float(np.quantile(values, refused)) for values in good)
    of_bad = float(np.quantile(bad, _FOUND))
    return of_bad + way * (of_good - of_bad) if of_bad < of_good else of_good


def most(good: Sequence[Values], bad: Values, refused: float, way: float) -> float:
    """Return the value above which a photo is refused; see least()."""
    return -least([-values for values in good], -bad, refused, way)


def fitted_limits(
    good: Reports, spoilt: Reports, empty: Reports, min_side_px: int, enough_side_px: int
) -> QualityLimits:
    """Fit every limit.

    Args:
        good: reports of photos with a lesion, by data set.
        spoilt: of photos made worse, by what was done to them.
        empty: of pictures without a lesion, by kind.
        min_side_px: see smallest_side_px.
        enough_side_px: see looks.enough_side_px.
    """
    weights = fitted_weights(good, empty)
    evidence = [weights.evidence(of_set) for of_set in good.values()]
    return replace(
        NO_LIMITS,
        min_side_px=min_side_px,
        enough_side_px=enough_side_px,
        min_sharpness=fitted_sharpness(good, spoilt),
        **light_limits(good, spoilt),
        **framing_limits(good),
        **asdict(weights),
        min_lesion_evidence=rounded_down(min(float(np.quantile(values, _GATE_REFUSES)) for values in evidence), 3),
    )


def fitted_sharpness(good: Reports, spoilt: Reports) -> float:
    """Return what all but a few good photos reach, even in the softest set."""
    blurred = np.concatenate([_values(spoilt[name], "sharpness") for name in ("blurred_1_percent", "shaken_8_percent")])
    return rounded_down(least(_each(good, "sharpness"), blurred, _BLUR_REFUSES, 0.5), 3)


def light_limits(good: Reports, spoilt: Reports) -> dict[str, Any]:
    """Return the limits of light and colour.

    The dark has to be found and no more: dark skin, of which there is little in these sets, must not be refused.
    Everything else is cut half way.
    """

    def of(field: str, *names: str) -> Values:
        return np.concatenate([_values(spoilt[name], field) for name in names])

    lights, blown = _each(good, "light"), _each(good, "blown_share")
    red, green, colours = (_each(good, field) for field in ("red_to_green", "green_to_blue", "colourfulness"))
    grey = of("colourfulness", "black_and_white")
    glared = of("blown_share", "glare_8_percent", "glare_15_percent_in_4_spots", "glare_20_percent_in_a_streak")
    return {
        "min_light": rounded_down(least(lights, of("light", "light_divided_by_16"), _LIGHT_REFUSES, 0.1), 1),
        "max_glare_share": _up(most(blown, glared, _LIGHT_REFUSES, 0.5), 4),
        "max_blown_share": _up(most([glared], of("blown_share", "light_times_8"), 0.05, 0.5), 4),
        "min_red_to_green": rounded_down(least(red, of("red_to_green", "green_light"), _LIGHT_REFUSES, 0.5), 3),
        "max_red_to_green": _up(most(red, of("red_to_green", "red_light"), _LIGHT_REFUSES, 0.5), 3),
        "min_green_to_blue": rounded_down(least(green, of("green_to_blue", "blue_light"), _LIGHT_REFUSES, 0.5), 3),
        "min_colourfulness": rounded_down(least(colours, grey, _LIGHT_REFUSES, 0.5), 1),
        "max_green_to_blue": _up(most(green, of("green_to_blue", "yellow_light"), _LIGHT_REFUSES, 0.5), 3),
    }


def framing_limits(good: Reports) -> dict[str, Any]:
    """Return what all but a few good photos keep to, in the set that frames worst, and what most phone photos keep to.

    Dermoscopy tells nothing of cautions: many of its lesions are cut off by the frame.
    """
    found = [values[values > 0] for values in _each(good, "lesion_share")]
    phone = {_PHONE: good[_PHONE]}
    return {
        "min_lesion_share": rounded_down(min(float(np.quantile(values, _FRAMING_REFUSES)) for values in found), 3),
        "max_border_share": _up(_highest(good, "border_share", _FRAMING_REFUSES), 3),
        "max_second_share": _up(_highest(good, "second_share", _FRAMING_REFUSES), 3),
        "noted_border_share": _up(_highest(phone, "border_share", _NOTED), 3),
        "noted_second_share": _up(_highest(phone, "second_share", _NOTED), 3),
        "noted_left_out_share": _LEFT_OUT,
    }


def _highest(good: Reports, field: str, beyond: float) -> float:
    return max(float(np.quantile(values, 1 - beyond)) for values in _each(good, field))


def smallest_side_px(images: Sequence[RgbImage], min_sharpness: float) -> int:
    """Return the side below which sharp photos become too soft for the network by their size alone."""
    views = [lesion_view(image_rgb) for image_rgb in images]
    for side_px in _SIDES_PX:
        small = [network_input(resized(view_rgb, side_px, side_px), INPUT_SIDE_PX) for view_rgb in views]
        sharp = [sharpness(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY)) for each in small]
        if np.mean(np.array(sharp) >= min_sharpness) >= _SMALL_STILL_SHARP:
            return side_px
    return INPUT_SIDE_PX


def set_figures(
    images: Sequence[RgbImage], skins: Sequence[RgbImage], model: Model, limits: QualityLimits
) -> dict[str, Any]:
    """Return the figures of one data set: good photos refused, and bad ones found."""
    some = few(images)
    spoilt = {
        name: refusals(of, ungated(limits), SPOILT[name][0]) | {"reason": str(SPOILT[name][0])}
        for name, of in spoilt_reports(some, model).items()
    }
    framed = {
        name: refusals(reports(made, model), limits, _FRAMED[name]) | {"reason": str(_FRAMED[name])}
        for name, made in framed_badly(some, skins, model).items()
    }
    return good_figures(reports(images, model), limits) | {"spoilt": spoilt | framed}


_FRAMED: Final = {
    "far_away": DeclineReason.TOO_FAR,
    "cut_off": DeclineReason.CUT_OFF,
    "too_near": DeclineReason.CUT_OFF,
    "two_lesions": DeclineReason.SEVERAL,
}


def effects(images: Sequence[RgbImage], model: Model) -> dict[str, dict[str, float]]:
    """Return how far each way of spoiling moves the malignancy probability (median), and how often the class."""
    some = few(images, _EFFECT_PHOTOS)
    plain = np.stack([look(image_rgb, model)[1] for image_rgb in some])
    answer = {}
    for name, (_, spoiling) in SPOILT.items():
        told = np.stack([look(spoiling(each, np.random.default_rng(i)), model)[1] for i, each in enumerate(some)])
        moved = np.abs(malignancy(told - plain))
        other = (told.argmax(axis=1) != plain.argmax(axis=1)).tolist()
        answer[name] = {"malignancy_moved": round(float(np.median(moved)), 3), "other_class": rounded_share(other)}
    return answer


def known_model(run: Path, models: Path) -> Model:
    """Return both networks, with the calibration and the limits of lesions that RUN/calibrated.json knows of them.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it knows of another network.
    """
    path = run / CALIBRATED
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: run training.calibrate first")
    description = json.loads(path.read_text(encoding="utf-8"))
    finder = finder_of(models / "lesion.onnx", LesionLimits(**description["lesion"]["limits"]))
    model = replace(bare_model(models / "model.onnx"), lesion_finder=finder)
    if description["onnx_sha256"] != model.sha256:
        raise ValueError(f"{path} is of another network than {models}/model.onnx: run training.calibrate first")
    return replace(model, calibrations=described_calibrations(description))


def fitted(known: Part, model: Model) -> QualityLimits:
    """Fit the limits on the train and validation parts."""
    sets = ("ham10000", _PHONE)
    good = {name: reports(known.lesions[name], model) for name in sets}
    spoilt: dict[str, list[QualityReport]] = {name: [] for name in SPOILT}
    for name in sets:
        for way, of in spoilt_reports(few(known.lesions[name]), model).items():
            spoilt[way].extend(of)
    empty = {kind: reports(images, model) for kind, images in known.empty.items()}
    min_side_px = smallest_side_px(known.lesions["ham10000_384x288"], fitted_sharpness(good, spoilt))
    enough_px = enough_side_px(known.lesions[_PHONE], known.empty["phone_skin"], model)
    limits = fitted_limits(good, spoilt, empty, min_side_px, enough_px)
    print("Known:", json.dumps({name: good_figures(of, limits) for name, of in good.items()}), flush=True)
    return limits


def _values(of: Sequence[QualityReport], field: str) -> Values:
    return np.array([getattr(report, field) for report in of], np.float64)


def _each(good: Reports, field: str) -> list[Values]:
    return [_values(of, field) for of in good.values()]


def _up(value: float, places: int) -> float:
    return -rounded_down(-value, places)


def main(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Fit, measure, write and print."""
    cv2.setNumThreads(1)
    model, known, unseen = (
        known_model(run, models),
        *(part_of(data, cache, is_test=is_test) for is_test in (False, True)),
    )
    limits = fitted(known, model)
    print(f"Fitted: {limits}", flush=True)
    supplied = good_figures(reports(unseen.lesions.pop("ham10000_as_supplied"), model), limits)
    skins = unseen.empty["phone_skin"]
    gate = {name: value for name, value in asdict(limits).items() if name.endswith(("_weight", "_evidence"))}
    of = checksums(models, "model.onnx", "lesion.onnx", CALIBRATION, description=run / CALIBRATED)
    answer = of | {
        "limits": {name: value for name, value in asdict(limits).items() if name not in gate},
        "lesion_gate": gate,
        "sets": {name: set_figures(images, skins, model, limits) for name, images in unseen.lesions.items()}
        | {"ham10000_as_supplied": supplied},
        "without_lesion": {
            kind: empty_figures(reports(images, model), limits) for kind, images in unseen.empty.items()
        },
        "effects": {name: effects(unseen.lesions[name], model) for name in ("ham10000", "pad_ufes_20")},
    }
    write("quality", run, answer)


if __name__ == "__main__":
    main(**vars(folders(__doc__, "data", "cache", "run", "models").parse_args()))
