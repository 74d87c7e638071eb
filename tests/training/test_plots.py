from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.card_words import PICTURES
from training.outcomes import Outcomes

pytest.importorskip("matplotlib", reason="matplotlib draws the card's pictures; requirements-train.txt has it")


@pytest.mark.filterwarnings("default")  # of matplotlib and what it uses
def test_every_picture_of_the_card_is_drawn(tmp_path: Path) -> None:
    from training.answers import Answers  # noqa: PLC0415 - needs matplotlib
    from training.plots import DRAWINGS, Shown  # noqa: PLC0415
    from training.plotting import save  # noqa: PLC0415

    rng = np.random.default_rng(0)
    labels = np.arange(70) % 7
    probabilities = rng.dirichlet(np.ones(7), 70)
    levels = np.where(probabilities.max(axis=1) > 0.5, "urgent", "routine")
    photos = Outcomes(
        probabilities, labels, np.arange(70), levels, levels == "", probabilities > 0.1, probabilities.argmax(axis=1)
    )
    said = Answers(np.zeros((70, 7), np.float32), np.ones((70, 7, 7, 7), np.float32), np.zeros(70), np.zeros(70))
    codes = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    rows = [{"dx": code, "sex": "male", "age": f"{age}"} for code in codes for age in (30, 50)]
    shown = Shown(photos, photos, said, rng.integers(0, 256, (70, 32, 32, 3), np.uint8), rows)
    assert set(DRAWINGS) == set(PICTURES)
    for name, drawing in DRAWINGS.items():
        save(drawing(shown), tmp_path / name, "a" * 64)
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 1000
            comment = picture.info["comment"]
        assert (comment.decode() if isinstance(comment, bytes) else comment) == "a" * 64
