"""Draw the pictures of docs/photo.md: hairy photos before and after, and answers as patients get them.

python -m benchmarks.pictures DATA
"""

import argparse
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.hair import rated_photos
from benchmarks.measuring import ROOT
from bot.content import load_content
from bot.pictures.answer import answer_picture
from bot.render.answer import picture_labels
from inference.assess import assess
from inference.hair import remove_hair
from inference.image import RgbImage
from inference.model import load_model

_PAIRS: Final = 10
_COLUMNS: Final = 2
_GAP_PX: Final = 8
_ANSWERS: Final = {
    "ham10000_mel_ISIC_0028412.jpg": "en",
    "ham10000_nv_hairy_ISIC_0027121.png": "es",
    "ham10000_bkl_ISIC_0024338.heic": "en",
    "pad_bcc_PAT_473_911_630.jpg": "es",
    "pad_nv_PAT_1107_427_352.jpg": "en",
}


def before_and_after(data: Path) -> RgbImage:
    """Return ten of the hairiest photos, drawn by chance, each beside its repaired copy; ratings chose, not results."""
    hairy = [image_rgb for rating, image_rgb in rated_photos(data) if rating == 2]
    chosen = np.random.default_rng(0).choice(len(hairy), _PAIRS, replace=False)
    pairs = [np.hstack([hairy[i], np.ascontiguousarray(remove_hair(hairy[i])[0])]) for i in chosen]
    framed = [np.pad(pair, [(_GAP_PX, _GAP_PX), (_GAP_PX, _GAP_PX), (0, 0)], constant_values=255) for pair in pairs]
    return np.vstack([np.hstack(framed[i : i + _COLUMNS]) for i in range(0, _PAIRS, _COLUMNS)]).astype(np.uint8)


def answers(folder: Path) -> None:
    """Write what a patient gets for five of the photos in tests/photos."""
    model = load_model(ROOT / "models")
    content = load_content(ROOT / "content")
    for name, language in _ANSWERS.items():
        seen = assess((ROOT / "tests" / "photos" / name).read_bytes(), model)
        if seen.declined_because:
            raise ValueError(f"{name} is declined: {seen.declined_because}")
        labels = picture_labels(content.texts(language))
        fonts = ROOT / "content" / "fonts"
        picture = answer_picture(seen.view_rgb, seen.heatmap, seen.heatmap_class, seen.probabilities, labels, fonts)
        (folder / f"answer-{Path(name).stem}-{language}.jpg").write_bytes(picture)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    pairs_bgr = before_and_after(arguments.data)[..., ::-1]
    cv2.imwrite(str(ROOT / "docs" / "hair.jpg"), pairs_bgr, [cv2.IMWRITE_JPEG_QUALITY, 82])
    answers(ROOT / "docs")
