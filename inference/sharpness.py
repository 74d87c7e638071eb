"""How sharp a picture is, whatever its light, its size, its frame and the blocks of its JPEG."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

BLOWN_LEVEL: Final = 250  # grey level of green from which on a place shows nothing but light
_BORDER_PX: Final = 4  # left out of sharpness: blurring has no neighbours there
_BLOCK_EDGE_PX: Final = 5  # the edge of a JPEG block is narrower than this
_BLACK: Final = 30  # grey level of a frame
_NEAR_PX: Final = 17  # across: what the edge of a frame reaches, and the blur of it
_FLAT: Final = 6.4  # squared slopes that noise has, as Sobel's filter measures them
_ACROSS: Final = 0.1  # of all slopes, that are the least in each direction


def sharpness(grey: cv2.typing.MatLike) -> float:
    """Return how much steeper edges are than after a blur by one more pixel, in the direction where that is least.

    A ratio, so that neither a pale lesion nor a dim light looks blurred; measured at the network's size, so that a
    photo's own size does not matter; in the worst direction, so that a shaken hand is found as well as a wrong focus:
    where there are next to no slopes in one direction, they count as lost. Narrow lines of slopes down the whole
    picture or across it are taken for edges of JPEG blocks and laid down to what is beside them.

    Args:
        grey: (S, S) uint8, at the network's size or a smaller view's, without hair.

    Returns:
        About 0.9 where one more blur changes nothing, as in a blurred photo; 1.2 and more in a sharp one; 0 on an empty
        picture.

    Source: Crété-Roffet et al. 2007, The Blur Effect, doi:10.1117/12.702790, with structure tensors in place of rows.
    """
    as_float = grey.astype(np.float32)
    kept = _beside_frame(grey)
    across, down = _slopes(as_float, kept)
    columns, rows = _block_weights(across, 0), _block_weights(down, 1)
    before = _structure_tensor(across, down, columns, rows)
    after = _structure_tensor(*_slopes(cv2.GaussianBlur(as_float, (7, 7), 1), kept), columns, rows)
    least = (_FLAT + _ACROSS * float(np.trace(after))) * np.eye(2)
    return float(np.sqrt(np.maximum(np.linalg.eigvals(np.linalg.solve(after + least, before)).real, 0).min()))


def _beside_frame(grey: cv2.typing.MatLike) -> cv2.typing.MatLike | None:
    """Return 1 where there is photo, 0 on a black or white frame and near it, float32; None where there is no frame.

    The edge of a frame is as sharp in a blurred photo: that of a dermatoscope, of a screenshot, of a print.
    """
    is_frame = ((grey < _BLACK) | (grey >= BLOWN_LEVEL)).view(np.uint8)
    if not any(edge.any() for edge in (is_frame[0], is_frame[-1], is_frame[:, 0], is_frame[:, -1])):
        return None
    ringed = cv2.copyMakeBorder(is_frame, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    labels = cv2.connectedComponents(ringed, connectivity=4)[1]
    joined = (labels == labels[0, 0])[1:-1, 1:-1].astype(np.uint8)
    return 1 - cv2.dilate(joined, np.ones((_NEAR_PX, _NEAR_PX), np.uint8)).astype(np.float32)


def _slopes(grey: cv2.typing.MatLike, kept: cv2.typing.MatLike | None) -> tuple[cv2.typing.MatLike, cv2.typing.MatLike]:
    slopes = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    across, down = slopes if kept is None else (cv2.multiply(slope, kept) for slope in slopes)
    inner = slice(_BORDER_PX, -_BORDER_PX)
    return across[inner, inner], down[inner, inner]


def _block_weights(slopes: cv2.typing.MatLike, axis: int) -> NDArray[np.float32]:
    """Return what lays the mean slope of each column (axis 0) or row down to that of its neighbours, (S,)."""
    profile = np.sqrt(_mean_square(slopes, axis)) + np.float32(1e-3)
    opened = cv2.morphologyEx(profile[None], cv2.MORPH_OPEN, np.ones((1, _BLOCK_EDGE_PX), np.uint8))[0]
    return np.asarray(opened / profile, np.float32)


def _mean_square(slopes: cv2.typing.MatLike, axis: int) -> NDArray[np.float32]:
    return cv2.reduce(cv2.multiply(slopes, slopes), axis, cv2.REDUCE_AVG).astype(np.float32, copy=False).ravel()


def _structure_tensor(
    across: cv2.typing.MatLike, down: cv2.typing.MatLike, columns: NDArray[np.float32], rows: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the weighted mean product of the slope with itself, (2, 2)."""
    side = len(columns)
    along_x = float(_mean_square(across, 0) @ columns**2) / side
    along_y = float(_mean_square(down, 1) @ rows**2) / side
    mixed = float(rows @ cv2.multiply(across, down) @ columns) / side**2
    return np.array([[along_x, mixed], [mixed, along_y]])


def not_enlarged(grey: cv2.typing.MatLike, side_px: int) -> cv2.typing.MatLike:
    """Return the picture at the size of a view that was smaller: that it was enlarged makes no photo blurred."""
    if side_px >= grey.shape[0]:
        return grey
    side_px = max(side_px, 4 * _BORDER_PX)
    return cv2.resize(grey, (side_px, side_px), interpolation=cv2.INTER_AREA)
