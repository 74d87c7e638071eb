"""Who is taught, who is asked on the way, and who is kept for the test: no lesion, patient or near-duplicate crosses.

The split hangs on what is here: another rule, and photos of the test part are taught.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage

DUPLICATE_BITS: Final = 4  # of 64 that may differ between the perceptual hashes of near-duplicates
TEST_SHARE: Final = 0.2
VALIDATION_SHARE: Final = 0.12


def perceptual_hash(image_rgb: RgbImage) -> int:
    """Return 64 bits: the signs of the lowest frequencies of a 32×32 grey copy around their median.

    The split hangs on them, so they use no code of production, which may change.
    """
    small_rgb = cv2.resize(image_rgb, (32, 32), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small_rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low = cv2.dct(grey)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">u8")[0])


def joined_groups(owners: list[str], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return a group number for each photo: the same for one owner, and for near-duplicates of different owners."""
    _, first = np.unique(np.array(owners), return_inverse=True)
    parent = np.arange(len(owners))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for start in range(len(hashes)):
        distances = np.bitwise_count(hashes[start + 1 :] ^ hashes[start])
        for other in np.flatnonzero(distances <= DUPLICATE_BITS) + start + 1:
            parent[root(int(first[other]))] = root(int(first[start]))
    return np.array([root(int(owner)) for owner in first])


def split_by_group(labels: NDArray[np.int64], groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.str_]:
    """Deal whole groups into train, validation and test, stratified by the class of the group's first photo."""
    part_of_group = {}
    for members in shuffled_by_class(labels, groups, rng):
        test = round(len(members) * TEST_SHARE)
        validation = test + round(len(members) * VALIDATION_SHARE)
        for rank, group in enumerate(members):
            part_of_group[group] = "test" if rank < test else "validation" if rank < validation else "train"
    return np.array([part_of_group[group] for group in groups])


def shuffled_by_class(
    labels: NDArray[np.int64], groups: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield the groups whose first photo is of one class, in random order."""
    unique, first = np.unique(groups, return_index=True)
    for label in np.unique(labels[first]):
        yield rng.permutation(unique[labels[first] == label])
