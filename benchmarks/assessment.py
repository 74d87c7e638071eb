"""How long one photo takes, from its bytes to the picture for the patient, beside the usual copy; on one thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import cv2

from benchmarks.baseline import usual_copy
from benchmarks.baseline.resnet50 import resnet50
from benchmarks.measuring import ROOT, Figure, at_least, at_most, by_turns_ms, photos_as_sent
from bot.content import load_content
from bot.pictures.answer import answer_picture
from bot.render.answer import picture_labels
from inference.assess import Assessment, assess
from inference.decoding import decode
from inference.image import lesion_view, network_input
from inference.model import Model, load_model
from inference.quality import quality_report

if TYPE_CHECKING:
    import onnxruntime

_FASTER: Final = 4.3  # times
_REST_MS: Final = 8


def figures(rounds: int) -> list[Figure]:
    """Measure the whole, the network, and what is left between them.

    Inpainting takes the usual copy the longer, the more hair it finds: the aims are for a photo that has none.
    """
    cv2.setNumThreads(1)
    model = load_model(ROOT / "models")
    naive = usual_copy.session(resnet50())
    smooth, hairy, *_ = photos_as_sent()
    whole, network, usual, usual_network = _both(smooth, model, naive, rounds)
    hairy_whole, _, hairy_usual, _ = _both(hairy, model, naive, rounds)
    return [
        Figure("whole assessment with its picture", f"{usual:.1f} ms", f"{whole:.1f} ms"),
        at_least("… times as fast as the usual copy", "1×", usual / whole, _FASTER, "×"),
        Figure("… of a hairy photo", f"{hairy_usual:.1f} ms", f"{hairy_whole:.1f} ms"),
        Figure("the network alone", f"{usual_network:.1f} ms (ResNet50, float32)", f"{network:.1f} ms (8-bit)"),
        at_most("everything but the network", f"{usual - usual_network:.1f} ms", whole - network, _REST_MS, " ms"),
        *_parts(smooth, model, rounds),
    ]


def _both(photo: bytes, model: Model, naive: "onnxruntime.InferenceSession", rounds: int) -> list[float]:
    """Return the milliseconds of this project's whole and network, and of the usual copy's, all by turns."""
    draw = _drawing()
    input_rgb = network_input(lesion_view(decode(photo)), model.input_side_px)
    tensor = usual_copy.prepared(photo)
    return by_turns_ms(
        4 * rounds,
        lambda: draw(assess(photo, model)),
        lambda: model.answer(input_rgb),
        lambda: usual_copy.answer(photo, naive),
        lambda: usual_copy.run(tensor, naive),
    )


def _drawing() -> Callable[[Assessment], bytes]:
    content = ROOT / "content"
    labels = picture_labels(load_content(content).texts("en"))
    return lambda seen: answer_picture(
        seen.view_rgb, seen.heatmap, seen.heatmap_class, seen.probabilities, labels, content / "fonts"
    )


def _parts(photo: bytes, model: Model, rounds: int) -> list[Figure]:
    """What everything but the network consists of."""
    draw, seen = _drawing(), assess(photo, model)
    image_rgb = decode(photo)
    found = model.segmentation(image_rgb)
    view_rgb = lesion_view(image_rgb, found.view)
    input_rgb = network_input(view_rgb, model.input_side_px)
    works: dict[str, Callable[[], object]] = {
        "decoding": lambda: decode(photo),
        "finding the lesion": lambda: model.segmentation(image_rgb),
        "hair, and the network's input": lambda: network_input(view_rgb, model.input_side_px),
        "quality": lambda: quality_report(image_rgb, input_rgb, found, 1.0),
        "the picture": lambda: draw(seen),
    }
    taken_ms = by_turns_ms(4 * rounds, *works.values())
    return [Figure(f"– {name}", "", f"{ms:.2f} ms") for name, ms in zip(works, taken_ms, strict=True)]
