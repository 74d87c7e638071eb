"""Spoilt photos are what they claim to be, and limits follow from them."""

import numpy as np
import pytest

from inference.quality import DeclineReason, QualityLimits, QualityReport
from tests.inference.pictures import skin
from training.quality import (
    SPOILT,
    Measured,
    blurred,
    figures,
    fitted_brightness,
    fitted_sharpness,
    measured,
    relit,
    report,
    shaken,
    smallest_side_px,
)

LIMITS = QualityLimits(
    min_side_px=100, min_brightness=60, max_brightness=215, min_sharpness=1.15, min_lesion_logit=-np.inf
)


@pytest.fixture(scope="module")
def skins() -> Measured:
    return measured([skin(240), skin(300)])


def test_every_way_of_spoiling_is_seen_by_its_own_measure(skins: Measured) -> None:
    good = skins.good[0]
    for name, (reason, _) in SPOILT.items():
        spoilt = skins.spoilt[name][0]
        if reason is DeclineReason.BLURRED:
            assert spoilt.sharpness < good.sharpness - 0.05, name
        elif reason is DeclineReason.DARK:
            assert spoilt.brightness < good.brightness / 2, name
        else:
            assert spoilt.brightness > good.brightness + 30, name


def test_spoiling_keeps_the_size_of_a_photo() -> None:
    image_rgb = np.concatenate([skin(120)] * 2, axis=1)
    for spoilt in (blurred(0.02, image_rgb), shaken(0.08, 25, image_rgb), relit(8, image_rgb)):
        assert spoilt.shape == image_rgb.shape


def test_shaking_smears_along_its_own_direction() -> None:
    dot = np.zeros((101, 101, 3), np.uint8)
    dot[49:52, 49:52] = 255
    bright = shaken(0.3, 0, dot).max(axis=2) > 15
    assert bright.any(axis=0).sum() > 3 * bright.any(axis=1).sum()


def test_one_good_photo_in_a_hundred_of_the_softest_set_may_be_refused() -> None:
    sharp, soft = ([QualityReport(300, 150, start + n / 100, 0) for n in range(101)] for start in (2, 1))
    assert fitted_sharpness([Measured(sharp, {}), Measured(soft, {})]) == pytest.approx(1.01)


def test_brightness_finds_nineteen_spoilt_photos_in_twenty() -> None:
    spoilt = {
        "light_divided_by_16": [QualityReport(300, n, 1, 0) for n in range(101)],
        "light_times_8": [QualityReport(300, 155 + n, 1, 0) for n in range(101)],
    }
    assert fitted_brightness([Measured([], spoilt)]) == (95, 160)


def test_smallest_side_is_where_a_photo_turns_soft() -> None:
    photo_rgb = skin(224)
    small = smallest_side_px([photo_rgb], report(photo_rgb).sharpness - 0.2)
    assert 96 < small <= 224
    assert smallest_side_px([photo_rgb], 0) == 96


def test_figures_count_refused_and_found() -> None:
    good = [QualityReport(300, 150, 1.5, 0)] * 3 + [QualityReport(90, 150, 1.5, 0)]
    spoilt = {"blurred_2_percent": [QualityReport(300, 150, 1.1, 0), QualityReport(300, 150, 1.2, 0)]}
    assert figures(Measured(good, spoilt), LIMITS) == {
        "photos": 4,
        "good_refused": 0.25,
        "found_blurred_2_percent": 0.5,
    }


def test_photo_found_for_a_wrong_reason_is_not_found() -> None:
    dark = {"blurred_2_percent": [QualityReport(300, 10, 1.0, 0)]}
    assert figures(Measured([QualityReport(300, 150, 1.5, 0)], dark), LIMITS)["found_blurred_2_percent"] == 0
