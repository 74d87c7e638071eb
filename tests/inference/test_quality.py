"""A photo that can't be judged is told from one that can."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.image import decode, lesion_view, network_input, resized
from inference.quality import DeclineReason, QualityLimits, QualityReport, decline_reason, quality_report, sharpness
from tests.inference.pictures import photo, skin

LIMITS = QualityLimits(min_side_px=128, min_brightness=50, max_brightness=220, min_sharpness=1.1, min_lesion_logit=0)
GOOD = QualityReport(side_px=128, brightness=50, sharpness=1.1, lesion_logit=0)


def grey(image_rgb: cv2.typing.MatLike) -> NDArray[np.float32]:
    return cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)


def measured(image_rgb: NDArray[np.uint8]) -> QualityReport:
    view_rgb = lesion_view(image_rgb)
    return quality_report(view_rgb, network_input(view_rgb, 224), 0)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (replace(GOOD, side_px=127), DeclineReason.TOO_SMALL),
        (replace(GOOD, brightness=49.9), DeclineReason.DARK),
        (replace(GOOD, brightness=220.1), DeclineReason.BRIGHT),
        (replace(GOOD, sharpness=1.09), DeclineReason.BLURRED),
        (replace(GOOD, lesion_logit=-0.1), DeclineReason.NO_LESION),
    ],
)
def test_each_limit_has_its_own_reason(report: QualityReport, reason: DeclineReason) -> None:
    assert decline_reason(report, LIMITS) is reason


def test_photo_on_every_limit_is_good_enough() -> None:
    assert decline_reason(GOOD, LIMITS) is None


def test_light_is_mended_before_focus() -> None:
    dark_and_blurred = QualityReport(side_px=500, brightness=10, sharpness=1, lesion_logit=-5)
    assert decline_reason(dark_and_blurred, LIMITS) is DeclineReason.DARK


def test_blur_lowers_sharpness_step_by_step() -> None:
    steps = [sharpness(grey(cv2.GaussianBlur(skin(), (0, 0), sigma))) for sigma in (0.5, 1, 2, 4)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 1.1 < steps[0]


@pytest.mark.parametrize("angle_degrees", [0, 30, 45, 90, 120])
def test_a_shaken_hand_is_found_in_any_direction(angle_degrees: float) -> None:
    row = np.zeros((17, 17), np.float32)
    row[8] = 1
    line = cv2.warpAffine(row, cv2.getRotationMatrix2D((8, 8), angle_degrees, 1), (17, 17))
    shaken = cv2.filter2D(skin(), -1, line / line.sum())
    assert sharpness(grey(shaken)) < sharpness(grey(skin())) - 0.3


def test_a_pale_photo_is_as_sharp_as_a_strong_one() -> None:
    strong = grey(skin())
    assert sharpness(strong * 0.3 + 120) == pytest.approx(sharpness(strong), rel=0.05)


def test_sharpness_does_not_grow_with_the_photo() -> None:
    photo_rgb = lesion_view(decode(photo("pad_nv_PAT_1107_427_352.jpg")))
    small = measured(resized(photo_rgb, 448, 448)).sharpness
    assert measured(photo_rgb).sharpness == pytest.approx(small, rel=0.1)


def test_empty_picture_is_not_sharp() -> None:
    assert sharpness(np.full((224, 224), 128, np.float32)) == 0


def test_report_says_what_came() -> None:
    image_rgb = np.full((300, 500, 3), 90, np.uint8)
    assert measured(image_rgb) == QualityReport(side_px=300, brightness=90, sharpness=0, lesion_logit=0)
