"""What a turn changes is counted against the photo as it is."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.turns import figures, turned
from inference.assess import Assessment, assess
from inference.classes import LesionClass
from inference.decoding import decode
from inference.model import load_model
from inference.risk import RiskLevel
from tests.inference.pictures import MODELS, MOLE, photo


@pytest.fixture(scope="module")
def said() -> list[Assessment]:
    return turned(decode(photo(MOLE)), load_model(MODELS))


def test_photo_is_looked_at_in_four_positions(said: list[Assessment]) -> None:
    assert len(said) == 4
    assert said[0].probabilities == assess(photo(MOLE), load_model(MODELS)).probabilities
    assert len({assessment.malignancy_probability for assessment in said}) == 4


def test_changes_of_class_and_of_advice_are_counted_apart(said: list[Assessment]) -> None:
    mole, *_ = said
    likely = replace(mole, probabilities={**mole.probabilities, LesionClass.MEL: 1.0}, risk_level=RiskLevel.URGENT)
    soon, declined = replace(mole, risk_level=RiskLevel.SOON), replace(mole, risk_level=None)
    rows = [[mole] * 4, [likely, mole, likely, likely], [soon, soon, soon, mole], [mole, declined, mole, mole]]
    told = [figure.ours for figure in figures(rows, np.array([False, True, True, False]))]
    assert told == [
        "25.0%, 0.0%, 0.0%",
        "25.0%",
        "33.3%, 0.0%, 33.3%",
        "66.7%",
        "100.0%, 50.0%, 100.0%, 50.0%",
        "0.0%, 0.0%, 0.0%, 0.0%",
        "0.0%, 25.0%, 0.0%, 0.0%",
    ]
