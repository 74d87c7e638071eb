"""What is said of a photo depends on how it was taken, the model's thresholds, and an operator's mix of classes."""

import dataclasses

import pytest

from inference.assess import Assessment, assess
from inference.calibration import malignancy_probability
from inference.classes import ImageType, LesionClass
from inference.model import Model
from inference.risk import RiskLevel, RiskPolicy, RiskReason, risk_reasons
from tests.inference.pictures import MOLE, photo, said


def test_policy_of_the_model_decides(model: Model) -> None:
    strict = dataclasses.replace(
        model,
        risk_policies={
            image_type: dataclasses.replace(policy, urgent_melanoma_probability=0.0)
            for image_type, policy in model.risk_policies.items()
        },
    )
    assert RiskReason.MELANOMA_LIKELY in assess(photo(MOLE), strict).risk_reasons


@pytest.mark.parametrize(
    ("name", "image_type"),
    [
        (MOLE, ImageType.DERMOSCOPIC),
        ("ham10000_mel_ISIC_0028412.jpg", ImageType.DERMOSCOPIC),
        ("pad_bcc_PAT_473_911_630.jpg", ImageType.CLINICAL),
        ("pad_nv_PAT_1107_427_352.jpg", ImageType.CLINICAL),
    ],
)
def test_kind_of_photo_is_told_by_its_looks(name: str, image_type: ImageType, model: Model) -> None:
    assert assess(photo(name), model).image_type is image_type


def test_each_kind_of_photo_has_its_own_calibration(model: Model) -> None:
    calibration = dataclasses.replace(model.calibrations[ImageType.CLINICAL], temperature=100.0)
    flat = dataclasses.replace(model, calibrations={**model.calibrations, ImageType.CLINICAL: calibration})
    assert said(assess(photo(MOLE), flat)) == said(assess(photo(MOLE), model))
    mole = "pad_nv_PAT_1107_427_352.jpg"
    assert max(said(assess(photo(mole), flat))) < max(said(assess(photo(mole), model)))


def _strict(model: Model, image_type: ImageType) -> Model:
    policy = dataclasses.replace(model.risk_policies[image_type], urgent_melanoma_probability=0.0)
    return dataclasses.replace(model, risk_policies={**model.risk_policies, image_type: policy})


def test_each_kind_of_photo_has_its_own_thresholds(model: Model) -> None:
    mole = "pad_nv_PAT_1107_427_352.jpg"
    assert assess(photo(mole), _strict(model, ImageType.CLINICAL)).risk_level is RiskLevel.URGENT
    assert assess(photo(mole), _strict(model, ImageType.DERMOSCOPIC)).risk_level is RiskLevel.ROUTINE


def test_advice_is_never_less_than_without_a_mix_of_the_operator(model: Model) -> None:
    melanoma = photo("ham10000_mel_ISIC_0028412.jpg")
    without = assess(melanoma, model)
    mix = dict.fromkeys(LesionClass, 1.0) | {LesionClass.NV: 1e6}
    assessment = assess(melanoma, dataclasses.replace(model, mix=mix))
    assert assessment.top_class is LesionClass.NV
    assert (assessment.is_for_own_mix, assessment.is_advice_above_mix) == (True, True)
    assert assessment.risk_reasons == without.risk_reasons
    assert assessment.heatmap_class is without.heatmap_class
    assert assessment.prediction_set == without.prediction_set


def test_advice_for_another_reason_that_asks_for_the_same_is_not_above_a_mix_of_the_operator(model: Model) -> None:
    doubting = dict.fromkeys(ImageType, RiskPolicy(1.0, soon_malignancy_probability=1.0, uncertain_top_probability=1.0))
    mix = dict.fromkeys(LesionClass, 1.0) | {LesionClass.NV: 1e6}
    carcinoma = photo("ham10000_bcc_ISIC_0024550.webp")
    assessment = assess(carcinoma, dataclasses.replace(model, risk_policies=doubting, mix=mix))
    assert risk_reasons(assessment.probabilities, doubting[assessment.image_type]) == (RiskReason.UNCERTAIN,)
    assert assessment.risk_reasons[0] is RiskReason.CARCINOMA_LIKELY
    assert assessment.risk_level is RiskLevel.SOON
    assert not assessment.is_advice_above_mix


def test_advice_follows_a_mix_of_the_operator_with_more_cancer(model: Model, assessed_mole: Assessment) -> None:
    mix = dict.fromkeys(LesionClass, 1.0) | {LesionClass.MEL: 1e6}
    assessment = assess(photo(MOLE), dataclasses.replace(model, mix=mix))
    assert (assessed_mole.risk_level, assessment.risk_level) == (RiskLevel.ROUTINE, RiskLevel.URGENT)
    assert assessment.heatmap_class is LesionClass.MEL
    assert not assessment.is_advice_above_mix
    assert assessment.prediction_set == assessed_mole.prediction_set


def test_cancer_is_rarer_than_average_in_every_photo_that_may_wait_but_of_an_own_mix_nobody_says_so(
    model: Model, assessed_mole: Assessment
) -> None:
    for image_type, policy in model.risk_policies.items():
        shares = zip(LesionClass, model.calibrations[image_type].class_shares, strict=True)
        assert policy.soon_malignancy_probability < malignancy_probability(dict(shares))
    assert assessed_mole.is_rarer_than_average
    assert not assess(photo("ham10000_mel_ISIC_0028412.jpg"), model).is_rarer_than_average
    own = dataclasses.replace(model, mix=dict.fromkeys(LesionClass, 1.0))
    assert not assess(photo(MOLE), own).is_rarer_than_average


def test_likeliest_class_is_always_in_the_prediction_set(assessed_mole: Assessment) -> None:
    assert assessed_mole.prediction_set[0] is assessed_mole.top_class
