"""How the test parts fare by who was photographed, where, and how well; where too few are left, nothing is told.

A mean over everybody can hide those for whom a network fails.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.sharpness import sharpness
from training.data import Photos, table
from training.outcomes import FEWEST_OF_A_KIND, Outcomes, measured, metrics

_FEWEST_PHOTOS: Final = 20
_AGES: Final = {"under 30": (0, 30), "30–44": (30, 45), "45–59": (45, 60), "60–74": (60, 75), "75 and more": (75, 200)}
_SEXES: Final = {"female": ("female",), "male": ("male",)}
_SITES: Final = {
    "face, scalp, ear, neck": ("face", "scalp", "ear", "neck", "nose", "lip"),
    "trunk": ("trunk", "back", "abdomen", "chest"),
    "arm": ("upper extremity", "arm", "forearm"),
    "leg": ("lower extremity", "thigh"),
    "hand, foot, acral": ("hand", "foot", "acral"),
    "genital": ("genital",),
}
_SKIN_TYPES: Final = {"I and II": ("1", "2"), "III and IV": ("3", "4"), "V and VI": ("5", "6")}
_HAIR: Final = {"none": (0.0, 0.5), "some": (0.5, 1.5), "much": (1.5, 2.5)}
_SHARPNESS: Final = ("softest third", "middle third", "sharpest third")
_NOT_TOLD: Final = "not told"

Trait: TypeAlias = Mapping[str, NDArray[np.bool_]]
"""For each group, which of N photos belong to it; (N,) each."""
Row: TypeAlias = Mapping[str, str]
"""Of a metadata table; empty where it has none of a photo."""


def subgroup_figures(
    data: Path, dermoscopic: tuple[Photos, Outcomes], phone: tuple[Photos, Outcomes]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the figures of each group, by data set and trait.

    Args:
        data: the folder of the data sets, for what they tell of each photo.
        dermoscopic: the prepared photos, and what those of the test part got, in the same order.
        phone: likewise.
    """
    ham, pad = table(data / "ham10000" / "metadata.csv"), table(data / "pad-ufes-20" / "metadata.csv")
    hair = table(data / "hair" / "ratings.csv")
    (ids, views), (phone_ids, phone_views) = (_of_test(photos) for photos, _ in (dermoscopic, phone))
    traits = dermoscopic_traits([ham[name] for name in ids], [hair.get(name, {}) for name in ids])
    phone_traits_ = phone_traits([pad[name] for name in phone_ids])
    return {
        "dermoscopic": by_trait(dermoscopic[1], traits | {"sharpness": thirds(_sharpness(views))}),
        "phone": by_trait(phone[1], phone_traits_ | {"sharpness": thirds(_sharpness(phone_views))}),
    }


def dermoscopic_traits(rows: Sequence[Row], hair: Sequence[Row]) -> dict[str, Trait]:
    """Return the groups of HAM10000's photos.

    Args:
        rows: what is told of each photo.
        hair: its rating, empty for most photos.
    """
    return {
        "age": _banded(rows, "age", _AGES),
        "sex": _named(rows, "sex", _SEXES),
        "site": _named(rows, "localization", _SITES),
        "hair": _banded(hair, "hair_median", _HAIR),
    }


def phone_traits(rows: Sequence[Row]) -> dict[str, Trait]:
    """Return the groups of PAD-UFES-20's photos."""
    return {
        "age": _banded(rows, "age", _AGES),
        "sex": _named(rows, "gender", _SEXES),
        "site": _named(rows, "region", _SITES),
        "skin type": _named(rows, "fitzpatrick", _SKIN_TYPES),
    }


def thirds(values: NDArray[np.float64]) -> Trait:
    """Return three groups of the same size, lowest values first."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return {name: rank * 3 // len(values) == third for third, name in enumerate(_SHARPNESS)}


def by_trait(photos: Outcomes, traits: Mapping[str, Trait]) -> dict[str, dict[str, Any]]:
    """Return group_figures() of each group of each trait."""
    return {
        trait: {group: group_figures(photos, np.flatnonzero(belongs)) for group, belongs in groups.items()}
        for trait, groups in traits.items()
    }


def group_figures(photos: Outcomes, members: NDArray[np.intp]) -> dict[str, Any]:
    """Return how many photos, malignant ones, classes, and lesions of the rarest class a group has, and its figures.

    A figure is None where too few are there to tell.

    Args:
        photos: of the whole test part.
        members: indices of the group's photos.
    """
    malignant = int(photos.is_malignant[members].sum())
    harmless, known = len(members) - malignant, int((photos.labels[members] >= 0).sum())
    part = photos.only(members)
    of_part = metrics(part)
    is_told = {
        "balanced_accuracy": known >= _FEWEST_PHOTOS,
        "malignant_auc": min(malignant, harmless) >= FEWEST_OF_A_KIND,
        "malignant_sensitivity": malignant >= FEWEST_OF_A_KIND,
    }
    figures = {
        name: measured(of_part[name], part.groups) if enough and len(members) >= _FEWEST_PHOTOS else None
        for name, enough in is_told.items()
    }
    of_classes = [
        len(np.unique(part.groups[part.labels == label])) for label in np.unique(part.labels[part.labels >= 0])
    ]
    counts = {"classes": len(of_classes), "fewest_lesions": min(of_classes, default=0)}
    return {"photos": len(members), "malignant": malignant, **counts, **figures}


def _of_test(photos: Photos) -> tuple[list[str], NDArray[np.uint8]]:
    part = np.flatnonzero(photos.parts == "test")
    return photos.image_ids[part].tolist(), photos.views[part]


def _sharpness(views: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.array([sharpness(cv2.cvtColor(view_rgb, cv2.COLOR_RGB2GRAY)) for view_rgb in views])


def _banded(rows: Sequence[Row], column: str, bands: Mapping[str, tuple[float, float]]) -> Trait:
    """Group by a number: from the first up to, not including, the second."""
    values = np.array([float(row.get(column) or "nan") for row in rows])
    return _with_rest({name: (values >= low) & (values < high) for name, (low, high) in bands.items()})


def _named(rows: Sequence[Row], column: str, names: Mapping[str, tuple[str, ...]]) -> Trait:
    values = np.array([row[column].lower() for row in rows])
    return _with_rest({name: np.isin(values, words) for name, words in names.items()})


def _with_rest(groups: Trait) -> Trait:
    return {**groups, _NOT_TOLD: ~np.logical_or.reduce(list(groups.values()))}
