"""`python -m inference` for people and for programs."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from inference.classes import LesionClass
from inference.model import Model
from inference.quality import QualityReport
from tests.inference.pictures import MOLE, PHOTOS

ROOT = Path(__file__).parents[2]
KEYS = [
    "photo",
    "status",
    "probabilities",
    "malignancy_probability",
    "risk_level",
    "declined_because",
    "quality",
    "model",
    "prediction_set",
    "image_type",
]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "inference", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_json_is_one_object_a_line_in_order(model: Model) -> None:
    names = [MOLE, "everyday_kodim05.jpg", "not_a_photo.jpg", "ham10000_bkl_ISIC_0024338.heic"]
    paths = [PHOTOS / name for name in names]
    finished = run("--json", *paths)
    lines: list[dict[str, Any]] = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [line["photo"] for line in lines] == [str(path) for path in paths]
    assert [line["status"] for line in lines] == ["assessed", "declined", "error", "assessed"]
    assert all(list(line)[: len(KEYS)] == KEYS for line in lines)
    assert all(line["model"] == model.sha256 for line in lines)
    assert finished.returncode == 1


def test_declined_photo_has_its_probabilities_and_counts_as_read() -> None:
    finished = run("--json", PHOTOS / "everyday_kodim05.jpg")
    line = json.loads(finished.stdout)
    assert list(line["probabilities"]) == list(LesionClass)
    assert line["declined_because"] == "no_lesion"
    assert line["risk_level"] is None
    assert list(line["quality"]) == [field.name for field in dataclasses.fields(QualityReport)]
    assert all(isinstance(number, int | float) for number in line["quality"].values())
    assert finished.returncode == 0


def test_photo_that_cannot_be_read_and_a_folder_say_why() -> None:
    finished = run("--json", *(PHOTOS / name for name in ("truncated.jpg", "not_a_photo.jpg", "nowhere.jpg", ".")))
    lines = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [line["error"] for line in lines] == ["truncated", "unreadable", "missing", "unreadable"]
    assert {(line["status"], line["probabilities"]) for line in lines} == {("error", None)}
    assert finished.returncode == 1


def test_declined_photo_gets_no_numbers_in_words_and_a_caution_is_told() -> None:
    finished = run(PHOTOS / "everyday_kodim05.jpg", PHOTOS / "pad_bcc_PAT_473_911_630.jpg")
    declined, assessed = finished.stdout.split("pad_bcc")
    assert "declined: no_lesion" in declined
    assert "in 100" not in declined
    assert "bcc" in assessed
    assert "caution: cut_off" in assessed
    assert "malignant in all: " in assessed


def test_words_end_with_the_reminder() -> None:
    finished = run(PHOTOS / MOLE, PHOTOS / "everyday_kodim05.jpg")
    assert "in 100" in finished.stdout
    assert " 0 in 100" not in finished.stdout
    assert "100 in 100" not in finished.stdout
    assert "declined: no_lesion" in finished.stdout
    assert "not a diagnosis" in finished.stdout.splitlines()[-1]
    assert finished.returncode == 0


def test_missing_model_is_one_sentence(tmp_path: Path) -> None:
    finished = run("--model-dir", tmp_path, PHOTOS / MOLE)
    assert finished.stderr == f"There is no model: {tmp_path / 'model.onnx'} does not exist.\n"
    assert finished.stdout == ""
    assert finished.returncode == 1
