"""Hair is found and painted over; skin and lesion stay."""

import numpy as np

from inference.hair import hair_mask, remove_hair
from inference.image import decode, lesion_view
from tests.inference.pictures import photo, skin, with_hair


def test_drawn_hair_is_found() -> None:
    hairy_rgb, is_hair = with_hair(skin(448))
    found = hair_mask(hairy_rgb)
    assert found[is_hair].mean() > 0.9
    assert found[~is_hair].mean() < 0.06


def test_skin_comes_back_where_hair_was() -> None:
    bare_rgb = skin(448)
    hairy_rgb, is_hair = with_hair(bare_rgb)
    repaired_rgb, _ = remove_hair(hairy_rgb)
    before = np.abs(hairy_rgb[is_hair].astype(int) - bare_rgb[is_hair]).mean()
    after = np.abs(repaired_rgb[is_hair].astype(int) - bare_rgb[is_hair]).mean()
    assert after < before / 5


def test_a_lesion_is_no_hair() -> None:
    bare_rgb = skin(448)
    repaired_rgb, mask = remove_hair(bare_rgb)
    assert mask.mean() < 0.002
    assert np.abs(repaired_rgb.astype(int) - bare_rgb).mean() < 0.1


def test_empty_picture_is_returned_as_it_is() -> None:
    flat_rgb = np.full((60, 60, 3), 180, np.uint8)
    repaired_rgb, mask = remove_hair(flat_rgb)
    assert repaired_rgb is flat_rgb
    assert not mask.any()


def test_hair_on_a_real_photo_is_found_and_removed() -> None:
    view_rgb = lesion_view(decode(photo("ham10000_nv_hairy_ISIC_0027121.png")))
    repaired_rgb, mask = remove_hair(view_rgb)
    assert 0.01 < mask.mean() < 0.2
    assert repaired_rgb[mask].mean() > view_rgb[mask].mean() + 5
    np.testing.assert_array_equal(repaired_rgb[~mask], view_rgb[~mask])


def test_the_photo_itself_is_not_changed() -> None:
    hairy_rgb, _ = with_hair(skin())
    kept = hairy_rgb.copy()
    remove_hair(hairy_rgb)
    np.testing.assert_array_equal(hairy_rgb, kept)
