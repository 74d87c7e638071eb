"""One test for each clinical rule."""

import pytest

from inference.classes import LesionClass
from inference.risk import RiskLevel, RiskPolicy, RiskReason, class_of_concern, most_urgent, risk_level, risk_reasons

POLICY = RiskPolicy(urgent_melanoma_probability=0.2, soon_malignancy_probability=0.15, uncertain_top_probability=0.5)


def reasons(**probability_of: float) -> tuple[RiskReason, ...]:
    """Return the reasons for these probabilities; what is left goes to moles."""
    given = {LesionClass(code): probability for code, probability in probability_of.items()}
    rest = 1 - sum(given.values())
    return risk_reasons({lesion: given.get(lesion, rest if lesion == "nv" else 0) for lesion in LesionClass}, POLICY)


@pytest.mark.parametrize(
    ("shares", "concern"),
    [
        ({"mel": 0.25, "bkl": 0.7, "nv": 0.05}, "mel"),
        ({"bcc": 0.1, "akiec": 0.08, "nv": 0.82}, "bcc"),
        ({"akiec": 0.6, "nv": 0.4}, "akiec"),
        ({"nv": 0.99, "mel": 0.01}, "nv"),
    ],
)
def test_concern_is_the_class_that_the_advice_is_about(shares: dict[str, float], concern: str) -> None:
    probabilities = {lesion: shares.get(lesion, 0.0) for lesion in LesionClass}
    assert class_of_concern(probabilities, risk_reasons(probabilities, POLICY)) == concern


def test_of_two_mixes_the_more_urgent_counts_and_of_equals_the_first() -> None:
    mole, carcinoma, melanoma = (_surely(code) for code in ("nv", "bcc", "mel"))
    assert most_urgent([mole, carcinoma], POLICY) == (carcinoma, (RiskReason.CARCINOMA_LIKELY,))
    assert most_urgent([melanoma, carcinoma], POLICY) == (melanoma, (RiskReason.MELANOMA_LIKELY,))
    another = carcinoma | {LesionClass.BCC: 0.9, LesionClass.NV: 0.1}
    assert most_urgent([another, carcinoma], POLICY) == (another, (RiskReason.CARCINOMA_LIKELY,))


def test_of_two_mixes_that_ask_for_a_visit_the_one_that_names_a_likely_carcinoma_counts() -> None:
    """It is told when to come within two weeks nevertheless (NICE NG12 1.7.3 and 1.7.4)."""
    mole, carcinoma = _surely("nv"), _surely("bcc")
    possible = mole | {LesionClass.NV: 0.8, LesionClass.AKIEC: 0.2}
    assert most_urgent([possible, carcinoma], POLICY) == (carcinoma, (RiskReason.CARCINOMA_LIKELY,))


def test_of_two_mixes_the_one_with_the_more_urgent_first_reason_counts_whatever_else_it_says() -> None:
    shares = {"mel": 0.3, "nv": 0.4, "bkl": 0.3}
    doubtful = {lesion: shares.get(lesion, 0.0) for lesion in LesionClass}
    possible = _surely("nv") | {LesionClass.NV: 0.8, LesionClass.AKIEC: 0.2}
    assert most_urgent([possible, doubtful], POLICY) == (
        doubtful,
        (RiskReason.MELANOMA_LIKELY, RiskReason.UNCERTAIN),
    )


def _surely(code: str) -> dict[LesionClass, float]:
    return {lesion: float(lesion == code) for lesion in LesionClass}


def test_likely_melanoma_is_urgent() -> None:
    """NICE NG12 1.7.1: suspected melanoma is seen within two weeks."""
    assert risk_level(reasons(mel=0.2)) is RiskLevel.URGENT
    assert reasons(mel=0.2) == (RiskReason.MELANOMA_LIKELY,)


def test_melanoma_ahead_of_all_others_is_urgent_whatever_the_threshold() -> None:
    ahead = reasons(mel=0.19, nv=0.18, bkl=0.18, df=0.18, vasc=0.18, bcc=0.05, akiec=0.04)
    assert ahead == (RiskReason.MELANOMA_LIKELY, RiskReason.UNCERTAIN)
    assert risk_level(ahead) is RiskLevel.URGENT


def test_likely_basal_cell_carcinoma_is_seen_soon() -> None:
    """NICE NG12 1.7.3: suspected basal cell carcinoma is referred routinely."""
    assert reasons(bcc=0.7) == (RiskReason.CARCINOMA_LIKELY,)
    assert risk_level(reasons(bcc=0.7)) is RiskLevel.SOON


def test_likely_actinic_keratosis_or_bowens_disease_is_seen_soon() -> None:
    """They are stages before a squamous cell carcinoma, not yet one."""
    assert reasons(akiec=0.7) == (RiskReason.CARCINOMA_LIKELY,)
    assert risk_level(reasons(akiec=0.7)) is RiskLevel.SOON


def test_melanoma_behind_a_carcinoma_is_still_urgent() -> None:
    assert reasons(bcc=0.6, mel=0.25) == (RiskReason.MELANOMA_LIKELY, RiskReason.CARCINOMA_LIKELY)
    assert risk_level(reasons(bcc=0.6, mel=0.25)) is RiskLevel.URGENT


def test_malignant_classes_add_up() -> None:
    assert reasons(mel=0.06, bcc=0.05, akiec=0.05) == (RiskReason.MALIGNANCY_POSSIBLE,)
    assert risk_level(reasons(mel=0.06, bcc=0.05, akiec=0.05)) is RiskLevel.SOON


def test_doubt_is_a_reason_to_be_seen() -> None:
    """False reassurance is the main harm (Cochrane CD013192)."""
    unsure = reasons(nv=0.45, bkl=0.3, df=0.25)
    assert unsure == (RiskReason.UNCERTAIN,)
    assert risk_level(unsure) is RiskLevel.SOON


def test_class_that_is_as_likely_as_is_asked_for_is_trusted() -> None:
    limit = POLICY.uncertain_top_probability
    assert reasons(nv=limit, bkl=0.3, df=0.2) == (RiskReason.NOTHING_STANDS_OUT,)
    assert reasons(nv=limit - 0.01, bkl=0.3, df=0.21) == (RiskReason.UNCERTAIN,)


def test_nothing_that_stands_out_is_routine() -> None:
    assert reasons(mel=0.02, bcc=0.02) == (RiskReason.NOTHING_STANDS_OUT,)
    assert risk_level(reasons(mel=0.02, bcc=0.02)) is RiskLevel.ROUTINE


@pytest.mark.parametrize("lesion", [lesion for lesion in LesionClass if not lesion.is_malignant])
def test_sure_harmless_class_is_routine(lesion: LesionClass) -> None:
    sure = {other: 0.94 if other is lesion else 0.01 for other in LesionClass}
    assert risk_level(risk_reasons(sure, POLICY)) is RiskLevel.ROUTINE


@pytest.mark.parametrize("reason", RiskReason)
def test_every_reason_asks_for_something(reason: RiskReason) -> None:
    assert risk_level((reason,)) in RiskLevel


def test_no_level_says_safe() -> None:
    words = {word for level in RiskLevel for word in level.split("_")}
    assert not words & {"safe", "benign", "harmless", "none", "low", "ok"}
