"""Bytes to pixels: caps before anything is decoded, one turn, one colour space, no metadata."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile

from inference import jpeg, opencv
from inference.colour import in_srgb, to_srgb
from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from inference.headers import Header
from inference.image import RgbImage, scaled_down

MAX_BYTES: Final = 20 * 1024 * 1024  # what Telegram lets a bot download
MAX_PIXELS: Final = 64_000_000  # a 50-megapixel phone passes; a decompression bomb does not
WORKING_LONG_SIDE_PX: Final = 1280  # what Telegram scales photos to
MOST_LONG_SIDE_PX: Final = 3 * WORKING_LONG_SIDE_PX  # what is decoded where only a part of the photo is looked at
ENOUGH_PX: Final = 480  # of the short side: what the patient is shown, and more than hair is looked for in
_KEPT_PX: Final = 1024  # photos up to this long side are never reduced: the model's thresholds were fitted on those
_MAX_WORK_BYTES: Final = 220_000_000  # with Python, the libraries and the file less than 300 MB, with the networks 400
_HEIF_BYTES_A_PIXEL: Final = {"L": 2.5, "RGB": 4.5, "RGBA": 7.4}  # by measurement: its planes, and what is made of them
_DEEPER, _FULL_COLOUR = 1.65, 2  # times as much: more than 8 bits, colours at more than half the resolution
_WEBP_BYTES_A_PIXEL: Final = {"RGB": 7.0, "RGBA": 8.0, "animated": 11.0}
_PILLOW_BYTES_A_PIXEL: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2}  # others: 4
_MOST_AT_ONCE_PX: Final = 12_500_000  # that are left of a picture before it is scaled down
_ROWS_AT_ONCE: Final = 16  # of the smaller picture
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")  # JPEG reads MPO as well, which some phones write and call JPEG
_WORDS_OF_TRUNCATION: Final = ("truncated", "incomplete", "end of file", "end-of-file")
_TURNS: Final = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
_MIRRORED: Final = {2: 1, 4: 3, 5: 8, 7: 6}  # these orientations are those ones, seen in a mirror

Rows: TypeAlias = Callable[[int, int], Image.Image]
"""From a top row to a bottom row, without it, of a picture."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many pixels of a photo are decoded; fewer are faster.

    Attributes:
        short_side_px: enough of the short side: a photo of more than 1024 px is reduced as long as so many are left.
        long_side_px: what is larger is scaled down to, unless that left too little of the short side; see most_px.
    """

    short_side_px: int = ENOUGH_PX
    long_side_px: int = WORKING_LONG_SIDE_PX

    def most_px(self, width_px: int, height_px: int) -> int:
        """Return how long the long side of a photo of this size may stay: never above MOST_LONG_SIDE_PX, for memory."""
        short_px, long_px = sorted((width_px, height_px))
        return min(max(self.long_side_px, math.ceil(self.short_side_px * long_px / short_px)), MOST_LONG_SIDE_PX)

    def reduction(self, width_px: int, height_px: int) -> int:
        """Return by how much a photo of this size may be reduced, by averaging: 1, 2, 4 or 8 times.

        A JPEG is reduced while it is still made of frequencies, which costs less than not to; others as much, so that
        one picture gets the same answer in every format. For memory, also where more pixels are wanted.
        """
        short_px, long_px = sorted((width_px, height_px))
        if long_px <= _KEPT_PX:
            return 1
        least_px = min(self.short_side_px, short_px, short_px * self.most_px(width_px, height_px) / long_px)
        is_enough = [factor for factor in jpeg.REDUCTIONS if short_px / factor >= least_px]
        fits = [factor for factor in jpeg.REDUCTIONS if width_px * height_px / factor**2 <= _MOST_AT_ONCE_PX]
        return max(*is_enough, min(fits))


_ENOUGH: Final = Wanted()
_HDR: Final = frozenset({16, 18})  # PQ and HLG, transfer characteristics of ITU-T H.273
_MAX_BOXES: Final = 1000  # of HEIC that are looked at; files have three or four

pillow_heif.options.DECODE_THREADS = 1  # there are as many workers as cores
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False


def decode(photo: bytes, wanted: Wanted = _ENOUGH) -> RgbImage:
    """Read a photo, turned by its EXIF orientation, in sRGB, without its metadata.

    Args:
        photo: a JPEG, PNG, WebP, HEIC or GIF file; of an animation the first frame is taken.
        wanted: how many pixels of it.

    Returns:
        (H, W, 3) uint8, RGB; transparency is laid on white.

    Raises:
        ImageTooLarge: more than 20 MiB, or by its header more than 64 megapixels, or more work than fits into memory:
            over 48 megapixels of HEIC (29 with more than 8 bits, half as many with full colour resolution), 55 of PNG,
            31 of WebP, 36 of a progressive JPEG with full colour resolution; nothing was decoded.
        TruncatedImage: the file ends too early.
        UnreadableImage: none of these formats, or damaged, as far as the decoder notices; Pillow's, which reads JPEG in
            CMYK, does not. Or HEIC in high dynamic range, whose colours would be read as others, or a header in more
            pieces, a JPEG in more scans, than pictures have.
    """
    if len(photo) > MAX_BYTES:
        raise ImageTooLarge(f"{len(photo)} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is dropped, and of sizes, which are refused below
            if _is_heif(photo):
                return _from_heif(photo, wanted)
            return _from_others(photo, wanted)
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(str(error)) from error
    except Exception as error:
        raise (TruncatedImage if _is_truncated(photo, error) else UnreadableImage)(str(error)) from error


def has_more(photo: bytes, image_rgb: RgbImage) -> bool:
    """Return whether decode() left out pixels of this photo, of which it made this image."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if _is_heif(photo):
            size = pillow_heif.open_heif(photo).size
        else:
            with Image.open(Header(photo), formats=_FORMATS) as header:
                size = header.size
    return bool(max(size) > max(image_rgb.shape[:2]))


