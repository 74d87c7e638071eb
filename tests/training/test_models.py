"""What stands in models/ belongs together."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference.classes import ImageType
from inference.model import load_model
from training.card import card
from training.card_words import PICTURES
from training.told import CALIBRATION, checksums

_MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads((_MODELS / "figures.json").read_text(encoding="utf-8"))
    return loaded


def test_description_belongs_to_its_network() -> None:
    model = load_model(_MODELS)
    description = json.loads((_MODELS / "model.json").read_text(encoding="utf-8"))
    assert description["onnx_sha256"] == model.sha256
    assert description["trained"] == model.session.get_modelmeta().custom_metadata_map["trained"]


def test_figures_were_measured_on_the_shipped_network(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["model"]["onnx_sha256"] == load_model(_MODELS).sha256


def test_figures_are_of_the_calibration_and_the_limits_that_ship(figures: dict[str, dict[str, Any]]) -> None:
    model = load_model(_MODELS)
    assert model.lesion_finder is not None
    assert figures["limits"] == asdict(model.quality_limits)
    assert figures["lesions"]["limits"] == asdict(model.lesion_finder.limits)
    for image_type in ImageType:
        assert figures["calibration"][image_type] == json.loads(json.dumps(asdict(model.calibrations[image_type])))
        assert figures["risk"][image_type] == asdict(model.risk_policies[image_type])


def test_every_part_of_the_figures_is_of_the_shipped_files(figures: dict[str, dict[str, Any]]) -> None:
    named = [part["of"] for part in figures.values() if "of" in part]
    assert set().union(*named) == {"model.onnx", "lesion.onnx", CALIBRATION}
    assert all(of == checksums(_MODELS, *of)["of"] for of in named)


def test_card_says_what_the_figures_say(figures: dict[str, dict[str, Any]]) -> None:
    assert (_MODELS / "MODEL_CARD.md").read_text(encoding="utf-8") == card(figures)


def test_pictures_of_the_card_were_drawn_for_the_shipped_network() -> None:
    sha256 = load_model(_MODELS).sha256
    for name in PICTURES:
        with Image.open(_MODELS / "card" / name) as picture:
            comment = picture.info["comment"]
        assert (comment.decode() if isinstance(comment, bytes) else comment) == sha256, name


def test_pictures_of_the_card_are_small_enough_to_clone() -> None:
    assert {path.name for path in (_MODELS / "card").iterdir()} == set(PICTURES)
    assert sum(path.stat().st_size for path in (_MODELS / "card").iterdir()) <= 1_200_000


def test_network_is_small_enough_to_clone() -> None:
    assert (_MODELS / "model.onnx").stat().st_size <= 25_000_000


def test_weights_are_so_small_that_no_pair_saturates_on_a_processor_without_vnni() -> None:
    """Two products of 255 and 64 stay below 2^15; it is what write_int8's reduce_range is for."""
    onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained or tested")
    weights = [onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(_MODELS / "model.onnx").graph.initializer]
    rounded = [weight for weight in weights if weight.dtype == np.int8 and weight.ndim == 4]
    assert len(rounded) > 50
    assert max(int(np.abs(weight.astype(int)).max()) for weight in rounded) <= 64


def test_licence_names_every_ancestor_of_the_weights() -> None:
    notice = (_MODELS / "LICENSE").read_text(encoding="utf-8")
    for ancestor in ("CC BY-NC 4.0", "HAM10000", "PAD-UFES-20", "kill-the-bits"):
        assert ancestor in notice


def test_activation_map_of_the_shipped_network_explains_its_logits() -> None:
    model = load_model(_MODELS)
    rng = np.random.default_rng(0)
    said = [model.answer(rng.integers(0, 256, (224, 224, 3), np.uint8)) for _ in range(2)]
    first, second = (answer.logits - answer.class_activation_map.mean(axis=(1, 2)) for answer in said)
    assert np.allclose(first, second, atol=1e-4)  # what is left is the bias, the same for every photo
