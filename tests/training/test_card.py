from training.card_format import interval, picture
from training.card_results import groups
from training.card_words import PICTURES

_FIGURE = {"value": 0.75, "low": 0.5, "high": 0.9}


def _group(photos: int, figure: dict[str, float] | None) -> dict[str, object]:
    told = dict.fromkeys(("balanced_accuracy", "malignant_auc", "malignant_sensitivity"), figure)
    return {"photos": photos, "malignant": 3, **told}


def test_each_group_has_a_row_with_its_figures() -> None:
    of_sex = {"sex": {"female": _group(40, _FIGURE), "male": _group(12, None)}}
    section = groups({"dermoscopic": of_sex, "phone": {"skin type": {"V and VI": _group(0, None)}}})
    told = "0.750 (0.500–0.900)"
    assert f"| sex | female | 40 | 3 | {told} | {told} | {told} |" in section
    assert "| sex | male | 12 | 3 | – | – | – |" in section
    assert "| skin type | V and VI | 0 | 3 | – | – | – |" in section


def test_figure_that_is_not_told_is_a_dash() -> None:
    assert interval(None) == "–"


def test_picture_is_told_to_those_who_can_not_see_it() -> None:
    assert picture("roc.png") == f"![{PICTURES['roc.png']}](card/roc.png)"
    assert all(len(words) > 30 for words in PICTURES.values())
