import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.image import RgbImage, resized
from training.data import (
    FOLDS,
    Photos,
    dermoscopic_photos,
    folded,
    phone_photos,
)
from training.split import joined_groups, perceptual_hash, split_by_group


def test_photos_of_one_lesion_share_a_group() -> None:
    far_apart = np.array([0, 2**64 - 1, 0x0F0F0F0F0F0F0F0F], np.uint64)
    first, second, other = joined_groups(["a", "a", "b"], far_apart)
    assert first == second != other


def test_near_duplicates_of_different_lesions_share_a_group() -> None:
    hashes = np.array([0, 0b1111, 2**64 - 1], np.uint64)
    first, duplicate, other = joined_groups(["a", "b", "c"], hashes)
    assert first == duplicate != other


def test_duplicates_join_in_chains() -> None:
    hashes = np.array([0, 2**64 - 1, 2**64 - 1, 1], np.uint64)
    assert len(set(joined_groups(["a", "b", "a", "c"], hashes))) == 1


def test_no_group_crosses_a_split() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 300, 1000)
    parts = split_by_group(rng.integers(0, 3, 1000), groups, rng)
    assert all(len(set(parts[groups == group])) == 1 for group in np.unique(groups))


def test_every_class_is_dealt_to_every_part_in_its_share() -> None:
    labels = np.repeat([0, 1], [900, 100])
    parts = split_by_group(labels, np.arange(1000), np.random.default_rng(0))
    for label, size in ((0, 900), (1, 100)):
        assert (parts[labels == label] == "test").sum() == size * 0.2
        assert (parts[labels == label] == "validation").sum() == size * 0.12


def test_folds_hold_out_each_lesion_once_and_leave_the_test_part_alone() -> None:
    rng = np.random.default_rng(0)
    groups = np.sort(rng.integers(0, 200, 600))
    labels = (groups % 7).astype(np.int64)
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    photos = Photos(groups.astype(str), nothing, nothing, labels, groups, split_by_group(labels, groups, rng))
    held = np.zeros(len(groups), int)
    for fold in range(FOLDS):
        of_fold = folded(photos, fold)
        assert np.array_equal(of_fold.parts == "test", photos.parts == "test")
        assert not set(groups[of_fold.part("train")]) & set(groups[of_fold.part("validation")])
        assert set(labels[of_fold.part("validation")]) == set(range(7))
        held[of_fold.part("validation")] += 1
    assert np.array_equal(held, photos.parts != "test")


def test_perceptual_hash_survives_scaling_and_compression() -> None:
    rng = np.random.default_rng(0)
    photo, other = (resized(rng.integers(0, 256, (8, 8, 3), np.uint8), 240, 240) for _ in range(2))
    smaller = resized(photo, 150, 150)
    sent = np.asarray(cv2.imdecode(cv2.imencode(".jpg", smaller)[1], cv2.IMREAD_COLOR), np.uint8)
    assert (perceptual_hash(photo) ^ perceptual_hash(sent)).bit_count() <= 4
    assert (perceptual_hash(photo) ^ perceptual_hash(other)).bit_count() > 8


_OWNERS = 30


def _jpeg(image_rgb: RgbImage, quality: int) -> bytes:
    encoded: bytes = cv2.imencode(".jpg", image_rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    return encoded


def _write(folder: Path, archive: str, owner: str, label: tuple[str, str]) -> None:
    """Write two unlike photos of each owner; the second of every third is the first of the next, compressed anew."""
    rng = np.random.default_rng(0)
    pictures = [resized(rng.integers(0, 256, (8, 8, 3), np.uint8), 224, 224) for _ in range(2 * _OWNERS)]
    folder.mkdir()
    with zipfile.ZipFile(folder / archive, "w") as images, (folder / "metadata.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image_id", owner, label[0]])
        for number, picture in enumerate(pictures):
            is_copy = number % 6 == 1
            images.writestr(
                f"photos/{number}.jpg", _jpeg(pictures[number + 1] if is_copy else picture, 95 - 35 * is_copy)
            )
            rows.writerow([number, f"owner {number // 2}", label[1]])


@pytest.mark.parametrize(
    ("folder", "archive", "owner", "label", "read"),
    [
        ("ham10000", "images-1-of-1.zip", "lesion_id", ("dx", "nv"), dermoscopic_photos),
        ("pad-ufes-20", "images.zip", "patient_id", ("diagnostic", "NEV"), phone_photos),
    ],
    ids=["dermoscopic", "phone"],
)
def test_neither_an_owner_nor_a_near_duplicate_of_a_data_set_crosses_a_split(
    tmp_path: Path, folder: str, archive: str, owner: str, label: tuple[str, str], read: Callable[[Path], Photos]
) -> None:
    _write(tmp_path / folder, archive, owner, label)
    photos = read(tmp_path)
    part = dict(zip(photos.image_ids.tolist(), photos.parts.tolist(), strict=True))
    assert set(part.values()) == {"train", "validation", "test"}
    assert all(part[f"{first}"] == part[f"{first + 1}"] for first in range(0, 2 * _OWNERS, 2))
    assert all(part[f"{copy}"] == part[f"{copy + 1}"] for copy in range(1, 2 * _OWNERS, 6))
    assert len(set(photos.groups)) == _OWNERS - _OWNERS // 3
