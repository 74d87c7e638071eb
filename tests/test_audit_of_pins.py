"""A known vulnerability stops `make check`; a missing network does not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ops.audit import verdict

ROOT = Path(__file__).parents[1]
CLEAN = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
BAD = {"name": "pillow", "version": "9.0", "vulns": [{"id": "CVE-2023-4863", "fix_versions": ["10.0.1"]}]}
UNSEEN = {"name": "numpy", "skip_reason": "could not be audited"}


def told(*pins: object) -> str:
    return json.dumps({"dependencies": pins, "fixes": []})


def test_known_vulnerability_is_bad_and_named() -> None:
    bad = verdict("lock", told(CLEAN, UNSEEN, BAD), "Found 1 known vulnerability")
    assert bad.is_bad
    assert "pillow 9.0 (CVE-2023-4863)" in bad.line


def test_clean_pins_are_well() -> None:
    assert verdict("lock", told(CLEAN), "") == verdict("lock", told(CLEAN), "No known vulnerabilities found")
    clean = verdict("lock", told(CLEAN), "")
    assert (clean.is_bad, clean.is_whole) == (False, True)


def test_pins_that_nobody_looked_up_are_not_taken_for_clean() -> None:
    partly = verdict("lock", told(CLEAN, UNSEEN), "No known vulnerabilities found")
    assert (partly.is_bad, partly.is_whole) == (False, False)
    assert "1 of 2" in partly.line


@pytest.mark.parametrize("answer", ["", "Connection refused", "[]", "{}", '{"dependencies": '])
def test_missing_network_is_said_and_no_fault(answer: str) -> None:
    away = verdict("lock", answer, "ERROR: could not connect")
    assert (away.is_bad, away.is_whole) == (False, False)
    assert "can't be reached" in away.line


def test_missing_program_is_a_fault() -> None:
    assert verdict("lock", "", "python: No module named pip_audit").is_bad


def fake(folder: Path, answer: str) -> subprocess.CompletedProcess[str]:
    """Run the audit with a pip-audit that gives this answer."""
    (folder / "pip_audit.py").write_text(f"print({answer!r})")
    command = [sys.executable, "-m", "ops.audit", "requirements.txt"]
    environment = {"PYTHONPATH": f"{folder}:{ROOT}"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_status_is_that_of_the_worst_pin(tmp_path: Path) -> None:
    assert (fake(tmp_path, told(CLEAN)).returncode, fake(tmp_path, told(CLEAN)).stderr) == (0, "")
    assert fake(tmp_path, told(BAD)).returncode == 1
    away = fake(tmp_path, "no JSON")
    assert away.returncode == 0
    assert "not audited" in away.stderr
