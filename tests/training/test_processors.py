"""The same network on two processors."""

import numpy as np

from training.processors import comparison


def test_same_answers_do_not_differ() -> None:
    logits = np.eye(7, dtype=np.float32)
    assert comparison(logits, logits.copy()) | {"processor": "", "spread": 0} == {
        "processor": "",
        "photos": 7,
        "same_class": 7,
        "largest_difference": 0.0,
        "spread": 0,
    }


def test_saturated_sums_are_noticed() -> None:
    here = np.eye(7, dtype=np.float32)
    there = here.copy()
    there[3] = -here[3]
    found = comparison(here, there)
    assert (found["same_class"], found["largest_difference"]) == (6, 2.0)
