"""What training does to a photo is what happens to photos."""

import io

import numpy as np
from PIL import Image

from training.augment import compressed
from training.spoiling import sent


def test_jpeg_of_training_is_the_jpeg_of_everybody() -> None:
    """Red carries most of skin: with red and blue exchanged, it would be kept as roughly as blue is."""
    y, x = np.mgrid[:64, :64]
    red, green, blue = 120 + 100 * np.sin(x / 2), 90 + 20 * np.sin(y / 9), np.full((64, 64), 70)
    photo_rgb = np.stack([red, green, blue], axis=2).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(photo_rgb).save(file, "JPEG", quality=20)
    expected = np.asarray(Image.open(file)).astype(int)
    for found in (compressed(photo_rgb, 20), sent(photo_rgb, 20)):
        assert np.abs(found.astype(int) - expected).mean() < 0.5
