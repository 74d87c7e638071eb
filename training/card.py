"""Write MODEL_CARD.md from figures.json: no figure is typed here, only the history of the training.

python -m training.card MODELS
"""

import argparse
import json
from pathlib import Path

from training.card_checks import checks, lesions, refusals
from training.card_format import Figures, interval, picture, share, signed, table
from training.card_results import advice, classes, groups, results
from training.card_words import LIMITS, SOURCES, USE


def card(figures: Figures) -> str:
    """Return the model card as Markdown."""
    sections = (
        _what(figures),
        USE,
        _data(figures["data"]),
        _paper(figures["paper"]),
        _recipe(figures),
        _trials(figures["trials"]),
        results(figures),
        advice(figures),
        classes(figures),
        groups(figures["subgroups"]),
        lesions(figures["lesions"], figures["views"]),
        refusals(figures),
        checks(figures),
        LIMITS,
        SOURCES,
    )
    return "\n\n".join(sections) + "\n"


def _what(figures: Figures) -> str:
    model = figures["model"]
    return f"""# Model card: {model["name"]}

A ResNet50 that looks at one photo of one skin lesion and says how much it resembles each of the seven diagnostic
categories of HAM10000, where in the photo that comes from, and whether there is a lesion at all. It is research and
education software. It is no medical device, it makes no diagnosis, and it never shows that a lesion is harmless.

- Trained until {model["trained"]}, in five sittings on a CPU; in the last, of {int(model["steps"]):,} steps, with the
  rounding to eight bits that it answers with.
- `model.onnx`: {model["bytes"] / 1e6:.1f} MB, eight-bit body, float heads; SHA-256 `{model["onnx_sha256"]}`.
- `model.json` holds what one must know to use it; `figures.json` holds every number of this page;
  the pictures are drawn from the same answers.
- Weights: CC BY-NC 4.0, no commercial use; see the end of this page."""


def _data(data: Figures) -> str:
    kinds = {"dermoscopic": "HAM10000, photos of lesions", "phone": "PAD-UFES-20, photos of patients"}
    rows = [
        [title, *(f"{of['photos']:,} of {of['groups']:,}" for of in data[kind].values())]
        for kind, title in kinds.items()
    ]
    return f"""## Data and split

{table(["", *data["dermoscopic"]], rows)}

No lesion, no patient and no near-duplicate (by perceptual hash) stands in two parts; lesions that share a
near-duplicate count as one. Parts are stratified by class, and nothing was resampled before the split. Published
figures near "95 %" on HAM10000 mostly come from photos of the same lesion on both sides of the split. Temperatures,
thresholds and prediction sets were fitted on the validation part. The test part was looked at while the first two
networks, the search for lesions, the quality checks and hair removal were made, and with the second of them
phone photos got thresholds of their own and the lesion gate a lower limit, fitted on train and validation photos. For
this network, and for the two before it, it was looked at once, when all was fitted.

PAD-UFES-20's squamous cell carcinomas have no class in HAM10000: they are left out where classes are counted, and are
malignant where that is asked.

{picture("classes.png")}

{picture("ages.png")}

All of HAM10000 before the split; ages are told in steps of five years."""


def _paper(paper: Figures | None) -> str:
    if not paper:
        return "How the same recipe scores with a split by image was not measured."
    splits = {"image": "by image", "lesion": "by lesion"}
    lines = [
        [
            f"{of['side_px']} px, {of['epochs']} epochs",
            splits[of["split"]],
            share(of["lesions_in_both"]),
            share(of["accuracy"]),
            f"{of['balanced_accuracy']:.3f}",
        ]
        for of in paper["rows"]
    ]
    heads = ["pictures and training", "split", "test photos of lesions that were trained on", "accuracy"]
    return f"""### What a split by image is worth

A plain recipe as in papers that tell of 95 % (ImageNet weights, Adam, cross-entropy, batches of 64, small pictures,
nothing done about rare classes), trained on four fifths of HAM10000 and measured on the rest, twice: with photos of
the same lesion on both sides, and without. One training each, no interval.

{table([*heads, "balanced accuracy"], lines)}"""


