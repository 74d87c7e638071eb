"""The first convolution says the same of blocks as of pixels."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained: pip install .[train]")

from training.blocks import in_blocks, kernel_in_blocks, kernel_in_pixels  # noqa: E402 - after the skip


def _kernel(side: int = 7) -> np.ndarray:
    return np.random.default_rng(0).integers(-64, 65, (8, 3, side, side)).astype(np.int8)


def _body(kernel: np.ndarray, zero_point: int = 0) -> Any:  # noqa: ANN401 - onnx is not imported before the skip
    """A first convolution in eight bits, as the quantiser writes it."""
    make, side = onnx.helper.make_node, kernel.shape[-1]
    constants = {
        "scale": np.float32(0.02),
        "middle": np.uint8(117),
        "kernel": kernel,
        "kernel_scale": np.full(8, 0.01, np.float32),
        "kernel_zero": np.full(8, zero_point, np.int8),
    }
    nodes = [
        make("QuantizeLinear", ["image", "scale", "middle"], ["levels"]),
        make("DequantizeLinear", ["levels", "scale", "middle"], ["seen"]),
        make("DequantizeLinear", ["kernel", "kernel_scale", "kernel_zero"], ["weights"], axis=0),
        make(
            "Conv",
            ["seen", "weights"],
            ["features"],
            kernel_shape=[side, side],
            strides=[2, 2],
            pads=[side // 2] * 4,
        ),
    ]
    ends = {"image": [1, 3, 32, 32], "features": [1, 8, 16, 16]}
    image, said = (onnx.helper.make_tensor_value_info(name, 1, shape) for name, shape in ends.items())
    weights = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = onnx.helper.make_graph(nodes, "body", [image], [said], weights)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def test_blocks_say_what_pixels_say() -> None:
    image = np.random.default_rng(1).normal(size=(1, 3, 32, 32)).astype(np.float32)
    body = _body(_kernel())
    changed = in_blocks(body)
    onnx.checker.check_model(changed, full_check=True)
    expected, said = (
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
            None, {"image": image}
        )[0]
        for model in (body, changed)
    )
    assert expected.std() > 0.1
    assert said == pytest.approx(expected, abs=1e-5)


def test_kernel_comes_back_from_its_blocks() -> None:
    assert np.array_equal(kernel_in_pixels(kernel_in_blocks(_kernel())), _kernel())
    assert np.array_equal(kernel_in_pixels(_kernel()), _kernel())


@pytest.mark.parametrize(("side", "zero_point", "told"), [(3, 0, "not 7×7"), (7, 1, "zero point")])
def test_another_first_convolution_is_left_alone(side: int, zero_point: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        in_blocks(_body(_kernel(side), zero_point))
