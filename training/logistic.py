"""Logistic regression with an L2 penalty, by Newton's method: what small numbers of measures are weighed by."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEPS: Final = 30
_LEAST_SPREAD: Final = 1e-3  # what hardly varies tells nothing
_TINY: Final = 1e-9


def logistic_regression(
    inputs: NDArray[np.float64], is_positive: NDArray[np.bool_], weight: NDArray[np.float64], shrinkage: float
) -> tuple[NDArray[np.float64], float]:
    """Return (F,) weights and a bias: inputs @ weights + bias is the logarithm of the odds.

    Args:
        inputs: (N, F).
        is_positive: (N,).
        weight: (N,) what each example counts; scaled here to 1 on average.
        shrinkage: the penalty on the squared weights of standardised inputs.
    """
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + _LEAST_SPREAD
    rows = np.hstack([(inputs - mean) / spread, np.ones((len(inputs), 1))])
    counts = weight * len(weight) / weight.sum()
    penalty = np.append(np.full(inputs.shape[1], shrinkage), 0.0)
    answer = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 0.5 * (1 + np.tanh(rows @ answer / 2))
        slope = rows.T @ (counts * (chance - is_positive)) + penalty * answer
        curve = (rows.T * (counts * chance * (1 - chance))) @ rows + np.diag(penalty + _TINY)
        answer -= np.linalg.solve(curve, slope)
    weights = answer[:-1] / spread
    return weights, float(answer[-1] - mean @ weights)
