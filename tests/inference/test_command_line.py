"""`python -m inference` for people and for programs."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inference.assess import assess
from inference.calibration import EQUAL_MIX
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


def test_photo_that_cannot_be_read_and_an_empty_folder_say_why(tmp_path: Path) -> None:
    finished = run("--json", *(PHOTOS / name for name in ("truncated.jpg", "not_a_photo.jpg", "nowhere.jpg")), tmp_path)
    lines = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [line["error"] for line in lines] == ["truncated", "unreadable", "missing", "no_photos"]
    assert {(line["status"], line["probabilities"]) for line in lines} == {("error", None)}
    assert finished.returncode == 1


def test_of_a_folder_its_photos_are_taken_in_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.jpeg", "notes.txt"):
        shutil.copyfile(PHOTOS / MOLE, tmp_path / name)
    (tmp_path / "c.png").mkdir()
    finished = run("--json", tmp_path)
    assert [json.loads(line)["photo"] for line in finished.stdout.splitlines()] == [
        str(tmp_path / name) for name in ("a.jpeg", "b.JPG")
    ]
    assert finished.returncode == 0


def test_file_that_may_not_even_be_looked_for_is_unreadable_and_those_after_it_are_answered() -> None:
    finished = run("--json", "a" * 300 + ".jpg", PHOTOS / MOLE)
    assert [json.loads(line).get("error") for line in finished.stdout.splitlines()] == ["unreadable", None]
    assert finished.returncode == 1


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_photo_whose_name_cannot_be_printed_is_answered(tmp_path: Path, encoding: str) -> None:
    """A name that another system wrote in Latin-1 is no UTF-8."""
    name = os.fsencode(tmp_path) + b"/le\xf3n.jpg"
    shutil.copyfile(PHOTOS / MOLE, name)
    command = [sys.executable, "-m", "inference", str(tmp_path)]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.stderr == ""
    assert "in 100" in finished.stdout
    assert finished.returncode == 0


def test_probabilities_are_for_the_mix_that_is_asked_for(model: Model) -> None:
    shares = "nv=80.5, bkl=10 bcc=4 akiec=3 mel=1 df=1 vasc=1"
    shipped, equal, own = (
        json.loads(run("--json", *arguments, PHOTOS / MOLE).stdout)
        for arguments in ((), ("--mix", "equal"), ("--mix", shares))
    )
    assert [line["mix"] for line in (shipped, equal)] == [None, dict.fromkeys(LesionClass, 1.0)]
    assert own["mix"] == {"akiec": 3, "bcc": 4, "bkl": 10, "df": 1, "mel": 1, "nv": 80.5, "vasc": 1}
    assert equal["probabilities"]["df"] > shipped["probabilities"]["df"] > own["probabilities"]["df"]
    for mix, line in ((None, shipped), (EQUAL_MIX, equal), (own["mix"], own)):
        expected = assess((PHOTOS / MOLE).read_bytes(), dataclasses.replace(model, mix=mix)).probabilities
        assert line["probabilities"] == pytest.approx(dict(expected))


@pytest.mark.parametrize("mix", ["nv=80", "even", ""])
def test_mix_that_is_none_is_wrong_usage(mix: str) -> None:
    finished = run("--mix", mix, PHOTOS / MOLE)
    assert "a share above 0 for each of akiec, bcc" in finished.stderr
    assert finished.returncode == 2


def test_help_explains_every_key_of_the_json() -> None:
    told = run("--help").stdout
    for key in [*json.loads(run("--json", "nowhere.jpg").stdout)]:
        assert re.search(rf"^  {key}  +\w", told, re.MULTILINE), key


def test_whoever_stops_reading_is_not_answered_with_a_traceback() -> None:
    command = [sys.executable, "-m", "inference", "--json", *[str(PHOTOS / MOLE)] * 5]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert json.loads(program.stdout.readline())["status"] == "assessed"
        program.stdout.close()
        assert program.stderr.read() == ""


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
    assert finished.stderr == f"There is no model: {tmp_path / 'model.onnx'} does not exist, or can't be read.\n"
    assert finished.stdout == ""
    assert finished.returncode == 1
