"""Write MODEL_CARD.md from figures.json: no number is typed here.

python -m training.card MODELS
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from training.card_words import LIMITS, REASONS, SOURCES, USE

Figures = Mapping[str, Any]


def card(figures: Figures) -> str:
    """Return the model card as Markdown."""
    sections = (
        _what(figures),
        USE,
        _data(figures["data"]),
        _recipe(figures),
        _results(figures),
        _advice(figures),
        _per_class(figures["dermoscopic"], "dermoscopic"),
        _per_class(figures["phone"], "phone"),
        _lesions(figures["lesion"]),
        _refusals(figures),
        _checks(figures),
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

- Trained until {model["trained"]}: {model["steps"]} steps, {model["minutes"]} minutes on a CPU.
- `model.onnx`: {model["bytes"] / 1e6:.1f} MB, eight-bit body, float heads; SHA-256 `{model["onnx_sha256"]}`.
- `model.json` holds what one must know to use it; `figures.json` holds every number of this page.
- Weights: CC BY-NC 4.0, no commercial use; see the end of this page."""


def _data(data: Figures) -> str:
    kinds = {"dermoscopic": "HAM10000, photos of lesions", "phone": "PAD-UFES-20, photos of patients"}
    rows = [
        [title, *(f"{of['photos']:,} of {of['groups']:,}" for of in data[kind].values())]
        for kind, title in kinds.items()
    ]
    return f"""## Data and split

{_table(["", *data["dermoscopic"]], rows)}

No lesion, no patient and no near-duplicate (by perceptual hash) stands in two parts; lesions that share a
near-duplicate count as one. Parts are stratified by class, and nothing was resampled before the split. Published
figures near "95 %" on HAM10000 mostly come from photos of the same lesion on both sides of the split. Temperature
and thresholds were fitted on the validation part, before hair removal was rewritten, and kept. The test part was looked
at before these figures: twice while the classifying network was made, and again while lesions, quality checks and hair
removal were; one limit of the view and the share of lesions that the gate may refuse were reconsidered after that, on
validation and train photos. PAD-UFES-20's
squamous cell carcinomas have no class in HAM10000: they are left out where classes are counted, and
are malignant where that is asked."""


def _recipe(figures: Figures) -> str:
    calibration = figures["calibration"]
    return f"""## Recipe

A ResNet50 pretrained on ImageNet; its first convolution and first stage stay as they were. AdamW, warm-up and a
cosine over the share of the time that was spent; small pictures first, full size after; label smoothing; classes
drawn by the square root of their size; some phone photos in every batch; random crops, turns, light, blur, noise
and JPEG. The weights that ship are a moving average. In training, hair was painted over by an earlier version of the
code that does so in use.

Logits are divided by a temperature of {calibration["temperature"]:.2f} and shifted for the mix of classes, chosen on
validation for the best balanced accuracy among the settings with a small calibration error of the likeliest class.
That leans to the rarer and the malignant classes: on the dermoscopic test part the malignant classes are given
{_share(figures["dermoscopic"]["malignant_told"])} on average, and {_share(figures["dermoscopic"]["malignant_true"])}
of the photos show one."""


_MEASURES = {
    "balanced_accuracy": "balanced accuracy (mean recall of the classes)",
    "accuracy": "accuracy",
    "malignant_auc": "area under ROC, malignant",
    "melanoma_auc": "area under ROC, melanoma",
    "malignant_sensitivity": "malignant lesions sent to a doctor (urgent or soon)",
    "malignant_specificity": "other lesions not alarmed (routine or declined)",
    "melanoma_sensitivity": "melanomas sent to a doctor",
    "melanoma_urgent": "melanomas sent as urgent",
    "ece": "calibration error of the likeliest class",
    "declined": "photos declined",
    "refused_by_gate": "of these, because no lesion was seen",
}


