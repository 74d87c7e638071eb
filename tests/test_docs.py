"""What is written beside the code agrees with the code."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from pydantic_core import PydanticUndefined

from bot.content import FIGURES
from bot.menus import MODERATORS, OWNERS, PATIENTS, menu
from bot.settings import Settings
from bot.storage.moderators import Role
from tests.shipped import CONTENT
from training.refusals import refused_for_another_reason, told_of

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("content/*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("models/*.md"),
        *ROOT.glob("training/*.md"),
    ]
)
# Written so that this file does not match itself.
FORBIDDEN = re.compile(
    rb"python[h]osted\.|p[y]pi\.org|n[p]mjs\.|[d]eb\.debian\.|[d]ocker\.io/|[g]hcr\.io/"
    rb"|/w[o]rk/[a-z]|/r[o]ot/|/h[o]me/[a-z]|/f[a]rm/|/o[p]t/[a-z]|\.[l]ibrary/"
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def settings_with_defaults() -> dict[str, str]:
    """Return what an untouched .env says, read from the code."""
    return {
        name.upper(): "" if field.default in (PydanticUndefined, frozenset(), None) else str(field.default)
        for name, field in Settings.model_fields.items()
    }


def commands() -> set[str]:
    """Return every command that a handler listens to."""
    sources = (ROOT / "bot" / "handlers").rglob("*.py")
    return {name for path in sources for name in re.findall(r'CommandHandler\("(\w+)"', path.read_text())}


def table_names(page: str) -> set[str]:
    """Return the names in backticks that begin the rows of the page's tables."""
    return set(re.findall(r"^\| `([^` ]+)", page, re.MULTILINE))


def tracked_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607 - whichever git there is
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout, so nothing says which files belong to it")
    paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_env_example_has_every_setting_with_its_default() -> None:
    written = dict(re.findall(r"^([A-Z_]+)=(.*)$", text(".env.example"), re.MULTILINE))

    assert written == settings_with_defaults()


def test_env_example_explains_every_block_of_settings() -> None:
    for block in text(".env.example").strip().split("\n\n"):
        assert block.startswith("#"), block


def test_readme_has_a_row_for_every_setting() -> None:
    assert settings_with_defaults().keys() <= table_names(text("README.md"))


def listed_commands(page: str) -> list[str]:
    """Return the commands that a page of content/ explains, each on a line of its own."""
    return re.findall(r"^- /(\w+) \w", page, re.MULTILINE)


def test_every_command_that_is_listened_to_is_in_a_menu_and_no_other() -> None:
    assert sorted([*PATIENTS, *MODERATORS, *OWNERS]) == sorted(commands())


def test_readme_has_a_row_for_every_command_and_for_no_other() -> None:
    patients, moderators = text("README.md").split("\nFor moderators; ")

    def rows(part: str) -> set[str]:
        return {name.removeprefix("/") for name in table_names(part) if name.startswith("/")}

    assert rows(patients) == {*PATIENTS}
    assert rows(moderators) == {*MODERATORS, *OWNERS}


@pytest.mark.parametrize("language", [path.parent.name for path in ROOT.glob("content/*/ui.ftl")])
def test_help_and_menu_of_every_language_have_every_command(language: str) -> None:
    assert sorted(listed_commands(text(f"content/{language}/help.md"))) == sorted(PATIENTS)
    assert sorted(listed_commands(text(f"content/{language}/moderators.md"))) == sorted([*MODERATORS, *OWNERS])
    for role, expected in ((Role.NOBODY, PATIENTS), (Role.OWNER, (*PATIENTS, *MODERATORS, *OWNERS))):
        shown = menu(CONTENT.by_language[language], role)
        assert [command.command for command in shown] == [*expected]
        assert all(command.description for command in shown)


def test_figures_in_the_readme_are_those_of_the_shipped_model() -> None:
    figures = json.loads(text("models/figures.json"))
    parts = figures["dermoscopic"], figures["phone"]

    def in_100(name: str) -> list[int]:
        return [round(100 * part[name]["value"]) for part in parts]

    found, right = in_100("malignant_sensitivity"), in_100("balanced_accuracy")
    whole, on_phones = (figures["quality"]["sets"][name] for name in ("ham10000", "pad_ufes_20"))
    declined = [round(100 * of["refused"]) for of in (whole, on_phones)]
    drawn = f"{declined[0]}, of {whole['photos']} drawn by chance"
    alarmed = [round(100 * (1 - part["malignant_specificity"]["value"])) for part in parts]
    seen = [f"{part['photos']:,} photos of {part['groups']:,}" for part in parts]
    of_kinds = [sum(counts) for counts in parts[1]["confusion"]]
    known = f"of the {sum(of_kinds)} photos of the {np.count_nonzero(of_kinds)} kinds it has"
    as_used = [round(100 * figures["views"][name]["balanced_accuracy"]["after"]) for name in ("dermoscopic", "phone")]
    rows = [
        f"| | dermatoscope: {seen[0]} lesions | phone: {seen[1]} patients |",
        f"| of 100 photos of cancers and stages before them, sent to a doctor | {found[0]} | {found[1]} |",
        f"| of 100 photos of other spots, alarmed about all the same | {alarmed[0]} | {alarmed[1]} |",
        f"| right first guesses of 100, each kind of spot counting the same | {right[0]} | {right[1]}, {known} |",
        f"| the same as in use, where the square is laid around the lesion it finds | {as_used[0]} | {as_used[1]} |",
        f"| of 100 photos, looked at whole as in use, declined | {drawn} | {declined[1]} |",
    ]
    assert on_phones["photos"] == parts[1]["photos"]
    low, high = (round(100 * parts[1]["balanced_accuracy"][end]) for end in ("low", "high"))
    assert f"may be {low} as well as {high}," in text("README.md")
    written = text("README.md").splitlines()
    assert [row for row in rows if row not in written] == []


