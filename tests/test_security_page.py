"""The threat model names only what exists."""

import re

import pytest

from tests.proofs import does_exist, page, proofs_in

PAGE = page("docs/security.md")
PROOFS = proofs_in(PAGE)
THREATS = (
    *("A patient", "A stranger", "Somebody who is banned", "A moderator who goes astray", "The network"),
    *("A stolen disk or backup", "A malicious photo", "A pull request with malicious content"),
    *("The supply chain", "A stolen token"),
)


@pytest.mark.parametrize("proof", PROOFS)
def test_file_and_test_that_the_threat_model_names_exist(proof: str) -> None:
    assert does_exist(proof)


@pytest.mark.parametrize("threat", THREATS)
def test_each_threat_says_what_they_can_what_stops_them_and_what_is_left(threat: str) -> None:
    section = PAGE.partition(f"\n## {threat}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^- \*\*(.+?):\*\*", section, re.MULTILINE) == ["Can", "Stops them", "Left"]
    assert set(PROOFS) & set(re.findall(r"`([^`]+)`", section.partition("**Stops them:**")[2]))
