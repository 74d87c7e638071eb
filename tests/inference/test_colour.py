"""A photo of a wide-gamut phone has the colours of the skin, not of the file."""

import numpy as np
import pytest
from PIL import Image

from inference.colour import in_srgb, to_srgb
from inference.decoding import decode
from tests.inference.kinds import SRGB_PROFILE, wide_gamut_profile
from tests.inference.pictures import file, skin

SKIN = (205, 160, 140)


def by_hand(colour: tuple[int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return a wide-gamut colour in sRGB; matrices of the primaries, IEC 61966-2-1 for the curve."""
    wide = np.array([[0.51512, 0.29198, 0.1571], [0.2412, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]])
    light = np.clip(np.linalg.inv(srgb) @ wide @ (np.array(colour) / 255) ** 2.2, 0, 1)
    return np.asarray(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_wide_gamut_becomes_srgb_in_every_format(kind: str) -> None:
    content = file(Image.new("RGB", (64, 64), SKIN), kind, icc_profile=wide_gamut_profile(), quality=95)
    assert np.abs(decode(content)[32, 32] - by_hand(SKIN)).max() <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_srgb_stays_as_it_is(kind: str) -> None:
    image = Image.fromarray(skin(64))
    with_profile = decode(file(image, kind, icc_profile=SRGB_PROFILE))
    np.testing.assert_array_equal(with_profile, decode(file(image, kind)))


def test_name_of_a_profile_does_not_decide() -> None:
    assert to_srgb(wide_gamut_profile(b"sRGB"), "RGB") is not None
    assert to_srgb(SRGB_PROFILE.replace(b"sRGB", b"mine"), "RGB") is None


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        wide_gamut_profile()[:200],
        wide_gamut_profile()[:128] + bytes(400),
        wide_gamut_profile(kind=b"GRAY"),
        wide_gamut_profile(kind=b"CMYK"),
    ],
    ids=["none", "cut", "empty", "grey", "print"],
)
def test_profile_that_does_not_fit_is_ignored(profile: bytes) -> None:
    image = Image.fromarray(skin(64))
    for kind in ("JPEG", "PNG"):
        np.testing.assert_array_equal(decode(file(image, kind, icc_profile=profile)), decode(file(image, kind)))


def test_profile_that_is_larger_than_any_is_ignored() -> None:
    assert to_srgb(wide_gamut_profile() + bytes(2**21), "RGB") is None


def test_image_without_a_profile_is_not_copied() -> None:
    image_rgb = skin(8)
    assert in_srgb(image_rgb, b"") is image_rgb


def test_print_profile_that_is_damaged_leaves_the_plain_conversion() -> None:
    image = Image.fromarray(skin(64)).convert("CMYK")
    np.testing.assert_array_equal(decode(file(image, "JPEG", icc_profile=b"none")), decode(file(image, "JPEG")))
