"""Read the data sets, prepare every photo once, and split so that no lesion, patient or near-duplicate crosses.

    python -m training.data DATA CACHE

A data set that lies in CACHE already, and is what this code makes of its photos, is not prepared again.

Sources: HAM10000 (Tschandl 2018, doi:10.1038/sdata.2018.161, CC BY-NC 4.0); PAD-UFES-20 (Pacheco 2020,
doi:10.17632/zr7vgbcyr2.1, CC BY 4.0).
"""

import csv
import functools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass
from inference.decoding import decode
from inference.hair import remove_hair
from inference.image import RgbImage, lesion_view, network_input, normalized, resized
from training import split
from training.command_line import folders
from training.current import code_sum, is_current, surely_of, write_sum
from training.whole import write_arrays

INPUT_SIDE_PX: Final = 224
IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_STD: Final = (0.229, 0.224, 0.225)
FRAME_PX: Final = (299, 224)  # HAM10000 is supplied as 600×450 stretched to 224×224: this undoes it
_PHONE_SIDE_PX: Final = 299
_TOLD_EVERY: Final = 500  # photos
_COMPARED_EVERY: Final = 97  # photos, to tell whether frames and views are what would be prepared
FOLDS: Final = 5
PHONE_CLASS: Final = {"ACK": "akiec", "BCC": "bcc", "SEK": "bkl", "NEV": "nv", "MEL": "mel"}  # SCC has none


@dataclass(frozen=True, slots=True)
class Photos:
    """One data set, prepared.

    Attributes:
        image_ids: N names.
        frames: (N, H, W, 3) uint8, RGB, hair removed: what augmentation crops from.
        views: (N, 224, 224, 3) uint8, RGB: exactly what production gives the network.
        labels: (N,) int, index into LesionClass; -1 where no class fits.
        groups: (N,) int: one for each lesion or patient, near-duplicates joined.
        parts: (N,) str: train, validation or test.
    """

    image_ids: NDArray[np.str_]
    frames: NDArray[np.uint8]
    views: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    parts: NDArray[np.str_]

    def part(self, name: str) -> NDArray[np.intp]:
        """Return the indices of the labelled photos of a part."""
        return np.flatnonzero((self.parts == name) & (self.labels >= 0))


