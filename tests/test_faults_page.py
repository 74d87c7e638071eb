"""The page of faults names every fault, what follows from it, and a test that exists."""

import re

import pytest

from tests.proofs import does_exist, page, proofs_in

PAGE = page("docs/faults.md")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
FAULTS = [row for row in ROWS if row[0] not in {"fault", "---"}]
# As the service was promised: each of these has a test.
PROMISED = (
    *("Telegram is slow", "Telegram is down", "Telegram says 429", "Telegram says 5xx", "connection is reset"),
    *("half a file", "message is deleted", "blocked the bot", "group migrates"),
    *("database is locked", "database is restarted", "disk is full"),
    *("killed in the middle", "halted or hangs", "memory runs out", "twice with the same photo"),
    *("clock jumps", "comes twice", "out of order", "very old"),
)


@pytest.mark.parametrize("proof", proofs_in(PAGE))
def test_test_or_file_that_the_page_of_faults_names_exists(proof: str) -> None:
    assert does_exist(proof)


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row[0])
def test_each_fault_has_its_outcome_and_a_test(row: list[str]) -> None:
    fault, outcome, tests = row
    assert fault
    assert outcome.endswith(".")
    assert re.fullmatch(r"`[^`]+`(, `[^`]+`)*", tests)
    assert all("::test_" in proof for proof in proofs_in(tests))
    assert len(proofs_in(tests)) == tests.count("`") // 2


@pytest.mark.parametrize("words", PROMISED)
def test_each_fault_that_was_promised_is_on_the_page(words: str) -> None:
    assert any(words in fault for fault, *_ in FAULTS)
