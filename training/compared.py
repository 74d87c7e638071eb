"""What was exported is compared with PyTorch: in float logit by logit, with eight bits by the likeliest class."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from inference.classes import LesionClass
from inference.model import one_thread
from training.data import network_inputs
from training.network import LesionNet
from training.rounding import set_rounding

TOLERANCE: Final = 1e-3  # that a float32 logit may differ between PyTorch and onnxruntime
AGREEMENT: Final = 0.95  # of the photos, of which PyTorch, rounding likewise, and the eight-bit file say the same class


def difference(network: LesionNet, model: Path, views: NDArray[np.uint8]) -> float:
    """Return the largest difference between PyTorch's float32 logits and those of an ONNX file."""
    session = one_thread(model)
    differences = []
    for picture in (network_inputs([view]) for view in views):
        with torch.inference_mode():
            expected = network(torch.from_numpy(picture)).numpy()[:, : len(LesionClass)]
        differences.append(np.abs(session.run(["logits"], {"image": picture})[0] - expected).max())
    return float(max(differences))


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def agreement(network: LesionNet, model: Path, views: NDArray[np.uint8]) -> float:
    """Return of how many photos a rounded network, in float32, and its ONNX file name the same likeliest class.

    Logit by logit they can't be compared: a value that lies between two levels is rounded here to the one and there to
    the other.
    """
    session = one_thread(model)
    set_rounding(network, is_on=True)
    same = []
    for picture in (network_inputs([view]) for view in views):
        expected = network(torch.from_numpy(picture))[:, : len(LesionClass)].argmax(1)
        same.append(int(expected) == int(session.run(["logits"], {"image": picture})[0].argmax()))
    set_rounding(network, is_on=False)
    return float(np.mean(same))


def compare(in_float: LesionNet, rounded: LesionNet, run: Path, views: NDArray[np.uint8]) -> None:
    """Compare RUN/thin.onnx and RUN/model.onnx with PyTorch.

    Raises:
        RuntimeError: ONNX and PyTorch do not say the same.
    """
    apart, same = difference(in_float, run / "thin.onnx", views), agreement(rounded, run / "model.onnx", views)
    print(
        f"PyTorch and ONNX differ by at most {apart:.1e} in float, and name the same class with eight bits: {same:.1%}"
    )
    if apart > TOLERANCE:
        raise RuntimeError(f"PyTorch and ONNX differ by {apart}, more than {TOLERANCE}")
    if same < AGREEMENT:
        raise RuntimeError(
            f"PyTorch and {run}/model.onnx name the same class for {same:.1%}, less than {AGREEMENT:.0%}"
        )
