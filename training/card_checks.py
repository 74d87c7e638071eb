"""What the model card tells of lesions, of photos that can't be judged, and of other checks."""

from training.card_format import Figures, change, interval, share, table
from training.card_words import REASONS
from training.refusals import refused_for_another_reason, told_of

_FINDERS = {
    "segmentation": "`lesion.onnx`",
    "otsu": "Otsu's threshold on grey",
    "centre_disc": "the best disc in the middle",
}
_VIEW_SETS = {
    "dermoscopic": "dermoscopic",
    "dermoscopic_far": "dermoscopic, from afar",
    "phone": "phone",
    "phone_far": "phone, from afar",
}
_VIEW_MEASURES = {"balanced_accuracy": "balanced accuracy", "malignant_auc": "AUC, malignant", "log_loss": "log loss"}


def lesions(lesion: Figures, moved: Figures) -> str:
    """Return the section on lesion.onnx and the square that is looked at."""
    found, phone, bare = lesion["dermoscopic"], lesion["phone"], lesion["without_lesion"]["phone skin"]
    rows = [
        [title, *(interval(found[name][measure]) for measure in ("dice", "iou", "centre_found"))]
        for name, title in _FINDERS.items()
    ]
    views = [
        [title, str(of["photos"]), share(of["moved"]), *(change(of, measure) for measure in _VIEW_MEASURES)]
        for name, title in _VIEW_SETS.items()
        for of in [moved[name]]
    ]
    return f"""## Where the lesion is

`lesion.onnx` ({lesion["bytes"] / 1e3:.0f} kB, SHA-256 `{lesion["of"]["lesion.onnx"]}`),
a small U-Net, marks the lesion in the whole photo, squeezed to 96×96. It was trained from scratch on the train part:
HAM10000 with its masks, lesions cut out and set small, large, twice or cut off into phone skin, and phone photos with
outlines drawn by eye, by nobody medical. From where on it claims a lesion was chosen on the validation part. On
{found["photos"]:,} dermoscopic test photos, against the experts' masks:

{table(["", "Dice", "intersection over union", "centre found"], rows)}

It finds a lesion in {share(phone["claimed"])} of the {phone["pictures"]} phone photos of the test part, and in
{share(bare["claimed"])} of {bare["pictures"]} pictures of bare skin from them. On the {phone["outlined"]} that have an
outline drawn by eye, its mean Dice is {phone["dice"]:.3f}.

Where the lesion is small or far from the middle, a square around it is looked at instead of the centre square. What
that changes on test photos, from the centre square to this; in brackets the 95 % interval of the difference. "From
afar" are photos shrunk onto more skin.

{table(["", "photos", "moved", *_VIEW_MEASURES.values()], views)}"""


_CAUTIONS = (
    "at most {noted_border_share} of the outline lies on the border, the view leaves out at most "
    "{noted_left_out_share} of the lesion's box, its edge is found, and a second lesion has at most "
    "{noted_second_share} of the area of the largest"
)
_EFFECT_SETS = ("ham10000", "pad_ufes_20")


def refusals(figures: Figures) -> str:
    """Return the section on photos that are declined, and on those that should be."""
    sets = figures["quality"]["sets"]
    empty = [
        [kind.replace("_", " "), str(of["photos"]), share(of["refused"]), share(of["gated"])]
        for kind, of in figures["quality"]["without_lesion"].items()
    ]
    limits = figures["limits"]
    wrongly = [
        [title, told.format_map(limits), *(share(of["refused_because"][reason]) for of in sets.values())]
        for reason, (title, told) in REASONS.items()
    ]
    wrongly.append(["any of them", "", *(share(of["refused"]) for of in sets.values())])
    wrongly.append(
        ["answered with a caution", _CAUTIONS.format_map(limits), *(share(of["noted"]) for of in sets.values())]
    )
    heads = [f"{name.replace('_', ' ')}: {of['photos']} photos" for name, of in sets.items()]
    return f"""## Photos that can't be judged

Each check, its limit, and the share of photos of real lesions of the test part that it refuses wrongly; the first
reason counts. The limits, and what each network's word counts in the evidence of a lesion, were fitted on photos of the
train and validation parts together. "As supplied" are the copies that HAM10000 is at hand as, stretched to a square.

{table(["", "a photo passes if", *heads], wrongly)}

Test photos made worse on purpose, refused for whatever reason but the missing lesion. On the right, how far that
moves the answers of the classifying network: the median change of the malignancy probability, and how often another
class becomes the likeliest.

{_spoilt(figures)}

The same lesions framed badly: of how many it is told what is wrong with the framing, by a refusal for that very reason
(in brackets) or by a caution, that a part of the lesion may lie outside or that there may be another one; and how many
are refused for another reason; "of" so many, as all but the last are made of those in which a lesion is found from
near. The others are answered without a word of it.

{_framed(figures)}

Pictures without a lesion, none of them used to fit a limit, refused for whatever reason, and how many would be if
nothing but the missing lesion counted:

{table(["", "pictures", "refused", "no lesion seen"], empty)}

"Dermoscopic skin" is cut from beside lesions of the test part; "flat or drawn" are walls, ramps of colour and written
pages."""


