"""What was measured of the networks in MODELS: in RUN, or else, without the run, in figures.json.

A file in RUN that holds figures of networks says of which: under "of", the SHA-256 of each, and of the calibration
where figures are of what is told. figures.json has each such file under its name.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from inference.model import file_sha256
from training.whole import write_text

Told: TypeAlias = dict[str, Any]

CALIBRATION: Final = "calibration"  # stands in model.json
CALIBRATED: Final = "calibrated.json"  # in RUN: what model.json will say, but for the limits of what can be judged


def checksums(models: Path, *measured: str, description: Path | None = None) -> dict[str, dict[str, str]]:
    """Return what a file in RUN says of what it was measured on: files, or CALIBRATION.

    Args:
        models: has the files.
        measured: which of them.
        description: has the calibration, if not MODELS/model.json.
    """
    return {"of": {what: _sha256(models, what, description) for what in measured}}


def _sha256(models: Path, what: str, description: Path | None) -> str:
    if what != CALIBRATION:
        return file_sha256(models / what)
    described = _read(description or models / "model.json").get(CALIBRATION)
    return sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def told(name: str, run: Path, models: Path, description: Path | None = None) -> Told | None:
    """Return what RUN/NAME.json, or else figures.json, tells of the networks in MODELS; None if neither does.

    Whoever runs this is told where it is not of this run.
    """
    figures = models / "figures.json"
    if (measured := measured_in(run, name, models, description)) is not None:
        return measured
    content = _known(_read(figures).get(name), models, description)
    if content is not None:
        print(f"{name}: taken over from {figures}, not measured again", flush=True)
    return content


def measured_in(run: Path, name: str, models: Path, description: Path | None = None) -> Told | None:
    """Return what RUN/NAME.json tells of the networks in MODELS; None if that is nothing."""
    return _known(_read(run / f"{name}.json"), models, description)


def _known(content: Told | None, models: Path, description: Path | None) -> Told | None:
    of = content.get("of", {}) if content else {}
    is_known = all(_sha256(models, what, description) == its for what, its in of.items())
    return dict(content) if content and is_known else None


def surely_told(name: str, run: Path, models: Path) -> Told:
    """Return what told() does.

    Raises:
        FileNotFoundError: nothing is told of these networks.
    """
    content = told(name, run, models)
    if content is None:
        raise FileNotFoundError(f"Neither {run}/{name}.json nor {models}/figures.json is of the networks in {models}.")
    return content


def write(name: str, run: Path, content: Told) -> None:
    """Write RUN/NAME.json and print it."""
    text = json.dumps(content, indent=1)
    run.mkdir(parents=True, exist_ok=True)
    write_text(run / f"{name}.json", text + "\n")
    print(text, flush=True)


def _read(path: Path) -> Told:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
