"""Look at photos the way production does, as they are and made worse: what photo quality is fitted on.

Most of HAM10000 is at hand as copies of 224×224, softer than what they were made from: real dermoscopy is refused less
often than they are.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, nan
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference import calibration
from inference.decoding import ENOUGH_PX, decode
from inference.image import RgbImage, lesion_view, network_input, resized
from inference.lesion import VIEW_TO_LESION, Segmentation
from inference.model import Model
from inference.quality import QualityLimits, QualityReport, quality_report
from training.data import FRAME_PX, ham10000, pad_ufes_20, photos_of, unzipped
from training.gate import drawn_page, everyday_pictures, lesion_masks, skin_square
from training.spoiling import SPOILT, cut_off, filled, from_afar, side_by_side

_HAM_PHOTOS: Final = 600  # of each of both halves, drawn by chance
_SPOILT_HAM_PHOTOS: Final = 150
_UNASKED: Final = nan  # the lesion_logit where the classifying network is not asked
_FAR_PX: Final = 40
_FAR_SIZES_PX: Final = (60, 80, 100, 120, 140, 160, 180, ENOUGH_PX // VIEW_TO_LESION)  # lesions in photos of 960 px
_NEARLY: Final = 0.9
_PLAIN: Final = 6.0  # grey levels by which the colour of plain skin varies from place to place
_DRAWN: Final = 80


@dataclass(frozen=True, slots=True)
class Part:
    """The photos of one half: what limits are fitted on, or what they are measured by.

    Attributes:
        lesions: photos with a lesion, by data set, whole and as they would arrive.
        empty: pictures without one, by kind.
    """

    lesions: dict[str, list[RgbImage]]
    empty: dict[str, list[RgbImage]]


def part_of(data: Path, cache: Path, *, is_test: bool) -> Part:
    """Read one half: the test part, or the train and validation parts."""
    parts = ("test",) if is_test else ("train", "validation")
    ham, pad = (photos_of(cache, kind, *parts) for kind in ("dermoscopic", "phone"))
    rng = np.random.default_rng(0)
    some = set(rng.permutation(sorted(ham))[:_HAM_PHOTOS].tolist())
    supplied = {name: decode(photo) for name, photo in ham10000(data) if name in some}
    frames = {name: resized(image_rgb, *FRAME_PX) for name, image_rgb in supplied.items()}
    masks = lesion_masks(data)
    beside = [square for name, frame in frames.items() for square in skin_square(frame, masks[name], rng)]
    return Part(
        {
            "ham10000": list(frames.values()),
            "ham10000_as_supplied": list(supplied.values()),
            "ham10000_384x288": list(decoded(unzipped(data / "hair" / "rated-384x288.zip"), ham)),
            "pad_ufes_20": list(decoded(pad_ufes_20(data), pad)),
        },
        {
            "phone_skin": whole_skin(data, pad),
            "dermoscopic_skin": beside[:_SPOILT_HAM_PHOTOS],
            "everyday_picture": everyday_pictures(data, is_test=is_test),
            "flat_or_drawn": [drawn_page(rng) for _ in range(_DRAWN)],
        },
    )


def decoded(photos: Iterable[tuple[str, bytes]], chosen: Container[str]) -> Iterator[RgbImage]:
    """Yield the chosen ones of some photos."""
    return (decode(photo) for name, photo in photos if name in chosen)


def whole_skin(data: Path, chosen: Container[str]) -> list[RgbImage]:
    """Return the pieces of bare skin that were cut from the chosen phone photos, as they would arrive."""
    return list(decoded(unzipped(data / "negatives" / "skin-without-lesion.zip"), chosen))


def _seen(image_rgb: RgbImage, model: Model) -> tuple[Segmentation, RgbImage]:
    """Find the lesion of a photo: what is seen of it, and what the classifying network is given."""
    seen = model.segmentation(image_rgb)
    return seen, network_input(lesion_view(image_rgb, seen.view), model.input_side_px)


def glance(image_rgb: RgbImage, model: Model) -> QualityReport:
    """Measure a photo without asking the classifying network: no limit of the gate may judge it, see ungated()."""
    seen, input_rgb = _seen(image_rgb, model)
    return quality_report(image_rgb, input_rgb, seen, _UNASKED)


def ungated(limits: QualityLimits) -> QualityLimits:
    """Return the limits without the gate's, for photos that it is not asked about: no check hides behind it."""
    return replace(limits, min_lesion_evidence=-inf)


