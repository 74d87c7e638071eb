"""Measure the shipped model on the test part, through the code that answers patients, and write figures.json.

    python -m training.evaluate DATA CACHE RUN MODELS

Every figure comes from photos of lesions that neither training nor calibration has seen. Intervals are 95 %, from 2,000
bootstrap resamples over lesions (patients for phone photos).
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.assess import assess
from inference.calibration import Calibration
from inference.classes import LesionClass
from inference.heatmap import class_heatmap
from inference.model import Model, load_model
from inference.quality import DeclineReason, decline_reason, quality_report
from inference.risk import RiskLevel
from training.answers import Answers, answers, bare_model, facts, kept_answers, risk_levels
from training.data import FRAME_PX, Photos, load, unzipped
from training.gate import lesion_mask, lesion_masks
from training.measures import (
    MALIGNANT_INDICES,
    MELANOMA,
    Labels,
    Metric,
    Probabilities,
    area_under_roc,
    balanced_accuracy,
    calibration_error,
    confusion,
    interval,
    share,
)
from training.regions import lesion_figures

_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What N photos of a test part got, and what they are.

    Attributes:
        probabilities: (N, 7).
        labels: (N,), -1 for a squamous cell carcinoma, which HAM10000 has no class for.
        groups: (N,) lesions or patients.
        levels: (N,) RiskLevel's values, empty where the photo was declined.
        is_gated: (N,) whether the gate saw no lesion.
    """

    probabilities: Probabilities
    labels: Labels
    groups: NDArray[np.int64]
    levels: NDArray[np.str_]
    is_gated: NDArray[np.bool_]

    @property
    def found(self) -> Labels:
        """The likeliest class of each photo."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def is_malignant(self) -> NDArray[np.bool_]:
        """Whether each lesion is malignant."""
        return np.isin(self.labels, [*MALIGNANT_INDICES, -1])

    @property
    def is_alarmed(self) -> NDArray[np.bool_]:
        """Whether each was sent to a doctor before the next visit; who was declined was not."""
        return np.isin(self.levels, [RiskLevel.URGENT, RiskLevel.SOON])


def outcomes(model: Model, views: NDArray[np.uint8], said: Answers, labels: Labels, groups: Labels) -> Outcomes:
    """Return what the shipped calibration, quality limits and risk policy make of the network's answers."""
    probabilities = said.probabilities(model.calibration)
    reasons = decline_reasons(model, views, said)
    levels = np.where(reasons == "", risk_levels(probabilities, model.risk_policy), "")
    is_gated = reasons == DeclineReason.NO_LESION
    return Outcomes(probabilities, labels, groups, levels, is_gated)


def decline_reasons(model: Model, views: NDArray[np.uint8], said: Answers) -> NDArray[np.str_]:
    """Return why each photo is declined, empty where it is not.

    The lesion is looked for in the view, as the whole photo is not kept.
    """
    reports = [
        quality_report(view, view, model.segmentation(view), float(logit))
        for view, logit in zip(views, said.lesion_logits, strict=True)
    ]
    return np.array([decline_reason(report, model.quality_limits) or "" for report in reports], np.str_)


def metrics(photos: Outcomes) -> dict[str, Metric]:
    """Return the figures of a test part that get an interval, each a function of indices into it."""
    labels, found, levels = photos.labels, photos.found, photos.levels
    malignancy = photos.probabilities[:, MALIGNANT_INDICES].sum(axis=1)
    is_malignant, is_alarmed = photos.is_malignant, photos.is_alarmed
    known = labels >= 0

    def of_known(metric: Metric) -> Metric:
        return lambda i: metric(i[known[i]])

    return {
        "balanced_accuracy": of_known(lambda i: balanced_accuracy(found[i], labels[i])),
        "accuracy": of_known(lambda i: share(found[i] == labels[i])),
        "ece": of_known(lambda i: calibration_error(photos.probabilities[i], labels[i])),
        "malignant_sensitivity": lambda i: share(is_alarmed[i][is_malignant[i]]),
        "malignant_specificity": lambda i: share(~is_alarmed[i][~is_malignant[i]]),
        "malignant_auc": lambda i: area_under_roc(malignancy[i], is_malignant[i]),
        "melanoma_sensitivity": lambda i: share(is_alarmed[i][labels[i] == MELANOMA]),
        "melanoma_urgent": lambda i: share(levels[i][labels[i] == MELANOMA] == RiskLevel.URGENT),
        "melanoma_auc": lambda i: area_under_roc(photos.probabilities[i, MELANOMA], labels[i] == MELANOMA),
        "declined": lambda i: share(levels[i] == ""),
        "refused_by_gate": lambda i: share(photos.is_gated[i]),
    }


