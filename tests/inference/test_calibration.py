"""Logits become probabilities."""

import numpy as np
import pytest

from inference.calibration import Calibration, for_mix, malignancy_probability, prediction_set, probabilities
from inference.classes import LesionClass

PLAIN = Calibration(temperature=1, log_prior_shift=(0,) * 7)
LOGITS = np.array([0.5, -1, 2, 0, 1, 3, -2], np.float32)


def test_probabilities_sum_to_one_in_the_order_of_the_classes() -> None:
    found = probabilities(LOGITS, PLAIN)
    assert list(found) == list(LesionClass)
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda lesion: found[lesion]) is LesionClass.NV


def test_plain_calibration_is_softmax() -> None:
    weights = np.exp(LOGITS.astype(float))
    np.testing.assert_allclose(list(probabilities(LOGITS, PLAIN).values()), weights / weights.sum())


def test_temperature_makes_less_sure() -> None:
    cool, warm = (max(probabilities(LOGITS, Calibration(t, (0,) * 7)).values()) for t in (1, 3))
    assert warm < cool


def test_prior_shift_multiplies_the_odds() -> None:
    shift = tuple(np.log(4) if lesion is LesionClass.MEL else 0 for lesion in LesionClass)
    before, after = probabilities(LOGITS, PLAIN), probabilities(LOGITS, Calibration(1, shift))
    odds_before = before[LesionClass.MEL] / before[LesionClass.NV]
    assert after[LesionClass.MEL] / after[LesionClass.NV] == pytest.approx(4 * odds_before)


def test_commoner_class_is_likelier_by_as_much() -> None:
    shares = (0.1, 0.1, 0.2, 0.05, 0.1, 0.4, 0.05)
    fitted = Calibration(1.3, (0.2, -1, 0, 0, 0.5, 0, -3), shares)
    mix = dict(zip(LesionClass, (10, 10, 20, 5, 30, 40, 5), strict=True))
    before, after = probabilities(LOGITS, fitted), probabilities(LOGITS, for_mix(fitted, mix))
    odds = [found[LesionClass.MEL] / found[LesionClass.NV] for found in (before, after)]
    assert odds[1] == pytest.approx(3 * odds[0])


def test_own_mix_of_the_calibration_changes_nothing() -> None:
    shares = (0.1, 0.1, 0.2, 0.05, 0.1, 0.4, 0.05)
    fitted = Calibration(1.3, (0.2, -1, 0, 0, 0.5, 0, -3), shares)
    same = for_mix(fitted, dict(zip(LesionClass, shares, strict=True)))
    np.testing.assert_allclose(list(probabilities(LOGITS, same).values()), list(probabilities(LOGITS, fitted).values()))


def test_huge_logits_do_not_overflow() -> None:
    found = probabilities(LOGITS * 1000, PLAIN)
    assert found[LesionClass.NV] == pytest.approx(1)


def test_malignant_is_melanoma_basal_cell_carcinoma_and_actinic_keratosis() -> None:
    assert [lesion for lesion in LesionClass if lesion.is_malignant] == ["akiec", "bcc", "mel"]
    found = probabilities(LOGITS, PLAIN)
    expected = found[LesionClass.MEL] + found[LesionClass.BCC] + found[LesionClass.AKIEC]
    assert malignancy_probability(found) == pytest.approx(expected)


def test_prediction_set_holds_what_can_not_be_ruled_out_likeliest_first() -> None:
    found = dict(zip(LesionClass, (0.0, 0.1, 0.25, 0.0, 0.3, 0.35, 0.0), strict=True))
    assert prediction_set(found, Calibration(1, (0,) * 7, set_probability=0.2)) == ("nv", "mel", "bkl")


def test_prediction_set_is_never_empty() -> None:
    found = dict.fromkeys(LesionClass, 1 / 7)
    assert len(prediction_set(found, Calibration(1, (0,) * 7, set_probability=0.9))) == 1
