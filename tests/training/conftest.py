"""What scenes are made of."""

import numpy as np
import pytest

from tests.training.scenes import frame
from training.composites import Scene, Sources


@pytest.fixture
def sources() -> Sources:
    frame_rgb, mask = frame()
    bare = np.full((80, 80, 3), (150, 110, 90), np.uint8)
    page = np.full((60, 90, 3), 250, np.uint8)
    return Sources(frame_rgb[None], mask[None], np.ones(1), [bare], [Scene(frame_rgb, mask)], [page])
