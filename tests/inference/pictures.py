"""Photos and pictures that these tests look at."""

import io
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

from inference.assess import Assessment

PHOTOS = Path(__file__).parents[1] / "photos"
MODELS = Path(__file__).parents[2] / "models"
MOLE = "ham10000_nv_ISIC_0028441.jpg"
EVERY_FORMAT = (
    MOLE,
    "ham10000_nv_hairy_ISIC_0027121.png",
    "ham10000_bcc_ISIC_0024550.webp",
    "ham10000_bkl_ISIC_0024338.heic",
)

pillow_heif.register_heif_opener()  # so that Pillow writes HEIC


def photo(name: str) -> bytes:
    """Return the bytes of a real photo."""
    return (PHOTOS / name).read_bytes()


def file(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file; HEIC by an encoder in a hurry, which else takes ten seconds for 1280×960."""
    if kind == "HEIF":
        options.setdefault("enc_params", {"preset": "ultrafast"})
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def said(assessment: Assessment) -> list[float]:
    """Return the probabilities, in LesionClass order."""
    return list(assessment.probabilities.values())


def corners(mode: str = "RGB", width_px: int = 64, height_px: int = 32) -> Image.Image:
    """Return a grey picture whose upper left quarter is black: one can see how it was turned."""
    image = Image.new("L", (width_px, height_px), 200)
    image.paste(0, (0, 0, width_px // 2, height_px // 2))
    return image.convert(mode, dither=Image.Dither.NONE)


def skin(side_px: int = 224) -> NDArray[np.uint8]:
    """Return a square of skin with its fine lines and a brown spot in the middle."""
    rng = np.random.default_rng(0)
    lines = cv2.GaussianBlur(rng.normal(0, 12, (side_px, side_px)).astype(np.float32), (0, 0), 0.8)
    picture: NDArray[np.float32] = np.array([205, 160, 140], np.float32) + lines[..., None]
    spot = cv2.circle(np.zeros((side_px, side_px), np.float32), (side_px // 2,) * 2, side_px // 5, 1, -1)
    picture -= cv2.GaussianBlur(spot, (0, 0), 1.5)[..., None] * np.array([90, 90, 80], np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def with_hair(image_rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the picture with dark hairs over it, and where they are."""
    side = image_rgb.shape[0]
    drawn = np.zeros((side, side), np.uint8)
    for start, end in (((0, 0.2), (1, 0.4)), ((0.3, 0), (0.6, 1)), ((0, 0.9), (0.8, 0.6))):
        ends = [tuple(round(part * (side - 1)) for part in point) for point in (start, end)]
        cv2.line(drawn, ends[0], ends[1], 1, 3)
    is_hair: NDArray[np.bool_] = drawn > 0
    hairy_rgb = image_rgb.copy()
    hairy_rgb[is_hair] = 45
    return hairy_rgb, is_hair
