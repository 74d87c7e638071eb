import numpy as np
import pytest

from training.measures import (
    area_under_roc,
    balanced_accuracy,
    calibration_error,
    calibration_error_by_chance,
    confusion,
    interval,
    limit_of_answers,
    log_loss,
    sensitivity_at,
    share,
    share_answered,
    threshold_for_share,
)


def test_balanced_accuracy_weighs_a_rare_class_like_a_common_one() -> None:
    labels = np.array([0] * 98 + [1, 1])
    assert balanced_accuracy(np.zeros(100, int), labels) == pytest.approx(0.5)


def test_balanced_accuracy_leaves_out_classes_that_do_not_occur() -> None:
    assert balanced_accuracy(np.array([3, 6, 6]), np.array([3, 3, 6])) == pytest.approx(0.75)


def test_confusion_has_the_true_class_in_its_row() -> None:
    assert confusion(np.array([1, 1]), np.array([0, 1]), 2).tolist() == [[0, 1], [0, 1]]


def test_calibration_error_is_the_gap_between_what_is_told_and_the_truth() -> None:
    probabilities = np.tile([0.9, 0.1], (100, 1))
    labels = np.array([0] * 70 + [1] * 30)
    assert calibration_error(probabilities, labels, bins=1) == pytest.approx(0.2)


def test_calibration_error_of_honest_probabilities_is_small() -> None:
    rng = np.random.default_rng(0)
    first = rng.uniform(0, 1, 20_000)
    labels = (rng.random(20_000) > first).astype(int)
    assert calibration_error(np.stack([first, 1 - first], axis=1), labels) < 0.02


def test_right_probabilities_show_a_calibration_error_by_chance_that_more_photos_lessen() -> None:
    rng = np.random.default_rng(0)
    few, many = (calibration_error_by_chance(rng.dirichlet([1, 1, 1], count), rng) for count in (60, 6_000))
    assert few > 5 * many > 0


def test_log_loss_is_that_of_the_true_class() -> None:
    assert log_loss(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 0])) == pytest.approx(1.5 * np.log(2))


@pytest.mark.parametrize(
    ("scores", "area"), [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.5, 0.5, 0.5, 0.5], 0.5), ([0.9, 0.1, 0.5, 0.5], 0.5)]
)
def test_area_under_roc_counts_pairs(scores: list[float], area: float) -> None:
    assert area_under_roc(np.array(scores), np.array([False, False, True, True])) == pytest.approx(area)


def test_area_under_roc_is_undefined_without_positives() -> None:
    assert np.isnan(area_under_roc(np.array([0.5]), np.array([False])))


@pytest.mark.parametrize("wanted", [0.5, 0.9, 0.95, 1.0])
def test_threshold_is_the_highest_that_the_wanted_share_reaches(wanted: float) -> None:
    scores = np.random.default_rng(0).random(37)
    threshold = threshold_for_share(scores, wanted)
    assert share(scores >= threshold) >= wanted
    assert share(scores > threshold) < wanted


def test_interval_draws_whole_lesions() -> None:
    hits = np.repeat([True, False], 500)
    one_lesion_each = interval(lambda i: share(hits[i]), np.arange(1000), np.random.default_rng(0))
    two_lesions = interval(lambda i: share(hits[i]), np.repeat([0, 1], 500), np.random.default_rng(0))
    assert one_lesion_each == pytest.approx((0.47, 0.53), abs=0.01)
    assert two_lesions == (0.0, 1.0)


def test_sensitivity_is_told_where_so_many_of_the_others_stay_below() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.9, 0.35, 0.95])
    is_positive = np.array([False] * 5 + [True] * 2)
    assert sensitivity_at(scores, is_positive, 0.8) == 0.5
    assert sensitivity_at(scores, is_positive, 0.6) == 1.0
    assert np.isnan(sensitivity_at(scores, np.zeros(7, bool), 0.8))


def test_share_answered_leaves_out_the_least_sure() -> None:
    sureness = np.linspace(0.99, 0.6, 100)
    probabilities = np.stack([sureness, 1 - sureness], axis=1)
    labels = np.array([0] * 76 + [1] * 24)
    assert share_answered(probabilities, labels, 0.05) == 0.8
    assert share_answered(probabilities, 1 - labels * 0, 0.05) == 0.0


def test_limit_of_answers_is_where_the_first_too_many_is_wrong() -> None:
    probabilities = np.stack([np.linspace(0.99, 0.6, 10), np.linspace(0.01, 0.4, 10)], axis=1)
    labels = np.array([0] * 8 + [1, 1])
    assert limit_of_answers(probabilities, labels, 0.05) == probabilities[7, 0]
    assert limit_of_answers(probabilities, 1 - labels, 0.05) is None
