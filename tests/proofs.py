"""Pages that name the tests and files which show that what they say is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def proofs_in(text: str) -> list[str]:
    """Return the files and tests that a page names, as `path` or `path::test`."""
    return sorted(set(re.findall(r"`((?:bot|tests|inference|benchmarks)/[^`]*|requirements[^`]*|Dockerfile)`", text)))


def does_exist(proof: str) -> bool:
    """Whether a file is there, and the test in it."""
    path, _, test = proof.partition("::")
    if not (ROOT / path).exists():
        return False
    return not test or re.search(rf"^(async )?def {test}\(", page(path), re.MULTILINE) is not None
