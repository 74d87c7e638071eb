"""What the model card tells of how the network was taught, and of what that is worth."""

import textwrap
from collections.abc import Sequence
from typing import Final

from training.calibrate import MAX_MALIGNANCY_GAP
from training.card_format import Figures, hundred, interval, share, signed, table

_CLAIMED: Final = 0.95  # accuracy on HAM10000 that papers tell of


def paper(figures: Figures | None) -> str:
    """Return what a plain recipe scores with a split by image, and what by lesion."""
    if not figures:
        return "How a plain recipe scores with a split by image was not measured."
    lines = [
        [
            f"{of['side_px']} px, {of['epochs']} epochs",
            f"by {of['split']}",
            share(of["lesions_in_both"]),
            share(of["accuracy"]),
            f"{of['balanced_accuracy']:.3f}",
        ]
        for of in figures["rows"]
    ]
    heads = ["pictures and training", "split", "test photos of lesions that were trained on", "accuracy"]
    return f"""### What a split by image is worth

A plain recipe as in papers that tell of {hundred(_CLAIMED)} % (ImageNet weights, Adam, cross-entropy, batches of 64,
small pictures, nothing done about rare classes), trained on four fifths of HAM10000 and measured on the rest, twice:
with photos of the same lesion on both sides, and without. One training each, no interval.

{table([*heads, "balanced accuracy"], lines)}

{_gap(figures["rows"])}"""


def _gap(rows: Sequence[Figures]) -> str:
    of_split = {(row["side_px"], row["epochs"], row["split"]): row for row in rows}
    twins = [
        (of, of_split.get((side, epochs, "lesion")))
        for (side, epochs, split), of in of_split.items()
        if split == "image"
    ]
    pairs = [(image, lesion) for image, lesion in twins if lesion]
    if not pairs:
        return "Only one of the two splits was measured."
    image, lesion = max(pairs, key=lambda pair: pair[0]["accuracy"])
    accuracy, balanced = (100 * (image[name] - lesion[name]) for name in ("accuracy", "balanced_accuracy"))
    missing = 100 * (_CLAIMED - image["accuracy"])
    return f"""With photos of the same lesion on both sides the accuracy was {accuracy:.1f} points higher here, and the
balanced accuracy {balanced:.1f}; how much of that is chance in one training was not measured.
Another {missing:.1f} points of accuracy are missing to {hundred(_CLAIMED)} %: the split alone does not explain that
figure here."""


def history(figures: Figures, of: str) -> str:
    """Return what whoever trained this network wrote down of it: "trained", "test_part" or "sittings"."""
    steps = f"Trained until {figures['model']['trained']}; its last sitting had {figures['model']['steps']} steps."
    unknown = {"trained": steps, "test_part": "How often the test part was looked at, nobody has written down."}
    return textwrap.fill((figures["history"] or unknown).get(of, ""), 120)


_ANEW: Final = """
The file that ships came by the sittings told above. `make train` does not repeat them: it teaches anew in the way of
the last networks told of there, in one sitting from the pretrained weights, with a quarter of the inner channels left
out, in float once more, and in the end with the rounding."""


def recipe(figures: Figures) -> str:
    """Return the section on how the network was taught and calibrated."""
    of_dermoscopic, of_clinical = (figures["calibration"][kind]["temperature"] for kind in ("dermoscopic", "clinical"))
    return f"""## Recipe

A ResNet50 pretrained on ImageNet, of whose inner channels a quarter was left out in the end (Molchanov et al. 2019,
arXiv:1906.10771). AdamW, warm-up and a cosine, pictures that grow to 224 pixels, label smoothing; classes drawn by the
square root of their size, the rest of the imbalance taken up by logits adjusted for the mix of each kind of photo
(Menon et al. 2021, arXiv:2007.07314); phone photos and pictures without a lesion in every batch, with a head that asks
whether there is a lesion and one for the kind of photo; random crops, turns, light, blur, noise and JPEG; many batches
mixed with themselves (Zhang et al. 2018, arXiv:1710.09412). The weights that ship are a moving average.

{history(figures, "sittings")}
{_ANEW if figures["history"] else ""}

Logits are divided by a temperature, {of_dermoscopic:.2f} for dermoscopic photos and {of_clinical:.2f} for phone
photos, and shifted for the mix of classes. For dermoscopic photos the shift was chosen on validation for the best
balanced accuracy among those with a small calibration error of the likeliest class, of which the malignant classes are
given at most {hundred(MAX_MALIGNANCY_GAP)} in 100 too much; for phone photos, of which there are few, for the least log
loss. That still leans to the rarer and the malignant classes: on the dermoscopic test part the malignant classes are
given {share(figures["dermoscopic"]["malignant_told"])} on average, and
{share(figures["dermoscopic"]["malignant_true"])} of the photos show one."""