def test_what_the_readme_says_of_bare_skin_and_of_two_lesions_is_what_was_measured() -> None:
    quality = json.loads(text("models/figures.json"))["quality"]
    skin = quality["without_lesion"]["phone_skin"]
    ways = [quality["sets"][name]["spoilt"]["two_lesions"] for name in ("ham10000", "pad_ufes_20")]
    told, others = ([round(100 * share(way)) for way in ways] for share in (told_of, refused_for_another_reason))
    sentences = (
        f"bare skin is declined in {round(skin['refused'] * skin['photos'])} of {skin['photos']} photos.",
        f"told, by declining it for that or by a caution, of {told[0]} in 100 by dermatoscope and of {told[1]} in 100",
        f"{others[0]} and {others[1]} in 100 are declined for another reason",
    )

    written = " ".join(text("README.md").split())
    assert [sentence for sentence in sentences if sentence not in written] == []


def test_balanced_accuracies_in_the_readme_are_those_that_were_measured() -> None:
    figures = json.loads(text("models/figures.json"))
    names = ("balanced_accuracy_equal_classes", "balanced_accuracy")
    equal, shipped = (f"{figures['dermoscopic'][name]['value']:.3f}" for name in names)
    as_used = f"{figures['views']['dermoscopic']['balanced_accuracy']['after']:.3f}"
    limit = figures["limits"]["min_side_px"]

    written = " ".join(text("README.md").split())
    for sentence in (f"makes {equal} of {shipped}", f"as in use it is {as_used}", f"sides stay at least {limit} px"):
        assert sentence in written


def test_what_the_readme_says_of_turned_photos_is_what_was_measured() -> None:
    told = dict(zip(("photos", "class", "judged", "advice"), turned_photos(text("benchmarks/RESULTS.md")), strict=True))
    low, high = (round(share) for share in (min(told["class"]), max(told["class"])))
    advice = round(float(np.mean(told["advice"])))

    written = " ".join(text("README.md").split())
    assert f"class {low} to {high} times in 100, and about {advice} times in 100 is sent to a doctor" in written
    assert f"({told['photos'][0]:,.0f} photos by dermatoscope" in written


def turned_photos(results: str) -> Iterator[list[float]]:
    """Yield of the likeliest class and of the advice: how many photos, and the percentages by three turns."""
    for row in re.findall(r"^\| (?:another likeliest class|sent to a doctor or not).*$", results, re.MULTILINE):
        photos = re.search(r"of ([\d,]+) photos", row)
        yield [float(photos[1].replace(",", ""))] if photos else []
        yield [float(share) for share in re.findall(r"([\d.]+)%", row)]


def test_snippet_in_the_readme_runs() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", text("README.md"), re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", snippet], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "<LesionClass.MEL: 'mel'>: 0." in ran.stdout


def test_page_on_content_lists_every_placeholder_of_the_figures() -> None:
    assert {name for name in FIGURES if f"`${name}`" not in text("content/README.md")} == set()


def test_every_runtime_dependency_has_a_reason_and_no_reason_is_left_over() -> None:
    reasons = re.findall(r"^- `([\w.-]+)`: \S.*\.$", text("CONTRIBUTING.md"), re.MULTILINE)

    assert reasons == sorted(requirement.name for requirement in RUNTIME)


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locked_versions_are_what_pyproject_asks_for(lock: str) -> None:
    pins = dict(re.findall(r"^([\w.-]+)(?:\[[\w, -]+\])?==([\w.]+)", text(lock), re.MULTILINE))
    asked = RUNTIME + [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]] * ("dev" in lock)

    for requirement in asked:
        pin = pins[requirement.name.lower().replace(".", "-")]
        assert requirement.specifier.contains(pin), f"{requirement}: {lock} has {pin}; run make lock"


def test_both_locks_pin_the_same_versions() -> None:
    pins = [
        set(re.findall(r"^[\w.-]+(?:\[[\w, -]+\])?==[\w.]+", text(lock), re.MULTILINE))
        for lock in ("requirements.txt", "requirements-dev.txt")
    ]

    assert pins[0] <= pins[1]


def test_training_pins_are_what_pyproject_asks_for() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", text("requirements-train.txt"), re.MULTILINE))

    for requirement in map(Requirement, PROJECT["optional-dependencies"]["train"]):
        assert requirement.specifier.contains(pins[requirement.name])


def test_versions_agree() -> None:
    version = PROJECT["version"]

    assert re.findall(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)[0] == version
    assert f"image: lentigo:{version}\n" in text("compose.yaml")


def test_changelog_tells_what_changes_for_patients() -> None:
    latest = text("CHANGELOG.md").split("\n## ")[1]

    assert "\n### Clinical behaviour\n" in latest


def test_every_make_word_in_the_pages_exists() -> None:
    words = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))

    for page in PAGES:
        asked = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert asked <= words, page.name


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"""(?:\]\(|src=")(?!\w+:|#)([^)"#\s]+)""", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_no_file_names_a_registry_or_a_folder_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]!r}"
        for path in tracked_files()
        if (hit := FORBIDDEN.search(path.read_bytes()))
    ]

    assert found == []