def look(image_rgb: RgbImage, model: Model) -> tuple[QualityReport, NDArray[np.float64]]:
    """Measure a photo and ask the classifying network: the report, and (7,) probabilities."""
    seen, input_rgb = _seen(image_rgb, model)
    answer = model.answer(input_rgb)
    told = calibration.probabilities(answer.logits, model.calibrations[answer.image_type])
    return quality_report(image_rgb, input_rgb, seen, answer.lesion_logit), np.array(list(told.values()))


def reports(images: Iterable[RgbImage], model: Model) -> list[QualityReport]:
    """Measure photos, the gate asked."""
    return [look(image_rgb, model)[0] for image_rgb in images]


def few(images: Sequence[RgbImage], wanted: int = _SPOILT_HAM_PHOTOS) -> Sequence[RgbImage]:
    """Return about so many, evenly spread."""
    return images[:: max(1, len(images) // wanted)]


def spoilt_reports(images: Sequence[RgbImage], model: Model) -> dict[str, list[QualityReport]]:
    """Measure photos made worse in each way; see glance()."""
    return {
        name: [glance(spoiling(image_rgb, np.random.default_rng(i)), model) for i, image_rgb in enumerate(images)]
        for name, (_, spoiling) in SPOILT.items()
    }


def framed_badly(images: Sequence[RgbImage], skins: Sequence[RgbImage], model: Model) -> dict[str, list[RgbImage]]:
    """Return photos of the same lesions taken from too far, cut off, from too near, and two at once."""
    plain = even_skin(skins)
    made: dict[str, list[RgbImage]] = {name: [] for name in ("far_away", "cut_off", "too_near", "two_lesions")}
    for i, image_rgb in enumerate(images):
        region = model.segmentation(image_rgb).region
        if region is not None:
            made["far_away"].append(from_afar(_FAR_PX, image_rgb, region, plain[i % len(plain)]))
            made["cut_off"].append(cut_off(image_rgb, region, np.random.default_rng(i)))
            made["too_near"].append(filled(image_rgb, region))
        made["two_lesions"].append(side_by_side(image_rgb, images[i - 1]))
    return made


def enough_side_px(images: Sequence[RgbImage], skins: Sequence[RgbImage], model: Model) -> int:
    """Return the side of the view from which on a lesion photographed from afar is called what it is called from near.

    That is, nearly as often as where its view has all the pixels that decoding leaves; see _FAR_SIZES_PX and _NEARLY.
    """
    plain = even_skin(skins)
    near = [(image_rgb, region) for image_rgb in images if (region := model.segmentation(image_rgb).region)]
    called = [look(image_rgb, model)[1].argmax() for image_rgb, _ in near]
    as_often = []
    for lesion_px in _FAR_SIZES_PX:
        far = (from_afar(lesion_px, *each, plain[i % len(plain)]) for i, each in enumerate(near))
        as_often.append(
            np.mean([look(image_rgb, model)[1].argmax() == its for image_rgb, its in zip(far, called, strict=True)])
        )
    return next(
        VIEW_TO_LESION * lesion_px
        for lesion_px, share in zip(_FAR_SIZES_PX, as_often, strict=True)
        if share >= _NEARLY * as_often[-1]
    )


def even_skin(skins: Sequence[RgbImage]) -> list[RgbImage]:
    """Return the skin whose colour varies little from place to place."""
    return [skin_rgb for skin_rgb in skins if unevenness(skin_rgb) < _PLAIN]


def unevenness(image_rgb: RgbImage) -> float:
    """Return by how many grey levels the colour differs from place to place."""
    return float(resized(image_rgb, 8, 8).astype(np.float64).std(axis=(0, 1)).mean())
