"""Bytes to pixels, and the one preprocessing that training and production share."""

import io
import warnings
from typing import Final, TypeAlias

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image

from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from inference.hair import remove_hair

RgbImage: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, 0-255."""

MAX_BYTES: Final = 20 * 1024 * 1024  # what Telegram lets a bot download
MAX_PIXELS: Final = 64_000_000  # a 50-megapixel phone passes; a decompression bomb does not
WORKING_LONG_SIDE_PX: Final = 1280  # what Telegram scales photos to
_HAIR_SIDE_PX: Final = 448  # twice the network's input: hair is still a line there, and the work stays small
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")  # JPEG reads MPO as well, which some phones write and call JPEG
_WORDS_OF_TRUNCATION: Final = ("truncated", "incomplete", "end of file", "end-of-file")
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""

pillow_heif.register_heif_opener(thumbnails=False)


def decode(photo: bytes) -> RgbImage:
    """Read a photo, turned by its EXIF orientation, without its metadata.

    Args:
        photo: a JPEG, PNG, WebP or HEIC file; of an animation the first frame is taken.

    Returns:
        (H, W, 3) uint8, RGB; scaled down to at most 1280 px on the long side; transparency is laid on white.

    Raises:
        ImageTooLarge: more than 20 MiB, or more than 64 megapixels by its header; nothing was decoded.
        TruncatedImage: the file ends too early.
        UnreadableImage: none of these formats, or damaged.
    """
    if len(photo) > MAX_BYTES:
        raise ImageTooLarge(f"{len(photo)} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is dropped, and of sizes, which are refused below
            image_rgb = _decoded(io.BytesIO(photo))
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(str(error)) from error
    except Exception as error:
        raise (TruncatedImage if _is_truncated(photo, error) else UnreadableImage)(str(error)) from error
    return scaled_down(image_rgb, WORKING_LONG_SIDE_PX)


def _is_truncated(photo: bytes, error: Exception) -> bool:
    webp_bytes = int.from_bytes(photo[4:8], "little") + 8 if photo.startswith(b"RIFF") else 0
    return len(photo) < webp_bytes or any(word in str(error).lower() for word in _WORDS_OF_TRUNCATION)


def _decoded(file: io.BytesIO) -> RgbImage:
    with Image.open(file, formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ImageTooLarge(f"{image.width}×{image.height} pixels")
        image.draft("RGB", (WORKING_LONG_SIDE_PX, WORKING_LONG_SIDE_PX))  # JPEG only: decode at reduced scale
        return np.asarray(_upright(_flattened(image), _orientation(image)))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged metadata raise anything, and a good photo is worth more than they are
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _flattened(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    surplus = max(image.size) // WORKING_LONG_SIDE_PX
    if surplus > 1:  # four bytes a pixel and a second picture of them: not at full size
        image = image.reduce(surplus)
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def scaled_down(image_rgb: RgbImage, long_side_px: int) -> RgbImage:
    """Return the image with at most this long side; smaller images are returned as they are."""
    height, width = image_rgb.shape[:2]
    factor = long_side_px / max(height, width)
    if factor >= 1:
        return image_rgb
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image_rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def lesion_view(image_rgb: RgbImage) -> RgbImage:
    """Return the centre square of the photo: what the network looks at and what the patient is shown.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.

    Returns:
        (S, S, 3) uint8, RGB, S = min(H, W); a view, not a copy.
    """
    height, width = image_rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image_rgb[top : top + side, left : left + side]


def network_input(view_rgb: RgbImage, side_px: int) -> RgbImage:
    """Return the square that the network is given: without hair, at the network's size.

    Hair is removed at no more than 448 px, where it still is a line.

    Args:
        view_rgb: (S, S, 3) uint8, RGB.
        side_px: the network's input side.

    Returns:
        (side_px, side_px, 3) uint8, RGB.
    """
    hairless_rgb, _ = remove_hair(scaled_down(view_rgb, _HAIR_SIDE_PX))
    return resized(hairless_rgb, side_px, side_px)


def resized(image_rgb: RgbImage, width_px: int, height_px: int) -> RgbImage:
    """Return the image at this size: area averaging to shrink, linear to grow."""
    shrinks = width_px <= image_rgb.shape[1] and height_px <= image_rgb.shape[0]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    size = (width_px, height_px)
    return cv2.resize(image_rgb, size, interpolation=interpolation).astype(np.uint8, copy=False)


def normalized(
    image_rgb: RgbImage, mean: tuple[float, float, float], std: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return the network's tensor.

    Args:
        image_rgb: (S, S, 3) uint8, RGB.
        mean: of each channel, on a scale of 0 to 1.
        std: likewise.

    Returns:
        (3, S, S) float32.
    """
    scale = np.float32(1) / (np.asarray(std, np.float32) * np.float32(255))
    offset = np.asarray(mean, np.float32) / np.asarray(std, np.float32)
    return np.ascontiguousarray((image_rgb * scale - offset).transpose(2, 0, 1))
