"""What the model card tells of the classes, the advice, and the groups of people."""

from typing import Final

from inference.classes import LesionClass
from training.card_format import Figures, hundred, interval, picture, share, table
from training.measures import MALIGNANT_INDICES
from training.outcomes import FEWEST_OF_A_KIND

_MEASURES = {
    "balanced_accuracy": "balanced accuracy (mean recall of the classes)",
    "balanced_accuracy_equal_classes": "balanced accuracy, all classes taken as equally common",
    "accuracy": "accuracy",
    "malignant_auc": "area under ROC, malignant",
    "melanoma_auc": "area under ROC, melanoma",
    "malignant_at_80_specificity": "malignant lesions found where 80 % of the others are not alarmed",
    "melanoma_at_90_specificity": "melanomas found where 90 % of the others are not alarmed",
    "malignant_sensitivity": "malignant lesions sent to a doctor (urgent or soon)",
    "malignant_specificity": "other lesions not alarmed (routine or declined)",
    "melanoma_sensitivity": "melanomas sent to a doctor",
    "melanoma_urgent": "melanomas sent as urgent",
    "ece": "calibration error of the likeliest class",
    "answered_at_5_error": "photos answered if the least sure are left out until 5 % of the answers are wrong",
    "answered_by_limit": "photos answered if those below the limit that does so on validation are left out",
    "wrong_by_limit": "of these answers, wrong",
    "set_coverage": "90 % prediction sets: true class among them",
    "set_size": "90 % prediction sets: classes in one, on average",
    "declined": "photos declined by what the square alone shows",
    "refused_by_gate": "photos declined so because no lesion was seen",
}


def results(figures: Figures) -> str:
    """Return the section with the figures of both test parts."""
    dermoscopic, phone = figures["dermoscopic"], figures["phone"]
    rows = [
        [title, interval(dermoscopic[name]), interval(phone[name])]
        for name, title in _MEASURES.items()
        if name in dermoscopic
    ]
    photos = [f"{of['photos']:,} photos, {of['groups']:,}" for of in (dermoscopic, phone)]
    return f"""## Figures

The shipped eight-bit file, on the test part, through the code that answers patients, but on the centre square of each
photo; where in use another square is looked at is told below. In brackets: 95 % intervals from bootstrap resamples
over lesions or patients.

{table(["", f"dermoscopic: {photos[0]} lesions", f"phone: {photos[1]} patients"], rows)}

A declined photo counts as not sent to a doctor. Here the checks see the square alone, at the network's size; how many
are declined in use, where they see the whole photo, stands under "Photos that can't be judged". The phone part is
small: read its intervals, not its values; a dash means that fewer than five photos show a melanoma, or that no limit
leaves so few answers of validation wrong.
{_occurring(phone)} A resample that lacks a class tells nothing of balanced accuracy and is left out. Calibration error
counts every deviation by chance, of which resamples have more: its interval lies high. Exactly right probabilities
would show {dermoscopic["ece_by_chance"]:.3f} for so many dermoscopic photos, and for those by phone
{phone["ece_by_chance"]:.3f}.
What is found "where 80 % of the others are not alarmed", and what is answered "until 5 % of the answers are wrong", is
read off the curve of the test part itself, with a threshold of its own, which nobody has beforehand; the advice that
ships has other thresholds, fitted on validation. A prediction set holds the classes that
can't be ruled out (Sadinle et al. 2019, doi:10.1080/01621459.2017.1395341).

{picture("decisions.png")}

Left, errors among the photos that are answered, surest first; the dots are at 5 %. Right, what is found at the price of
which false alarms by the malignancy probability, and where the advice that ships stands.

{picture("reliability.png")}

What was told against what came true, dermoscopic photos in 15 groups of the same size, with 95 % intervals (Wilson
1927); these count photos as independent, but {dermoscopic["photos"]:,} photos show {dermoscopic["groups"]:,} lesions:
they are somewhat narrow. Below, how often which probability is told."""


def _occurring(phone: Figures) -> str:
    """Return of which classes the balanced accuracy of phone photos is the mean."""
    photos = {code: of["photos"] for code, of in phone["classes"].items() if of["photos"]}
    rarest = min(photos, key=lambda code: photos[code])
    return f"""The phone part's balanced accuracies are means over the {len(photos)} classes that it shows, of which
`{rarest}` has the fewest photos, {photos[rarest]}: resamples of them can't tell how much its recall varies."""