def network_inputs(views: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """N views, (S, S, 3) uint8, to (N, 3, S, S) float32, normalised as production does."""
    return np.stack([normalized(view, IMAGENET_MEAN, IMAGENET_STD) for view in views])


def unzipped(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name without folder and ending, bytes) of each file in an archive, in its order."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                yield Path(name).stem, archive.read(name)


def ham10000(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (image_id, bytes) of each photo of HAM10000, as supplied: 600×450, stretched to 224×224."""
    for archive in sorted((data / "ham10000").glob("images-*.zip")):
        yield from unzipped(archive)


def pad_ufes_20(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (image_id, bytes) of each photo of PAD-UFES-20."""
    return unzipped(data / "pad-ufes-20" / "images.zip")


def table(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a metadata table by image_id."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["image_id"]: row for row in csv.DictReader(file)}


def dermoscopic_image(photo: bytes) -> RgbImage:
    """Decode a photo of HAM10000, its stretch undone."""
    return resized(decode(photo), *FRAME_PX)


def dermoscopic_photos(data: Path, every: int = 1) -> Photos:
    """Prepare HAM10000, its stretch undone; frames and views of every EVERY-th photo."""
    rows = table(data / "ham10000" / "metadata.csv")
    decoded = ((name, dermoscopic_image(photo)) for name, photo in ham10000(data))
    labels = {name: LesionClass(row["dx"]) for name, row in rows.items()}
    return _prepared(decoded, labels, {name: row["lesion_id"] for name, row in rows.items()}, every)


def phone_photos(data: Path, every: int = 1) -> Photos:
    """Prepare the smartphone photos of PAD-UFES-20; frames and views of every EVERY-th."""
    rows = table(data / "pad-ufes-20" / "metadata.csv")
    decoded = ((name, decode(photo)) for name, photo in pad_ufes_20(data))
    labels = {
        name: LesionClass(PHONE_CLASS[row["diagnostic"]]) if row["diagnostic"] in PHONE_CLASS else None
        for name, row in rows.items()
    }
    return _prepared(decoded, labels, {name: row["patient_id"] for name, row in rows.items()}, every)


def lesion_free_photos(data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of each piece of lesion-free skin, cut from phone photos."""
    return unzipped(data / "negatives" / "skin-without-lesion.zip")


def lesion_free_views(data: Path, every: int = 1) -> dict[str, NDArray[np.generic]]:
    """Return image_ids of lesion-free skin, and (N, 224, 224, 3) uint8 views of every EVERY-th piece."""
    names, photos = zip(*lesion_free_photos(data), strict=True)
    return {"image_ids": np.array(names), "views": np.stack([_view(decode(photo)) for photo in photos[::every]])}


def _prepared(
    decoded: Iterator[tuple[str, RgbImage]],
    labels: dict[str, LesionClass | None] | dict[str, LesionClass],
    owners: dict[str, str],
    every: int,
) -> Photos:
    names: list[str] = []
    frames: list[RgbImage] = []
    views: list[RgbImage] = []
    hashes: list[int] = []
    for number, (name, image_rgb) in enumerate(decoded, 1):
        names.append(name)
        hashes.append(split.perceptual_hash(image_rgb))
        if (number - 1) % every == 0:
            views.append(_view(image_rgb))
            frames.append(_frame(image_rgb))
        if number % _TOLD_EVERY == 0:
            print(f"{number:,} of {len(labels):,} photos are read", flush=True)
    order = list(LesionClass)
    indices = [order.index(label) if (label := labels[name]) else -1 for name in names]
    groups = split.joined_groups([owners[name] for name in names], np.array(hashes, np.uint64))
    label_array = np.array(indices)
    parts = split.split_by_group(label_array, groups, np.random.default_rng(0))
    return Photos(np.array(names), np.stack(frames), np.stack(views), label_array, groups, parts)


def _view(image_rgb: RgbImage) -> RgbImage:
    return network_input(lesion_view(image_rgb), INPUT_SIDE_PX)


def _frame(image_rgb: RgbImage) -> RgbImage:
    if image_rgb.shape[:2] == FRAME_PX[::-1]:
        return remove_hair(image_rgb)[0]
    return network_input(lesion_view(image_rgb), _PHONE_SIDE_PX)


@functools.cache
def _code_sum() -> str:
    """Return the checksum of what this code makes of a photo, taken for one of each kind, and of what it splits by."""
    both = (decode, dermoscopic_image)
    return code_sum(
        lambda photo: [made(image(photo)) for image in both for made in (_view, _frame, _hash)],
        PHONE_CLASS,
        (split.DUPLICATE_BITS, split.TEST_SHARE, split.VALIDATION_SHARE),
    )


def _hash(image_rgb: RgbImage) -> NDArray[np.uint64]:
    return np.array(split.perceptual_hash(image_rgb), np.uint64)


def folded(photos: Photos, fold: int) -> Photos:
    """Return the photos with another validation part: a fifth of the groups outside the test part, stratified."""
    parts = np.where(photos.parts == "test", "test", "train").astype(photos.parts.dtype)
    rest = np.flatnonzero(parts == "train")
    shuffled = split.shuffled_by_class(photos.labels[rest], photos.groups[rest], np.random.default_rng(0))
    held_out = np.concatenate([members[fold::FOLDS] for members in shuffled])
    parts[rest[np.isin(photos.groups[rest], held_out)]] = "validation"
    return replace(photos, parts=parts)


def save(photos: Photos, path: Path) -> None:
    """Write a prepared data set."""
    write_arrays(path, _arrays(photos))
    write_sum(path, _code_sum())


def _arrays(photos: Photos) -> dict[str, NDArray[np.generic]]:
    return {name: getattr(photos, name) for name in Photos.__slots__}


def load(path: Path) -> Photos:
    """Read a prepared data set.

    Raises:
        ValueError: it was prepared by other code, or nobody knows by which.
    """
    return Photos(**_prepared_arrays(path))


def load_lesion_free(path: Path) -> tuple[NDArray[np.str_], NDArray[np.uint8]]:
    """Read names and (N, 224, 224, 3) uint8 views of lesion-free skin.

    Raises:
        ValueError: see load.
    """
    arrays = _prepared_arrays(path)
    return arrays["image_ids"], arrays["views"]


def _prepared_arrays(path: Path) -> dict[str, NDArray[Any]]:
    surely_of(path, _code_sum())
    with np.load(path) as arrays:
        return dict(arrays)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a photo: see Photos."""

    label: int
    group: int


def photos_of(cache: Path, name: str, *parts: str) -> dict[str, Known]:
    """Return what is known of each photo in these parts of a prepared data set, by image_id; no photo is read."""
    with np.load(cache / f"{name}.npz") as arrays:
        rows = zip(*(arrays[field].tolist() for field in ("image_ids", "parts", "labels", "groups")), strict=True)
    return {image_id: Known(label, group) for image_id, part, label, group in rows if part in parts}


def _is_current(path: Path, made: Callable[[int], Mapping[str, NDArray[np.generic]]]) -> bool:
    """Tell whether a data set need not be prepared anew, and say so."""
    is_known = is_current(path, _code_sum(), _COMPARED_EVERY, lambda: made(_COMPARED_EVERY))
    if is_known:
        print(f"{path} is there, as this code prepares photos")
    return is_known


def main(data: Path, cache: Path) -> None:
    """Prepare everything that training needs and that is not there."""
    cv2.setNumThreads(1)
    cache.mkdir(parents=True, exist_ok=True)
    if not _is_current(cache / "phone.npz", lambda every: _arrays(phone_photos(data, every))):
        _prepare("phone", phone_photos(data), cache)
    if not _is_current(cache / "dermoscopic.npz", lambda every: _arrays(dermoscopic_photos(data, every))):
        _prepare("dermoscopic", dermoscopic_photos(data), cache)
    if not _is_current(cache / "lesion_free.npz", lambda every: lesion_free_views(data, every)):
        write_arrays(cache / "lesion_free.npz", lesion_free_views(data))
        write_sum(cache / "lesion_free.npz", _code_sum())


def _prepare(name: str, photos: Photos, cache: Path) -> None:
    save(photos, cache / f"{name}.npz")
    sizes = {part: int((photos.parts == part).sum()) for part in ("train", "validation", "test")}
    largest = np.bincount(photos.groups).max()
    print(f"{name}: {len(photos.labels)} photos, {sizes}, {len(set(photos.groups))} groups, largest {largest}")


if __name__ == "__main__":
    main(**vars(folders(__doc__, "data", "cache").parse_args()))
