import numpy as np
import pytest

from inference.classes import LesionClass
from training.outcomes import Outcomes
from training.subgroups import by_trait, dermoscopic_traits, group_figures, phone_traits, thirds

_MEL, _NV = (list(LesionClass).index(one) for one in (LesionClass.MEL, LesionClass.NV))


def _outcomes(malignant: int, harmless: int, missed: int = 0, squamous: int = 0) -> Outcomes:
    """Melanomas, some of them missed, nevi and squamous cell carcinomas; each its own lesion."""
    labels = np.repeat([_MEL, _NV, -1], [malignant, harmless, squamous])
    found = np.where(labels == _NV, _NV, _MEL)
    found[:missed] = _NV
    probabilities = np.full((len(labels), len(LesionClass)), 0.05)
    probabilities[np.arange(len(labels)), found] = 0.7
    levels = np.where(found == _MEL, "urgent", "routine")
    return Outcomes(
        probabilities,
        labels,
        np.arange(len(labels)),
        levels,
        levels == "",
        probabilities > 0.1,
        probabilities.argmax(1),
    )


def _rows(column: str, *values: str) -> list[dict[str, str]]:
    return [{"age": "", "sex": "", "localization": "", column: value} for value in values]


def test_group_is_measured_on_its_own_photos_alone() -> None:
    photos = _outcomes(malignant=20, harmless=40, missed=5)
    figures = group_figures(photos, np.r_[0:10, 20:40])
    assert figures["photos"] == 30
    assert figures["malignant"] == 10
    assert figures["malignant_sensitivity"]["value"] == 0.5
    assert figures["balanced_accuracy"]["value"] == 0.75
    assert figures["malignant_sensitivity"]["low"] < 0.5 < figures["malignant_sensitivity"]["high"]


def test_classes_of_a_group_are_counted_and_the_lesions_of_its_rarest() -> None:
    figures = group_figures(_outcomes(malignant=4, harmless=30, squamous=2), np.arange(36))
    assert (figures["classes"], figures["fewest_lesions"]) == (2, 4)
    assert group_figures(_outcomes(malignant=0, harmless=1), np.arange(0))["fewest_lesions"] == 0


def test_nothing_is_told_of_fewer_than_20_photos() -> None:
    figures = group_figures(_outcomes(malignant=9, harmless=10), np.arange(19))
    told = [figures[name] for name in ("balanced_accuracy", "malignant_auc", "malignant_sensitivity")]
    assert told == [None, None, None]
    assert (figures["photos"], figures["malignant"]) == (19, 9)


def test_nothing_malignant_is_told_of_fewer_than_5_malignant_photos() -> None:
    figures = group_figures(_outcomes(malignant=4, harmless=30), np.arange(34))
    assert figures["malignant_auc"] is figures["malignant_sensitivity"] is None
    assert figures["balanced_accuracy"]["value"] == 1


def test_malignant_photos_are_told_from_no_fewer_than_5_others() -> None:
    figures = group_figures(_outcomes(malignant=30, harmless=4), np.arange(34))
    assert figures["malignant_auc"] is None
    assert figures["malignant_sensitivity"]["value"] == 1


def test_squamous_cell_carcinoma_counts_as_malignant_and_for_no_class() -> None:
    figures = group_figures(_outcomes(malignant=3, harmless=16, squamous=2), np.arange(21))
    assert figures["malignant"] == 5
    assert figures["malignant_sensitivity"]["value"] == 1
    assert figures["balanced_accuracy"] is None


@pytest.mark.parametrize(
    ("age", "group"), [("0.0", "under 30"), ("30.0", "30–44"), ("75.0", "75 and more"), ("", "not told")]
)
def test_age_falls_into_one_band(age: str, group: str) -> None:
    bands = dermoscopic_traits(_rows("age", age), [{}])["age"]
    assert [name for name, belongs in bands.items() if belongs[0]] == [group]


@pytest.mark.parametrize(
    ("site", "group"),
    [("scalp", "face, scalp, ear, neck"), ("lower extremity", "leg"), ("acral", "hand, foot, acral"), ("", "not told")],
)
def test_site_falls_into_one_part_of_the_body(site: str, group: str) -> None:
    parts = dermoscopic_traits(_rows("localization", site), [{}])["site"]
    assert [name for name, belongs in parts.items() if belongs[0]] == [group]


def test_photo_without_a_rating_of_hair_is_in_none_of_its_groups() -> None:
    hair = dermoscopic_traits(_rows("sex", "male", "female"), [{"hair_median": "2.0"}, {}])["hair"]
    assert hair["much"].tolist() == [True, False]
    assert hair["not told"].tolist() == [False, True]


def test_skin_type_that_nobody_has_is_still_a_group() -> None:
    rows = [{"age": "60", "gender": "FEMALE", "region": "NOSE", "fitzpatrick": "2"}]
    skin = phone_traits(rows)["skin type"]
    assert skin["I and II"].tolist() == [True]
    assert skin["V and VI"].tolist() == [False]


def test_thirds_are_of_one_size_and_in_order() -> None:
    groups = thirds(np.array([5.0, 1.0, 3.0, 3.0, 9.0, 2.0]))
    assert [belongs.nonzero()[0].tolist() for belongs in groups.values()] == [[1, 5], [2, 3], [0, 4]]


def test_every_photo_is_in_one_group_of_a_trait() -> None:
    photos = _outcomes(malignant=20, harmless=40)
    traits = dermoscopic_traits(_rows("sex", *["male", "female", "unknown"] * 20), [{}] * 60)
    of_sex = by_trait(photos, traits)["sex"]
    assert {group: figures["photos"] for group, figures in of_sex.items()} == {"female": 20, "male": 20, "not told": 20}
