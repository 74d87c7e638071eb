"""Photos are prepared once, and again where the code that prepares them makes something else of them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.image import RgbImage
from training import data
from training.current import code_sum, is_of
from training.data import load, main

_ROWS = 3
_SETS = ("phone", "dermoscopic", "lesion_free")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A folder of data sets, and beside it the cache that was made of them."""
    for folder, archive, head in (
        ("ham10000", "images-1-of-1", "image_id,lesion_id,dx"),
        ("pad-ufes-20", "images", "image_id,patient_id,diagnostic"),
        ("negatives", "skin-without-lesion", ""),
    ):
        (tmp_path / "data" / folder).mkdir(parents=True)
        rng, label = np.random.default_rng(len(head)), "nv" if folder == "ham10000" else "NEV"
        with zipfile.ZipFile(tmp_path / "data" / folder / f"{archive}.zip", "w") as images:
            for number in range(_ROWS):
                picture = cv2.resize(rng.integers(0, 256, (8, 8, 3), np.uint8), (224, 224))
                images.writestr(f"{number}.png", cv2.imencode(".png", picture)[1].tobytes())
        rows = [head, *(f"{number},{number},{label}" for number in range(_ROWS))]
        (tmp_path / "data" / folder / "metadata.csv").write_text("\n".join(rows) + "\n")
    main(tmp_path / "data", tmp_path / "cache")
    return tmp_path


def _stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "cache").glob("*.npz")}


def test_photos_that_are_prepared_are_not_prepared_again(prepared: Path) -> None:
    before = _stamps(prepared)
    assert before.keys() == {f"{name}.npz" for name in _SETS}
    (prepared / "cache" / "phone.npz").unlink()  # as if somebody had stopped it there
    main(prepared / "data", prepared / "cache")
    after = _stamps(prepared)
    assert {name for name in after if after[name] != before[name]} == {"phone.npz"}


def test_cache_that_says_not_by_which_code_it_was_made_is_compared_once(prepared: Path) -> None:
    before = _stamps(prepared)
    for path in (prepared / "cache").glob("*.sum"):
        path.unlink()
    with pytest.raises(ValueError, match=r"python -m training\.data"):
        load(prepared / "cache" / "dermoscopic.npz")
    main(prepared / "data", prepared / "cache")
    assert _stamps(prepared) == before
    assert len(load(prepared / "cache" / "dermoscopic.npz").labels) == _ROWS


def test_cache_of_other_code_is_refused_and_made_anew(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def darker(image_rgb: RgbImage, side_px: int) -> RgbImage:
        return np.asarray(cv2.resize(image_rgb, (side_px, side_px)) // 2, np.uint8)

    before = load(prepared / "cache" / "phone.npz")
    monkeypatch.setattr(data, "network_input", darker)
    data._code_sum.cache_clear()
    with pytest.raises(ValueError, match="not known to be"):
        load(prepared / "cache" / "phone.npz")
    main(prepared / "data", prepared / "cache")
    assert load(prepared / "cache" / "phone.npz").views.mean() < 0.6 * before.views.mean()
    data._code_sum.cache_clear()


def test_cache_is_made_anew_where_only_its_frames_would_be_others(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared / "cache" / "phone.sum").write_text("of earlier code\n")
    monkeypatch.setattr(data, "_PHONE_SIDE_PX", 250)
    monkeypatch.setattr(data, "_code_sum", data._code_sum.__wrapped__)
    main(prepared / "data", prepared / "cache")
    assert load(prepared / "cache" / "phone.npz").frames.shape == (_ROWS, 250, 250, 3)


@pytest.mark.parametrize(
    ("place", "value", "field", "expected"),
    [
        ("data.PHONE_CLASS", {"NEV": "mel"}, "labels", [4] * _ROWS),
        ("split.DUPLICATE_BITS", 64, "groups", [0] * _ROWS),
        ("split.TEST_SHARE", 1.0, "parts", ["test"] * _ROWS),
        ("split.perceptual_hash", lambda image_rgb: 0, "groups", [0] * _ROWS),
    ],
)
def test_cache_that_would_be_split_otherwise_is_refused_and_made_anew(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, place: str, value: object, field: str, expected: list[object]
) -> None:
    monkeypatch.setattr(f"training.{place}", value)
    monkeypatch.setattr(data, "_code_sum", data._code_sum.__wrapped__)
    with pytest.raises(ValueError, match="not known to be"):
        load(prepared / "cache" / "phone.npz")
    main(prepared / "data", prepared / "cache")
    assert getattr(load(prepared / "cache" / "phone.npz"), field).tolist() == expected


def test_checksum_is_of_what_is_made_of_the_pictures(tmp_path: Path) -> None:
    def one_byte(photo: bytes) -> Iterator[RgbImage]:
        yield np.full((1, 1, 3), len(photo) % 7, np.uint8)

    assert code_sum(one_byte) == code_sum(one_byte)
    assert code_sum(one_byte) != code_sum(lambda photo: [])
    assert not is_of(tmp_path / "phone.npz", code_sum(one_byte))


def test_preparing_tells_how_far_it_is(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "_TOLD_EVERY", 2)
    main(prepared / "data", prepared / "another cache")
    assert f"2 of {_ROWS} photos are read" in capsys.readouterr().out
