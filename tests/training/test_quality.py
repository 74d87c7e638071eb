"""Spoilt photos are what they claim to be, and limits follow from them."""

import json
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.classes import ImageType
from inference.image import network_input
from inference.lesion import LesionRegion, Segmentation
from inference.quality import DeclineReason, QualityReport, decline_reason, quality_report
from tests.inference.pictures import skin
from tests.inference.reports import GOOD, LIMITS
from training.evidence import fitted_weights
from training.looks import ungated
from training.quality import (
    fitted_limits,
    fitted_sharpness,
    framing_limits,
    known_model,
    least,
    light_limits,
    most,
    smallest_side_px,
)
from training.spoiling import SPOILT, cut_off, filled, from_afar, relit, shaken, side_by_side
from training.told import CALIBRATED

Picture = NDArray[np.uint8]

REGION = LesionRegion(
    left=60,
    top=80,
    right=180,
    bottom=160,
    centre_x=120,
    centre_y=120,
    border_share=0.0,
    peak_probability=0.9,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def measured(image_rgb: Picture) -> QualityReport:
    nothing = Segmentation(np.zeros((96, 96), np.float32), 0.5, None, None)
    return quality_report(image_rgb, network_input(image_rgb, 224), nothing, 0)


_HARDLY_SEEN = "weak_flash_in_the_middle"  # the model card tells how rarely


@pytest.mark.parametrize("name", [name for name in SPOILT if name != _HARDLY_SEEN])
def test_every_way_of_spoiling_is_seen_by_its_own_measure(name: str) -> None:
    reason, spoiling = SPOILT[name]
    good, spoilt = measured(skin(240)), measured(spoiling(skin(240), rng()))
    colours = abs(spoilt.red_to_green - good.red_to_green) + abs(spoilt.green_to_blue - good.green_to_blue)
    seen = {
        DeclineReason.BLURRED: spoilt.sharpness < good.sharpness - 0.05,
        DeclineReason.DARK: spoilt.light < good.light / 2,
        DeclineReason.BRIGHT: spoilt.blown_share > 0.5,
        DeclineReason.GLARE: spoilt.blown_share > 0.03,
        DeclineReason.COLOUR_CAST: colours > 0.4,
    }
    assert seen[reason]


@pytest.mark.parametrize("name", SPOILT)
def test_spoiling_keeps_the_size_of_a_photo(name: str) -> None:
    image_rgb = np.concatenate([skin(120)] * 2, axis=1)
    assert SPOILT[name][1](image_rgb, rng()).shape == image_rgb.shape


def test_shaking_smears_along_one_direction() -> None:
    dot = np.zeros((101, 101, 3), np.uint8)
    dot[49:52, 49:52] = 255
    rows, columns = np.nonzero(shaken(0.3, dot, rng()).max(axis=2) > 15)
    spread = np.linalg.eigvalsh(np.cov(rows, columns))
    assert spread[1] > 9 * spread[0]


def test_light_is_reckoned_as_on_a_sensor() -> None:
    grey = np.full((32, 32, 3), 128, np.uint8)
    assert relit((1 / 4, 1, 8), grey, rng()).mean(axis=(0, 1)) == pytest.approx(
        [128 * 0.25 ** (1 / 2.2), 128, 255], abs=3
    )


def test_cut_off_lesion_lies_on_an_edge() -> None:
    dark = cv2.circle(np.full((240, 240, 3), 200, np.uint8), (120, 120), 40, (60, 50, 40), -1).astype(np.uint8)
    half = cut_off(dark, REGION, rng()).mean(axis=2) < 128
    assert half.sum() == pytest.approx(np.pi * 40**2 / 2, rel=0.05)
    assert max(half[0].sum(), half[-1].sum(), half[:, 0].sum(), half[:, -1].sum()) > 70


def test_photo_from_too_near_shows_only_the_lesion() -> None:
    dark = cv2.ellipse(np.full((240, 240, 3), 200, np.uint8), (120, 120), (60, 40), 0, 0, 360, (60, 50, 40), -1)
    assert (filled(dark.astype(np.uint8), REGION).mean(axis=2) < 128).all()


def test_photo_from_afar_shows_a_small_lesion_on_skin() -> None:
    dark = cv2.ellipse(np.full((240, 240, 3), 200, np.uint8), (120, 120), (60, 40), 0, 0, 360, (60, 50, 40), -1)
    far = from_afar(30, dark.astype(np.uint8), REGION, np.full((90, 90, 3), 200, np.uint8))
    columns = np.flatnonzero((far.mean(axis=2) < 128).any(axis=0))
    assert far.shape == (960, 1280, 3)
    assert columns[-1] - columns[0] == pytest.approx(30, abs=3)


def test_two_lesions_lie_side_by_side() -> None:
    both = side_by_side(skin(120), skin(200)).mean(axis=2) < 130
    assert both.shape == (120, 240)
    assert both[:, :120].sum() == pytest.approx(both[:, 120:].sum(), rel=0.1)


def test_limit_lies_on_the_way_from_bad_photos_to_good_ones() -> None:
    good, bad = [np.linspace(100, 200, 1001), np.linspace(150, 200, 1001)], np.linspace(0, 50, 1001)
    assert least(good, bad, 0.1, 0.5) == pytest.approx((49 + 110) / 2)
    assert least(good, bad, 0.1, 0.0) == pytest.approx(49)


def test_where_bad_photos_look_like_good_ones_the_good_ones_decide() -> None:
    good, bad = [np.linspace(0, 100, 1001), np.linspace(50, 150, 1001)], np.linspace(0, 100, 1001)
    assert least(good, bad, 0.01, 0.5) == pytest.approx(1)


def test_upper_limit_mirrors_the_lower_one() -> None:
    good, bad = [np.linspace(0, 100, 1001)], np.linspace(200, 300, 1001)
    assert most(good, bad, 0.0, 0.5) == pytest.approx((100 + 202) / 2)


def varied(**ranges: tuple[float, float]) -> list[QualityReport]:
    """101 reports, each measure evenly spread over its range."""
    spread = {name: np.linspace(*ends, 101) for name, ends in ranges.items()}
    each: list[dict[str, Any]] = [{name: float(values[n]) for name, values in spread.items()} for n in range(101)]
    return [replace(GOOD, **measures) for measures in each]


def spoilt_reports() -> dict[str, list[QualityReport]]:
    made = {name: [GOOD] for name in SPOILT}
    made["light_divided_by_16"] = varied(light=(40, 70))
    made["light_times_8"] = varied(blown_share=(0.6, 0.9))
    made["glare_8_percent"] = varied(blown_share=(0.1, 0.2))
    made["glare_15_percent_in_4_spots"] = made["glare_20_percent_in_a_streak"] = made["glare_8_percent"]
    made["green_light"] = varied(red_to_green=(-1, -0.6))
    made["red_light"] = varied(red_to_green=(3, 4))
    made["blue_light"] = varied(green_to_blue=(-2, -1))
    made["yellow_light"] = varied(green_to_blue=(2, 3))
    made["black_and_white"] = varied(colourfulness=(0, 2))
    made["blurred_1_percent"] = made["shaken_8_percent"] = varied(sharpness=(0.8, 0.95))
    return made


GOOD_LIGHT = {
    "light": (150, 250),
    "blown_share": (0, 0),
    "red_to_green": (0, 1),
    "green_to_blue": (-0.2, 0.5),
    "colourfulness": (20, 90),
    "sharpness": (1.1, 1.5),
    "lesion_logit": (2, 9),
    "peak_logit": (1, 6),
}
GOOD_REPORTS = {
    "dermoscopic": varied(**GOOD_LIGHT, lesion_share=(0.2, 1), border_share=(0, 0.5), second_share=(0, 0.4)),
    "pad_ufes_20": varied(**GOOD_LIGHT, lesion_share=(0.3, 1), border_share=(0, 0.2), second_share=(0, 0.1)),
}
EMPTY_REPORTS = {"phone_skin": varied(lesion_logit=(-9, 2.2), peak_logit=(-6, 1.1), presence_logit=(-1, 3))}


def test_light_limits_lie_between_good_and_badly_lit_photos() -> None:
    limits = light_limits(GOOD_REPORTS, spoilt_reports())
    assert 70 <= limits["min_light"] < 85
    assert 0.04 < limits["max_glare_share"] < 0.06
    assert 0.2 <= limits["max_blown_share"] <= 0.6
    assert -0.6 < limits["min_red_to_green"] < 0
    assert 1 < limits["max_red_to_green"] < 3
    assert -1 < limits["min_green_to_blue"] < -0.2
    assert 0.5 < limits["max_green_to_blue"] < 2
    assert 2 < limits["min_colourfulness"] < 20


def test_framing_limits_refuse_next_to_no_good_photo() -> None:
    limits = framing_limits(GOOD_REPORTS)
    assert limits["min_lesion_share"] == pytest.approx(0.2, abs=0.01)
    assert limits["max_border_share"] == pytest.approx(0.5, abs=0.01)
    assert limits["max_second_share"] == pytest.approx(0.4, abs=0.01)


def test_few_phone_photos_are_answered_with_caution() -> None:
    limits = framing_limits(GOOD_REPORTS)
    assert limits["noted_border_share"] == pytest.approx(0.194, abs=0.003)
    assert limits["noted_second_share"] == pytest.approx(0.097, abs=0.003)


def test_sharpness_lies_between_blurred_and_good_photos() -> None:
    assert 0.95 < fitted_sharpness(GOOD_REPORTS, spoilt_reports()) < 1.1


def test_gate_refuses_no_more_than_allowed_of_the_lesions_that_look_least_like_one() -> None:
    good = GOOD_REPORTS | {"phone": varied(lesion_logit=(0, 5), peak_logit=(0, 3))}
    limits = fitted_limits(good, spoilt_reports(), EMPTY_REPORTS, 128, 360)
    for reports, most_refused in ((good["phone"], 0.03), (good["dermoscopic"], 0.01)):
        assert np.mean([limits.lesion_evidence(each) < limits.min_lesion_evidence for each in reports]) <= most_refused
    assert limits.lesion_evidence(EMPTY_REPORTS["phone_skin"][0]) < limits.min_lesion_evidence


def test_evidence_never_counts_against_a_lesion() -> None:
    weights = fitted_weights(GOOD_REPORTS, EMPTY_REPORTS | {"flat_or_drawn": varied(presence_logit=(5, 6))})
    assert min(weights.lesion_logit_weight, weights.presence_logit_weight, weights.peak_logit_weight) >= 0
    assert weights.lesion_logit_weight > 0


def test_smallest_side_is_where_a_photo_turns_soft() -> None:
    photo_rgb = skin(224)
    small = smallest_side_px([photo_rgb], measured(photo_rgb).sharpness - 0.2)
    assert 96 < small <= 224
    assert smallest_side_px([photo_rgb], 0) == 96


@pytest.mark.parametrize("weight", [1.0, 0.0])
@pytest.mark.parametrize("lesion_logit", [nan, -100.0])
def test_gate_does_not_judge_what_it_was_not_asked_about(weight: float, lesion_logit: float) -> None:
    limits = ungated(replace(LIMITS, lesion_logit_weight=weight))
    assert decline_reason(replace(GOOD, lesion_logit=lesion_logit), limits) is None
    assert decline_reason(replace(GOOD, lesion_logit=lesion_logit, light=10), limits) is DeclineReason.DARK


def test_limits_are_fitted_for_the_calibration_of_this_run_and_this_network(tmp_path: Path) -> None:
    models = Path(__file__).parents[2] / "models"
    with pytest.raises(FileNotFoundError, match="calibrate first"):
        known_model(tmp_path, models)
    described = json.loads((models / "model.json").read_text(encoding="utf-8")) | {"quality": None}
    described["calibration"]["clinical"]["temperature"] = 7.0
    (tmp_path / CALIBRATED).write_text(json.dumps(described), encoding="utf-8")
    assert known_model(tmp_path, models).calibrations[ImageType.CLINICAL].temperature == 7.0
    (tmp_path / CALIBRATED).write_text(json.dumps(described | {"onnx_sha256": "another"}), encoding="utf-8")
    with pytest.raises(ValueError, match="another network"):
        known_model(tmp_path, models)
