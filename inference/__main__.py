"""Assess photos on the command line.

    python -m inference [--json] [--model-dir DIR] PHOTO…

Exit status: 0 if every photo was read, also when it was declined; 1 if one was not, or there is no model; 2 for wrong
usage.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2

from inference.assess import Assessment, assess
from inference.decoding import MAX_BYTES
from inference.errors import InferenceError, UnreadableImage
from inference.model import Model, load_model
from inference.risk import shown_classes

_MODEL_DIR: Final = Path(__file__).parent.parent / "models"
_MISSING: Final = "missing"
_REMINDER: Final = (
    "This is not a diagnosis. A low number does not mean that a lesion is harmless: whatever grows, changes, bleeds or "
    "does not heal should be seen by a doctor."
)


def main() -> int:
    """Assess the photos named in the arguments, in order; return the exit status."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    try:
        model = load_model(arguments.model_dir)
    except InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    is_all_read = True
    for path in arguments.photos:
        answer = _answer(path, model)
        is_all_read &= isinstance(answer, Assessment)
        print(json.dumps(_as_json(path, answer, model)) if arguments.json else "\n".join(_as_text(path, answer)))
    if not arguments.json:
        print(f"\n{_REMINDER}")
    return 0 if is_all_read else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference", description="Assess photos of skin lesions.")
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help="a JPEG, PNG, WebP or HEIC file")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--model-dir", metavar="DIR", type=Path, default=_MODEL_DIR, help="default: %(default)s")
    return parser.parse_args()


def _answer(path: Path, model: Model) -> Assessment | str:
    """Return the assessment, or the code of the error."""
    try:
        with path.open("rb") as file:
            photo = file.read(MAX_BYTES + 1)
        return assess(photo, model)
    except UnreadableImage as error:
        return error.code
    except FileNotFoundError:
        return _MISSING
    except OSError:
        return UnreadableImage.code


def _as_json(path: Path, answer: Assessment | str, model: Model) -> dict[str, object]:
    known = answer if isinstance(answer, Assessment) else None
    described: dict[str, object] = {
        "photo": str(path),
        "status": known.status if known else "error",
        "probabilities": known and dict(known.probabilities),
        "malignancy_probability": known and known.malignancy_probability,
        "risk_level": known and known.risk_level,
        "declined_because": known and known.declined_because,
        "quality": known and dataclasses.asdict(known.quality),
        "model": model.sha256,
        "prediction_set": known and known.prediction_set,
        "image_type": known and known.image_type,
        "cautions": known and known.cautions,
        "risk_reasons": known and known.risk_reasons,
    }
    return described if known else {**described, "error": answer}


def _in_100(probability: float) -> str:
    """Never nothing and never all."""
    count = round(100 * probability)
    return "fewer than 1 in 100" if count < 1 else "more than 99 in 100" if count > 99 else f"{count} in 100"


def _as_text(path: Path, answer: Assessment | str) -> Iterator[str]:
    yield str(path)
    if isinstance(answer, str):
        yield f"  can't be read: {answer}"
        return
    if answer.declined_because:
        yield f"  declined: {answer.declined_because}"
        return
    shown = shown_classes(answer.probabilities, answer.heatmap_class)
    yield "  " + ", ".join(f"{code} {_in_100(probability)}" for code, probability in shown)
    yield f"  malignant in all: {_in_100(answer.malignancy_probability)}"
    yield f"  {answer.risk_level}: {', '.join(answer.risk_reasons)}"
    yield from (f"  caution: {caution}" for caution in answer.cautions)


if __name__ == "__main__":
    sys.exit(main())
