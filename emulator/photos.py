"""Photos as Telegram keeps them: turned upright, at most 1280 px, JPEG without metadata, in several sizes."""

import io
import warnings
from dataclasses import dataclass
from math import inf

import pillow_heif
from PIL import Image, ImageOps

LONG_SIDES_PX = (90, 320, 800, 1280)
JPEG_QUALITY = 87
MAX_SIDES_SUM_PX = 10_000  # of a bot; people's apps shrink a photo before they send it
MAX_SIDES_RATIO = 20
_REDUCIBLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})

pillow_heif.register_heif_opener()  # phones turn HEIC into JPEG when they send a photo


class NotAPhoto(ValueError):  # noqa: N818 - says what the bytes are
    """These bytes are no image that can be sent as a photo."""


class BadPhotoShape(ValueError):  # noqa: N818 - likewise
    """The image has too many pixels, or is too long and thin."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One size of a photo, in pixels."""

    width: int
    height: int
    content: bytes


def photo_sizes(content: bytes, max_sides_sum_px: float = inf) -> list[Jpeg]:
    """The sizes in which Telegram offers a photo, smallest first; the last is the photo itself.

    Raises:
        NotAPhoto: the bytes can't be decoded.
        BadPhotoShape: width and height sum up to more than is allowed, or differ more than twentyfold, or there are
            more pixels than Pillow decodes (179 million).
    """
    image = _upright(content, max_sides_sum_px)
    long_side = max(image.size)
    sides = [side for side in LONG_SIDES_PX if side < long_side] + [min(long_side, LONG_SIDES_PX[-1])]
    return [_jpeg(image, side) for side in dict.fromkeys(sides)]


def thumbnail(content: bytes) -> Jpeg | None:
    """A small picture of an image sent as a file, or None for what is no image."""
    try:
        return _jpeg(_upright(content, inf), 320)
    except ValueError:
        return None


def _upright(content: bytes, max_sides_sum_px: float) -> Image.Image:
    try:
        image = _opened(content)
        _check_shape(*image.size, max_sides_sum_px)
        image.draft("RGB", (LONG_SIDES_PX[-1], LONG_SIDES_PX[-1]))
        ImageOps.exif_transpose(image, in_place=True)
        return _on_white(_reduced(image))
    except BadPhotoShape:
        raise
    except Exception as error:  # decoders raise whatever they like on broken bytes
        raise NotAPhoto("these bytes are no image") from error


def _opened(content: bytes) -> Image.Image:
    """The image, not decoded yet; phones take photos of which Pillow warns, and twice as many pixels it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(content))
        except Image.DecompressionBombError as error:
            raise BadPhotoShape("it has too many pixels") from error


def _check_shape(width: int, height: int, max_sides_sum_px: float) -> None:
    if width + height > max_sides_sum_px or max(width, height) > MAX_SIDES_RATIO * min(width, height):
        raise BadPhotoShape(f"{width}×{height} px")


def _reduced(image: Image.Image) -> Image.Image:
    """The image, still at least twice as long as it is kept: what comes after makes copies of it."""
    factor = max(image.size) // (2 * LONG_SIDES_PX[-1])
    return image.reduce(factor) if factor > 1 and image.mode in _REDUCIBLE else image


def _on_white(image: Image.Image) -> Image.Image:
    """A new RGB image: nothing of the original's metadata comes along."""
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    pixels = image.convert("RGBA" if has_alpha else "RGB")
    clean = Image.new("RGB", image.size, "white")
    clean.paste(pixels, mask=pixels.getchannel("A") if has_alpha else None)
    return clean


def _jpeg(image: Image.Image, long_side_px: int) -> Jpeg:
    scale = min(1.0, long_side_px / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    scaled = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    scaled.save(out, "JPEG", quality=JPEG_QUALITY)
    return Jpeg(*size, out.getvalue())