def measured(metric: Metric, groups: NDArray[np.int64]) -> dict[str, float]:
    """Return value, low and high, to four places."""
    low, high = interval(metric, groups, np.random.default_rng(_SEED))
    value = metric(np.arange(len(groups)))
    return {name: round(number, 4) for name, number in (("value", value), ("low", low), ("high", high))}


def part_figures(photos: Outcomes) -> dict[str, Any]:
    """Return everything that is measured of one test part."""
    known = photos.labels >= 0
    counts = confusion(photos.found[known], photos.labels[known], len(LesionClass))
    return {
        "photos": len(photos.labels),
        "groups": len(np.unique(photos.groups)),
        **{name: measured(metric, photos.groups) for name, metric in metrics(photos).items()},
        "malignant_told": round(float(photos.probabilities[:, MALIGNANT_INDICES].sum(axis=1).mean()), 4),
        "malignant_true": round(share(photos.is_malignant), 4),
        "levels": {level: int((photos.levels == level).sum()) for level in (*RiskLevel, "")},
        "confusion": counts.tolist(),
        "classes": {code: class_figures(counts, index) for index, code in enumerate(LesionClass)},
    }


def class_figures(counts: NDArray[np.int64], index: int) -> dict[str, float | int | None]:
    """Return photos, recall, precision and F1 of one class; None where nothing can be divided."""
    hits, photos, named = (int(n) for n in (counts[index, index], counts[index].sum(), counts[:, index].sum()))
    return {
        "photos": photos,
        "recall": round(hits / photos, 4) if photos else None,
        "precision": round(hits / named, 4) if named and photos else None,
        "f1": round(2 * hits / (photos + named), 4) if photos else None,
    }


def pointing_game(
    said: Answers, photos: Photos, part: NDArray[np.intp], masks: Mapping[str, bytes]
) -> dict[str, float]:
    """Return how often the strongest place of the shown heat-map lies on the lesion, and how often any place would."""
    hits, areas = [], []
    for row, index in enumerate(part):
        heat = class_heatmap(said.maps[row], int(said.logits[row].argmax()))
        mask = lesion_mask(masks[photos.image_ids[index]], *FRAME_PX)
        side, left = mask.shape[0], (mask.shape[1] - mask.shape[0]) // 2
        square = mask[:, left : left + side]
        y, x = np.unravel_index(int(heat.argmax()), heat.shape)
        hits.append(square[int((y + 0.5) * side / heat.shape[0]), int((x + 0.5) * side / heat.shape[1])])
        areas.append(square.mean())
    return {"hits": round(float(np.mean(hits)), 4), "by_chance": round(float(np.mean(areas)), 4)}


def resolution_agreement(data: Path, model: Model, photos: Photos) -> dict[str, float | int]:
    """Compare the answers to the originals of 600×450 with those to the same photos as supplied, at 224×224."""
    row_of = {name: row for row, name in enumerate(photos.image_ids.tolist())}
    originals = dict(unzipped(data / "ham10000-600x450" / "images.zip"))
    pairs = []
    for name, photo in originals.items():
        small = answers(model, photos.views[row_of[name]][None]).probabilities(model.calibration)[0]
        pairs.append((np.array(list(assess(photo, model).probabilities.values())), small))
    large, small = (np.stack(side) for side in zip(*pairs, strict=True))
    apart = np.abs((large - small)[:, MALIGNANT_INDICES].sum(axis=1))
    return {
        "photos": len(pairs),
        "same_class": round(share(large.argmax(axis=1) == small.argmax(axis=1)), 4),
        "mean_malignancy_difference": round(float(apart.mean()), 4),
    }


def float_figures(of_float: Answers, calibrated: Calibration, shipped: Outcomes) -> dict[str, float]:
    """Compare the shipped eight-bit network with the float network that it was made from."""
    found = of_float.probabilities(calibrated).argmax(axis=1)
    return {
        "balanced_accuracy": round(balanced_accuracy(found, shipped.labels), 4),
        "agreement": round(share(found == shipped.found), 4),
    }


def data_figures(photos: Photos) -> dict[str, dict[str, int]]:
    """Return how many photos and lesions (patients) each part has."""
    return {
        part: {
            "photos": int((photos.parts == part).sum()),
            "groups": len(np.unique(photos.groups[photos.parts == part])),
        }
        for part in ("train", "validation", "test")
    }