def _is_heif(photo: bytes) -> bool:
    return photo[4:8] == b"ftyp"


def _is_truncated(photo: bytes, error: Exception) -> bool:
    webp_bytes = int.from_bytes(photo[4:8], "little") + 8 if photo.startswith(b"RIFF") else 0
    return len(photo) < webp_bytes or any(word in str(error).lower() for word in _WORDS_OF_TRUNCATION)


def _from_heif(photo: bytes, wanted: Wanted) -> RgbImage:
    """Read HEIC; its own properties turn it, whatever EXIF says."""
    _refuse_cut_off(photo)
    picture = pillow_heif.open_heif(photo, convert_hdr_to_8bit=True)
    profile = picture.info.get("icc_profile") or b""
    if not profile and picture.info.get("nclx_profile", {}).get("transfer_characteristics") in _HDR:
        raise UnreadableImage("its light is told in another way than in sRGB")
    work_bytes = math.prod(picture.size) * _HEIF_BYTES_A_PIXEL.get(picture.mode, _HEIF_BYTES_A_PIXEL["RGBA"])
    work_bytes *= 1 if picture.info["bit_depth"] == 8 else _DEEPER
    is_small = picture.mode in {"L", "I;16"} or picture.info.get("chroma") == 420  # of grey it is not told
    _refuse_too_large(picture.size, work_bytes * (1 if is_small else _FULL_COLOUR))
    image_rgb = _flattened(_rows_of(np.asarray(picture), picture.mode, picture.mode), picture.size, wanted)
    return in_srgb(image_rgb, profile)


def _refuse_cut_off(photo: bytes) -> None:
    """Refuse HEIC whose pixels go on beyond its end: of a picture in tiles, libheif would leave the rest green.

    Source: ISO/IEC 14496-12, section 4.2.
    """
    place = 0
    for _ in range(_MAX_BOXES):
        length, kind = int.from_bytes(photo[place : place + 4], "big"), photo[place + 4 : place + 8]
        if length == 1:
            length = int.from_bytes(photo[place + 8 : place + 16], "big")
        if kind == b"mdat" and place + length > len(photo):
            raise TruncatedImage(f"{place + length - len(photo)} bytes are missing")
        if not length:  # it goes on to the end
            return
        place += length


def _from_others(photo: bytes, wanted: Wanted) -> RgbImage:
    with Image.open(Header(photo), formats=_FORMATS) as header:
        profile = header.info.get("icc_profile") or b""
        if isinstance(header, JpegImageFile):
            image_rgb = _from_jpeg(photo, header, profile, wanted)
        elif header.format == "WEBP":
            image_rgb = _from_webp(photo, header, wanted)
        else:
            _refuse_too_large(header.size, math.prod(header.size) * _PILLOW_BYTES_A_PIXEL.get(header.mode, 4))
            image_rgb = _flattened(_rows_in(header), header.size, wanted)
        is_in_srgb = header.mode == "CMYK"
        orientation = _orientation(header)  # last: of a PNG, Pillow decodes all of it to find out
    return _upright(image_rgb if is_in_srgb else in_srgb(image_rgb, profile), orientation)


