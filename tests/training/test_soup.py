"""Several networks become one."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

from pathlib import Path

import pytest

torch = pytest.importorskip(
    "torch", reason="PyTorch is only installed where networks are trained: pip install .[train]"
)

from training.soup import main, soup


def test_weights_are_averaged_and_one_named_twice_counts_twice(tmp_path: Path) -> None:
    for name, weight, zero_point in (("a", 1.0, 3.0), ("b", 4.0, 4.0)):
        state = {"weight": torch.tensor([weight]), "x.zero_point": torch.tensor(zero_point), "n": torch.tensor(7)}
        torch.save({"averaged": state}, tmp_path / name)
    main(tmp_path / "out", [tmp_path / name for name in "abb"])
    saved = torch.load(tmp_path / "out")["averaged"]
    assert saved["weight"].tolist() == [3.0]
    assert float(saved["x.zero_point"]) == 4.0
    assert int(saved["n"]) == 7


def test_rounded_networks_are_not_averaged_with_others() -> None:
    with pytest.raises(ValueError, match="eight bits"):
        soup([{"weight": torch.zeros(1)}, {"weight": torch.zeros(1), "seen.scale": torch.ones(())}])
