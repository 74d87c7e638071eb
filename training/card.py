"""Write MODEL_CARD.md from figures.json: nothing measured is typed here, only settings.

    python -m training.card MODELS

The history of a training is no figure: who trained writes it into RUN/history.json, with the network's checksum (see
told.py).
"""

import json
from pathlib import Path

from training.card_checks import checks, lesions, refusals
from training.card_format import Figures, picture, table
from training.card_recipe import history, paper, recipe, trials
from training.card_results import advice, classes, groups, results
from training.card_words import LIMITS, USE, sources
from training.command_line import folders
from training.whole import write_text


def card(figures: Figures) -> str:
    """Return the model card as Markdown."""
    sections = (
        _what(figures),
        USE,
        _data(figures),
        paper(figures["paper"]),
        recipe(figures),
        trials(figures["trials"]),
        results(figures),
        advice(figures),
        classes(figures),
        groups(figures["subgroups"]),
        lesions(figures["lesions"], figures["views"]),
        refusals(figures),
        checks(figures),
        LIMITS,
        sources(figures["trials"]),
    )
    return "\n\n".join(sections) + "\n"


def _what(figures: Figures) -> str:
    model = figures["model"]
    return f"""# Model card: {model["name"]}

A ResNet50 that looks at one photo of one skin lesion and says how much it resembles each of the seven diagnostic
categories of HAM10000, where in the photo that comes from, and whether there is a lesion at all. It is research and
education software. It is no medical device, it makes no diagnosis, and it never shows that a lesion is harmless.

- {history(figures, "trained").replace(chr(10), chr(10) + "  ")}
- `model.onnx`: {model["bytes"] / 1e6:.1f} MB, eight-bit body, float heads; SHA-256 `{model["onnx_sha256"]}`.
- `model.json` holds what one must know to use it; `figures.json` holds every number of this page;
  the pictures are drawn from the same answers.
- Weights: CC BY-NC 4.0, no commercial use; see the end of this page."""


def _data(figures: Figures) -> str:
    data = figures["data"]
    kinds = {"dermoscopic": "HAM10000, photos of lesions", "phone": "PAD-UFES-20, photos of patients"}
    rows = [
        [title, *(f"{of['photos']:,} of {of['groups']:,}" for of in data[kind].values())]
        for kind, title in kinds.items()
    ]
    return f"""## Data and split

{table(["", *data["dermoscopic"]], rows)}

No lesion, no patient and no near-duplicate (by perceptual hash) stands in two parts; lesions that share a
near-duplicate count as one, some that only look alike among them, so that there are fewer groups than lesions. Which
patient a phone photo is of was matched for most of them, of about one in a hundred wrongly. Parts are stratified by
class, and nothing was resampled before the split. Temperatures, prediction sets, and the thresholds of the advice were
fitted on the validation part; the limits by which photos are declined on the train and validation parts together,
though the networks had learnt from the former.
{history(figures, "test_part")}

PAD-UFES-20's squamous cell carcinomas have no class in HAM10000: they are left out where classes are counted, and are
malignant where that is asked.

{picture("classes.png")}

{picture("ages.png")}

All of HAM10000 before the split; ages are told in steps of five years."""


def write_card(models: Path) -> None:
    """Write MODELS/MODEL_CARD.md."""
    figures = json.loads((models / "figures.json").read_text(encoding="utf-8"))
    write_text(models / "MODEL_CARD.md", card(figures))


if __name__ == "__main__":
    write_card(**vars(folders(__doc__, "models").parse_args()))
