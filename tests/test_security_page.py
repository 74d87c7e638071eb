"""The threat model names only what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PROOFS = sorted(set(re.findall(r"`((?:bot|tests|inference|benchmarks)/[^`]*|requirements[^`]*|Dockerfile)`", PAGE)))
THREATS = (
    *("A patient", "A stranger", "Somebody who is banned", "A moderator who goes astray", "The network"),
    *("A stolen disk or backup", "A malicious photo", "A pull request with malicious content"),
    *("The supply chain", "A stolen token"),
)


@pytest.mark.parametrize("proof", PROOFS)
def test_file_and_test_that_the_threat_model_names_exist(proof: str) -> None:
    path, _, test = proof.partition("::")
    assert (ROOT / path).exists()
    if test:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("threat", THREATS)
def test_each_threat_says_what_they_can_what_stops_them_and_what_is_left(threat: str) -> None:
    section = PAGE.partition(f"\n## {threat}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^- \*\*(.+?):\*\*", section, re.MULTILINE) == ["Can", "Stops them", "Left"]
    assert set(PROOFS) & set(re.findall(r"`([^`]+)`", section.partition("**Stops them:**")[2]))
