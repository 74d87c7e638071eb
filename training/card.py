"""Write MODEL_CARD.md from figures.json: no number is typed here.

python -m training.card MODELS
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]


def card(figures: Figures) -> str:
    """Return the model card as Markdown."""
    sections = (
        _what(figures),
        _USE,
        _data(figures["data"]),
        _recipe(figures),
        _results(figures),
        _advice(figures),
        _per_class(figures["dermoscopic"], "dermoscopic"),
        _per_class(figures["phone"], "phone"),
        _refusals(figures),
        _checks(figures),
        _LIMITS,
        _SOURCES,
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


_USE = """## Intended use

Adults who worry about a spot on their skin get help to decide when to show it to a doctor, beside and never instead
of the usual advice (change, ABCDE, a sore that does not heal). Students and researchers can look at what such a
network can and can't do.

**Not for:** diagnosis, treatment or triage by professionals; reassurance; screening of groups of people; children;
nails, mucosa, eyes, wounds, tattoos; several lesions in one photo; insurance or employment; any commercial use. A
low probability is no reason to put off a visit."""


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
and thresholds were fitted on the validation part. The test part was looked at twice before these figures: with an
early network, and with this one before the lesion gate's threshold was fitted anew, on validation. PAD-UFES-20's
squamous cell carcinomas have no class in HAM10000: they are left out where classes are counted, and
are malignant where that is asked."""


def _recipe(figures: Figures) -> str:
    calibration = figures["calibration"]
    return f"""## Recipe

A ResNet50 pretrained on ImageNet; its first convolution and first stage stay as they were. AdamW, warm-up and a
cosine over the share of the time that was spent; small pictures first, full size after; label smoothing; classes
drawn by the square root of their size; some phone photos in every batch; random crops, turns, light, blur, noise
and JPEG. The weights that ship are a moving average. Hair is painted over (DullRazor) by the same code in training
and in use.

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

The shipped eight-bit file, on the test part, through the code that answers patients. In brackets: 95 % intervals
from bootstrap resamples over lesions or patients.

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


def _refusals(figures: Figures) -> str:
    rows = [[kind, str(of["pictures"]), _share(of["refused"])] for kind, of in figures["without_lesion"].items()]
    quality = [
        [name.replace("_", " "), *(_share(of[name]) for of in figures["quality"].values())] for name in _spoilt(figures)
    ]
    return f"""## Photos that can't be judged

Pictures without a lesion, none of them used in training:

{_table(["", "pictures", "refused"], rows)}

"Dermoscopic skin" is cut from beside lesions of the test part; "drawn pages" are flat colours, ramps and text, drawn
anew by what also drew the pages that taught the gate. Test photos made worse on purpose:

{_table(["", *figures["quality"]], quality)}"""


def _spoilt(figures: Figures) -> list[str]:
    return [name for name in next(iter(figures["quality"].values())) if name != "photos"]


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


_LIMITS = """## Limits

- **Skin types.** HAM10000 comes from one clinic in Vienna and one practice in Queensland, nearly all of it light
  skin; PAD-UFES-20 from Brazilians of mostly European descent. On brown and black skin, and for acral and nail
  melanoma, nothing is known, and one must expect worse.
- **Phones.** Most photos it learned from were taken through a dermatoscope. On phone photos it is clearly worse, as
  the table shows, and few were there to measure it.
- **Diagnoses.** Seven categories only. Squamous cell carcinoma, Merkel cell carcinoma, infections, inflammation: it
  will name one of the seven.
- **Who was photographed.** Lesions that a doctor found worth a photo. Among the spots that people worry about, fewer
  are malignant.
- **Framing.** The lesion has to be in the middle. Ink, rulers, plasters, wet or made-up skin mislead it.
- **Labels.** More than half of HAM10000's diagnoses come from histology, the others from follow-up, confocal
  microscopy or experts' agreement; some of them will be wrong."""


_SOURCES = """## Sources and licences

The weights are licensed **CC BY-NC 4.0** (`LICENSE` beside this page). They descend from:

- HAM10000: Tschandl, Rosendahl, Kittler 2018, doi:10.1038/sdata.2018.161, CC BY-NC 4.0; its lesion masks: Tschandl
  et al. 2020, doi:10.1038/s41591-020-0942-0.
- PAD-UFES-20: Pacheco et al. 2020, doi:10.17632/zr7vgbcyr2.1, CC BY 4.0.
- The pretrained network: facebookresearch/kill-the-bits, ResNet50 on ImageNet, CC BY-NC 4.0; Stock et al. 2019,
  arXiv:1907.05686.
- Everyday pictures for the lesion gate: Kodak lossless true colour image suite, released for unrestricted use.

Methods: He et al. 2015 (ResNet), arXiv:1512.03385; Zhou et al. 2016 (class activation maps), arXiv:1512.04150; Guo
et al. 2017 (temperature), arXiv:1706.04599; Lee et al. 1997 (DullRazor), doi:10.1016/S0010-4825(97)00020-6;
Mitchell et al. 2019 (model cards), arXiv:1810.03993."""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


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