def advice(figures: Figures) -> str:
    """Return the section on what is advised when."""
    rows = [
        [f"{kind} photos", *(f"{hundred(figures['risk'][kind][name])} in 100" for name in _THRESHOLDS)]
        for kind in ("dermoscopic", "clinical")
    ]
    return f"""## Advice

**Urgent** when melanoma is the likeliest class or reaches the first threshold. **Soon** when a carcinoma or its
precursor is the likeliest class, when the malignant classes together reach the second, or when the likeliest class
stays below the third. Otherwise **routine**, which does not mean harmless.

{table(["", "melanoma", "malignant classes together", "likeliest class"], rows)}

These thresholds were set on the validation part to miss few malignant lesions, at the price of many alarms; those of
clinical photos, a phone's, on {figures["data"]["phone"]["validation"]["with_a_class"]} photos, and the one for
melanoma taken over, as too few were there. The limit of the malignant classes together is higher for clinical photos
because far more of these are malignant, {hundred(_malignant(figures, "clinical"))} in 100 instead of
{hundred(_malignant(figures, "dermoscopic"))}. By evidence it is the lower one:
{_evidence(figures, "clinical"):.2f} of the odds among all, instead of {_evidence(figures, "dermoscopic"):.2f}.
Probabilities
hold for the mix of classes of HAM10000, leaning to the rarer and the malignant, and of PAD-UFES-20, neither of which is
the mix of people with a phone. Where the operator tells another mix (`CLASS_MIX`), the probabilities follow it, and
advice where that asks for more; the prediction sets stay what they are here."""


def _malignant(figures: Figures, kind: str) -> float:
    """Return the share of malignant photos among those a calibration is for."""
    return float(sum(figures["calibration"][kind]["class_shares"][index] for index in MALIGNANT_INDICES))


def _evidence(figures: Figures, kind: str) -> float:
    """Return the odds at the limit of the malignant classes, over the odds among all photos of a kind."""
    limit, usual = figures["risk"][kind]["soon_malignancy_probability"], _malignant(figures, kind)
    return float(limit / (1 - limit) / (usual / (1 - usual)))


_THRESHOLDS: Final = ("urgent_melanoma_probability", "soon_malignancy_probability", "uncertain_top_probability")


def classes(figures: Figures) -> str:
    """Return the section with the figures of each class."""
    return f"""## Results by class

Rows are the true classes; the columns on the right count what was the likeliest class. First the dermoscopic photos:

{_class_table(figures["dermoscopic"])}

And the phone photos, without squamous cell carcinomas:

{_class_table(figures["phone"])}

{picture("confusion.png")}

{picture("roc.png")}

{picture("precision_recall.png")}

Curves of dermoscopic photos: each class against all others, malignant ones in orange. Grey is chance.

{picture("examples.jpg")}

Dermoscopic test photos as the network gets them, by a fixed rule and not by choice: of each class the one named
rightly with the median probability, and below it the one named wrongly with the highest. Under each photo, where the
likeliest class comes from. Photos: HAM10000, Tschandl, Rosendahl, Kittler 2018, doi:10.1038/sdata.2018.161,
CC BY-NC 4.0 (https://creativecommons.org/licenses/by-nc/4.0/); changed: scaled, cropped, hair painted over, heat-map
laid over. This picture is under the same licence."""


def _class_table(part: Figures) -> str:
    codes = list(part["classes"])
    rows = [
        [
            f"`{code}`",
            str(of["photos"]),
            *(share(of[name]) for name in ("recall", "precision", "f1")),
            *map(str, counts),
        ]
        for (code, of), counts in zip(part["classes"].items(), part["confusion"], strict=True)
    ]
    return table(["", "photos", "recall", "precision", "F1", *(f"`{code}`" for code in codes)], rows)


def groups(subgroups: Figures) -> str:
    """Return the section with the figures of each group of people and photos."""
    return f"""## Results by group

A mean can hide those for whom a network fails. Classes are mixed differently in each group, so that groups differ for
that reason as well; where few photos show a class, one of them moves the balanced accuracy by much. Intervals as above.
A dash: fewer than 20 photos, or fewer than 5 malignant (or, for the area, other) ones, which is too few to tell. A dash
in brackets: no resample differed, or a class was shown by fewer than 5 lesions, so that an interval would claim too
much. "Of" so many classes: the others are not in that group.

Dermoscopic photos. "Hair" is the median rating by 3 to 15 people (coursework, IT University of Copenhagen 2025), which
few photos have; sharpness is what the quality check measures:

{_group_table(subgroups["dermoscopic"])}

Phone photos; skin type after Fitzpatrick 1988, doi:10.1001/archderm.1988.01670060015008, as PAD-UFES-20 tells it:

{_group_table(subgroups["phone"])}"""


_AREAS = {
    "malignant_auc": "area under ROC, malignant",
    "malignant_sensitivity": "malignant sent to a doctor",
}


def _group_table(part: Figures) -> str:
    rows = [
        [
            trait,
            group,
            str(of["photos"]),
            str(of["malignant"]),
            _of_classes(of),
            *(interval(of[name]) for name in _AREAS),
        ]
        for trait, of_trait in part.items()
        for group, of in of_trait.items()
    ]
    return table(["", "", "photos", "malignant", "balanced accuracy", *_AREAS.values()], rows)


def _of_classes(group: Figures) -> str:
    """Return a group's balanced accuracy, of how many classes if not of all; its interval if none is too rare."""
    told, classes = group["balanced_accuracy"], group["classes"]
    if told and group["fewest_lesions"] < FEWEST_OF_A_KIND:
        told = told | {"low": told["value"], "high": told["value"]}
    return interval(told) + (f" of {classes}" if told and classes < len(LesionClass) else "")
