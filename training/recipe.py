"""How a network is taught: the settings of one sitting, for trials to change one at a time."""

from dataclasses import dataclass
from pathlib import Path

from training.network import CELL_PX


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a sitting consists of.

    Attributes:
        pretrained: where a first sitting starts, in the folder of the data sets.
        steps: how many batches.
        is_rounded: whether the network learns with the eight bits that it will answer with.
        seed: of the chance in it.
        small_side_px: side of the pictures at first.
        large_side_px: side of the pictures in the end.
        small_until: of the steps; until then the side grows, each size between for as many steps.
        mixed: share of the batches whose pictures are laid over each other.
        mixup: both parameters of the Beta distribution that says how much of each picture.
        label_smoothing: chance that the label is taken to be any class.
        is_adjusted: whether the mix of the batches is taken out of the logits.
        is_by_root: whether classes are drawn by the square root of their size, not as they come.
        is_worn: whether light, sharpness, noise and compression of the pictures vary.
        phone_share: of a batch.
        lesion_free_share: of a batch.
        heat: what heat beside the lesion weighs.
        teachers: checkpoints of other networks, see teachers.py.
        taught: what their answers weigh beside the labels.
        averaging: of the weights, per step: how much stays; 0 keeps the last ones.
    """

    pretrained: str = "backbone/resnet50-imagenet-ktb.npz.xz"
    steps: int = 6000
    is_rounded: bool = False
    seed: int = 0
    small_side_px: int = 128
    large_side_px: int = 224  # as in use: a network that had seen none above 192 px answered to 224 px worse
    small_until: float = 0.7
    mixed: float = 0.75
    mixup: float = 0.8
    label_smoothing: float = 0.05
    is_adjusted: bool = True
    is_by_root: bool = True
    is_worn: bool = True
    phone_share: float = 0.12  # 3 % of the photos there are, for what patients send
    lesion_free_share: float = 0.06
    heat: float = 0.1
    teachers: tuple[Path, ...] = ()
    taught: float = 1.0
    averaging: float = 0.998

    def side_px(self, step: int) -> int:
        """Return the side of the pictures at a step."""
        until = self.small_until * self.steps
        smaller = range(self.small_side_px, self.large_side_px, CELL_PX)
        return smaller[int(len(smaller) * step / until)] if smaller and step < until else self.large_side_px
