"""A network is used only with the description that belongs to it."""

import hashlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.calibration import EQUAL_MIX
from inference.classes import ImageType, LesionClass
from inference.decoding import decode
from inference.errors import ModelMismatch, ModelMissing
from inference.image import lesion_view, network_input
from inference.model import Model, load_model
from tests.inference.pictures import MODELS, MOLE, photo, skin

Description = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    for name in ("model.onnx", "lesion.onnx", "model.json"):
        shutil.copyfile(MODELS / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, change: Callable[[Description], object]) -> None:
    path = folder / "model.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    change(description)
    path.write_text(json.dumps(description), encoding="utf-8")


def test_model_knows_the_checksum_of_its_network(model: Model) -> None:
    assert model.sha256 == hashlib.sha256((MODELS / "model.onnx").read_bytes()).hexdigest()


def test_model_keeps_the_mix_of_the_people_it_is_for() -> None:
    mix = {lesion: index + 1.0 for index, lesion in enumerate(LesionClass)}
    assert load_model(MODELS, mix).mix == mix
    assert load_model(MODELS).mix is None


def test_each_network_runs_on_one_thread(model: Model) -> None:
    assert model.lesion_finder is not None
    for session in (model.session, model.lesion_finder.session):
        options = session.get_session_options()
        assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_network_answers_for_seven_classes(model: Model) -> None:
    answer = model.answer(network_input(skin(300), model.input_side_px))
    assert answer.logits.shape == (7,)
    assert answer.class_activation_map.shape == (7, 7, 7)
    assert np.isfinite(answer.logits).all()
    assert np.isfinite(answer.lesion_logit)


def test_mean_of_the_activation_map_differs_from_the_logit_by_the_bias_alone(model: Model) -> None:
    real_rgb = lesion_view(decode(photo(MOLE)))
    answers = [model.answer(network_input(view, model.input_side_px)) for view in (skin(300), real_rgb)]
    biases = [answer.logits - answer.class_activation_map.mean(axis=(1, 2)) for answer in answers]
    np.testing.assert_allclose(biases[0], biases[1], atol=1e-3)
    assert np.abs(answers[0].logits - answers[1].logits).max() > 0.5


def test_another_network_under_the_same_name_is_refused(folder: Path) -> None:
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelMismatch, match=r"describes another model\.onnx"):
        load_model(folder)


def test_another_lesion_network_is_refused(folder: Path) -> None:
    with (folder / "lesion.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelMismatch, match=r"describes another lesion\.onnx"):
        load_model(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda description: description.update(format=2),
        lambda description: description.update(classes=list(reversed(LesionClass))),
        lambda description: description.update(classes=list(LesionClass)[:6]),
        lambda description: description.pop("classes"),
        lambda description: description.pop("risk"),
        lambda description: description.pop("lesion"),
        lambda description: description["lesion"]["limits"].pop("small_share"),
        lambda description: description["quality"].pop("min_sharpness"),
        lambda description: description["risk"]["clinical"].update(new_rule=1),
        lambda description: description["calibration"]["clinical"]["log_prior_shift"].pop("mel"),
        lambda description: description["calibration"]["clinical"].pop("set_probability"),
    ],
)
def test_description_for_another_program_is_refused(folder: Path, change: Callable[[Description], object]) -> None:
    edit(folder, change)
    with pytest.raises(ModelMismatch):
        load_model(folder)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_description_that_describes_nothing_is_refused(folder: Path, text: str) -> None:
    (folder / "model.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelMismatch):
        load_model(folder)


@pytest.mark.parametrize("name", ["model.onnx", "lesion.onnx", "model.json"])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelMissing, match=name.replace(".", r"\.")):
        load_model(folder)


@pytest.mark.parametrize("name", ["model.onnx", "lesion.onnx", "model.json"])
def test_folder_in_place_of_a_file_is_named(folder: Path, name: str) -> None:
    """Docker makes one of a file that it is told to show and that is not there."""
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(ModelMissing, match=name.replace(".", r"\.")):
        load_model(folder)


def test_file_in_place_of_the_folder_is_no_model(folder: Path) -> None:
    with pytest.raises(ModelMissing, match="can't be read"):
        load_model(folder / "model.json")


def test_folder_may_be_named_by_a_string(model: Model) -> None:
    assert load_model(str(MODELS)).sha256 == model.sha256


def test_mix_of_every_class_is_taken_in_their_order() -> None:
    mix = load_model(MODELS, {LesionClass.NV: 80, **dict.fromkeys(LesionClass, 1)}).mix
    assert mix is not None
    assert list(mix) == list(LesionClass)
    assert load_model(MODELS, EQUAL_MIX).mix == dict.fromkeys(LesionClass, 1)


@pytest.mark.parametrize(
    "mix",
    [
        {},
        {"nv": 80.0},
        dict.fromkeys((*LesionClass, "scc"), 1.0),
        {**dict.fromkeys(LesionClass, 1.0), LesionClass.MEL: 0.0},
        {**dict.fromkeys(LesionClass, 1.0), LesionClass.MEL: -1.0},
        {**dict.fromkeys(LesionClass, 1.0), LesionClass.MEL: math.inf},
        {**dict.fromkeys(LesionClass, 1.0), LesionClass.MEL: math.nan},
        {**dict.fromkeys(LesionClass, 1.0), LesionClass.MEL: "1"},
        dict.fromkeys(LesionClass, 1e308),  # together they are more than there is
        "equal",
    ],
)
def test_mix_that_is_none_is_refused_in_words(mix: object) -> None:
    with pytest.raises(ValueError, match="mix of classes must name a share above 0 for each of akiec, bcc"):
        load_model(MODELS, mix)  # type: ignore[arg-type]  # that is the test


def test_thresholds_come_from_the_description(folder: Path) -> None:
    edit(folder, lambda description: description["quality"].update(min_side_px=777))
    edit(folder, lambda description: description["risk"]["clinical"].update(urgent_melanoma_probability=0.777))
    edit(folder, lambda description: description["lesion_gate"].update(min_lesion_evidence=7.77))
    edit(folder, lambda description: description["calibration"]["clinical"].update(temperature=77))
    model = load_model(folder)
    assert model.quality_limits.min_side_px == 777
    assert model.risk_policies[ImageType.CLINICAL].urgent_melanoma_probability == 0.777
    assert model.quality_limits.min_lesion_evidence == 7.77
    assert model.calibrations[ImageType.CLINICAL].temperature == 77


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads through /proc")
def test_nobody_is_told_that_the_network_is_used() -> None:
    """What onnxruntime tells Microsoft, it tells in a thread of its own; whoever turns that off has one thread."""
    count = "import os, inference.model; print(len(os.listdir('/proc/self/task')))"
    environment = {"OPENBLAS_NUM_THREADS": "1", "PATH": ""}
    command = [sys.executable, "-c", count]
    ran = subprocess.run(command, cwd=MODELS.parent, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"
