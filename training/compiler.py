"""Say what to install where torch.compile can't compile: it fails late, and its messages don't say.

    python -m training.compiler

Needs nothing but Python itself, so that it can be asked before anything is installed or prepared.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path


def missing(environment: Mapping[str, str], include: Path) -> str:
    """Return what this machine lacks of what torch.compile needs, in a sentence; empty if nothing.

    Args:
        environment: CXX names another compiler than g++, PATH says where it is looked for.
        include: the folder of Python's headers.
    """
    compiler = environment.get("CXX", "g++")
    lacking = (
        [] if shutil.which(compiler, path=environment.get("PATH")) else [f"a C++ compiler (there is no {compiler})"]
    )
    if not (include / "Python.h").is_file():
        lacking.append(f"Python's headers (there is no {include}/Python.h)")
    if not lacking:
        return ""
    return f"Training compiles the network and needs {' and '.join(lacking)}: on Debian install g++ and python3-dev."


if __name__ == "__main__":
    sys.exit(missing(os.environ, Path(sysconfig.get_path("include"))) or None)
