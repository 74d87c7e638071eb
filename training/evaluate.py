"""Measure the shipped model on the test part, through the code that answers patients, and write figures.json.

    python -m training.evaluate DATA CACHE RUN MODELS

Unless the card says otherwise, figures come from photos of lesions that neither training nor calibration has seen.
Intervals are 95 %, from 2,000 bootstrap resamples over lesions (patients for phone photos).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from inference.calibration import EQUAL_MIX, for_mix
from inference.classes import ImageType, LesionClass
from inference.decoding import decode
from inference.image import lesion_view, network_input
from inference.model import Model, load_model
from inference.quality import DeclineReason, decline_reason, quality_report
from training.answers import Answers, Calibrations, answers, bare_model, facts, kept_answers, risk_levels
from training.command_line import folders
from training.data import Photos, load, unzipped
from training.gate import lesion_masks
from training.in_float import in_float
from training.measures import (
    MALIGNANT_INDICES,
    MELANOMA,
    Labels,
    Metric,
    balanced_accuracy,
    calibration_error_by_chance,
    confusion,
    limit_of_answers,
    malignancy,
    share,
)
from training.outcomes import FEWEST_OF_A_KIND, MOST_WRONG, Outcomes, measured, metrics
from training.pointing import heatmap_figures, of_concern
from training.subgroups import subgroup_figures
from training.told import checksums, surely_told, told
from training.whole import whole, write_text


def outcomes(model: Model, views: NDArray[np.uint8], said: Answers, labels: Labels, groups: Labels) -> Outcomes:
    """Return what the shipped calibration, quality limits and risk policy make of the network's answers."""
    probabilities = said.probabilities(model.calibrations)
    reasons = decline_reasons(model, views, said)
    of_type = {image_type: risk_levels(probabilities, policy) for image_type, policy in model.risk_policies.items()}
    levels = np.where(said.is_clinical, of_type[ImageType.CLINICAL], of_type[ImageType.DERMOSCOPIC])
    levels = np.where(reasons == "", levels, "")
    equals = {image_type: for_mix(known, EQUAL_MIX) for image_type, known in model.calibrations.items()}
    return Outcomes(
        probabilities,
        labels,
        groups,
        levels,
        is_gated=reasons == DeclineReason.NO_LESION,
        is_in_set=said.prediction_sets(model.calibrations),
        found_of_equals=said.probabilities(equals).argmax(axis=1),
    )


def decline_reasons(model: Model, views: NDArray[np.uint8], said: Answers) -> NDArray[np.str_]:
    """Return why each photo is declined, empty where it is not.

    The lesion is looked for in the view, which the network saw whole, as the photo around it is not kept.
    """
    reports = [
        quality_report(view, view, replace(model.segmentation(view), view=None), float(logit))
        for view, logit in zip(views, said.lesion_logits, strict=True)
    ]
    return np.array([decline_reason(report, model.quality_limits) or "" for report in reports], np.str_)


def part_figures(photos: Outcomes) -> dict[str, Any]:
    """Return everything that is measured of one test part."""
    known = photos.labels >= 0
    counts = confusion(photos.found[known], photos.labels[known], len(LesionClass))
    return {
        "photos": len(photos.labels),
        "groups": len(np.unique(photos.groups)),
        **{name: _measured(name, metric, photos) for name, metric in metrics(photos).items()},
        "ece_by_chance": round(calibration_error_by_chance(photos.probabilities[known], np.random.default_rng(0)), 4),
        "malignant_told": round(float(photos.malignancy.mean()), 4),
        "malignant_true": round(share(photos.is_malignant), 4),
        "confusion": counts.tolist(),
        "classes": {code: class_figures(counts, index) for index, code in enumerate(LesionClass)},
    }


def limited(limit: float | None, photos: Outcomes) -> dict[str, dict[str, float] | None]:
    """Return how many photos are answered whose likeliest class reaches a limit, and how many of them wrongly.

    Args:
        limit: of its probability; None answers nothing, of which nothing can be told.
        photos: of the test part; those without a class are left out.
    """
    known = photos.only(np.flatnonzero(photos.labels >= 0))
    is_answered = known.probabilities.max(axis=1) >= (np.inf if limit is None else limit)
    is_wrong = known.found != known.labels
    if not is_answered.any():
        return dict.fromkeys(("answered_by_limit", "wrong_by_limit"))
    return {
        "answered_by_limit": measured(lambda i: share(is_answered[i]), known.groups),
        "wrong_by_limit": measured(lambda i: share(is_wrong[i][is_answered[i]]), known.groups),
    }


