"""What is measured of a photo: of one that keeps to every limit, just so, and of others."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import Square, lesion_view, network_input
from inference.lesion import LesionRegion, Segmentation
from inference.quality import QualityLimits, QualityReport, quality_report

Picture = NDArray[np.uint8]

LIMITS = QualityLimits(
    min_side_px=128,
    min_light=75,
    max_blown_share=0.3,
    max_glare_share=0.03,
    min_red_to_green=-0.1,
    max_red_to_green=1.6,
    min_green_to_blue=-0.4,
    max_green_to_blue=1.0,
    min_colourfulness=6.0,
    min_sharpness=1.0,
    min_lesion_share=0.125,
    enough_side_px=360,
    max_border_share=0.6,
    max_second_share=0.7,
    noted_border_share=0.6,
    noted_second_share=0.7,
    noted_left_out_share=0.1,
    lesion_logit_weight=1,
    presence_logit_weight=0.5,
    peak_logit_weight=2,
    min_lesion_evidence=4.5,
)
GOOD = QualityReport(
    side_px=128,
    light=75,
    blown_share=0.03,
    red_to_green=-0.1,
    green_to_blue=1.0,
    colourfulness=6.0,
    sharpness=1.0,
    lesion_logit=2,
    presence_logit=1,
    peak_logit=1,
    lesion_share=0.125,
    border_share=0.6,
    left_out_share=0.1,
    second_share=0.7,
)


def seen(
    region: LesionRegion | None = None, view: Square | None = None, likely: tuple[slice, slice] | None = None
) -> Segmentation:
    probability_map = np.full((96, 96), 0.1, np.float32)
    if likely:
        probability_map[likely] = 0.9
    return Segmentation(probability_map, 0.5, region, view)


def grey(image_rgb: Picture) -> Picture:
    return cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8)


def measured(image_rgb: Picture, segmentation: Segmentation | None = None) -> QualityReport:
    return quality_report(image_rgb, network_input(lesion_view(image_rgb), 224), segmentation or seen(), 0)
