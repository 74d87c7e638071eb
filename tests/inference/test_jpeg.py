"""JPEG is decoded no larger than needed, and never passed on when it is damaged."""

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import opencv
from inference.decoding import Wanted, decode
from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from tests.inference.kinds import files_of_every_kind, print_jpeg
from tests.inference.pictures import MOLE, corners, file, photo, skin

END = b"\xff\xd9"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("size", "factor"),
    [
        ((600, 450), 1),
        ((1024, 1024), 1),
        ((1280, 720), 1),
        ((1280, 960), 2),
        ((960, 1280), 2),
        ((2592, 1944), 4),
        ((4032, 3024), 4),
        ((3024, 4032), 4),
        ((8160, 6120), 8),
        ((6000, 1500), 2),
        ((12_000, 900), 2),
        ((1, 1), 1),
    ],
)
def test_photo_is_reduced_as_far_as_enough_is_left(size: tuple[int, int], factor: int) -> None:
    assert Wanted().reduction(*size) == factor


@pytest.mark.parametrize("enough_px", [480, 600])
@pytest.mark.parametrize("size", [(4032, 3024), (3024, 4032), (2592, 1944), (1280, 960), (1920, 1080), (6000, 700)])
def test_large_photo_keeps_its_shape_and_enough_of_its_short_side(size: tuple[int, int], enough_px: int) -> None:
    height, width = decode(file(Image.new("RGB", size, "pink"), "JPEG", quality=50), Wanted(enough_px)).shape[:2]
    assert max(height, width) <= max(1280, min(3840, enough_px * max(size) / min(size) + 1))
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)
    assert min(height, width) >= min(enough_px, min(size) * 3840 // max(size))


def test_reducing_averages_and_does_not_alias() -> None:
    stripes = np.zeros((3024, 4032), np.uint8)
    stripes[:, ::2] = 200
    image_rgb = decode(file(Image.fromarray(stripes).convert("RGB"), "JPEG", quality=95))
    assert image_rgb.shape == (756, 1008, 3)
    assert np.abs(image_rgb.astype(int) - 100).max() <= 3


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("is_progressive", [False, True])
def test_large_photo_looks_the_same_however_it_is_coded(mode: str, is_progressive: bool) -> None:  # noqa: FBT001
    image = Image.fromarray(skin(224)).convert("L").convert("RGB").resize((2400, 2400))
    expected = np.asarray(image.resize((600, 600), Image.Resampling.BOX)).astype(int)
    image_rgb = decode(file(image.convert(mode), "JPEG", quality=95, progressive=is_progressive))
    assert np.abs(image_rgb - expected).mean() < 1.5


def test_inverted_print_colours_are_not_negative() -> None:
    assert np.abs(decode(print_jpeg()).astype(int) - skin(96)).mean() < 3


def test_photo_whose_middle_is_missing_is_truncated_though_it_has_an_end(capfd: pytest.CaptureFixture[str]) -> None:
    whole = photo(MOLE)
    with pytest.raises(TruncatedImage):
        decode(whole[: len(whole) // 2] + END)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", [MOLE, "pad_nv_PAT_1107_427_352.jpg"])
def test_photo_with_visible_damage_in_the_middle_is_unreadable(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole, chance = photo(name), random.Random(0)
    before = decode(whole).astype(int)
    visible = read = 0
    for _ in range(40):
        place = chance.randrange(len(whole) // 4, len(whole) - 100)
        damaged = whole[:place] + chance.randbytes(8) + whole[place + 8 :]
        try:
            visible += np.abs(decode(damaged) - before).mean() > 1
            read += 1
        except UnreadableImage:
            continue
    assert read < 25
    assert visible <= 1  # the decoder can't always tell
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_photo_that_lacks_only_its_end_is_read(missing: int, mode: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole = file(Image.fromarray(decode(photo(MOLE))).convert(mode), "JPEG", quality=90)
    np.testing.assert_array_equal(decode(whole[:-missing]), decode(whole))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("missing", [3, 4, 10, 100, 10_000])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"progressive": True}])
def test_photo_that_lacks_more_than_its_end_is_truncated(missing: int, options: dict[str, object]) -> None:
    whole = file(Image.fromarray(decode(photo(MOLE))), "JPEG", quality=90, **options)
    with pytest.raises(TruncatedImage):
        decode(whole[:-missing])


def test_progressive_photo_that_lacks_its_last_scan_and_its_end_is_truncated() -> None:
    whole = file(Image.fromarray(decode(photo(MOLE))), "JPEG", quality=90, progressive=True)
    with pytest.raises(TruncatedImage):
        decode(whole[: whole.rindex(b"\xff\xda")])


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}])
def test_photo_whose_scan_is_oddly_told_is_read_and_damage_to_it_noticed(mode: str, options: dict[str, object]) -> None:
    """Many Samsung phones tell of no frequencies in a scan of all, of which libjpeg warns, and then of nothing else.

    Source: github.com/lovell/sharp/issues/1578; layout: ITU-T T.81, section B.2.3.
    """
    whole = file(Image.fromarray(decode(photo(MOLE))).convert(mode), "JPEG", quality=90, **options)
    scan = whole.index(b"\xff\xda")
    odd = whole[:scan] + whole[scan:].replace(b"\0\x3f\0", bytes(3), 1)
    assert odd != whole
    np.testing.assert_array_equal(decode(odd), decode(whole))
    np.testing.assert_array_equal(decode(odd[:-2]), decode(whole))
    for cut in (odd[:-3], odd[: len(odd) // 2], odd[: len(odd) // 2] + END):
        with pytest.raises(TruncatedImage):
            decode(cut)


def test_padding_before_the_end_is_no_damage() -> None:
    whole = file(corners(), "JPEG")
    assert decode(whole.removesuffix(END) + bytes(4) + END).shape == (32, 64, 3)
    with pytest.raises(UnreadableImage):
        decode(whole.removesuffix(END) + bytes(400) + END)


def test_what_others_say_while_a_photo_is_decoded_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> None:
        os.write(2, b"Corrupt JPEG data: bad\nsomebody else\n")

    image, complaint = opencv.with_complaint(noisy)
    assert image is None
    assert complaint == b"Corrupt JPEG data: bad\n"
    assert capfd.readouterr().err == "somebody else\n"


@pytest.mark.parametrize("standard_error", ["os.close(2)", "r, w = os.pipe(); os.dup2(w, 2); os.close(w); os.close(r)"])
def test_photo_is_read_where_nobody_hears_the_standard_error(standard_error: str) -> None:
    program = f"""
import os, sys
{standard_error}
from inference.decoding import Wanted, decode
from tests.inference.pictures import MOLE, photo
print(*decode(photo(MOLE)).shape)
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout == "288 384 3\n"


def test_photos_read_at_once_are_not_blamed_for_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    whole = photo(MOLE)
    torn = whole[: len(whole) // 2] + END

    def is_read(content: bytes) -> bool:
        try:
            decode(content)
        except TruncatedImage:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(is_read, [whole, torn] * 20)) == [True, False] * 20
    assert capfd.readouterr().err == ""


def test_endless_scans_are_refused() -> None:
    content = file(corners(), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(UnreadableImage, match="scans"):
        decode(content[:scan] + content[scan:-2] * 200 + END)


@pytest.mark.parametrize("kind", ["progressive JPEG", "MPO"])
def test_video_behind_a_photo_is_not_counted_as_scans(kind: str) -> None:
    video = random.Random(0).randbytes(2**21) + b"\xff\xda" * 200
    np.testing.assert_array_equal(decode(files_of_every_kind()[kind] + video), decode(files_of_every_kind()[kind]))


def test_progressive_photo_that_needs_too_much_memory_is_refused_by_its_header() -> None:
    content = file(Image.new("RGB", (64, 64)), "JPEG", progressive=True, subsampling="4:4:4")
    frame = content.index(b"\xff\xc2") + 5
    for height, width in ((7900, 8000), (65_000, 65_000)):
        claimed = content[:frame] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + content[frame + 4 :]
        with pytest.raises(ImageTooLarge):
            decode(claimed)
