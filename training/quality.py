"""Fit the limits of photo quality on photos that are made worse on purpose, and measure what they cost.

    python -m training.quality DATA CACHE RUN

Writes RUN/quality.json: "limits" for model.json, fitted on the train and validation parts, and "figures", measured on
the test parts. Most of HAM10000 is at hand as 224×224 copies, softer than what they were made from; so real dermoscopy
is refused less often than the first figure says.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage, decode, lesion_view, network_input, resized
from inference.quality import DeclineReason, QualityLimits, QualityReport, decline_reason, quality_report
from training.data import FRAME_PX, INPUT_SIDE_PX, unzipped

_HAM_PHOTOS: Final = 600  # of each of both halves, drawn by chance
_GOOD_REFUSED: Final = 1  # per cent of good photos that sharpness may refuse
_SPOILT_FOUND: Final = 95  # per cent of badly lit photos that brightness must find
_SMALL_STILL_SHARP: Final = 0.9  # of photos that must stay sharp enough when scaled down to the smallest side
_SIDES_PX: Final = range(96, 225, 16)

Spoiling = Callable[[RgbImage], RgbImage]


def blurred(sigma_to_side: float, image_rgb: RgbImage) -> RgbImage:
    """Put a photo out of focus."""
    sigma_px = sigma_to_side * min(image_rgb.shape[:2])
    return _sent(cv2.GaussianBlur(image_rgb, (0, 0), sigma_px).astype(np.uint8, copy=False))


def shaken(length_to_side: float, angle_degrees: float, image_rgb: RgbImage) -> RgbImage:
    """Move the hand along a line while the shutter is open."""
    half_px = max(1, round(length_to_side * min(image_rgb.shape[:2]) / 2))
    side = 2 * half_px + 1
    row = np.zeros((side, side), np.float32)
    row[half_px] = 1
    line = cv2.warpAffine(row, cv2.getRotationMatrix2D((half_px, half_px), angle_degrees, 1), (side, side))
    return _sent(cv2.filter2D(image_rgb, -1, line / line.sum()).astype(np.uint8, copy=False))


def relit(gain: float, image_rgb: RgbImage) -> RgbImage:
    """Let so many times the light in; what is too much is clipped, as on a sensor."""
    light = (np.arange(256) / 255) ** 2.2 * gain
    table = (np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
    return _sent(cv2.LUT(image_rgb, table).astype(np.uint8, copy=False))


def _sent(image_rgb: RgbImage) -> RgbImage:
    """Compress the way messengers do."""
    jpeg = cv2.imencode(".jpg", image_rgb, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


SPOILT: Final[Mapping[str, tuple[DeclineReason, Spoiling]]] = {
    "blurred_1_percent": (DeclineReason.BLURRED, partial(blurred, 0.01)),
    "blurred_2_percent": (DeclineReason.BLURRED, partial(blurred, 0.02)),
    "shaken_8_percent": (DeclineReason.BLURRED, partial(shaken, 0.08, 25)),
    "light_divided_by_16": (DeclineReason.DARK, partial(relit, 1 / 16)),
    "light_times_8": (DeclineReason.BRIGHT, partial(relit, 8)),
}
"""What is done to a photo, and how it must then be declined. Lengths are shares of the short side."""


def report(image_rgb: RgbImage) -> QualityReport:
    """Measure a photo the way production does; the lesion gate is left out."""
    view_rgb = lesion_view(image_rgb)
    return quality_report(view_rgb, network_input(view_rgb, INPUT_SIDE_PX), math.inf)


@dataclass(frozen=True, slots=True)
class Measured:
    """One set of photos: as they are, and spoilt in each way."""

    good: list[QualityReport]
    spoilt: dict[str, list[QualityReport]]


def measured(photos: Iterable[RgbImage]) -> Measured:
    """Measure photos as they are and in each spoilt version."""
    good: list[QualityReport] = []
    spoilt: dict[str, list[QualityReport]] = {name: [] for name in SPOILT}
    for image_rgb in photos:
        good.append(report(image_rgb))
        for name, (_, spoiling) in SPOILT.items():
            spoilt[name].append(report(spoiling(image_rgb)))
    return Measured(good, spoilt)


def fitted_sharpness(sets: Iterable[Measured]) -> float:
    """Return what all but one good photo in a hundred reach, even in the softest set."""
    softest = min(np.percentile(_values(one.good, "sharpness"), _GOOD_REFUSED) for one in sets)
    return round(float(softest), 3)


def fitted_brightness(sets: Iterable[Measured]) -> tuple[float, float]:
    """Return the darkest and the brightest that is allowed.

    They only have to find badly lit photos, and stay as far from the good ones as that allows: dark skin, of which
    there is little in these sets, must not be refused.
    """
    spoilt = {
        name: np.concatenate([_values(one.spoilt[name], "brightness") for one in sets])
        for name in ("light_divided_by_16", "light_times_8")
    }
    darkest = np.percentile(spoilt["light_divided_by_16"], _SPOILT_FOUND)
    brightest = np.percentile(spoilt["light_times_8"], 100 - _SPOILT_FOUND)
    return round(float(darkest), 1), round(float(brightest), 1)


def smallest_side_px(photos: Iterable[RgbImage], min_sharpness: float) -> int:
    """Return the side below which sharp photos become too soft for the network by their size alone."""
    views = [lesion_view(image_rgb) for image_rgb in photos]
    for side_px in _SIDES_PX:
        small = [report(resized(view_rgb, side_px, side_px)).sharpness for view_rgb in views]
        if np.mean(np.array(small) >= min_sharpness) >= _SMALL_STILL_SHARP:
            return side_px
    return INPUT_SIDE_PX


def figures(one: Measured, limits: QualityLimits) -> dict[str, float]:
    """Return how many photos there are, and the shares of good ones refused and of spoilt ones found."""
    refused = [decline_reason(each, limits) is not None for each in one.good]
    found = {
        f"found_{name}": np.mean([decline_reason(each, limits) is SPOILT[name][0] for each in reports])
        for name, reports in one.spoilt.items()
    }
    shares = {"good_refused": np.mean(refused), **found}
    return {"photos": len(refused), **{name: round(float(share), 4) for name, share in shares.items()}}


def _values(reports: list[QualityReport], name: str) -> NDArray[np.float64]:
    return np.array([getattr(each, name) for each in reports])


def parts(cache: Path, name: str) -> dict[str, str]:
    """Return the part of each photo of a prepared data set by its image_id."""
    with np.load(cache / f"{name}.npz") as arrays:
        return dict(zip(arrays["image_ids"].tolist(), arrays["parts"].tolist(), strict=True))


def _some(part_of: dict[str, str], *, is_test: bool) -> set[str]:
    names = sorted(name for name, part in part_of.items() if (part == "test") == is_test)
    return set(np.random.default_rng(0).permutation(names)[:_HAM_PHOTOS].tolist())


def photos(archives: Iterable[Path], chosen: set[str], *, is_stretched: bool = False) -> Iterator[RgbImage]:
    """Yield the chosen photos of some archives."""
    for archive in archives:
        for name, photo in unzipped(archive):
            if name in chosen:
                image_rgb = decode(photo)
                yield resized(image_rgb, *FRAME_PX) if is_stretched else image_rgb


def main(data: Path, cache: Path, run: Path) -> None:
    """Fit, measure, write and print."""
    cv2.setNumThreads(1)
    ham, pad = parts(cache, "dermoscopic"), parts(cache, "phone")
    stretched = sorted((data / "ham10000").glob("images-*.zip"))
    phone, larger = [data / "pad-ufes-20" / "images.zip"], [data / "hair" / "rated-384x288.zip"]
    known = (
        measured(photos(stretched, _some(ham, is_test=False), is_stretched=True)),
        measured(photos(phone, {name for name in pad if pad[name] != "test"})),
    )
    min_sharpness = fitted_sharpness(known)
    min_side_px = smallest_side_px(photos(larger, {name for name in ham if ham[name] != "test"}), min_sharpness)
    limits = QualityLimits(min_side_px, *fitted_brightness(known), min_sharpness, -math.inf)
    unseen = {
        "ham10000": photos(stretched, _some(ham, is_test=True), is_stretched=True),
        "ham10000_384x288": photos(larger, {name for name in ham if ham[name] == "test"}),
        "pad_ufes_20": photos(phone, {name for name in pad if pad[name] == "test"}),
    }
    written = {name: getattr(limits, name) for name in QualityLimits.__slots__ if name != "min_lesion_logit"}
    answer = {"limits": written, "figures": {name: figures(measured(some), limits) for name, some in unseen.items()}}
    text = json.dumps(answer, indent=2)
    (run / "quality.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for folder in ("data", "cache", "run"):
        parser.add_argument(folder, type=Path)
    arguments = parser.parse_args()
    main(arguments.data, arguments.cache, arguments.run)
