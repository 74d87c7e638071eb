"""Who is refused is counted, and who is told what is wrong with a photo."""

from dataclasses import replace

import pytest

from inference.quality import DeclineReason
from tests.inference.reports import GOOD, LIMITS
from training.refusals import empty_figures, good_figures, refusals, refused_for_another_reason, told_of


def test_figures_count_who_is_refused_and_why() -> None:
    found = good_figures([GOOD] * 3 + [replace(GOOD, side_px=90)], LIMITS)
    assert (found["photos"], found["refused"]) == (4, 0.25)
    assert found["refused_because"]["too_small"] == 0.25
    assert sum(found["refused_because"].values()) == 0.25


def test_photo_found_for_a_wrong_reason_is_refused_and_not_named() -> None:
    dark, blurred = replace(GOOD, light=10), replace(GOOD, sharpness=0)
    assert refusals([dark, blurred], LIMITS, DeclineReason.BLURRED) == {
        "photos": 2,
        "refused": 1,
        "named": 0.5,
        "noted": 0,
    }


@pytest.mark.parametrize("reason", [DeclineReason.CUT_OFF, DeclineReason.SEVERAL, DeclineReason.TOO_FAR])
def test_photo_is_noted_for_what_was_done_to_it_and_for_nothing_else(reason: DeclineReason) -> None:
    limits = replace(LIMITS, noted_border_share=0.5, noted_second_share=0.6)
    cut_off, several = replace(GOOD, second_share=0.0), replace(GOOD, border_share=0.0)
    neither = replace(GOOD, border_share=0.0, second_share=0.0)
    noted = {DeclineReason.CUT_OFF: 0.5, DeclineReason.SEVERAL: 0.25}.get(reason, 0)
    assert refusals([cut_off, cut_off, several, neither], limits, reason)["noted"] == noted
    assert good_figures([cut_off, cut_off, several, neither], limits)["noted"] == 0.75


def test_photo_that_is_refused_is_not_noted() -> None:
    limits = replace(LIMITS, noted_second_share=0.6, max_border_share=0.5)
    assert refusals([GOOD], limits, DeclineReason.SEVERAL) == {"photos": 1, "refused": 1, "named": 0, "noted": 0}


def test_blurred_wall_is_refused_and_seen_to_be_empty() -> None:
    wall = replace(GOOD, sharpness=0, lesion_logit=-9)
    blurred_lesion = replace(GOOD, sharpness=0)
    assert empty_figures([wall, blurred_lesion, GOOD, GOOD], LIMITS) == {"photos": 4, "refused": 0.5, "gated": 0.25}


def test_what_is_told_of_a_fault_and_what_is_refused_for_another_reason_are_counted_apart() -> None:
    limits = replace(LIMITS, noted_second_share=0.6)
    told, dark, said_nothing = replace(GOOD, second_share=0.8), replace(GOOD, light=10), replace(GOOD, second_share=0)
    found = refusals([told, GOOD, dark, said_nothing], limits, DeclineReason.SEVERAL)
    assert told_of(found) == 0.5
    assert refused_for_another_reason(found) == 0.25
