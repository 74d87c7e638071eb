"""A split by image puts photos of a lesion on both sides; a split by lesion does not."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")

from training.data import Photos
from training.paper import parts, shared_lesions

_LESIONS, _PHOTOS_EACH = 200, 3


def _photos() -> Photos:
    groups = np.repeat(np.arange(_LESIONS), _PHOTOS_EACH)
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    of_lesion = np.where(np.arange(_LESIONS) % 5 == 0, "test", "train")
    return Photos(groups.astype(str), nothing, nothing, np.zeros(len(groups), np.int64), groups, of_lesion[groups])


def test_split_by_lesion_shares_none() -> None:
    photos = _photos()
    assert shared_lesions(photos, *parts(photos, "lesion")) == 0


def test_split_by_image_shares_most_and_is_of_the_same_size() -> None:
    photos = _photos()
    train, test = parts(photos, "image")
    assert shared_lesions(photos, train, test) > 0.9
    assert len(test) == len(parts(photos, "lesion")[1])
    assert not set(train) & set(test)
