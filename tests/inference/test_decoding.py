"""Photos of every kind become the same kind of pixels."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from inference.decoding import MAX_BYTES, decode
from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from inference.image import lesion_view, network_input
from tests.inference.kinds import animation, deep_png, files_of_every_kind
from tests.inference.pictures import EVERY_FORMAT, corners, file, photo

TURNS = {1: "as it is", 2: "mirrored", 3: "upside down", 4: "flipped", 5: "T", 6: "right", 7: "transverse", 8: "left"}


def turned(image: Image.Image, orientation: int, kind: str) -> bytes:
    """Return the file of a camera that was held so that only the orientation makes the picture upright."""
    sensor = {
        1: lambda: image,
        2: lambda: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda: image.transpose(Image.Transpose.ROTATE_180),
        4: lambda: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda: image.transpose(Image.Transpose.ROTATE_270),
    }[orientation]()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return file(sensor, kind, exif=exif, quality=95)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""
    chunks = [b"\x89PNG\r\n\x1a\n"]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")):
        chunks.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
    return b"".join(chunks)


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_every_format_is_read(name: str) -> None:
    image_rgb = decode(photo(name))
    assert image_rgb.shape in {(288, 384, 3), (450, 600, 3)}
    assert image_rgb.dtype == np.uint8
    assert image_rgb.std() > 10


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo_is_turned_upright(orientation: int, kind: str) -> None:
    image_rgb = decode(turned(corners(), orientation, kind))
    assert image_rgb.shape == (32, 64, 3)
    quarters = [image_rgb[:16, :32], image_rgb[:16, 32:], image_rgb[16:, :32], image_rgb[16:, 32:]]
    assert [quarter.mean() < 100 for quarter in quarters] == [True, False, False, False]


def test_heic_is_turned_upright_once() -> None:
    sensor = corners(width_px=400, height_px=200).transpose(Image.Transpose.ROTATE_90)
    sensor.getexif()[ExifTags.Base.Orientation] = 6  # written as HEIC's own turn, and as EXIF beside it
    image_rgb = decode(file(sensor, "HEIF", quality=95))
    assert image_rgb.shape == (200, 400, 3)
    assert image_rgb[:90, :180].mean() < 50 < image_rgb[110:].mean()


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00no TIFF follows here",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00\xff\xff\xff\xff",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00M\x00\x00\x00\x00\x00\x00\x00",
    ],
    ids=["no TIFF", "ends early", "turned 77"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_metadata_do_not_refuse_a_good_photo(exif: bytes, kind: str) -> None:
    assert decode(file(corners(), kind, exif=exif)).shape == (32, 64, 3)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("RGBA", "WEBP"),
        ("L", "HEIF"),
        ("LA", "HEIF"),
        ("I;16", "HEIF"),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(mode: str, kind: str) -> None:
    grey = np.asarray(corners())
    image = Image.fromarray(grey[..., 0].astype(np.uint16) * 257) if mode == "I;16" else corners(mode)
    expected = np.where(grey < 100, 0, 255) if mode == "1" else grey
    image_rgb = decode(file(image, kind)).astype(int)
    assert np.abs(image_rgb - expected).max() <= 3


def test_transparency_is_laid_on_white() -> None:
    image = corners("RGBA")
    image.putalpha(0)
    assert decode(file(image, "PNG")).min() == 255


def test_large_picture_with_transparency_is_laid_on_white_and_scaled_down() -> None:
    image = corners("RGBA", 4000, 2000)
    image_rgb = decode(file(image, "PNG", compress_level=1))
    assert image_rgb.shape == (500, 1000, 3)
    assert image_rgb[:240, :480].max() == 0
    assert image_rgb[260:].min() == 200


def test_multi_picture_jpeg_of_a_phone_is_read() -> None:
    second = Image.new("RGB", (64, 32))
    assert decode(file(corners(), "MPO", save_all=True, append_images=[second])).shape == (32, 64, 3)


def test_single_pixel_is_a_photo() -> None:
    image_rgb = decode(file(Image.new("RGB", (1, 1), "white"), "PNG"))
    assert network_input(lesion_view(image_rgb), 224).shape == (224, 224, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_large_photo_is_scaled_down(kind: str) -> None:
    image_rgb = decode(file(corners("RGB", 3000, 1500), kind))
    assert image_rgb.shape == (640, 1280, 3)
    assert image_rgb[:300, :600].mean() < 5


def test_more_bytes_than_telegram_hands_over_are_not_decoded() -> None:
    padded = photo(EVERY_FORMAT[0]) + bytes(MAX_BYTES)
    with pytest.raises(ImageTooLarge):
        decode(padded)


@pytest.mark.parametrize("side", [8_001, 12_000, 60_000])
def test_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(ImageTooLarge):
        decode(png_header(side, side))


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_photo_that_ends_early_is_truncated(name: str) -> None:
    whole = photo(name)
    with pytest.raises(TruncatedImage):
        decode(whole[: len(whole) * 7 // 10])


def test_photo_that_was_cut_while_it_was_sent_is_truncated() -> None:
    with pytest.raises(TruncatedImage):
        decode(photo("truncated.jpg"))


@pytest.mark.parametrize("seed", range(10))
def test_png_that_is_damaged_in_the_middle_is_unreadable(seed: int) -> None:
    """Pillow leaves black what it could not decode, where it was asked for the metadata before."""
    damaged, chance = bytearray(photo("ham10000_nv_hairy_ISIC_0027121.png")), np.random.default_rng(seed)
    place = int(chance.integers(len(damaged) // 4, len(damaged) // 2))
    damaged[place : place + 8] = chance.bytes(8)
    with pytest.raises(UnreadableImage):
        decode(bytes(damaged))


@pytest.mark.parametrize("size", [(8000, 1), (1, 8000)])
def test_thin_picture_for_print_is_read(size: tuple[int, int]) -> None:
    assert decode(file(Image.new("CMYK", size), "JPEG")).size > 0


@pytest.mark.parametrize("nothing", [b"", b"\xff\xd8\xff", b"GIF89a", photo("not_a_photo.jpg")])
def test_what_is_no_picture_is_unreadable(nothing: bytes) -> None:
    with pytest.raises(UnreadableImage) as caught:
        decode(nothing)
    assert caught.value.code == "unreadable"


def test_memory_that_runs_out_is_an_unreadable_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    content = file(corners(), "PNG")
    monkeypatch.setattr(Image.Image, "convert", exhausted)
    with pytest.raises(UnreadableImage):
        decode(content)


def test_metadata_do_not_survive() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "somebody"
    again = file(Image.fromarray(decode(file(corners(), "JPEG", exif=exif))), "JPEG")
    assert b"somebody" not in again
    assert not Image.open(io.BytesIO(again)).getexif()


@pytest.mark.parametrize("name", files_of_every_kind())
def test_every_kind_of_file_is_read(name: str) -> None:
    image_rgb = decode(files_of_every_kind()[name])
    assert image_rgb.shape in {(96, 96, 3), (32, 64, 3), (30, 30, 3)}
    assert image_rgb.dtype == np.uint8


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF"])
def test_first_frame_of_every_animation_is_taken(kind: str) -> None:
    assert decode(animation(kind))[15, 15].tolist() == [255, 0, 0]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_become_eight(channels: int) -> None:
    expected = np.asarray(corners()).astype(int)
    if channels == 4:
        expected = (expected + 255) // 2  # half of it lies on white
    assert np.abs(decode(deep_png(channels)) - expected).max() <= 1


def test_transparent_colour_of_a_palette_is_laid_on_white() -> None:
    palette = Image.new("P", (8, 8))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.paste(1, (0, 0, 8, 4))
    image_rgb = decode(file(palette, "PNG", transparency=0))
    assert image_rgb[0, 0].tolist() == [200, 100, 50]
    assert image_rgb[7, 7].tolist() == [255, 255, 255]


@pytest.mark.parametrize("size", [(3000, 1500), (1500, 3000), (4000, 40)])
def test_strips_of_a_large_picture_fit_together(size: tuple[int, int]) -> None:
    width, height = size
    ramp = np.linspace(0, 255, max(size)).astype(np.uint8)
    across = (
        np.broadcast_to(ramp, (height, width)) if width > height else np.broadcast_to(ramp[:, None], (height, width))
    )
    image_rgb = decode(file(Image.fromarray(across).convert("RGB"), "PNG", compress_level=1))
    assert max(image_rgb.shape[:2]) == (3840 if min(size) < 480 else 1280)
    line = image_rgb[image_rgb.shape[0] // 2] if width > height else image_rgb[:, image_rgb.shape[1] // 2]
    assert np.abs(line[:, 0].astype(float) - np.linspace(0, 255, len(line))).max() <= 2


@pytest.mark.parametrize("name", ["ham10000_vasc_ISIC_0028146.jpg", "pad_nv_PAT_1107_427_352.jpg"])
@pytest.mark.parametrize(("kind", "tolerance"), [("PNG", 0), ("JPEG", 1.5), ("WEBP", 1.5), ("HEIF", 1)])
def test_one_picture_has_the_same_pixels_in_every_format(name: str, kind: str, tolerance: float) -> None:
    image_rgb = decode(photo(name))
    again = decode(file(Image.fromarray(image_rgb), kind, quality=95))
    assert np.abs(again.astype(int) - image_rgb).mean() <= tolerance


def test_formats_that_nobody_asked_for_are_unreadable() -> None:
    for kind in ("TIFF", "BMP", "ICO"):
        with pytest.raises(UnreadableImage):
            decode(file(corners(), kind))


@pytest.mark.parametrize("size", [(5001, 7000), (16383, 16383)])
def test_webp_that_needs_too_much_memory_is_refused_by_its_header(size: tuple[int, int]) -> None:
    content = bytearray(file(Image.new("RGB", (64, 64)), "WEBP", quality=50))
    frame = content.index(b"\x9d\x01\x2a") + 3  # RFC 6386, section 9.1
    content[frame : frame + 4] = struct.pack("<HH", *size)
    with pytest.raises(ImageTooLarge):
        decode(bytes(content))


@pytest.mark.parametrize("size", [(7000, 7000), (60_000, 60_000)])
def test_heic_that_needs_too_much_memory_is_refused_by_its_header(size: tuple[int, int]) -> None:
    content = bytearray(file(Image.new("RGB", (64, 64)), "HEIF"))
    extents = content.index(b"ispe") + 8  # ISO/IEC 23008-12, section 6.5.3
    content[extents : extents + 8] = struct.pack(">II", *size)
    with pytest.raises(ImageTooLarge):
        decode(bytes(content))


@pytest.mark.parametrize("transfer", [16, 18])
def test_heic_in_high_dynamic_range_is_not_read_as_other_colours(transfer: int) -> None:
    """ITU-T H.273: 16 is PQ, 18 is HLG."""
    content = bytearray(file(Image.new("RGB", (64, 64)), "HEIF"))
    told = content.index(b"colrnclx") + 8  # ISO/IEC 23008-12: primaries, transfer, matrix, of two bytes each
    decode(bytes(content))
    content[told + 2 : told + 4] = struct.pack(">H", transfer)
    with pytest.raises(UnreadableImage):
        decode(bytes(content))


def test_heic_that_is_larger_than_it_says_is_unreadable() -> None:
    content = bytearray(file(Image.new("RGB", (1000, 1000)), "HEIF"))
    extents = content.index(b"ispe") + 8
    content[extents : extents + 8] = struct.pack(">II", 64, 64)
    with pytest.raises(UnreadableImage):
        decode(bytes(content))


def test_damaged_animation_is_unreadable_and_clutters_no_log(capfd: pytest.CaptureFixture[str]) -> None:
    content = bytearray(animation("WEBP"))
    frame = content.index(b"ANMF") + 24  # the frame's header, and its chunk's name
    content[frame + 8 : frame + 20] = bytes(12)
    with pytest.raises(UnreadableImage):
        decode(bytes(content))
    assert capfd.readouterr().err == ""
