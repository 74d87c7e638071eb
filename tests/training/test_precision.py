"""A network learns in the numbers that the processor computes with."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

import pytest

torch = pytest.importorskip(
    "torch", reason="PyTorch is only installed where networks are trained: pip install .[train]"
)

from training.precision import learning_precision


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"architecture": "x86_64", "avx512_bf16": True}, "bfloat16"),
        ({"architecture": "x86_64", "avx512_bf16": False, "amx_bf16": True}, "bfloat16"),
        ({"architecture": "aarch64", "bf16": True}, "bfloat16"),
        ({"architecture": "x86_64", "avx2": True, "avx512_bf16": False, "amx_bf16": False}, "float32"),
        ({"architecture": "aarch64", "bf16": False}, "float32"),
    ],
)
def test_bfloat16_is_for_processors_that_have_it(
    capabilities: dict[str, object], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    layer, seen = torch.nn.Linear(4, 2), torch.ones(1, 4)
    with learning_precision():
        said = layer(seen)
    assert said.dtype is getattr(torch, expected)


def test_this_processor_tells_what_it_has() -> None:
    known = torch.cpu.get_capabilities()
    assert known["architecture"]
    assert isinstance(known.get("avx512_bf16", known.get("bf16")), bool)
