"""The shipped file computed in float32 says nearly what it says in eight bits, and rounds nothing between layers."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from inference.model import one_thread

onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained: pip install .[train]")

from training.in_float import in_float  # noqa: E402 - after the skip

_MODEL = Path(__file__).parents[2] / "models" / "model.onnx"


def test_values_end_where_their_range_ends_and_are_not_rounded() -> None:
    make = onnx.helper.make_node
    constants = {"scale": np.float32(0.01), "middle": np.uint8(55)}
    nodes = [
        make("QuantizeLinear", ["x", "scale", "middle"], ["levels"]),
        make("DequantizeLinear", ["levels", "scale", "middle"], ["y"]),
    ]
    ends = (onnx.helper.make_tensor_value_info(name, 1, [4]) for name in ("x", "y"))
    known = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = onnx.helper.make_graph(nodes, "values", [next(ends)], [next(ends)], known)
    rounded = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
    session = onnxruntime.InferenceSession(in_float(rounded).SerializeToString(), providers=["CPUExecutionProvider"])
    said = session.run(None, {"x": np.array([-3, 0.123, 1.2345, 7], np.float32)})[0]
    assert said == pytest.approx([-0.55, 0.123, 1.2345, 2.0], abs=1e-6)


def test_shipped_file_says_nearly_the_same_in_float() -> None:
    rounded = onnx.load(_MODEL)
    unrounded = in_float(rounded)
    onnx.checker.check_model(unrounded, full_check=True)
    assert not [node for node in unrounded.graph.node if node.op_type == "QuantizeLinear"]
    image = {"image": np.random.default_rng(0).uniform(-2, 2, (1, 3, 224, 224)).astype(np.float32)}
    expected, said = (one_thread(one.SerializeToString()).run(["logits"], image)[0] for one in (rounded, unrounded))
    assert np.ptp(expected) > 0.5
    assert said == pytest.approx(expected, abs=0.2)
    assert not np.array_equal(said, expected)
