"""What hair removal brings is told with an interval that counts whole draws only."""

import numpy as np
import pytest

from benchmarks.hair_effect import effect
from training.measures import Probabilities

_PHOTOS = 20


def _sure_of(classes: list[int]) -> Probabilities:
    probabilities = np.full((len(classes), 7), 0.05)
    probabilities[np.arange(len(classes)), classes] = 0.7
    return probabilities


def test_draw_without_a_class_is_no_draw_of_balanced_accuracy() -> None:
    """The only photo of a class is named rightly with hair and wrongly without: half of the recalls are lost."""
    labels = np.array([5] * (_PHOTOS - 1) + [4])
    plain, said = _sure_of(labels.tolist()), _sure_of([5] * _PHOTOS)
    found = effect("ours", said, plain, labels, np.arange(_PHOTOS))
    assert found.balanced_accuracy == 0.5
    assert found.more_accuracy == (-0.5, -0.5)
    assert found.log_loss == pytest.approx(-(19 * np.log(0.7) + np.log(0.05)) / _PHOTOS)
    assert 0 <= found.more_loss[0] < found.log_loss + np.log(0.7) < found.more_loss[1]


def test_way_that_changes_nothing_brings_nothing() -> None:
    labels = np.arange(_PHOTOS) % 7
    plain = _sure_of(labels.tolist())
    found = effect("left as it is", plain, plain, labels, np.arange(_PHOTOS))
    assert found.more_accuracy == found.more_loss == (0, 0)