def _recipe(figures: Figures) -> str:
    equal = figures["dermoscopic"]["balanced_accuracy_equal_classes"]["value"]
    of_dermoscopic, of_clinical = (figures["calibration"][kind]["temperature"] for kind in ("dermoscopic", "clinical"))
    return f"""## Recipe

A ResNet50 pretrained on ImageNet. AdamW, warm-up and a cosine, pictures of 160 to 224 pixels, label smoothing; classes
drawn by the square root of their size, the rest of the imbalance taken up by logits adjusted for the mix of each kind
of photo (Menon et al. 2021, arXiv:2007.07314); phone photos and pictures without a lesion in every batch, with a head
that asks whether there is a lesion and one for the kind of photo; random crops, turns, light, blur, noise and JPEG;
many batches mixed with themselves (Zhang et al. 2018, arXiv:1710.09412). The weights that ship are a moving average.

It was trained in five sittings on two processor cores: there was no GPU. In the first four, the first convolution and
the first stage stayed as they were. The second sitting's first 2,000 steps followed a cosine over 3,000, the others one
over 2,500. The third took 1,750 steps, with every other batch mixed, and began at the eight-bit file of the second. Up
to then pictures were of 160 and then 192 pixels. The fourth took 1,600 steps with 192 and then 224, the size of use;
three of four batches were mixed, in more equal parts, and the loss also asked that what speaks for the class lies on
the lesion, where experts have outlined it: all of HAM10000's photos. In the fifth, of
{int(figures["model"]["steps"]):,}, every layer learnt, and every layer was rounded to eight bits as it is in the file
(Jacob et al. 2017, arXiv:1712.05877).

lentigo-resnet50-4, which shipped before, had also gone on from the third sitting, for 2,800 rounded steps with pictures
of up to 192 pixels. On validation, all classes taken as equally common and counting the same, its balanced accuracy was
0.772, its log loss 0.72 and its area under ROC for malignant 0.910; those of this network are 0.769, 0.66 and 0.920.
Balanced accuracies on the test part are 0.752 and {equal:.3f}.

Logits are divided by a temperature, {of_dermoscopic:.2f} for dermoscopic photos and {of_clinical:.2f} for phone
photos, and shifted for the mix of classes. For dermoscopic photos the shift was chosen on validation for the best
balanced accuracy among those with a small calibration error of the likeliest class, of which the malignant classes are
given at most 5 in 100 too much; for phone photos, of which there are few, for the least log loss. That still leans to
the rarer and the malignant classes: on the dermoscopic test part the malignant classes are given
{share(figures["dermoscopic"]["malignant_told"])} on average, and {share(figures["dermoscopic"]["malignant_true"])}
of the photos show one."""


def _trials(trials: Figures | None) -> str:
    if not trials:
        return "What each part of the recipe brings was not measured apart, and it was not cross-validated."
    whole, by_image = trials["together"], trials["by_image"]
    small, large = trials["side_px"]
    folds = [
        [f"{number}", f"{fold['balanced_accuracy']:.3f}", f"{fold['malignant_auc']:.3f}"]
        for number, fold in enumerate(trials["folds"], 1)
    ]
    parts = [
        [part, *(signed(of[name]) for name in ("balanced_accuracy", "malignant_auc"))]
        for part, of in trials["brought"].items()
    ]
    heads = ["balanced accuracy, equal classes", "malignant AUC"]
    return f"""### Cross-validation, and what each part brings

The recipe, taught from the pretrained network for {trials["steps"]:,} steps with pictures of {small} and then {large}
pixels, in float: much less than what ships, so that its figures are lower. Each fold holds out a fifth of the lesions
outside the test part.

{table(["fold", *heads], folds)}

All {trials["photos"]:,} photos held out together: balanced accuracy {interval(whole["balanced_accuracy"])}, malignant
AUC {interval(whole["malignant_auc"])}. The same recipe, with photos instead of lesions dealt to the first fold:
{by_image["balanced_accuracy"]:.3f} and {by_image["malignant_auc"]:.3f}.

By how much both figures were higher on the first fold with each part of the recipe than without it; instead of
kill-the-bits' weights, those of permute-quantize-finetune (see Sources) were tried:

{table(["part", *heads], parts)}

One training each: chance in the training itself moves them too."""


def write_card(models: Path) -> None:
    """Write MODELS/MODEL_CARD.md."""
    figures = json.loads((models / "figures.json").read_text(encoding="utf-8"))
    (models / "MODEL_CARD.md").write_text(card(figures), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    write_card(**vars(parser.parse_args()))
