"""A photo that can't be judged is told from one that can."""

import dataclasses
import io
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.assess import assess
from inference.image import Square
from inference.lesion import LesionRegion
from inference.model import Model
from inference.quality import (
    Caution,
    DeclineReason,
    QualityReport,
    blown_share,
    cautions,
    decline_reason,
    second_share,
)
from tests.inference.pictures import photo, skin
from tests.inference.reports import GOOD, LIMITS, measured, seen

REGION = LesionRegion(
    left=20,
    top=30,
    right=60,
    bottom=90,
    centre_x=40,
    centre_y=60,
    border_share=0.25,
    peak_probability=0.9,
)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (replace(GOOD, side_px=127), DeclineReason.TOO_SMALL),
        (replace(GOOD, light=74), DeclineReason.DARK),
        (replace(GOOD, blown_share=0.31), DeclineReason.BRIGHT),
        (replace(GOOD, blown_share=0.04), DeclineReason.GLARE),
        (replace(GOOD, red_to_green=-0.11), DeclineReason.COLOUR_CAST),
        (replace(GOOD, red_to_green=1.61), DeclineReason.COLOUR_CAST),
        (replace(GOOD, green_to_blue=-0.41), DeclineReason.COLOUR_CAST),
        (replace(GOOD, green_to_blue=1.01), DeclineReason.COLOUR_CAST),
        (replace(GOOD, colourfulness=5), DeclineReason.COLOUR_CAST),
        (replace(GOOD, sharpness=0.99), DeclineReason.BLURRED),
        (replace(GOOD, lesion_logit=1.9), DeclineReason.NO_LESION),
        (replace(GOOD, presence_logit=0.9), DeclineReason.NO_LESION),
        (replace(GOOD, peak_logit=0.9), DeclineReason.NO_LESION),
        (replace(GOOD, lesion_share=0.12), DeclineReason.TOO_FAR),
        (replace(GOOD, border_share=0.61), DeclineReason.CUT_OFF),
        (replace(GOOD, second_share=0.71), DeclineReason.SEVERAL),
    ],
)
def test_each_limit_has_its_own_reason(report: QualityReport, reason: DeclineReason) -> None:
    assert decline_reason(report, LIMITS) is reason


def test_photo_on_every_limit_is_good_enough() -> None:
    assert decline_reason(GOOD, LIMITS) is None


def test_light_is_mended_before_focus_and_focus_before_framing() -> None:
    framed_badly = replace(GOOD, border_share=1)
    blurred_too = replace(framed_badly, sharpness=0)
    dark_too = replace(blurred_too, light=0)
    reasons = [decline_reason(report, LIMITS) for report in (framed_badly, blurred_too, dark_too)]
    assert reasons == [DeclineReason.CUT_OFF, DeclineReason.BLURRED, DeclineReason.DARK]


def test_lesion_that_was_not_found_is_not_called_too_far() -> None:
    assert decline_reason(replace(GOOD, lesion_share=0), LIMITS) is None


def test_small_lesion_with_pixels_enough_is_not_called_too_far() -> None:
    assert decline_reason(replace(GOOD, lesion_share=0.05, side_px=360), LIMITS) is None


def test_what_is_worth_a_caution_is_not_declined() -> None:
    careful = replace(LIMITS, noted_border_share=0.1, noted_second_share=0.05)
    near = replace(GOOD, border_share=0.1, second_share=0.05)
    assert cautions(near, careful) == ()
    assert cautions(replace(near, border_share=0.11), careful) == (Caution.CUT_OFF,)
    assert cautions(replace(near, second_share=0.06), careful) == (Caution.SEVERAL,)
    assert cautions(replace(near, left_out_share=0.11), careful) == (Caution.CUT_OFF,)
    assert cautions(replace(near, lesion_share=0), careful) == (Caution.EDGE_UNSEEN,)  # it may lie half outside
    assert decline_reason(GOOD, careful) is None


def test_dark_skin_in_good_light_has_more_light_than_light_skin_in_the_dark() -> None:
    dark_skin = np.full((224, 224, 3), (112, 76, 60), np.uint8)
    light_skin_at_a_sixteenth = (skin() * 16 ** (-1 / 2.2)).astype(np.uint8)
    assert measured(dark_skin).light > measured(light_skin_at_a_sixteenth).light + 30


def test_dark_lesion_does_not_make_a_photo_dark() -> None:
    image_rgb = cv2.circle(skin(), (112, 112), 100, (40, 25, 20), -1).astype(np.uint8)
    assert measured(image_rgb).light > 180


def test_reflection_of_a_lamp_is_blown() -> None:
    glared = cv2.circle(skin(), (112, 112), 30, (255, 255, 255), -1).astype(np.uint8)
    assert measured(glared).blown_share == pytest.approx(np.pi * 30**2 / 168**2, rel=0.1)