def _results(figures: Figures) -> str:
    dermoscopic, phone = figures["dermoscopic"], figures["phone"]
    rows = [[title, _interval(dermoscopic[name]), _interval(phone[name])] for name, title in _MEASURES.items()]
    photos = [f"{of['photos']:,} photos, {of['groups']:,}" for of in (dermoscopic, phone)]
    return f"""## Figures

The shipped eight-bit file, on the test part, through the code that answers patients, but on the centre square of each
photo; where in use another square is looked at is told below. In brackets: 95 % intervals from bootstrap resamples
over lesions or patients.

{_table(["", f"dermoscopic: {photos[0]} lesions", f"phone: {photos[1]} patients"], rows)}

A declined photo counts as not sent to a doctor. The phone part is small: read its intervals, not its values."""


def _advice(figures: Figures) -> str:
    limits = figures["calibration"]
    return f"""## Advice

**Urgent** when melanoma is the likeliest class or has at least {_hundred(limits["urgent_melanoma_probability"])} in
100. **Soon** when a carcinoma or its precursor is the likeliest class, when the malignant classes together have at
least {_hundred(limits["soon_malignancy_probability"])} in 100, or when the likeliest class has less than
{_hundred(limits["uncertain_top_probability"])} in 100. Otherwise **routine**, which does not mean harmless. These
thresholds were set to miss few malignant lesions, at the price of many alarms. Probabilities hold for the mix of
classes of HAM10000, which is not the mix of people with a phone."""


def _per_class(part: Figures, kind: str) -> str:
    codes = list(part["classes"])
    rows = [
        [
            f"`{code}`",
            str(of["photos"]),
            *(_share(of[name]) for name in ("recall", "precision", "f1")),
            *map(str, counts),
        ]
        for (code, of), counts in zip(part["classes"].items(), part["confusion"], strict=True)
    ]
    return f"""### Classes, {kind} photos

Rows are the true classes; the columns on the right count what was the likeliest class.

{_table(["", "photos", "recall", "precision", "F1", *(f"`{code}`" for code in codes)], rows)}"""


_FINDERS = {
    "segmentation": "`lesion.onnx`",
    "otsu": "Otsu's threshold on grey",
    "centre_disc": "the best disc in the middle",
    "class_activation_map": "the class activation map, cut off",
}
_VIEW_SETS = {
    "dermoscopic": "dermoscopic",
    "dermoscopic_far": "dermoscopic, from afar",
    "phone": "phone",
    "phone_far": "phone, from afar",
}
_VIEW_MEASURES = {"balanced_accuracy": "balanced accuracy", "malignant_auc": "AUC, malignant", "log_loss": "log loss"}


def _lesions(lesion: Figures) -> str:
    found, moved = lesion["dermoscopic"], lesion["views"]
    rows = [
        [title, *(_interval(found[name][measure]) for measure in ("dice", "iou", "centre_found"))]
        for name, title in _FINDERS.items()
    ]
    views = [
        [title, str(of["photos"]), _share(of["moved"]), *(_change(of, measure) for measure in _VIEW_MEASURES)]
        for name, title in _VIEW_SETS.items()
        for of in [moved[name]]
    ]
    return f"""## Where the lesion is

`lesion.onnx` ({lesion["bytes"] / 1e3:.0f} kB, SHA-256 `{lesion["onnx_sha256"]}`),
a small U-Net, marks the lesion in the whole photo, squeezed to 96×96. It was trained from scratch on the train part:
HAM10000 with its masks, lesions cut out and set small, large, twice or cut off into phone skin, and phone photos with
outlines drawn by eye, by nobody medical. On {found["photos"]:,} dermoscopic test photos, against the experts' masks:

{_table(["", "Dice", "intersection over union", "centre found"], rows)}

Where the lesion is small or far from the middle, a square around it is looked at instead of the centre square. What
that changes on test photos, from the centre square to this; in brackets the 95 % interval of the difference. "From
afar" are photos shrunk onto more skin.

{_table(["", "photos", "moved", *_VIEW_MEASURES.values()], views)}"""


_EFFECT_SETS = ("ham10000", "pad_ufes_20")


