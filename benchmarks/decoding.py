"""How fast a photo is decoded, beside plain Pillow; in one run, on one thread."""

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from benchmarks.measuring import ROOT, by_turns_ms
from inference.decoding import decode

PHOTO: Final = ROOT / "tests" / "photos" / "pad_nv_PAT_1107_427_352.jpg"
NOISE: Final = 3.0  # standard deviation of a phone's sensor in daylight, of 255
UPRIGHT, HELD_UPRIGHT = 1, 6  # orientations: as the sensor lies, and of a phone held like a phone


@dataclass(frozen=True, slots=True)
class Speed:
    """How long one photo takes.

    Attributes:
        name: of the photo.
        plain_ms: median of plain Pillow.
        decode_ms: median of this project's decode().
    """

    name: str
    plain_ms: float
    decode_ms: float

    @property
    def ratio(self) -> float:
        """How many times faster than plain Pillow."""
        return self.plain_ms / self.decode_ms


def phone_photo(width_px: int, height_px: int, quality: int, orientation: int) -> bytes:
    """Return a JPEG as phones write it: a real photo of skin, enlarged, with noise as fine as the sensor's pixels."""
    with Image.open(PHOTO) as photo:
        pixels = cv2.resize(np.asarray(photo.convert("RGB")), (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, NOISE, pixels.shape)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    written = io.BytesIO()
    image = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    image.save(written, "JPEG", quality=quality, subsampling="4:2:0", exif=exif)
    return written.getvalue()


def plain(photo: bytes) -> NDArray[np.uint8]:
    """Decode as everybody does."""
    with Image.open(io.BytesIO(photo)) as image:
        return np.asarray(ImageOps.exif_transpose(image.convert("RGB")))


def figures(rounds: int = 15) -> list[Speed]:
    """Return the speed with a large photo of a phone, turned or not, and with one that Telegram has scaled down."""
    cv2.setNumThreads(1)
    photos = {
        "12 megapixels, held upright": phone_photo(4032, 3024, 90, HELD_UPRIGHT),
        "12 megapixels, not turned": phone_photo(4032, 3024, 90, UPRIGHT),
        "1280×960": phone_photo(1280, 960, 87, UPRIGHT),
    }
    return [_speed(name, photo, rounds if len(photo) > 10**6 else 4 * rounds) for name, photo in photos.items()]


def _speed(name: str, photo: bytes, rounds: int) -> Speed:
    return Speed(
        f"{name}, {len(photo) / 1e6:.1f} MB", *by_turns_ms(rounds, lambda: plain(photo), lambda: decode(photo))
    )
