"""Pictures for tests."""

import io

from PIL import Image


def picture(width: int, height: int, kind: str = "JPEG", exif: Image.Exif | None = None) -> bytes:
    """A plain picture, in pixels, as bytes of an image file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "pink").save(out, kind, exif=exif or Image.Exif())
    return out.getvalue()


def grey_picture(width: int, height: int) -> bytes:
    """The same with a third of the memory, for many pixels."""
    out = io.BytesIO()
    Image.new("L", (width, height), "grey").save(out, "JPEG")
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """The picture in these bytes, decoded."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image
