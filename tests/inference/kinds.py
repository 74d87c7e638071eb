"""Files of many kinds, made by code: what phones, printers and programs write besides plain photos."""

import struct
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageCms

from tests.inference.pictures import corners, file, skin

SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_GREEN_AND_BLUE = ((0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))


def _fixed(*numbers: float) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def wide_gamut_profile(name: bytes = b"Display P3", kind: bytes = b"RGB ") -> bytes:
    """Return the ICC profile of a phone's screen: the primaries of Display P3, seen from D50, and gamma 2.2.

    Layout: ICC.1:2001-04, sections 6.1 to 6.4.
    """
    named = b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + bytes(1 + 4 + 4 + 2 + 1 + 67)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    colours = zip((b"rXYZ", b"gXYZ", b"bXYZ"), ((0.51512, 0.2412, -0.00105), *_GREEN_AND_BLUE), strict=True)
    tags = {b"desc": named, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _fixed(0.9642, 1, 0.8249)}
    tags |= {tag: _fixed(*colour) for tag, colour in colours}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, begin = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", begin + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    white = struct.pack(">3i", 63190, 65536, 54061)
    head = struct.pack(">I4sI4s4s4s", begin + len(body), b"none", 0x02200000, b"mntr", kind, b"XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + white + bytes(48)
    return head + table + body


def deep_png(channels: int) -> bytes:
    """Return a PNG of 16 bits a channel: 1 grey, 3 RGB, 4 RGBA with half of the opacity."""
    deep = np.asarray(corners())[..., :1].repeat(channels, axis=2).astype(np.uint16) * 257
    if channels == 4:
        deep[..., 3] = 32768
    return cv2.imencode(".png", deep)[1].tobytes()


def animation(kind: str) -> bytes:
    """Return a file of two frames, red and then blue."""
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    return file(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def print_jpeg() -> bytes:
    """Return a JPEG in CMYK, inverted, as Adobe's programs write it."""
    return file(Image.fromarray(skin(96)).convert("CMYK"), "JPEG", quality=90)


@cache
def files_of_every_kind() -> dict[str, bytes]:
    """Return a small file of every kind that is read."""
    image = Image.fromarray(skin(96))
    see_through = image.convert("RGBA")
    see_through.putalpha(128)
    palette = image.quantize(32)
    return {
        "JPEG": file(image, "JPEG"),
        "JPEG 4:4:4 with restarts": file(image, "JPEG", subsampling="4:4:4", restart_marker_rows=1),
        "progressive JPEG": file(image, "JPEG", progressive=True),
        "grey JPEG": file(image.convert("L"), "JPEG"),
        "CMYK JPEG": print_jpeg(),
        "wide-gamut JPEG": file(image, "JPEG", icc_profile=wide_gamut_profile()),
        "MPO": file(image, "MPO", save_all=True, append_images=[image]),
        "PNG": file(image, "PNG"),
        "wide-gamut PNG": file(image, "PNG", icc_profile=wide_gamut_profile()),
        "grey 16-bit PNG": deep_png(1),
        "16-bit PNG": deep_png(3),
        "16-bit PNG with transparency": deep_png(4),
        "palette PNG with transparency": file(palette, "PNG", transparency=3),
        "animated PNG": animation("PNG"),
        "WebP": file(image, "WEBP"),
        "WebP with transparency": file(see_through, "WEBP"),
        "lossless WebP": file(image, "WEBP", lossless=True, icc_profile=wide_gamut_profile()),
        "animated WebP": animation("WEBP"),
        "GIF": file(palette, "GIF"),
        "animated GIF": animation("GIF"),
        "HEIC": file(image, "HEIF"),
        "HEIC with transparency": file(see_through, "HEIF"),
        "grey HEIC": file(image.convert("L"), "HEIF"),
        "grey HEIC with transparency": file(image.convert("LA"), "HEIF"),
        "HEIC of tiles": file(image, "HEIF", tile_size=64, icc_profile=wide_gamut_profile()),
    }