def _from_jpeg(photo: bytes, header: JpegImageFile, profile: bytes, wanted: Wanted) -> RgbImage:
    coefficient_bytes = jpeg.coefficient_bytes(header, photo)
    _refuse_too_large(header.size, coefficient_bytes)
    factor = wanted.reduction(*header.size)
    image_rgb = None if header.mode == "CMYK" else jpeg.reduced(photo, factor, is_in_one_scan=not coefficient_bytes)
    if image_rgb is not None:
        return scaled_down(image_rgb, wanted.most_px(*header.size))
    header.draft(None, (max(1, header.width // factor), max(1, header.height // factor)))
    from_print = to_srgb(profile, "CMYK") if header.mode == "CMYK" else None
    return _flattened(_rows_in(header), header.size, wanted, from_print)


def _from_webp(photo: bytes, header: Image.Image, wanted: Wanted) -> RgbImage:
    """Read WebP with OpenCV: Pillow keeps four copies of a picture."""
    is_animated = getattr(header, "is_animated", False)
    bytes_a_pixel = _WEBP_BYTES_A_PIXEL["animated" if is_animated else header.mode]
    _refuse_too_large(header.size, math.prod(header.size) * bytes_a_pixel)
    pixels, complaint = opencv.decoded(photo, cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise UnreadableImage(complaint.decode("ascii", "replace") or "damaged")
    mode, order = ("RGBA", "BGRA") if pixels.shape[2] == 4 else ("RGB", "BGR")
    return _flattened(_rows_of(pixels, mode, order), (pixels.shape[1], pixels.shape[0]), wanted)


def _refuse_too_large(size: tuple[int, int], work_bytes: float) -> None:
    if math.prod(size) > MAX_PIXELS:
        raise ImageTooLarge(f"{size[0]}×{size[1]} pixels")
    if work_bytes > _MAX_WORK_BYTES:
        raise ImageTooLarge(f"{work_bytes:.0f} bytes of memory")


def _rows_in(image: Image.Image) -> Rows:
    return lambda top, bottom: image.crop((0, top, image.width, bottom))


def _rows_of(pixels: NDArray[np.uint8], mode: str, order: str) -> Rows:
    def rows(top: int, bottom: int) -> Image.Image:
        some = np.ascontiguousarray(pixels[top:bottom])
        return Image.frombuffer(mode, (some.shape[1], some.shape[0]), some, "raw", order, 0, 1)

    return rows


def _flattened(
    rows: Rows, size: tuple[int, int], wanted: Wanted, from_print: ImageCms.ImageCmsTransform | None = None
) -> RgbImage:
    """Make RGB of whatever pixels, a few rows at a time: a second picture at full size would need too much memory."""
    (width, height), factor = size, wanted.reduction(*size)
    image_rgb = np.empty((-(-height // factor), -(-width // factor), 3), np.uint8)
    for top in range(0, len(image_rgb), _ROWS_AT_ONCE):
        strip = _rgb(rows(top * factor, min((top + _ROWS_AT_ONCE) * factor, height)), from_print)
        image_rgb[top : top + _ROWS_AT_ONCE] = np.asarray(strip if factor == 1 else strip.reduce(factor))
    return scaled_down(image_rgb, wanted.most_px(*size))


def _rgb(image: Image.Image, from_print: ImageCms.ImageCmsTransform | None) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if image.mode == "CMYK" and from_print is not None:
        return ImageCms.applyTransform(image, from_print) or image
    return image.convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged metadata raise anything, and a good photo is worth more than they are
        return 1


def _upright(image_rgb: RgbImage, orientation: int) -> RgbImage:
    if orientation in _MIRRORED:
        image_rgb, orientation = cv2.flip(image_rgb, 1).astype(np.uint8, copy=False), _MIRRORED[orientation]
    turn = _TURNS.get(orientation)
    return image_rgb if turn is None else cv2.rotate(image_rgb, turn).astype(np.uint8, copy=False)