def _refusals(figures: Figures) -> str:
    sets = figures["quality"]
    empty = [
        [kind.replace("_", " "), str(of["photos"]), _share(of["refused"]), _share(of["gated"])]
        for kind, of in figures["without_lesion"].items()
    ]
    limits = figures["calibration"]
    checks = [
        [title, told.format_map(limits), *(_share(of["refused_because"][reason]) for of in sets.values())]
        for reason, (title, told) in REASONS.items()
    ]
    checks.append(["any of them", "", *(_share(of["refused"]) for of in sets.values())])
    heads = [f"{name.replace('_', ' ')}: {of['photos']} photos" for name, of in sets.items()]
    return f"""## Photos that can't be judged

Each check, its limit, and the share of photos of real lesions of the test part that it refuses wrongly; the first
reason counts. "As supplied" are the copies that HAM10000 is at hand as, stretched to a square.

{_table(["", "a photo passes if", *heads], checks)}

Test photos made worse on purpose, refused for whatever reason but the missing lesion. On the right, how far that
moves the answers of the classifying network: the median change of the malignancy probability, and how often another
class becomes the likeliest.

{_spoilt(figures)}

The same lesions framed badly, refused for whatever reason:

{_framed(figures)}

Pictures without a lesion, none of them used to fit a limit, refused for whatever reason, and how many would be if
nothing but the missing lesion counted:

{_table(["", "pictures", "refused", "no lesion seen"], empty)}

"Dermoscopic skin" is cut from beside lesions of the test part; "flat or drawn" are walls, ramps of colour and written
pages."""


def _spoilt(figures: Figures) -> str:
    sets = {name: of["spoilt"] for name, of in figures["quality"].items() if "spoilt" in of}
    effects = [figures["effects"][name] for name in _EFFECT_SETS]
    rows = [
        [
            way.replace("_", " "),
            *(_share(of[way]["refused"]) for of in sets.values()),
            *(f"{of[way]['malignancy_moved']:.2f}, {_share(of[way]['other_class'])}" for of in effects),
        ]
        for way in effects[0]
    ]
    moved = [f"{name.replace('_', ' ')}: moved" for name in _EFFECT_SETS]
    return _table(["", *(name.replace("_", " ") for name in sets), *moved], rows)


def _framed(figures: Figures) -> str:
    sets = {name: of["spoilt"] for name, of in figures["quality"].items() if "spoilt" in of}
    ways = [way for way in next(iter(sets.values())) if way not in figures["effects"][_EFFECT_SETS[0]]]
    rows = [[way.replace("_", " "), *(_share(of[way]["refused"]) for of in sets.values())] for way in ways]
    return _table(["", *(name.replace("_", " ") for name in sets)], rows)


def _checks(figures: Figures) -> str:
    heatmap, of_float, resolution = figures["heatmap"], figures["float"], figures["resolution"]
    return f"""## Checks

- The float network has a balanced accuracy of {of_float["balanced_accuracy"]:.3f} on the dermoscopic test part; the
  eight-bit network names the same likeliest class for {_share(of_float["agreement"])} of the photos.
- {resolution["photos"]} photos at their original size and at the size they were trained at: the same likeliest
  class for {_share(resolution["same_class"])}; the malignancy probability differs by
  {resolution["mean_malignancy_difference"]:.3f} on average.
- The strongest place of the heat-map lies on the expert's mask of the lesion in {_share(heatmap["hits"])} of the
  dermoscopic test photos; a place chosen blindly would in {_share(heatmap["by_chance"])}."""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _change(figures: Figures, measure: str) -> str:
    of = figures[measure]
    return f"{of['before']:.3f} → {of['after']:.3f} ({of['low']:+.3f} to {of['high']:+.3f})"


def _interval(figure: Figures) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _hundred(value: float) -> str:
    return f"{100 * value:.0f}"


def write_card(models: Path) -> None:
    """Write MODELS/MODEL_CARD.md."""
    figures = json.loads((models / "figures.json").read_text(encoding="utf-8"))
    (models / "MODEL_CARD.md").write_text(card(figures), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    write_card(**vars(parser.parse_args()))
