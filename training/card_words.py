"""What stands in the model card and is no figure."""

from collections.abc import Mapping
from typing import Any, Final

USE: Final = """## Intended use

Adults who worry about a spot on their skin get help to decide when to show it to a doctor, beside and never instead
of the usual advice (change, ABCDE, a sore that does not heal). Students and researchers can look at what such a
network can and can't do.

**Not for:** diagnosis, treatment or triage by professionals; reassurance; screening of groups of people; children;
nails, mucosa, eyes, wounds, tattoos; several lesions in one photo; insurance or employment; any commercial use. A
low probability is no reason to put off a visit."""


LIMITS: Final = """## Limits

- **Skin types.** HAM10000 comes from one clinic in Vienna and one practice in Queensland, nearly all of it light
  skin; PAD-UFES-20 from Brazilians of mostly European descent. On brown and black skin, and for acral and nail
  melanoma, nothing is known, and one must expect worse.
- **Phones.** Most photos it learned from were taken through a dermatoscope. Of phone photos few were there to measure
  it, next to none of them of a melanoma: read the intervals, and expect worse.
- **Diagnoses.** Seven categories only. Squamous cell carcinoma, Merkel cell carcinoma, infections, inflammation: it
  will name one of the seven.
- **Who was photographed.** Lesions that a doctor found worth a photo. Among the spots that people worry about, fewer
  are malignant.
- **Framing.** A lesion that is small, cut off or one of several is noticed only in part, as the tables show. Ink,
  rulers, plasters, wet or made-up skin mislead it.
- **Labels.** More than half of HAM10000's diagnoses come from histology, the others from follow-up, confocal
  microscopy or experts' agreement; some of them will be wrong."""


_SOURCES: Final = """## Sources and licences

The weights are licensed **CC BY-NC 4.0** (`LICENSE` beside this page). They descend from:

- HAM10000: Tschandl, Rosendahl, Kittler 2018, doi:10.1038/sdata.2018.161, CC BY-NC 4.0; its lesion masks: Tschandl
  et al. 2020, doi:10.1038/s41591-020-0942-0.
- PAD-UFES-20: Pacheco et al. 2020, doi:10.17632/zr7vgbcyr2.1, CC BY 4.0.
- The pretrained network: facebookresearch/kill-the-bits, ResNet50 on ImageNet, CC BY-NC 4.0; Stock et al. 2019,
  arXiv:1907.05686.
- Everyday pictures for `model.onnx`, its body and its lesion gate, and `lesion.onnx`: Kodak lossless true colour image
  suite, released for unrestricted use.
{others}
Methods: He et al. 2015 (ResNet), arXiv:1512.03385; Zhou et al. 2016 (class activation maps), arXiv:1512.04150; Guo
et al. 2017 (temperature), arXiv:1706.04599; Ronneberger
et al. 2015 (U-Net), arXiv:1505.04597; Lee et al. 1997 (DullRazor), doi:10.1016/S0010-4825(97)00020-6;
Mitchell et al. 2019 (model cards), arXiv:1810.03993."""

_PQF_PART: Final = "ImageNet weights of kill-the-bits"
_PQF: Final = """
One row of this page, and no file, comes of other pretrained weights: a compressed ResNet50 taught on ImageNet, of
uber-research/permute-quantize-finetune (https://github.com/uber-research/permute-quantize-finetune; Martinez et al.
2021, arXiv:2010.15703). They are available under that repository's licence, which allows non-commercial use only.
"""


def sources(trials: Mapping[str, Any] | None) -> str:
    """Return the section on sources; every public use of Uber's weights needs its notice."""
    is_used = trials is not None and _PQF_PART in trials["brought"]
    return _SOURCES.format(others=_PQF if is_used else "")


REASONS: Final = {
    "too_small": ("too small", "the view has at least {min_side_px} pixels a side"),
    "dark": ("too dark", "the brightest twentieth of its pixels reach grey level {min_light}"),
    "bright": ("too bright", "at most {max_blown_share} of its middle is nothing but light"),
    "glare": ("glare", "at most {max_glare_share} is, in patches"),
    "colour_cast": (
        "coloured light, no colour",
        (
            "red over green {min_red_to_green}–{max_red_to_green} stops, over blue "
            "{min_green_to_blue}–{max_green_to_blue}, and channels that differ by {min_colourfulness} levels"
        ),
    ),
    "blurred": ("not sharp", "edges lose a factor of at least {min_sharpness} by one more pixel of blur"),
    "no_lesion": ("no lesion", "evidence of both networks of at least {min_lesion_evidence}"),
    "too_far": (
        "lesion too small",
        "a lesion found takes {min_lesion_share} of the short side, or its view has {enough_side_px} pixels a side",
    ),
    "cut_off": ("lesion cut off", "at most {max_border_share} of its outline lies on the border"),
    "several": ("several lesions", "a second one has at most {max_second_share} of the area of the largest"),
}
"""Why a photo is declined: a short name, and what a photo must be to pass, to be filled with the limits."""

PICTURES: Final = {
    "classes.png": "Bars: photos of HAM10000 by class and by sex, and the sexes within each class",
    "ages.png": "Bars: photos of HAM10000 by age; lines: the middle ages of each class",
    "decisions.png": "Curves for dermoscopic and phone photos: wrong answers against photos answered, and malignant "
    "lesions found against false alarms",
    "reliability.png": "Dots along a diagonal: probability told against share that came true, for the likeliest class "
    "and for malignancy, each above a histogram",
    "confusion.png": "Two squares of counts, dermoscopic and phone: the true class in rows, the likeliest in columns",
    "roc.png": "Eight ROC curves: each class against all others, and the malignant classes together",
    "precision_recall.png": "Eight curves of precision against recall: each class, and the malignant ones together",
    "examples.jpg": "Photos of each class named rightly, and of each named wrongly, with their heat-maps below them",
}
"""What each picture that training/plots.py draws shows, for those who can't see it."""