def _measured(name: str, metric: Metric, photos: Outcomes) -> dict[str, float] | None:
    """Return a figure with its interval; None for melanomas where there are next to none."""
    too_few = int((photos.labels == MELANOMA).sum()) < FEWEST_OF_A_KIND
    return None if name.startswith("melanoma") and too_few else measured(metric, photos.groups)


def class_figures(counts: NDArray[np.int64], index: int) -> dict[str, float | int | None]:
    """Return photos, recall, precision and F1 of one class; None where nothing can be divided."""
    hits, photos, named = (int(n) for n in (counts[index, index], counts[index].sum(), counts[:, index].sum()))
    return {
        "photos": photos,
        "recall": round(hits / photos, 4) if photos else None,
        "precision": round(hits / named, 4) if named and photos else None,
        "f1": round(2 * hits / (photos + named), 4) if photos else None,
    }


def resolution_agreement(data: Path, model: Model, photos: Photos) -> dict[str, float | int]:
    """Compare the answers to originals of 600×450 with those to the same photos as supplied, at 224×224.

    The centre square of both, and only of photos that the network has not learnt, of the validation and test parts.
    """
    row_of = {name: row for row, name in enumerate(photos.image_ids.tolist()) if photos.parts[row] != "train"}
    originals = dict(unzipped(data / "ham10000-600x450" / "images.zip"))
    pairs = []
    for name in sorted(originals.keys() & row_of.keys()):
        centre = network_input(lesion_view(decode(originals[name])), model.input_side_px)
        pairs.append(answers(model, np.stack([centre, photos.views[row_of[name]]])).probabilities(model.calibrations))
    large, small = np.stack(pairs, axis=1)
    apart = np.abs(malignancy(large - small))
    return {
        "photos": len(pairs),
        "tested": sum(photos.parts[row_of[name]] == "test" for name in originals.keys() & row_of.keys()),
        "same_class": round(share(large.argmax(axis=1) == small.argmax(axis=1)), 4),
        "mean_malignancy_difference": round(float(apart.mean()), 4),
    }


def float_figures(of_float: Answers, calibrations: Calibrations, shipped: Outcomes) -> dict[str, float]:
    """Compare the shipped eight-bit network with one in float."""
    found = of_float.probabilities(calibrations).argmax(axis=1)
    return {
        "balanced_accuracy": round(balanced_accuracy(found, shipped.labels), 4),
        "agreement": round(share(found == shipped.found), 4),
    }


def data_figures(photos: Photos) -> dict[str, dict[str, int]]:
    """Return how many photos, photos of the seven classes, and lesions (patients) each part has."""
    return {
        part: {
            "photos": int((photos.parts == part).sum()),
            "with_a_class": len(photos.part(part)),
            "groups": len(np.unique(photos.groups[photos.parts == part])),
        }
        for part in ("train", "validation", "test")
    }


def plain(dermoscopic: Mapping[str, Any], phone: Mapping[str, Any], clinical_shares: Sequence[float]) -> dict[str, int]:
    """Return the whole numbers for the sentences that patients read.

    Args:
        dermoscopic: part_figures of the photos by dermatoscope.
        phone: likewise of those by phone.
        clinical_shares: how common each class is among the photos that phones' numbers hold for, in LesionClass order.
    """
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
        "phone_melanomas": sum(phone["confusion"][MELANOMA]),
        "phone_harmless_alarmed_in_100": round(100 * (1 - phone["malignant_specificity"]["value"])),
        "phone_malignant_in_100": round(100 * sum(clinical_shares[index] for index in MALIGNANT_INDICES)),
    }


def asked(run: Path, model: Model, photos: Photos, name: str) -> tuple[Outcomes, Answers]:
    """Ask the shipped model about the test part of a data set, squamous cell carcinomas included."""
    part = np.flatnonzero(photos.parts == "test")
    said = kept_answers(run / "answers", f"{name}-test", model, photos.views[part])
    return outcomes(model, photos.views[part], said, photos.labels[part], photos.groups[part]), said


