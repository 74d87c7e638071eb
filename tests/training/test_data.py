import cv2
import numpy as np

from inference.image import resized
from training.data import FOLDS, Photos, folded, joined_groups, perceptual_hash, split_by_group


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
