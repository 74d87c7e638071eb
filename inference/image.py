"""Bytes to pixels, and the one preprocessing that training and production share."""

import io
from typing import Final, TypeAlias

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps

from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from inference.hair import remove_hair

RgbImage: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, 0-255."""

MAX_BYTES: Final = 20 * 1024 * 1024  # what Telegram lets a bot download
MAX_PIXELS: Final = 64_000_000  # a 50-megapixel phone passes; a decompression bomb does not
WORKING_LONG_SIDE_PX: Final = 1280  # what Telegram scales photos to
_HAIR_SIDE_PX: Final = 448  # twice the network's input: hair is still a line there, and the work stays small
_FORMATS: Final = ("JPEG", "MPO", "PNG", "WEBP", "HEIF")  # MPO: what some phones write and call JPEG

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
        with Image.open(io.BytesIO(photo), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageTooLarge(f"{image.width}×{image.height} pixels")
            image.draft("RGB", (WORKING_LONG_SIDE_PX, WORKING_LONG_SIDE_PX))  # JPEG only: decode at reduced scale
            upright = ImageOps.exif_transpose(image)
            image_rgb = np.asarray(_flattened(upright))
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(str(error)) from error
    except OSError as error:
        if "truncated" in str(error).lower() or "incomplete" in str(error).lower():
            raise TruncatedImage(str(error)) from error
        raise UnreadableImage(str(error)) from error
    except (SyntaxError, ValueError, EOFError, MemoryError, ArithmeticError, RuntimeError) as error:
        raise UnreadableImage(str(error)) from error  # what damaged files make the decoders raise
    return scaled_down(image_rgb, WORKING_LONG_SIDE_PX)


def _flattened(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


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
