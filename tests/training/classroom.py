"""Photos of noise, on which a real training takes seconds."""

import numpy as np
import pytest
import torch

from training import train
from training.batches import UNKNOWN, Source
from training.data import Photos
from training.split import split_by_group


def noise(monkeypatch: pytest.MonkeyPatch) -> tuple[Photos, Photos]:
    """Return dermoscopic photos and those of phones for train.train, which starts at random weights.

    Nothing is compiled: that would take longer than all else.
    """
    photos = (_noise(np.random.default_rng(0)), _noise(np.random.default_rng(1)))
    lesions, free = (_source(photos[0], 0, 1), _source(photos[1], 1, 1)), [_source(photos[1], UNKNOWN, 0)]
    monkeypatch.setattr(torch, "compile", lambda taught: taught)
    monkeypatch.setattr(train, "load_backbone", lambda network, path: None)
    monkeypatch.setattr(train, "file_sha256", lambda path: path.name)
    monkeypatch.setattr(train, "lesion_sources", lambda *arguments: lesions)
    monkeypatch.setattr(train, "lesion_free_sources", lambda *arguments: free)
    monkeypatch.setattr(train, "_loader", lambda batches: batches)
    return photos


def _noise(rng: np.random.Generator) -> Photos:
    groups = np.arange(420)
    pictures = rng.integers(0, 256, (len(groups), 32, 32, 3), np.uint8)
    labels = groups % 7
    parts = split_by_group(labels, groups, np.random.default_rng(0))
    return Photos(groups.astype(str), pictures, pictures, labels, groups, parts)


def _source(photos: Photos, is_clinical: int, is_lesion: int) -> Source:
    labels = photos.labels if is_lesion else np.full(len(photos.labels), UNKNOWN)
    return Source(photos.frames, labels, np.full(len(labels), 1 / len(labels)), is_clinical, is_lesion)
