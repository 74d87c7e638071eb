import pytest

from training.card_format import interval, picture
from training.card_recipe import history, paper, trials
from training.card_results import groups
from training.card_words import PICTURES, sources

_FIGURE = {"value": 0.75, "low": 0.5, "high": 0.9}


def _group(photos: int, figure: dict[str, float] | None) -> dict[str, object]:
    told = dict.fromkeys(("balanced_accuracy", "malignant_auc", "malignant_sensitivity"), figure)
    return {"photos": photos, "malignant": 3, "classes": 7, "fewest_lesions": 5, **told}


def test_each_group_has_a_row_with_its_figures() -> None:
    of_sex = {"sex": {"female": _group(40, _FIGURE), "male": _group(12, None)}}
    section = groups({"dermoscopic": of_sex, "phone": {"skin type": {"V and VI": _group(0, None)}}})
    told = "0.750 (0.500–0.900)"
    assert f"| sex | female | 40 | 3 | {told} | {told} | {told} |" in section
    assert "| sex | male | 12 | 3 | – | – | – |" in section
    assert "| skin type | V and VI | 0 | 3 | – | – | – |" in section


def test_interval_that_would_claim_too_much_is_a_dash() -> None:
    certain = {"value": 1.0, "low": 1.0, "high": 1.0}
    rare = _group(40, _FIGURE) | {"classes": 5, "fewest_lesions": 4, "malignant_sensitivity": certain}
    common = _group(40, _FIGURE)
    section = groups({"dermoscopic": {"sex": {"female": rare, "male": common}}, "phone": {}})
    told = "0.750 (0.500–0.900)"
    assert f"| sex | female | 40 | 3 | 0.750 (–) of 5 | {told} | 1.000 (–) |" in section
    assert f"| sex | male | 40 | 3 | {told} | {told} | {told} |" in section


def _rows(*figures: tuple[str, float]) -> dict[str, list[dict[str, object]]]:
    rest = {"side_px": 64, "epochs": 5, "balanced_accuracy": 0.5, "lesions_in_both": 0.0}
    return {"rows": [{"split": split, "accuracy": accuracy, **rest} for split, accuracy in figures]}


def test_gap_between_the_splits_is_told_and_what_it_leaves_open() -> None:
    assert "accuracy was 2.5 points higher" in paper(_rows(("image", 0.8), ("lesion", 0.775)))
    assert "Another 15.0 points of accuracy are missing to 95 %" in paper(_rows(("image", 0.8), ("lesion", 0.775)))
    assert "points of accuracy" not in paper(_rows(("lesion", 0.775)))


@pytest.mark.parametrize(("accuracy", "is_gain"), [(0.635, False), (0.95, True)])
def test_gain_by_shared_lesions_is_denied_where_none_is_shown(accuracy: float, *, is_gain: bool) -> None:
    measures = ("accuracy", "balanced_accuracy", "malignant_auc")
    measured = {"value": accuracy, "low": accuracy - 0.02, "high": accuracy + 0.02}
    figures = {
        "steps": 340,
        "side_px": [128, 160],
        "folds": [],
        "done": 1,
        "planned": 1,
        "brought": {},
        "by_lesion": dict.fromkeys(measures, _FIGURE),
        "by_image": {"lesions_in_both": 0.4} | dict.fromkeys(measures, measured),
    }
    assert ("shows no gain" in trials(figures)) != is_gain
    assert "accuracy is told with all classes equally common" in trials(figures)


def test_weights_of_others_are_named_where_a_row_comes_of_them() -> None:
    assert "permute-quantize-finetune" not in sources(None) + sources({"brought": {"another seed": {}}})
    assert "permute-quantize-finetune" in sources({"brought": {"ImageNet weights of kill-the-bits": {}}})


def test_figure_that_is_not_told_is_a_dash() -> None:
    assert interval(None) == "–"


def test_picture_is_told_to_those_who_can_not_see_it() -> None:
    assert picture("roc.png") == f"![{PICTURES['roc.png']}](card/roc.png)"
    assert all(len(words) > 30 for words in PICTURES.values())


def test_network_whose_training_nobody_described_gets_no_history_of_another() -> None:
    figures = {"history": None, "model": {"trained": "2027-01-02", "steps": "1200"}}
    assert history(figures, "trained") == "Trained until 2027-01-02; its last sitting had 1200 steps."
    assert history(figures, "sittings") == ""