_TRIAL_MEASURES: Final = {"balanced_accuracy": "balanced accuracy, equal classes", "malignant_auc": "malignant AUC"}


def trials(figures: Figures | None) -> str:
    """Return the section on cross-validation and on what each part of the recipe brings."""
    if not figures:
        return "What each part of the recipe brings was not measured apart, and it was not cross-validated."
    small, large = figures["side_px"]
    folds = [
        [f"{number}", *(f"{fold[kind][name]:.3f}" for kind in ("dermoscopic", "phone") for name in _TRIAL_MEASURES)]
        for number, fold in enumerate(figures["folds"], 1)
    ]
    heads = [f"{kind}: {title}" for kind in ("dermoscopic", "phone") for title in _TRIAL_MEASURES.values()]
    sections = [
        f"""### Cross-validation, and what each part brings

The recipe, taught from the pretrained network for {figures["steps"]:,} steps with pictures of {small} and then {large}
pixels, in float: much less than what ships, so that its figures are lower. Each fold holds out a fifth of the lesions,
and of the patients with phone photos, outside the test part. {_progress(figures)}

{table(["fold", *heads], folds)}""",
        _whole(figures),
        _by_image(figures),
        _brought(figures["brought"]),
    ]
    return "\n\n".join(section for section in sections if section)


def _progress(figures: Figures) -> str:
    done, planned = figures["done"], figures["planned"]
    return f"{'All' if done == planned else f'So far {done} of'} {planned} trainings are done."


def _whole(figures: Figures) -> str:
    if "together" not in figures:
        return ""
    rows = [
        [f"{kind}: {of['photos']:,} photos", *(interval(of[name]) for name in _TRIAL_MEASURES)]
        for kind, of in figures["together"].items()
    ]
    return f"""All that was held out, together. Squamous cell carcinomas among phone photos count as malignant and for
no class:

{table(["", *_TRIAL_MEASURES.values()], rows)}"""


def _by_image(figures: Figures) -> str:
    if "by_image" not in figures:
        return ""
    dealt = {"lesions": {"lesions_in_both": 0.0} | figures["by_lesion"], "photos": figures["by_image"]}
    measures = {"accuracy": "accuracy"} | _TRIAL_MEASURES
    rows = [
        [dealt_are, share(of["lesions_in_both"]), *(interval(of[name]) for name in measures)]
        for dealt_are, of in dealt.items()
    ]
    heads = ["dealt to the fold", "held-out photos of lesions that were trained on", *measures.values()]
    return f"""The first fold of dermoscopic photos once more, with photos instead of lesions dealt to it:

{table(heads, rows)}

One training each, of other photos; accuracy is told with all classes equally common.{_no_gain(figures)}"""


def _no_gain(figures: Figures) -> str:
    """Return what there is to say where not all figures are surely higher by lesions that were trained on."""
    by_image, by_lesion = figures["by_image"], figures["by_lesion"]
    if all(by_image[name]["low"] > by_lesion[name]["high"] for name in ("accuracy", *_TRIAL_MEASURES)):
        return ""
    return """ So few steps
remember few lesions: this comparison shows no gain by shared lesions."""


def _brought(parts: Figures) -> str:
    if not parts:
        return ""
    rows = [
        [
            part,
            *(signed(of["dermoscopic"][name]) for name in _TRIAL_MEASURES),
            signed(of["phone"]["malignant_auc"]),
        ]
        for part, of in parts.items()
    ]
    heads = [f"dermoscopic: {title}" for title in _TRIAL_MEASURES.values()]
    return f"""By how much these figures were higher on the first fold with each part of the recipe than without it.
Instead of kill-the-bits' weights, those of permute-quantize-finetune (see Sources) were tried. At "phone photos", the
dermoscopic columns tell what having them costs these, and the last one what they are for:

{table(["part", *heads, "phone: malignant AUC"], rows)}

One training each, and the one with all parts is common to all rows: where chance made it worse, every row is too low.
"Another seed" leaves out no part: it is one draw of that chance, of which the intervals know nothing, and does not tell
how large chance can be. A part whose figures are no farther from 0 than those of "another seed" has not been shown to
bring anything. Pictures without a lesion and experts' outlines have no row: they are for the lesion head and the
heat-map."""
