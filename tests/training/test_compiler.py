"""Who can't compile is told what to install."""

from pathlib import Path

import pytest

from training.compiler import missing


@pytest.fixture
def compiler(tmp_path: Path) -> Path:
    for name in ("g++", "other++"):
        (tmp_path / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "Python.h").touch()
    return tmp_path


@pytest.mark.parametrize("named", [{}, {"CXX": "other++"}])
def test_nothing_is_said_where_both_are_there(compiler: Path, named: dict[str, str]) -> None:
    assert missing({"PATH": str(compiler)} | named, compiler) == ""


def test_missing_compiler_and_missing_headers_are_both_told(compiler: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    assert "needs a C++ compiler (there is no g++): on Debian install g++" in missing({"PATH": str(bare)}, compiler)
    assert "a C++ compiler" not in missing({"PATH": str(compiler)}, bare)
    assert f"needs Python's headers (there is no {bare}/Python.h): on" in missing({"PATH": str(compiler)}, bare)
    assert " and Python's headers" in missing({"PATH": str(bare)}, bare)
    assert "there is no none++" in missing({"PATH": str(compiler), "CXX": "none++"}, compiler)
