"""Assess photos on the command line.

    python -m inference [--json] [--mix MIX] [--model-dir DIR] PHOTO…

Exit status: 0 if every photo was read, also when it was declined; 1 if one was not, or there is no model, or nobody
reads on; 2 for wrong usage.
"""

import argparse
import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2

from inference.assess import Assessment, assess
from inference.calibration import EQUAL_MIX, ClassMix, class_mix
from inference.decoding import MAX_BYTES
from inference.errors import InferenceError, UnreadableImage
from inference.model import Model, load_model
from inference.risk import shown_classes

_MODEL_DIR: Final = Path(__file__).parent.parent / "models"
_MISSING: Final = "missing"
_NO_PHOTOS: Final = "no_photos"
_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif"})
_REMINDER: Final = (
    "This is not a diagnosis. A low number does not mean that a lesion is harmless: whatever grows, changes, bleeds or "
    "does not heal should be seen by a doctor."
)
_KEYS: Final = """\
Each line of --json is about one photo, in order:

  photo                   the file
  status                  assessed; declined, for its quality; or error
  probabilities           of the seven classes by name, together 1; also of declined photos
  malignancy_probability  akiec, bcc and mel together
  risk_level              urgent (a doctor within two weeks), soon (in the coming weeks), routine (at the next visit)
  declined_because        what to mend of the photo, such as blurred, or no_lesion
  quality                 what was measured of the photo
  model                   SHA-256 of model.onnx
  prediction_set          the classes that can't be ruled out, likeliest first; of the clinics' mix
  image_type              dermoscopic or clinical, by its looks; each has its own calibration
  cautions                what may be amiss with an assessed photo, such as cut_off
  risk_reasons            why, most urgent first; of the mix or the clinics' mix, whichever asks for more
  mix                     what --mix says, null without it
  error                   only of a photo that was not read: missing, no_photos (a folder without any), truncated,
                          too_large or unreadable; everything but photo, model and mix is null then
"""


def main() -> int:
    """Assess the photos named in the arguments, in order; return the exit status."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be in letters that it does not have
    try:
        model = load_model(arguments.model_dir, arguments.mix)
    except InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        return _tell(_photos(arguments.photos), model, is_json=arguments.json)
    except BrokenPipeError:  # as of `| head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be written at the end
        return 1


def _tell(paths: Iterable[Path], model: Model, *, is_json: bool) -> int:
    is_all_read = True
    for path in paths:
        answer = _answer(path, model)
        is_all_read &= isinstance(answer, Assessment)
        lines = [json.dumps(_as_json(path, answer, model))] if is_json else _as_text(path, answer)
        print("\n".join(lines), flush=True)
    if not is_json:
        print(f"\n{_REMINDER}", flush=True)
    return 0 if is_all_read else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m inference",
        description="Assess photos of skin lesions.",
        epilog=_KEYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    photos = "a JPEG, PNG, WebP or HEIC file, or a folder, of which those files are taken that end in " + ", ".join(
        sorted(_ENDINGS)
    )
    mix = (
        "how common the classes are among the photos: equal, as a balanced accuracy asks for, or a share above 0 for "
        "each, as in 'nv=80 bkl=10 bcc=4 akiec=3 mel=1 df=1 vasc=1'; default: as in the clinics of the data sets"
    )
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help=photos)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--mix", metavar="MIX", type=_mix, help=mix)
    parser.add_argument("--model-dir", metavar="DIR", type=Path, default=_MODEL_DIR, help="default: %(default)s")
    return parser.parse_args()


def _mix(told: str) -> ClassMix:
    try:
        return EQUAL_MIX if told == "equal" else class_mix(told)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, or be equal") from error


def _photos(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield what is to be looked at: of a folder its photos, or the folder where it has none."""
    for path in paths:
        of_folder = sorted(_in_folder(path)) if _is_folder(path) else []
        yield from of_folder or [path]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # it lies where one may not look, or has too long a name: opening it will say so
        return False


def _in_folder(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS and path.is_file())
    except OSError as error:
        print(error, file=sys.stderr)


def _answer(path: Path, model: Model) -> Assessment | str:
    """Return the assessment, or the code of the error."""
    if _is_folder(path):
        return _NO_PHOTOS
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
        "mix": model.mix,
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
