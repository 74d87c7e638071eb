"""Colours of wide-gamut phones and of printers, brought to sRGB: what the network and screens expect."""

import io
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_SRGB: Final = ImageCms.createProfile("sRGB")
_MAX_PROFILE_BYTES: Final = 2**20  # a printer's has about half of it, a phone's 500 bytes
_SAME_WITHIN: Final = 3  # of 255: what rounding does to sRGB under another name


@lru_cache(maxsize=8)  # phones of one maker share a profile, and preparing one takes as long as decoding a photo
def to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what turns colours of this profile into sRGB.

    Args:
        profile: an ICC profile.
        mode: of the pixels, "RGB" or "CMYK".

    Returns:
        None where nothing is to be done: the profile is sRGB, is damaged, or belongs to another kind of pixels.
    """
    if len(profile) > _MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None
    return None if mode == "RGB" and _is_idle(transform) else transform


def in_srgb(image_rgb: NDArray[np.uint8], profile: bytes) -> NDArray[np.uint8]:
    """Return an image of this profile in sRGB; the image itself where nothing is to be done.

    Args:
        image_rgb: (H, W, 3) uint8, RGB of the profile.
        profile: an ICC profile; empty for none.
    """
    transform = to_srgb(profile, "RGB") if profile else None
    return image_rgb if transform is None else _transformed(image_rgb, transform)


def _is_idle(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    return int(np.abs(_transformed(colours, transform).astype(int) - colours).max()) <= _SAME_WITHIN


def _transformed(image_rgb: NDArray[np.uint8], transform: ImageCms.ImageCmsTransform) -> NDArray[np.uint8]:
    image = Image.fromarray(image_rgb)
    ImageCms.applyTransform(image, transform, inPlace=True)
    return np.asarray(image)
