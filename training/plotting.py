"""How every picture of the model card looks: its type, its colours, and how it is written."""

import io
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inference.classes import LesionClass

WIDTH_IN: Final = 9.0
_DPI: Final = 190  # about twice the width at which a page shows it
_COLOURS: Final = 128  # in a picture's palette
INK: Final = "#1c2430"
QUIET: Final = "#566070"
PALE: Final = "#d4d8de"
MALIGNANT: Final = "#d55e00"  # this and the blues: Okabe, Ito 2008, Color Universal Design
HARMLESS: Final = "#0072b2"
LIGHT_BLUE: Final = "#8ccbf2"
STYLE: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
}
NAMES: Final = {
    LesionClass.AKIEC: "actinic keratosis, Bowen's",
    LesionClass.BCC: "basal cell carcinoma",
    LesionClass.BKL: "benign keratosis",
    LesionClass.DF: "dermatofibroma",
    LesionClass.MEL: "melanoma",
    LesionClass.NV: "melanocytic nevus",
    LesionClass.VASC: "vascular lesion",
}
"""Source: Tschandl, Rosendahl, Kittler 2018, doi:10.1038/sdata.2018.161."""


def figure(height_in: float) -> Figure:
    """Return an empty picture that arranges what is put into it."""
    return Figure(figsize=(WIDTH_IN, height_in), dpi=_DPI, layout="constrained")


def colour_of(lesion_class: LesionClass) -> str:
    """Return the colour of a class: one for the malignant ones, one for the others."""
    return MALIGNANT if lesion_class.is_malignant else HARMLESS


def save(drawn: Figure, path: Path, onnx_sha256: str) -> None:
    """Write a picture, and into it of which network it tells; a PNG in few colours, a JPEG for photos."""
    file = io.BytesIO()
    drawn.savefig(file, format="png")
    picture = Image.open(file).convert("RGB")
    if path.suffix == ".jpg":
        picture.save(path, quality=88, subsampling=0, comment=onnx_sha256)
        return
    told = PngInfo()
    told.add_text("comment", onnx_sha256)
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True, pnginfo=told)