def _spoilt(figures: Figures) -> str:
    sets = {name: of["spoilt"] for name, of in figures["quality"]["sets"].items() if "spoilt" in of}
    effects = [figures["quality"]["effects"][name] for name in _EFFECT_SETS]
    rows = [
        [
            way.replace("_", " "),
            *(share(of[way]["refused"]) for of in sets.values()),
            *(f"{of[way]['malignancy_moved']:.2f}, {share(of[way]['other_class'])}" for of in effects),
        ]
        for way in effects[0]
    ]
    moved = [f"{name.replace('_', ' ')}: moved" for name in _EFFECT_SETS]
    return table(["", *(name.replace("_", " ") for name in sets), *moved], rows)


def _framed(figures: Figures) -> str:
    sets = {name: of["spoilt"] for name, of in figures["quality"]["sets"].items() if "spoilt" in of}
    ways = [way for way in next(iter(sets.values())) if way not in figures["quality"]["effects"][_EFFECT_SETS[0]]]
    rows = [
        [
            way.replace("_", " "),
            *(
                f"{share(told_of(of[way]))} ({share(of[way]['named'])}), {share(refused_for_another_reason(of[way]))}"
                f" of {of[way]['photos']}"
                for of in sets.values()
            ),
        ]
        for way in ways
    ]
    return table(["", *(name.replace("_", " ") for name in sets)], rows)


def checks(figures: Figures) -> str:
    """Return the section that compares the network with others and its heat-maps with masks."""
    heatmap, resolution = figures["heatmap"], figures["resolution"]
    mistaken = figures["mistaken"]
    return f"""## Checks

{_in_float(figures["float"], figures["same_in_float"])}
{_other_processor(figures["processor"])}
- {resolution["photos"]} photos that it has not learnt, of which {resolution["tested"]} are of the test part, at their
  original size and at the size they were trained at: the same likeliest class for {share(resolution["same_class"])};
  the malignancy probability differs by {resolution["mean_malignancy_difference"]:.3f} on average.
- {share(mistaken["dermoscopic"])} of the dermoscopic photos are taken for a phone's, and {share(mistaken["phone"])} of
  the phone photos for a dermatoscope's: they get the calibration and the thresholds of the other kind.
- The strongest place of the heat-map that is shown, of the class that the advice is about, lies on the expert's mask of
  the lesion in {share(heatmap["hits"])} of the dermoscopic test photos; a place chosen blindly would in
  {share(heatmap["by_chance"])}. Of all the heat, {share(heatmap["energy_inside"])} lies on the mask; of a round spot in
  the middle of the photo, {share(heatmap["energy_of_centre"])} would. {_not_likeliest(heatmap)}"""


def _in_float(began_at: Figures, same: Figures) -> str:
    accuracy = f"a balanced accuracy of {began_at['balanced_accuracy']:.3f} there"
    agreed = f"names the same likeliest class for {share(began_at['agreement'])} of the photos."
    another = f"""- Its own weights as they were before they were rounded are a network with {accuracy},
  which {agreed}
  They learnt to be rounded: that is no network trained for float."""
    if began_at.get("is_start"):
        another = f"""- The float network that it began at before it learnt to be rounded has {accuracy},
  and {agreed}"""
    return f"""- Computed in float32, with the weights of the file and only the values between its layers not rounded,
  it names the same likeliest class for {share(same["agreement"])} of the photos of the dermoscopic test part, and has a
  balanced accuracy of {same["balanced_accuracy"]:.3f} there.
{another}"""


def _not_likeliest(heatmap: Figures) -> str:
    if not heatmap["not_likeliest"]:
        return "That class is the likeliest of every photo."
    return f"""Of {heatmap["not_likeliest"]:,} photos that class is
  not the likeliest: of these, in {share(heatmap["hits_of_not_likeliest"])}."""


def _other_processor(found: Figures | None) -> str:
    if found is None:
        return "- It was not compared with itself on a processor without VNNI."
    return f"""- On an emulated {found["processor"]}, which has no VNNI, it names the same likeliest class for
  {found["same_class"]} of {found["photos"]} validation photos; a logit, of which the standard deviation is
  {found["spread"]:.2f}, differs by at most {found["largest_difference"]:.4f}."""
