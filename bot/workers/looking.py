"""What happens in a process that looks at photos, once it is shut in."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bot.pictures.answer import PictureLabels, answer_picture
from bot.pictures.own import OWN_ANSWER, shows_own_answer
from inference.assess import Assessment, assess
from inference.calibration import ClassMix
from inference.errors import InferenceError, UnreadableImage
from inference.model import Model, load_model


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker made of a photo.

    Attributes:
        assessment: without its heat-map and all pixels, which stay there; None where the photo could not
            be read.
        picture: the JPEG for the patient; None unless the photo was assessed.
        declined_because: a DeclineReason, an error's code, OWN_ANSWER or SET_ASIDE; None where it was assessed.
    """

    assessment: Assessment | None
    picture: bytes | None
    declined_because: str | None


_model: Model | InferenceError
_font_dir: Path


def load(model_dir: Path, font_dir: Path, mix: ClassMix | None) -> None:
    """Load the model; where that fails, whoever asks for it hears why."""
    global _model, _font_dir  # noqa: PLW0603 - one model a process, loaded once
    cv2.setNumThreads(1)
    _font_dir = font_dir
    try:
        _model = load_model(model_dir, mix)
    except InferenceError as error:
        _model = error


def _loaded_model() -> Model:
    if isinstance(_model, InferenceError):
        raise _model
    return _model


def greet(labels: Sequence[PictureLabels]) -> int:
    """Look at a first picture, draw it in every language, and return who did."""
    first = assess(first_photo(), _loaded_model())
    for words in labels:
        _picture(first, words)
    return os.getpid()


def first_photo() -> bytes:
    """Return a large JPEG of a hairy spot on skin: with it all that photos need is loaded, reserved and drawn once."""
    photo_bgr = np.full((960, 1280, 3), (155, 175, 225), np.uint8)
    cv2.circle(photo_bgr, (640, 480), 200, (60, 70, 120), cv2.FILLED)
    for x in range(460, 820, 60):
        cv2.line(photo_bgr, (x, 250), (x + 120, 700), (30, 30, 40), 5, cv2.LINE_AA)
    return cv2.imencode(".jpg", photo_bgr)[1].tobytes()


def see(photo: bytes, labels: PictureLabels) -> Seen:
    """Assess a photo and draw the patient's picture; an answer that came back counts as it is."""
    try:
        assessment = assess(photo, _loaded_model())
    except UnreadableImage as error:
        return Seen(None, None, error.code)
    is_own = shows_own_answer(assessment.overview_rgb)
    declined_because = OWN_ANSWER if is_own else assessment.declined_because
    return Seen(assessment, None if declined_because else _picture(assessment, labels), declined_because)


def _picture(assessment: Assessment, labels: PictureLabels) -> bytes:
    return answer_picture(
        assessment.view_rgb,
        assessment.heatmap,
        assessment.heatmap_class,
        assessment.probabilities,
        labels,
        _font_dir,
    )
