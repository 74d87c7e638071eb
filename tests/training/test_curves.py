import numpy as np
import pytest

from training.curves import average_precision, precision_recall, reliability, roc
from training.examples import right_ones, wrong_ones
from training.measures import errors_of_answered

_SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
_IS_POSITIVE = np.array([True, True, False, False, True])


def test_roc_goes_from_nothing_named_to_everything_named() -> None:
    alarms, hits = roc(_SCORES, _IS_POSITIVE)
    assert alarms == pytest.approx([0, 0, 1 / 2, 1, 1])
    assert hits == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 1])


def test_equal_scores_are_named_together() -> None:
    recall, precision = precision_recall(_SCORES, _IS_POSITIVE)
    assert recall == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1])
    assert precision == pytest.approx([1, 2 / 3, 1 / 2, 3 / 5])
    assert average_precision(_SCORES, _IS_POSITIVE) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)


def test_surest_photos_are_answered_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2]])
    answered, wrong = errors_of_answered(probabilities, np.array([1, 1, 0]))
    assert answered == pytest.approx([1 / 3, 2 / 3, 1])
    assert wrong == pytest.approx([0, 0, 1 / 3])


def test_what_came_true_lies_inside_its_interval() -> None:
    told = np.linspace(0, 1, 100)
    bins = reliability(told, told > 0.5, bins=4)
    assert bins.told == pytest.approx([0.121, 0.374, 0.626, 0.879], abs=1e-3)
    assert bins.true.tolist() == [0, 0, 1, 1]
    assert (bins.low <= bins.true + 1e-12).all()
    assert (bins.true <= bins.high + 1e-12).all()
    assert bins.high[0] == pytest.approx(0.1332, abs=1e-3)


def test_examples_are_the_median_right_one_and_the_surest_wrong_one() -> None:
    probabilities = np.full((5, 7), 0.01)
    probabilities[:, 0] = (0.6, 0.9, 0.7, 0.2, 0.2)
    probabilities[3:, 1] = (0.5, 0.8)
    labels = np.zeros(5, int)
    right, wrong = right_ones(probabilities, labels), wrong_ones(probabilities, labels)
    assert right[0] is not None
    assert wrong[0] is not None
    assert (right[0].index, right[0].probability) == (2, 0.7)
    assert (wrong[0].index, wrong[0].found) == (4, 1)
    assert right[1:] == wrong[1:] == [None] * 6
