"""The heat-map that patients see is the one that is measured."""

from argparse import Namespace
from typing import cast

import cv2
import numpy as np
import pytest

from inference.calibration import Calibration
from inference.classes import ImageType, LesionClass
from inference.model import Model
from inference.risk import RiskPolicy
from training.answers import Answers, for_all
from training.outcomes import Outcomes
from training.pointing import heatmap_figures, of_concern, pointing_game

_CODE = {code: index for index, code in enumerate(LesionClass)}
BCC, MEL, NV = (_CODE[code] for code in (LesionClass.BCC, LesionClass.MEL, LesionClass.NV))
POLICY = RiskPolicy(urgent_melanoma_probability=0.2, soon_malignancy_probability=0.4, uncertain_top_probability=0.1)
LAX = RiskPolicy(urgent_melanoma_probability=0.9, soon_malignancy_probability=0.9, uncertain_top_probability=0.1)
IDS = np.array(["a", "b", "c", "d", "e"])


def _masks() -> dict[str, bytes]:
    """The lesion is the left half of every photo."""
    mask = np.zeros((224, 224), np.uint8)
    mask[:, :112] = 255
    return dict.fromkeys(IDS.tolist(), cv2.imencode(".png", mask)[1].tobytes())


def _said(*shares: dict[int, float], clinical_logit: float = -1.0) -> Answers:
    """Answers with these probabilities; melanoma's heat lies on the right, every other class's on the lesion."""
    maps = np.zeros((len(shares), 7, 7, 7), np.float32)
    maps[:, :, 3, 1], maps[:, MEL, 3, 1], maps[:, MEL, 3, 5] = 1, 0, 1
    logits = np.log([[of.get(index, 0.001) for index in range(7)] for of in shares]).astype(np.float32)
    return Answers(logits, maps, np.zeros(len(shares)), np.full(len(shares), clinical_logit))


def _model() -> Model:
    policies = {ImageType.DERMOSCOPIC: POLICY, ImageType.CLINICAL: LAX}
    return cast("Model", Namespace(risk_policies=policies))


def _outcomes(said: Answers, levels: list[str]) -> Outcomes:
    chances = said.probabilities(for_all(Calibration(1.0, (0.0,) * 7)))
    none = np.zeros(len(levels), np.int64)
    return Outcomes(chances, none, none, np.array(levels), none > 0, chances > 0, none)


@pytest.mark.parametrize(("column", "hits"), [(1, 1.0), (5, 0.0)])
def test_pointing_game_is_won_on_the_lesion(column: int, hits: float) -> None:
    said = _said({NV: 0.9})
    said.maps[0, NV] = 0
    said.maps[0, NV, 3, column] = 1
    game = pointing_game(said, np.array([NV]), IDS[:1], _masks())
    assert game["hits"] == [hits]
    assert game["by_chance"] == pytest.approx(0.5, abs=0.01)
    assert game["energy_of_centre"] == pytest.approx(0.5, abs=0.01)
    assert game["energy_inside"] == pytest.approx(hits, abs=0.05)


def test_heatmap_is_of_the_class_that_the_advice_is_about() -> None:
    said = _said({NV: 0.7, MEL: 0.25}, {NV: 0.5, BCC: 0.45}, {NV: 0.9, MEL: 0.05}, {MEL: 0.9}, {NV: 0.7, MEL: 0.25})
    photos = _outcomes(said, ["urgent", "soon", "routine", "urgent", ""])
    assert of_concern(_model(), said, photos).tolist() == [MEL, BCC, NV, MEL, NV]


def test_each_kind_of_photo_has_its_own_policy() -> None:
    said = _said({NV: 0.7, MEL: 0.25}, clinical_logit=1.0)
    assert of_concern(_model(), said, _outcomes(said, ["routine"])).tolist() == [NV]


def test_heatmaps_of_melanomas_that_are_not_likeliest_are_counted_apart() -> None:
    said = _said({NV: 0.7, MEL: 0.25}, {NV: 0.9, MEL: 0.05})
    photos = _outcomes(said, ["urgent", "routine"])
    figures = heatmap_figures(said, of_concern(_model(), said, photos), photos.found, IDS[:2], _masks())
    assert (figures["hits"], figures["not_likeliest"], figures["hits_of_not_likeliest"]) == (0.5, 1, 0.0)
    figures = heatmap_figures(said, photos.found, photos.found, IDS[:2], _masks())
    assert (figures["hits"], figures["not_likeliest"], figures["hits_of_not_likeliest"]) == (1, 0, None)
