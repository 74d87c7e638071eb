"""What is weighed is what tells the two sides apart."""

import numpy as np
import pytest

from training.logistic import logistic_regression


def _examples(rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs of which only the first tells, at odds of exp(2 · input - 1), and which are positive."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, (1, 10), (rows, 2))
    return inputs, rng.random(rows) < 1 / (1 + np.exp(1 - 2 * inputs[:, 0]))


def test_weights_are_those_that_the_odds_came_from() -> None:
    weights, bias = logistic_regression(*_examples(), np.ones(4000), 1.0)
    assert weights == pytest.approx([2, 0], abs=0.15)
    assert bias == pytest.approx(-1, abs=0.15)


def test_shrinkage_trusts_few_examples_less() -> None:
    inputs, is_positive = (part[:20] for part in _examples())
    little, much = (logistic_regression(inputs, is_positive, np.ones(20), shrinkage)[0][0] for shrinkage in (0.3, 30.0))
    assert abs(much) < abs(little)


def test_only_the_share_of_a_weight_counts() -> None:
    inputs, is_positive = _examples()
    alone, _ = logistic_regression(inputs, is_positive, np.full(4000, 7.0), 1.0)
    assert alone == pytest.approx(logistic_regression(inputs, is_positive, np.ones(4000), 1.0)[0])