def test_gloss_of_scale_and_bubbles_is_no_glare() -> None:
    glossy = skin()
    for x in range(40, 200, 12):
        cv2.circle(glossy, (x, 112), 2, (255, 255, 255), -1)
        cv2.circle(glossy, (x, 130), 5, (255, 255, 255), 1)
    assert measured(glossy).blown_share == 0


def test_red_of_fair_skin_that_is_clipped_is_no_glare() -> None:
    assert measured(np.full((224, 224, 3), (255, 180, 160), np.uint8)).blown_share == 0


def test_white_cloth_at_the_edge_is_no_glare() -> None:
    green = np.full((224, 224), 150, np.uint8)
    green[:, :24] = 255
    assert blown_share(green) == 0


def test_colour_of_the_light_is_measured_in_stops() -> None:
    lamp = np.full((224, 224, 3), (200, 100, 25), np.uint8)
    report = measured(lamp)
    assert report.red_to_green == pytest.approx(1, abs=0.02)
    assert report.green_to_blue == pytest.approx(2, abs=0.05)


def test_colour_of_a_lesion_is_not_taken_for_that_of_the_light() -> None:
    red_spot = cv2.circle(skin(), (112, 112), 60, (190, 20, 30), -1).astype(np.uint8)
    assert measured(red_spot).red_to_green == pytest.approx(measured(skin()).red_to_green, abs=0.05)


def test_two_lesions_are_told_from_one() -> None:
    probability_map = np.zeros((96, 96), np.float32)
    probability_map[10:30, 10:30] = 0.99
    assert second_share(probability_map) == 0
    probability_map[50:60, 50:70] = 0.99
    assert second_share(probability_map) == 0.5


def test_place_that_is_only_likely_is_no_second_lesion() -> None:
    probability_map = np.zeros((96, 96), np.float32)
    probability_map[10:30, 10:30] = 0.99
    probability_map[50:70, 50:70] = 0.9
    assert second_share(probability_map) == 0


def test_lesion_counts_where_the_view_looks() -> None:
    at_the_right = (slice(40, 56), slice(80, 90))
    image_rgb = np.full((300, 600, 3), 90, np.uint8)
    centre = measured(image_rgb, seen(likely=at_the_right))
    there = measured(image_rgb, seen(likely=at_the_right, view=Square(430, 50, 170)))
    assert centre.peak_logit < 0 < there.peak_logit


@pytest.mark.parametrize("rim", [(0, 40), (80, 40), (40, 0), (40, 80)])
def test_what_is_seen_at_the_rim_of_the_view_alone_is_no_lesion(rim: tuple[int, int]) -> None:
    image_rgb = np.full((300, 300, 3), 90, np.uint8)
    at_the_rim, in_the_middle = (
        measured(image_rgb, seen(likely=(slice(top, top + 16), slice(left, left + 16)))).peak_logit
        for top, left in (rim, (40, 40))
    )
    assert at_the_rim < 0 < in_the_middle


def test_report_says_what_came() -> None:
    image_rgb = np.full((300, 500, 3), 90, np.uint8)
    report = measured(image_rgb, seen(REGION))
    assert report.peak_logit == pytest.approx(np.log(0.1 / 0.9))
    assert report == QualityReport(
        side_px=300,
        light=90,
        blown_share=0,
        red_to_green=0,
        green_to_blue=0,
        colourfulness=0,
        sharpness=0,
        lesion_logit=0,
        presence_logit=0,
        peak_logit=report.peak_logit,
        lesion_share=0.2,
        border_share=0.25,
        left_out_share=1.0,
        second_share=0,
    )


@pytest.mark.parametrize(
    ("region", "view", "share"),
    [
        (replace(REGION, left=100, right=400), None, 0.0),
        (replace(REGION, left=40, right=240), None, 0.3),
        (replace(REGION, left=40, right=240), Square(0, 0, 300), 0.0),
        (replace(REGION, left=0, right=500, top=0, bottom=300), None, 0.4),
    ],
)
def test_what_the_view_leaves_out_of_a_lesion_is_told(region: LesionRegion, view: Square | None, share: float) -> None:
    report = measured(np.full((300, 500, 3), 90, np.uint8), seen(region, view))
    assert report.left_out_share == pytest.approx(share)


@pytest.mark.parametrize("name", ["ham10000_mel_ISIC_0028412.jpg", "pad_bcc_PAT_473_911_630.jpg"])
def test_photo_without_colour_is_declined_and_one_in_colour_is_not(model: Model, name: str) -> None:
    in_colour = Image.open(io.BytesIO(photo(name)))
    answers = []
    for made in (in_colour, in_colour.convert("L")):
        jpeg = io.BytesIO()
        made.save(jpeg, "JPEG", quality=90)
        answers.append(assess(jpeg.getvalue(), model).declined_because)
    assert answers == [None, DeclineReason.COLOUR_CAST]


def test_report_can_be_written_down() -> None:
    report = dataclasses.asdict(measured(skin(), seen(REGION)))
    assert json.loads(json.dumps(report)) == report
