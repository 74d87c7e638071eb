"""The parts of the results, in their order; a new one is a function that returns figures, and a line in SECTIONS."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import assessment, decoding, hair, processes, responsiveness
from benchmarks.baseline.usual_hair import usual_hair_removal
from benchmarks.measuring import ROOT, Figure, at_least, at_most
from inference.hair import remove_hair
from training.refusals import refused_for_another_reason, told_of


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the results.

    Attributes:
        title: above its figures.
        figures: from the folder of the data sets, if they need it, and how many rounds to measure.
        needs_data: whether there is nothing to measure without the data sets.
    """

    title: str
    figures: Callable[[Path, int], list[Figure]]
    needs_data: bool = False


def _decoding(_: Path, rounds: int) -> list[Figure]:
    """Only 12 megapixels have an aim; the photo that Telegram has scaled down is there for the record."""
    return [
        at_least(f"{speed.name}, in {speed.decode_ms:.1f} ms", f"{speed.plain_ms:.1f} ms", speed.ratio, 5, "×")
        if speed.name.startswith("12 megapixels")
        else Figure(f"{speed.name}, in {speed.decode_ms:.1f} ms", f"{speed.plain_ms:.1f} ms", f"{speed.ratio:.3g}×")
        for speed in decoding.figures(rounds)
    ]


def _responsiveness(_: Path, rounds: int) -> list[Figure]:
    """The usual copy is python-telegram-bot's own updater, as its examples use it."""
    ours, usual = responsiveness.waits_of_both(max(1, rounds // 2))
    return [
        Figure("/help, half of the times", f"{usual.p50_ms:.0f} ms", f"{ours.p50_ms:.0f} ms"),
        Figure("/help, 95 of 100 times", f"{usual.p95_ms:.0f} ms", f"{ours.p95_ms:.0f} ms"),
        Figure("/help, at most", f"{usual.longest_ms:.0f} ms", f"{ours.longest_ms:.0f} ms"),
        Figure("photos answered a second", f"{usual.photos_a_second:.1f}", f"{ours.photos_a_second:.1f}"),
    ]


def _hair(data: Path, _: int) -> list[Figure]:
    photos = hair.hairless_photos(data)
    usual, ours = (
        {size: hair.scores(removal, photos, size) for size in (hair.SMALL, hair.LARGE)}
        for removal in (usual_hair_removal, remove_hair)
    )
    small, large, usual_small, usual_large = ours[hair.SMALL], ours[hair.LARGE], usual[hair.SMALL], usual[hair.LARGE]
    apart, usual_apart = abs(small.dice - large.dice), abs(usual_small.dice - usual_large.dice)
    return [
        at_least(f"Dice of the hair mask, {len(photos)} photos", f"{usual_small.dice:.3f}", small.dice, 0.9, ""),
        at_least("PSNR at hair", f"{usual_small.psnr_db:.1f} dB", small.psnr_db, 34, " dB"),
        at_least("SSIM", f"{usual_small.ssim:.3f}", small.ssim, 0.975, ""),
        at_most("hairless pixels changed", f"{usual_small.changed_percent:.2f} %", small.changed_percent, 0.1, " %"),
        at_most("time", f"{usual_small.milliseconds:.1f} ms", small.milliseconds, 4, " ms"),
        at_most("time at 1280×960", f"{usual_large.milliseconds:.1f} ms", large.milliseconds, 8, " ms"),
        at_most("Dice at 450 px against 960 px, difference", f"{usual_apart:.3f}", apart, 0.03, ""),
    ]


def _rated_hair(data: Path, _: int) -> list[Figure]:
    hairy, hairless = hair.hairy_photos(data), hair.hairless_photos(data)
    usual, ours = (hair.rated(removal, hairy, hairless) for removal in (usual_hair_removal, remove_hair))
    return [
        Figure("larger mask where much hair is", f"{usual.area_under_roc:.3f}", f"{ours.area_under_roc:.3f}"),
        Figure("much hair, some found", f"{usual.found:.1%}", f"{ours.found:.1%}"),
        Figure("no hair, nothing changed", f"{usual.untouched:.1%}", f"{ours.untouched:.1%}"),
    ]


_SPOILT: Final = {"blurred": "blurred", "dark": "dark", "glare": "glared"}  # reason of a refusal: photo
_SETS: Final = {"ham10000": "HAM10000", "pad_ufes_20": "PAD-UFES-20"}


_WITHOUT_AIM: Final = (  # less spoilt than the aims mean, or framed badly
    "jpeg_quality_5_at_160_px",
    "weak_flash_in_the_middle",
    "far_away",
    "cut_off",
    "too_near",
    "two_lesions",
)


def _told_of(name: str, of_way: Mapping[str, float]) -> Figure:
    told = f"{told_of(of_way):.1%}, {refused_for_another_reason(of_way):.1%}"
    return Figure(f"{name}: told so, refused for another reason", "", told)


def _quality(_: Path, __: int) -> list[Figure]:
    """What training/quality.py measured on the test parts when the limits were fitted."""
    told = json.loads((ROOT / "models" / "figures.json").read_text(encoding="utf-8"))["quality"]
    figures = []
    for name, title in _SETS.items():
        of_set = told["sets"][name]
        refused = 100 * of_set["refused"]
        figures.append(at_most(f"{title}: {of_set['photos']} lesions refused", "", refused, 3, " %"))
        for reason, kind in _SPOILT.items():
            ways = [of for way, of in of_set["spoilt"].items() if way not in _WITHOUT_AIM]
            least = 100 * min(of["refused"] for of in ways if of["reason"] == reason)
            figures.append(at_least(f"{title}: {kind} photos refused, of the way least found", "", least, 95, " %"))
        figures += [_told_of(f"{title}: {way.replace('_', ' ')}", of_set["spoilt"][way]) for way in _WITHOUT_AIM]
    for kind, of_kind in told["without_lesion"].items():
        name = f"empty: {of_kind['photos']} of {kind.replace('_', ' ')} refused"
        figures.append(at_least(name, "", 100 * of_kind["refused"], 95, " %"))
    return figures


SECTIONS: Final = {
    "decoding": Section("Decoding, beside Pillow", _decoding),  # first: what frees memory makes Pillow faster
    "assessment": Section("One photo, 1280×960, one thread", lambda _, rounds: assessment.figures(rounds)),
    "hair": Section("Hair, 600×450, synthetic strands", _hair, needs_data=True),
    "rated-hair": Section("Hair, photos that people rated", _rated_hair, needs_data=True),
    "quality": Section("Photos that are refused, measured by training/quality.py", _quality),
    "processes": Section("Worker processes", lambda _, rounds: processes.figures(rounds)),
    "responsiveness": Section("While 20 photos are in flight, beside the stock updater", _responsiveness),
}
