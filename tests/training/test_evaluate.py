from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from inference.calibration import Calibration
from inference.classes import LesionClass
from inference.model import load_model
from training.answers import Answers, answers, for_all
from training.evaluate import (
    class_figures,
    float_figures,
    limited,
    outcomes,
    part_figures,
    plain,
)
from training.outcomes import Outcomes, measured, metrics

MODELS: Final = Path(__file__).parents[2] / "models"
_CODE = {code: index for index, code in enumerate(LesionClass)}


def _outcomes(*photos: tuple[LesionClass | None, LesionClass, str]) -> Outcomes:
    """(True class or None, class found, level or nothing) of each photo; each its own lesion."""
    probabilities = np.full((len(photos), len(LesionClass)), 0.05)
    for row, (_, found, _) in enumerate(photos):
        probabilities[row, _CODE[found]] = 0.7
    labels = np.array([-1 if truth is None else _CODE[truth] for truth, _, _ in photos])
    levels = np.array([level for _, _, level in photos])
    found = probabilities.argmax(axis=1)
    return Outcomes(probabilities, labels, np.arange(len(photos)), levels, levels == "", probabilities > 0.5, found)


def _values(photos: Outcomes) -> dict[str, float]:
    return {name: metric(np.arange(len(photos.labels))) for name, metric in metrics(photos).items()}


MEL, NV, BCC = LesionClass.MEL, LesionClass.NV, LesionClass.BCC


def test_declined_cancer_counts_as_missed() -> None:
    values = _values(_outcomes((MEL, MEL, "urgent"), (BCC, BCC, ""), (NV, NV, "routine")))
    assert values["malignant_sensitivity"] == pytest.approx(0.5)
    assert values["declined"] == pytest.approx(1 / 3)


def test_class_of_equals_is_what_the_equal_mix_makes_of_the_calibration() -> None:
    """A class that was next to never there, and is told of for all that: where all are equal, it is the likeliest."""
    rare = tuple(1e-9 if code is LesionClass.DF else 1.0 for code in LesionClass)
    calibrations = for_all(Calibration(1.0, (0.0,) * len(LesionClass), rare))
    model, views = replace(load_model(MODELS), calibrations=calibrations), np.full((2, 224, 224, 3), 128, np.uint8)
    nothing = np.zeros(len(views), np.int64)
    found = outcomes(model, views, answers(model, views), nothing, nothing).found_of_equals
    assert found.tolist() == [_CODE[LesionClass.DF]] * 2


def test_harmless_lesion_sent_to_a_doctor_is_a_false_alarm() -> None:
    values = _values(
        _outcomes((NV, NV, "routine"), (NV, NV, "soon"), (NV, MEL, "urgent"), (NV, NV, "routine"), (MEL, NV, "soon"))
    )
    assert values["malignant_specificity"] == pytest.approx(0.5)
    assert values["melanoma_sensitivity"] == 1
    assert values["melanoma_urgent"] == 0


def test_squamous_cell_carcinoma_is_malignant_and_has_no_class() -> None:
    values = _values(_outcomes((None, NV, "routine"), (NV, NV, "routine"), (BCC, BCC, "soon")))
    assert values["malignant_sensitivity"] == pytest.approx(0.5)
    assert values["balanced_accuracy"] == 1
    assert values["accuracy"] == 1


def test_resample_without_a_class_is_no_draw_of_balanced_accuracy() -> None:
    """One photo of a class that is never found: the mean recall can't be above a half."""
    photos = _outcomes(*[(NV, NV, "routine")] * 9, (MEL, NV, "routine"))
    figure = measured(metrics(photos)["balanced_accuracy"], photos.groups)
    assert figure["value"] == figure["high"] == 0.5


def test_shares_of_next_to_no_melanomas_are_not_told() -> None:
    one, five = (_outcomes(*[(MEL, MEL, "urgent")] * melanomas, (NV, NV, "routine")) for melanomas in (1, 5))
    assert part_figures(one)["melanoma_sensitivity"] is None
    assert part_figures(five)["melanoma_sensitivity"]["value"] == 1


def test_value_lies_inside_its_interval() -> None:
    photos = _outcomes(*[(NV, NV, "routine")] * 15, *[(NV, MEL, "urgent")] * 5)
    figure = measured(metrics(photos)["accuracy"], photos.groups)
    assert figure["low"] < figure["value"] == 0.75 < figure["high"]


def test_answers_are_counted_from_a_limit_on_that_others_have_set() -> None:
    photos = _outcomes(*[(NV, NV, "routine")] * 9, (MEL, NV, "routine"), (None, NV, "routine"))
    answered, wrong = (figure["value"] for figure in limited(0.7, photos).values() if figure)
    assert answered == 1
    assert wrong == pytest.approx(0.1)
    assert set(limited(None, photos).values()) == set(limited(0.8, photos).values()) == {None}


def test_precision_and_recall_divide_by_what_was_named_and_what_was_there() -> None:
    counts = np.array([[3, 1], [2, 4]])
    assert class_figures(counts, 0) == {"photos": 4, "recall": 0.75, "precision": 0.6, "f1": 0.6667}


def test_class_that_does_not_occur_has_no_figures() -> None:
    assert class_figures(np.array([[0, 0], [1, 4]]), 0) == {"photos": 0, "recall": None, "precision": None, "f1": None}


def test_plain_numbers_are_whole_and_add_up() -> None:
    figures = part_figures(
        _outcomes((MEL, MEL, "urgent"), (BCC, NV, "routine"), (BCC, BCC, "soon"), (NV, NV, "routine"))
    )
    numbers = plain(figures, figures, [0.39, 0.29, 0.13, 0.01, 0.03, 0.14, 0.01])
    assert numbers["malignant_found_in_100"] == 67
    assert numbers["malignant_missed_in_100"] == 33
    assert numbers["harmless_alarmed_in_100"] == numbers["phone_harmless_alarmed_in_100"] == 0
    assert numbers["phone_melanomas"] == 1
    assert numbers["phone_malignant_in_100"] == 71
    assert numbers["test_photos"] == numbers["test_lesions"] == 4
    assert all(isinstance(number, int) for number in numbers.values())


def test_what_is_told_of_malignancy_stands_beside_what_is_true() -> None:
    figures = part_figures(
        _outcomes((MEL, MEL, "urgent"), (NV, NV, "routine"), (NV, NV, "routine"), (NV, NV, "routine"))
    )
    assert figures["malignant_told"] == pytest.approx((0.8 + 3 * 0.15) / 4, abs=1e-3)
    assert figures["malignant_true"] == 0.25


def test_agreement_with_the_float_network_counts_the_likeliest_class() -> None:
    shipped = _outcomes((NV, NV, "routine"), (MEL, NV, "routine"))
    logits = np.eye(7, dtype=np.float32)[[_CODE[NV], _CODE[MEL]]]
    of_float = Answers(logits, np.zeros((2, 7, 7, 7), np.float32), np.zeros(2), np.zeros(2))
    assert float_figures(of_float, for_all(Calibration(1.0, (0.0,) * 7)), shipped) == {
        "balanced_accuracy": 1.0,
        "agreement": 0.5,
    }
