"""Whether heat-maps lie on the lesion.

Source of the pointing game: Zhang et al. 2016, Top-down Neural Attention by Excitation Backprop, arXiv:1608.00507.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass
from inference.heatmap import class_heatmap
from inference.model import Model
from inference.risk import class_of_concern, risk_reasons
from training.answers import Answers
from training.data import FRAME_PX
from training.gate import lesion_mask
from training.measures import Labels
from training.outcomes import Outcomes

_SPOT: Final = 0.25

Pointed: TypeAlias = Mapping[str, NDArray[np.float64]]
"""By the name of a figure what it is for each photo, (N,)."""


def of_concern(model: Model, said: Answers, photos: Outcomes) -> Labels:
    """Return the class that the advice on each photo is about, whose heat-map is shown; see inference.assess."""
    shown = []
    for answer, row, level in zip(said, photos.probabilities.tolist(), photos.levels.tolist(), strict=True):
        told = dict(zip(LesionClass, row, strict=True))
        reasons = risk_reasons(told, model.risk_policies[answer.image_type]) if level else ()
        shown.append(list(LesionClass).index(class_of_concern(told, reasons)))
    return np.array(shown, np.int64)


def pointing_game(said: Answers, shown: Labels, image_ids: NDArray[np.str_], masks: Mapping[str, bytes]) -> Pointed:
    """Return whether the strongest place of the shown heat-map lies on the lesion, and how often any place would.

    And the share of the heat that lies on it, beside that of a round spot in the middle of the photo.
    """
    hits, areas, energies, priors = [], [], [], []
    for row, image_id in enumerate(image_ids.tolist()):
        heat = class_heatmap(said.maps[row], int(shown[row]))
        mask = lesion_mask(masks[image_id], *FRAME_PX)
        side, left = mask.shape[0], (mask.shape[1] - mask.shape[0]) // 2
        square = mask[:, left : left + side]
        y, x = np.unravel_index(int(heat.argmax()), heat.shape)
        hits.append(square[int((y + 0.5) * side / heat.shape[0]), int((x + 0.5) * side / heat.shape[1])])
        areas.append(square.mean())
        enlarged, spot = cv2.resize(heat, (side, side), interpolation=cv2.INTER_LINEAR), centre_spot(side)
        energies.append(enlarged[square].sum() / enlarged.sum() if enlarged.any() else 0.0)
        priors.append(spot[square].sum() / spot.sum())
    told = {"hits": hits, "by_chance": areas, "energy_inside": energies, "energy_of_centre": priors}
    return {name: np.array(values, np.float64) for name, values in told.items()}


def heatmap_figures(
    said: Answers, shown: Labels, found: Labels, image_ids: NDArray[np.str_], masks: Mapping[str, bytes]
) -> dict[str, Any]:
    """Return the means of the pointing game, and how it ends where the class shown is not the likeliest.

    Args:
        said: the answers to N photos.
        shown: (N,) the class whose heat-map is shown.
        found: (N,) the likeliest class.
        image_ids: (N,) their names.
        masks: the PNG of each lesion, by image_id.
    """
    pointed, is_other = pointing_game(said, shown, image_ids, masks), shown != found
    return {
        **{name: round(float(values.mean()), 4) for name, values in pointed.items()},
        "not_likeliest": int(is_other.sum()),
        "hits_of_not_likeliest": round(float(pointed["hits"][is_other].mean()), 4) if is_other.any() else None,
    }


@lru_cache(maxsize=1)
def centre_spot(side: int) -> NDArray[np.float64]:
    """Return a normal distribution in the middle of a square, (side, side), a quarter of the side wide."""
    line = np.exp(-0.5 * ((np.arange(side) + 0.5 - side / 2) / (_SPOT * side)) ** 2)
    return np.outer(line, line)
