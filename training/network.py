"""ResNet50 whose class activation map is a part of its answer.

Source: He et al. 2015, Deep Residual Learning, arXiv:1512.03385 (with the stride in the 3×3 convolution, as in the
pretrained weights); Zhou et al. 2016, Learning Deep Features for Discriminative Localization.
"""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.classes import LesionClass

_FEATURES: Final = 2048
CELL_PX: Final = 32  # side of what one cell of the map stands for
FULL_WIDTH: Final = 64


class Bottleneck(nn.Module):  # type: ignore[misc]  # mypy skips torch: it is not installed everywhere
    """1×1, 3×3, 1×1 convolutions around a shortcut."""

    def __init__(self, inputs: int, width: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.out: nn.Module = nn.Identity()  # for rounding.py

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        said: Tensor = self.out((self.bn3(self.conv3(y)) + self.downsample(x)).relu())
        return said


class LesionNet(nn.Module):  # type: ignore[misc]  # likewise
    """A ResNet50 with a linear head over the classes, applied before the average: the map that explains the logit.

    mean(class activation map) + bias = logit, exactly, because both are linear. Two more heads ask whether there is a
    lesion at all, and whether the photo is clinical (of a phone) or dermoscopic.

    Args:
        width: channels of the 3×3 convolutions of the first stage, twice as many in each further one.
    """

    def __init__(self, width: int = FULL_WIDTH) -> None:
        super().__init__()
        self.seen: nn.Module = nn.Identity()  # for rounding.py
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = _layer(64, width, 256, 3, 1)
        self.layer2 = _layer(256, 2 * width, 512, 4, 2)
        self.layer3 = _layer(512, 4 * width, 1024, 6, 2)
        self.layer4 = _layer(1024, 8 * width, _FEATURES, 3, 2)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(_FEATURES, len(LesionClass))
        self.lesion_head = nn.Linear(_FEATURES, 1)
        self.clinical_head = nn.Linear(_FEATURES, 1)

    def feature_map(self, x: Tensor) -> Tensor:
        """(N, 3, S, S) float32, normalised, to (N, 2048, S/32, S/32)."""
        x = self.maxpool(self.bn1(self.conv1(self.seen(x))).relu())
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, S, S) to logits (N, classes + 2): of the classes, of a lesion, of a clinical photo."""
        return self._said(self.feature_map(x))

    def explained(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what forward does, and the class activation map, (N, classes, S/32, S/32)."""
        features = self.feature_map(x)
        return self._said(features), F.conv2d(features, self.head.weight[:, :, None, None])

    def _said(self, features: Tensor) -> Tensor:
        pooled = self.dropout(features.mean((2, 3)))
        return torch.cat([self.head(pooled), self.lesion_head(pooled), self.clinical_head(pooled)], dim=1)


def width_of(state: Mapping[str, Tensor]) -> int:
    """Return the width of the network of a state_dict."""
    return int(state["layer1.0.conv2.weight"].shape[0])


def bottlenecks(network: LesionNet) -> dict[str, Bottleneck]:
    """Return the bottlenecks of a network by their names, from its input on."""
    return {name: module for name, module in network.named_modules() if isinstance(module, Bottleneck)}


def _layer(inputs: int, width: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
    rest = [Bottleneck(outputs, width, outputs, 1) for _ in range(blocks - 1)]
    return nn.Sequential(Bottleneck(inputs, width, outputs, stride), *rest)
