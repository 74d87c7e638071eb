"""What a network that learns is to make small.

The loss adds the logarithm of each class's share of the batches to its logit, of dermoscopic and clinical photos apart.
What is learnt are logits for classes that are equally common, to which calibration adds the mix of classes in use.
Where experts have outlined the lesion, what speaks for the class is to lie on it.

Source: Menon et al. 2021, Long-Tail Learning via Logit Adjustment, arXiv:2007.07314.
"""

from typing import Final

from torch import Tensor
from torch.nn import functional as F

from inference.classes import LesionClass
from training.batches import UNKNOWN
from training.recipe import Recipe

_ASIDE: Final = 0.3  # what each other question weighs beside the class
_OUTLINED: Final = 1.0  # cells of the map that lie on the lesion, if the map is to lie there
_LEAST_INSIDE: Final = 0.01
_TINY: Final = 1e-6


def loss(said: Tensor, maps: Tensor, targets: Tensor, on_lesion: Tensor, log_priors: Tensor, recipe: Recipe) -> Tensor:
    """Return what is to become small.

    Args:
        said: (N, classes + 2) what the network says.
        maps: (N, classes, h, w) where it sees what speaks for a class.
        targets: (N, 3) class, whether clinical, whether a lesion; UNKNOWN where that is no question.
        on_lesion: (N, h, w) share of each cell of a map that lies on the lesion; 0 where that is not known.
        log_priors: (2, classes) of dermoscopic and clinical photos.
        recipe: says what weighs how much.
    """
    classes = len(LesionClass)
    is_known, is_skin = targets[:, 0] != UNKNOWN, targets[:, 1] != UNKNOWN
    adjusted = said[:, :classes] + log_priors[targets[:, 1].clamp(min=0)]
    of_class = F.cross_entropy(adjusted[is_known], targets[is_known, 0], label_smoothing=recipe.label_smoothing)
    of_lesion = F.binary_cross_entropy_with_logits(said[:, classes], targets[:, 2].float())
    of_type = F.binary_cross_entropy_with_logits(said[is_skin, classes + 1], targets[is_skin, 1].float())
    return of_class + _ASIDE * (of_lesion + of_type) + recipe.heat * _beside(maps, targets[:, 0], on_lesion)


def _beside(maps: Tensor, labels: Tensor, on_lesion: Tensor) -> Tensor:
    """Return how much of what speaks for the class lies beside the lesion: 0 if nothing does."""
    is_outlined = on_lesion.sum((1, 2)) >= _OUTLINED
    if not is_outlined.any():
        return maps.new_zeros(())
    heat = maps[is_outlined, labels[is_outlined]].relu()
    inside = (heat * on_lesion[is_outlined]).sum((1, 2)) / heat.sum((1, 2)).clamp(min=_TINY)
    return -(_LEAST_INSIDE + (1 - _LEAST_INSIDE) * inside).log().mean()
