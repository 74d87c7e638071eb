"""The usual copy: what tutorials do with a photo of a lesion, step by step, at full size and in float32.

    python -m benchmarks.baseline.usual_copy NETWORK PHOTO…

looks at photos like a worker, and prints its resident memory before and after them, in kB.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from benchmarks.baseline.usual_hair import usual_hair_removal

SIDE_PX: Final = 224
SHOWN_PX: Final = 480  # as large as in this project's picture
MEAN: Final = np.array((0.485, 0.456, 0.406), np.float32)
STD: Final = np.array((0.229, 0.224, 0.225), np.float32)


def session(network: bytes | Path) -> onnxruntime.InferenceSession:
    """Return a session on one thread, of an ONNX file or of its bytes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def answer(photo: bytes, network: onnxruntime.InferenceSession) -> tuple[NDArray[np.float32], bytes]:
    """Return logits, and a PNG of the heat-map over the photo."""
    tensor = prepared(photo)
    logits, activation = run(tensor, network)
    return logits, drawn(tensor, activation, int(logits.argmax()))


def prepared(photo: bytes) -> NDArray[np.float32]:
    """Decode with Pillow, remove hair at full size, shrink, normalise."""
    image_rgb = np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))
    small = cv2.resize(usual_hair_removal(image_rgb)[0], (SIDE_PX, SIDE_PX))
    return np.asarray((small / np.float32(255) - MEAN) / STD, np.float32).transpose(2, 0, 1)[None]


def run(tensor: NDArray[np.float32], network: onnxruntime.InferenceSession) -> tuple[NDArray[np.float32], Any]:
    """Return logits and the class activation map."""
    logits, activation = network.run(["logits", "class_activation_map"], {"image": tensor})
    return logits[0], activation[0]


def drawn(tensor: NDArray[np.float32], activation: NDArray[np.float32], index: int) -> bytes:
    """Return the heat-map over the photo."""
    heat = np.maximum(activation[index], 0)
    heat = cv2.resize(heat / max(float(heat.max()), 1e-6), (SHOWN_PX, SHOWN_PX))
    colours = cv2.applyColorMap(np.uint8(255 * heat), cv2.COLORMAP_JET)[..., ::-1]  # type: ignore[call-overload]
    photo = cv2.resize((tensor[0].transpose(1, 2, 0) * STD + MEAN) * 255, (SHOWN_PX, SHOWN_PX))
    shown_rgb = np.clip(0.6 * photo + 0.4 * colours, 0, 255).astype(np.uint8)
    return cv2.imencode(".png", cv2.cvtColor(shown_rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


def resident_kb() -> int:
    """Return this process's memory, from /proc."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def looked_at(photos: list[bytes], network: Path, say: Callable[[object], None]) -> None:
    """Look at photos and say what that leaves in memory."""
    cv2.setNumThreads(1)
    opened = session(network)
    say(resident_kb())
    for photo in photos:
        answer(photo, opened)
    say(resident_kb())


if __name__ == "__main__":
    network_path, *photo_paths = map(Path, sys.argv[1:])
    looked_at([path.read_bytes() for path in photo_paths], network_path, print)
