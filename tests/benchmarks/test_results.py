"""Each measurement writes its own section of the results."""

import re
from pathlib import Path

from benchmarks.measuring import at_most
from benchmarks.results import measured, replace_section, sections


def test_section_is_written_anew_and_the_others_stay(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text(
        "# Results\n\nWhere.\n\n## One\n\n| 1 |\n\n## Two\n\n| 2 |\n\n## Three\n\n| 3 |\n", encoding="utf-8"
    )
    replace_section(results, "Two", ["", "| new |"])
    replace_section(results, "Four", ["", "| 4 |"])
    assert results.read_text(encoding="utf-8") == (
        "# Results\n\nWhere.\n\n## One\n\n| 1 |\n\n## Two\n\n| new |\n\n## Three\n\n| 3 |\n\n## Four\n\n| 4 |\n"
    )


def test_measured_section_tells_when_on_what_and_under_what_load(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    measured("Speed", lambda: [at_most("time", "", 2, 3, " s")], results)
    lines = sections(results.read_text(encoding="utf-8"))["Speed"]
    when = r"[\d-]{10} \d\d:\d\d UTC on .+, \d+ cores, with(out)? VNNI; load before [\d. ]+, after [\d. ]+\."
    assert re.fullmatch(when, lines[1])
    assert "| time |  | 2 s | ≤ 3 s | met |" in lines