def plain(dermoscopic: Mapping[str, Any], phone: Mapping[str, Any]) -> dict[str, int]:
    """Return the whole numbers for the sentences that patients read."""
    found = round(100 * dermoscopic["malignant_sensitivity"]["value"])
    return {
        "balanced_accuracy_in_100": round(100 * dermoscopic["balanced_accuracy"]["value"]),
        "malignant_found_in_100": found,
        "malignant_missed_in_100": 100 - found,
        "harmless_alarmed_in_100": round(100 * (1 - dermoscopic["malignant_specificity"]["value"])),
        "test_photos": dermoscopic["photos"],
        "test_lesions": dermoscopic["groups"],
        "phone_balanced_accuracy_in_100": round(100 * phone["balanced_accuracy"]["value"]),
        "phone_balanced_accuracy_low_in_100": round(100 * phone["balanced_accuracy"]["low"]),
        "phone_photos": sum(map(sum, phone["confusion"])),
    }


def asked(run: Path, model: Model, photos: Photos, name: str) -> tuple[Outcomes, Answers]:
    """Ask the shipped model about the test part of a data set, squamous cell carcinomas included."""
    part = np.flatnonzero(photos.parts == "test")
    said = kept_answers(run / "answers", f"{name}-test", model, photos.views[part])
    return outcomes(model, photos.views[part], said, photos.labels[part], photos.groups[part]), said


def float_of_the_run(
    run: Path, models: Path, model: Model, views: NDArray[np.uint8], shipped: Outcomes
) -> dict[str, float]:
    """Return how the float network that this one was made from compares; without it, what figures.json told of it.

    Raises:
        FileNotFoundError: neither is of this model.
    """
    in_float = bare_model(run / "float.onnx") if (run / "float.onnx").exists() else None
    if in_float and facts(in_float) == facts(model):
        said = kept_answers(run / "answers", "dermoscopic-test", in_float, views)
        return float_figures(said, model.calibration, shipped)
    known: dict[str, float] = known_figures(models, model)["float"]
    return known


def quality_of_the_run(run: Path, models: Path, model: Model) -> dict[str, Any]:
    """Return what training/quality.py measured of this model; without it, what figures.json told of it.

    Raises:
        FileNotFoundError: neither is of this model.
    """
    path = run / "quality.json"
    written = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if written.get("onnx_sha256") != model.sha256:
        written = known_figures(models, model) | {"figures": known_figures(models, model)["quality"]}
    return {"quality": written["figures"], "without_lesion": written["without_lesion"], "effects": written["effects"]}


def known_figures(models: Path, model: Model) -> dict[str, Any]:
    """Return what figures.json tells, if it is of this model."""
    known: dict[str, Any] = json.loads((models / "figures.json").read_text(encoding="utf-8"))
    if known["model"]["onnx_sha256"] != model.sha256:
        raise FileNotFoundError(
            f"{models}/figures.json is of another model, and the run that made this one is not there."
        )
    return known


def evaluate(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Write MODELS/figures.json."""
    model = load_model(models)
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    shipped, said = asked(run, model, dermoscopic, "dermoscopic")
    on_phones, _ = asked(run, model, phone, "phone")
    part = np.flatnonzero(dermoscopic.parts == "test")
    print("Asked; now the intervals", flush=True)
    of_dermoscopic, of_phone = part_figures(shipped), part_figures(on_phones)
    figures = {
        "model": facts(model) | {"onnx_sha256": model.sha256, "bytes": (models / "model.onnx").stat().st_size},
        "calibration": asdict(model.calibration) | asdict(model.risk_policy) | asdict(model.quality_limits),
        "data": {"dermoscopic": data_figures(dermoscopic), "phone": data_figures(phone)},
        "dermoscopic": of_dermoscopic,
        "phone": of_phone,
        "heatmap": pointing_game(said, dermoscopic, part, lesion_masks(data)),
        "resolution": resolution_agreement(data, model, dermoscopic),
        "lesion": lesion_figures(run, models),
        "float": float_of_the_run(run, models, model, dermoscopic.views[part], shipped),
        **quality_of_the_run(run, models, model),
        "plain": plain(of_dermoscopic, of_phone),
    }
    (models / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures["plain"], indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "cache", "run", "models"):
        parser.add_argument(name, type=Path)
    evaluate(**vars(parser.parse_args()))