def limit_of_validation(run: Path, model: Model, photos: Photos, name: str) -> float | None:
    """Return the limit that leaves at most so many answers of the validation part wrong, as calibrate.py asked them."""
    part = photos.part("validation")
    said = kept_answers(run / "answers", f"{name}-validation", model, photos.views[part])
    return limit_of_answers(said.probabilities(model.calibrations), photos.labels[part], MOST_WRONG)


def float_of_the_run(
    run: Path, models: Path, model: Model, views: NDArray[np.uint8], shipped: Outcomes
) -> dict[str, Any]:
    """Return how the float network that this one began at compares; without it, what was told of it.

    Raises:
        FileNotFoundError: it is not there, and nothing is told of it.
    """
    began_at = bare_model(run / "thin.onnx") if (run / "thin.onnx").exists() else None
    if began_at and facts(began_at) == facts(model):
        said = kept_answers(run / "answers", "dermoscopic-test", began_at, views)
        compared = float_figures(said, model.calibrations, shipped)
        # up to lentigo-resnet50-8 it was the rounded network's own weights, not rounded
        return compared | {"is_start": True} | checksums(models, "model.onnx")
    return surely_told("float", run, models)


def same_in_float(
    run: Path, models: Path, model: Model, views: NDArray[np.uint8], shipped: Outcomes
) -> dict[str, float]:
    """Return how MODELS/model.onnx compares with itself, computed in float32; leaves that file as RUN/in-float.onnx."""
    path = run / "in-float.onnx"
    with whole(path) as part:
        onnx.save(in_float(onnx.load(models / "model.onnx")), part)
    said = kept_answers(run / "answers", "dermoscopic-test", bare_model(path), views)
    return float_figures(said, model.calibrations, shipped)


def evaluate(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Write MODELS/figures.json."""
    model = load_model(models)
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    shipped, said = asked(run, model, dermoscopic, "dermoscopic")
    on_phones, said_of_phones = asked(run, model, phone, "phone")
    part = np.flatnonzero(dermoscopic.parts == "test")
    shown = of_concern(model, said, shipped)
    print("Asked; now the intervals", flush=True)
    of_dermoscopic, of_phone = (
        part_figures(of_part) | limited(limit_of_validation(run, model, photos, name), of_part)
        for name, photos, of_part in (("dermoscopic", dermoscopic, shipped), ("clinical", phone, on_phones))
    )
    figures = {
        "model": facts(model) | {"onnx_sha256": model.sha256, "bytes": (models / "model.onnx").stat().st_size},
        "calibration": {image_type: asdict(model.calibrations[image_type]) for image_type in ImageType},
        "limits": asdict(model.quality_limits),
        "risk": {image_type: asdict(model.risk_policies[image_type]) for image_type in ImageType},
        "data": {"dermoscopic": data_figures(dermoscopic), "phone": data_figures(phone)},
        "dermoscopic": of_dermoscopic,
        "phone": of_phone,
        "subgroups": subgroup_figures(data, (dermoscopic, shipped), (phone, on_phones)),
        "heatmap": heatmap_figures(said, shown, shipped.found, dermoscopic.image_ids[part], lesion_masks(data)),
        "mistaken": {
            "dermoscopic": round(share(said.is_clinical), 4),
            "phone": round(share(~said_of_phones.is_clinical), 4),
        },
        "resolution": resolution_agreement(data, model, dermoscopic),
        "float": float_of_the_run(run, models, model, dermoscopic.views[part], shipped),
        "same_in_float": same_in_float(run, models, model, dermoscopic.views[part], shipped),
        **{name: surely_told(name, run, models) for name in ("lesions", "views", "quality")},
        **{name: told(name, run, models) for name in ("processor", "paper", "trials", "history")},
        "plain": plain(of_dermoscopic, of_phone, model.calibrations[ImageType.CLINICAL].class_shares),
    }
    write_text(models / "figures.json", json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures["plain"], indent=1))


if __name__ == "__main__":
    evaluate(**vars(folders(__doc__, "data", "cache", "run", "models").parse_args()))
