"""The story of one photo, with the shipped model."""

import dataclasses
import io
import pickle

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from inference.assess import Assessment, assess
from inference.classes import ImageType, LesionClass
from inference.decoding import Wanted, decode
from inference.errors import TruncatedImage, UnreadableImage
from inference.image import RgbImage, Square, lesion_view, resized
from inference.lesion import LesionRegion, Segmentation
from inference.model import Model
from inference.quality import Caution, DeclineReason
from inference.risk import RiskLevel, RiskPolicy
from tests.inference.pictures import EVERY_FORMAT, MOLE, PHOTOS, file, photo, said

_ENOUGH = Wanted()


def as_file(name: str, kind: str, size: tuple[int, int] | None, **options: object) -> bytes:
    image = Image.fromarray(decode(photo(name)))
    return file(image.resize(size) if size else image, kind, **options)


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_lesion_is_assessed_in_every_format(name: str, model: Model) -> None:
    assessment = assess(photo(name), model)
    assert assessment.status == "assessed"
    assert list(assessment.probabilities) == list(LesionClass)
    assert sum(said(assessment)) == pytest.approx(1)
    assert assessment.risk_level in set(RiskLevel)
    assert assessment.risk_reasons
    assert assessment.model_sha256 == model.sha256


def test_melanoma_of_the_test_part_is_urgent(model: Model) -> None:
    assert assess(photo("ham10000_mel_ISIC_0028412.jpg"), model).risk_level is RiskLevel.URGENT


@pytest.mark.parametrize("name", ["ham10000_bcc_ISIC_0024550.webp", "pad_bcc_PAT_473_911_630.jpg"])
def test_carcinoma_of_the_test_part_is_to_be_seen(name: str, model: Model) -> None:
    assert assess(photo(name), model).risk_level in {RiskLevel.URGENT, RiskLevel.SOON}


def test_mole_of_the_test_part_is_likeliest_a_mole(assessed_mole: Assessment) -> None:
    assert assessed_mole.top_class is LesionClass.NV


def test_malignancy_is_the_sum_of_three(assessed_mole: Assessment) -> None:
    three = (LesionClass.MEL, LesionClass.BCC, LesionClass.AKIEC)
    expected = sum(assessed_mole.probabilities[lesion] for lesion in three)
    assert assessed_mole.malignancy_probability == pytest.approx(expected)


@pytest.mark.parametrize("name", EVERY_FORMAT)
@pytest.mark.parametrize("size", [None, (1280, 960)])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "HEIF"])
def test_one_photo_gets_about_the_same_answer_in_every_format(
    name: str, kind: str, size: tuple[int, int] | None, model: Model
) -> None:
    again = assess(as_file(name, kind, size, quality=95), model)
    np.testing.assert_allclose(said(again), said(assess(as_file(name, "PNG", size), model)), atol=0.08)


def sent_on(share: float) -> bytes:
    """Return a mole as a messenger sends it on, 1280×960, with skin around it; it takes this share of the height."""
    mole_rgb = np.asarray(Image.fromarray(decode(photo("pad_nv_PAT_1107_427_352.jpg"))).resize((320, 240)))
    rim = round(120 / share - 120)
    around = cv2.copyMakeBorder(mole_rgb, rim, rim, rim * 4 // 3, rim * 4 // 3, cv2.BORDER_REPLICATE)
    return file(Image.fromarray(around.astype(np.uint8)).resize((1280, 960)), "JPEG", quality=87)


def test_small_lesion_is_looked_at_in_all_the_pixels_of_its_photo(model: Model) -> None:
    small = assess(sent_on(0.3), model)
    seen = model.segmentation(decode(sent_on(0.3), Wanted(960)))
    assert seen.view is not None
    assert small.quality.side_px == small.view_rgb.shape[0] == seen.view.side < 960


def from_a_hand_away(width_px: int) -> bytes:
    """Return a photo file as a camera makes it, which shows a mole from a hand away."""
    mole_rgb = decode(photo("pad_nv_PAT_1107_427_352.jpg"))
    side = width_px // 14
    small = cv2.resize(mole_rgb, (side, side * mole_rgb.shape[0] // mole_rgb.shape[1]), interpolation=cv2.INTER_AREA)
    down, across = (width_px * 3 // 4 - small.shape[0]) // 2, (width_px - side) // 2
    around = cv2.copyMakeBorder(small, down, down, across, across, cv2.BORDER_REPLICATE)
    return file(Image.fromarray(around.astype(np.uint8)), "JPEG", quality=90)


def test_file_of_a_camera_is_looked_at_more_closely_than_what_a_messenger_makes_of_it(model: Model) -> None:
    sent, whole = (assess(from_a_hand_away(width_px), model) for width_px in (1280, 4000))
    assert sent.declined_because is DeclineReason.TOO_FAR
    assert whole.quality.side_px > 1.5 * sent.quality.side_px
    assert whole.declined_because is None


def test_long_photo_is_looked_at_in_as_many_pixels_as_are_shown(model: Model) -> None:
    mole_rgb = np.asarray(Image.fromarray(decode(photo("pad_nv_PAT_1107_427_352.jpg"))).resize((1200, 1200)))
    long_rgb = cv2.copyMakeBorder(mole_rgb, 1800, 1800, 0, 0, cv2.BORDER_REPLICATE).astype(np.uint8)
    assert assess(file(Image.fromarray(long_rgb), "JPEG", quality=90), model).view_rgb.shape == (480, 480, 3)


def test_smallest_lesion_in_a_large_file_is_looked_at_in_all_the_pixels_that_memory_allows(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = LesionRegion(400, 250, 438, 288, 419, 269, 0.0, 1.0)
    found = Segmentation(np.zeros((96, 96), np.float32), 1.0, tiny, Square(339, 189, 160))  # no smaller view is laid
    monkeypatch.setattr(Model, "segmentation", lambda *_: found)
    asked: list[Wanted] = []

    def noted(_: bytes, wanted: Wanted = _ENOUGH) -> RgbImage:
        asked.append(wanted)
        return np.zeros((536, 714, 3), np.uint8)

    monkeypatch.setattr("inference.assess.decode", noted)
    monkeypatch.setattr("inference.assess.has_more", lambda *_: True)
    assess(b"", model)
    assert asked == [_ENOUGH, Wanted(2883, 3840)]


def test_lesion_that_fills_its_photo_is_looked_at_in_as_many_pixels_as_are_shown(model: Model) -> None:
    assert assess(sent_on(1), model).view_rgb.shape == (480, 480, 3)


@pytest.mark.parametrize(("orientation", "turn"), [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90)])
def test_photo_that_was_held_sideways_says_the_same(
    orientation: int, turn: Image.Transpose, model: Model, assessed_mole: Assessment
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    sensor = Image.fromarray(decode(photo(MOLE))).transpose(turn)
    assert said(assess(file(sensor, "PNG", exif=exif), model)) == said(assessed_mole)


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("name", ["ham10000_mel_ISIC_0028412.jpg", "pad_bcc_PAT_473_911_630.jpg", MOLE])
def test_plain_border_around_a_photo_changes_nothing(name: str, level: int, model: Model) -> None:
    photo_rgb = decode(photo(name))
    inner_rgb = photo_rgb[16:-16, 16:-16]
    framed_rgb = np.pad(photo_rgb, ((90, 90), (90, 90), (0, 0)), constant_values=level)
    expected, framed = (assess(file(Image.fromarray(rgb), "PNG"), model) for rgb in (inner_rgb, framed_rgb))
    assert said(framed) == said(expected)


def test_same_photo_gets_the_same_answer(model: Model, assessed_mole: Assessment) -> None:
    assert said(assess(photo(MOLE), model)) == said(assessed_mole)


def spoilt(reason: DeclineReason) -> bytes:
    """Return a real photo, made so bad that it must be declined for this reason."""
    image_rgb = decode(photo("ham10000_vasc_ISIC_0028146.jpg"))
    mole_rgb = decode(photo("pad_nv_PAT_1107_427_352.jpg"))
    dim = (image_rgb * 0.15).astype(np.uint8)
    reflecting = cv2.circle(image_rgb.copy(), (300, 225), 80, (255, 255, 255), -1).astype(np.uint8)
    under_a_yellow_lamp = (image_rgb * (1, 1, 0.35)).astype(np.uint8)
    edge = round(2.5 * mole_rgb.shape[0])
    far_away = cv2.resize(cv2.copyMakeBorder(mole_rgb, edge, edge, edge, edge, cv2.BORDER_REPLICATE), (960, 960))
    glaring = np.clip(image_rgb.astype(int) + 130, 0, 255).astype(np.uint8)
    made: dict[DeclineReason, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = {
        DeclineReason.TOO_SMALL: cv2.resize(image_rgb, (120, 90)).astype(np.uint8),
        DeclineReason.DARK: dim,
        DeclineReason.BRIGHT: glaring,
        DeclineReason.GLARE: reflecting,
        DeclineReason.COLOUR_CAST: under_a_yellow_lamp,
        DeclineReason.BLURRED: cv2.GaussianBlur(image_rgb, (0, 0), 12).astype(np.uint8),
        DeclineReason.NO_LESION: decode(photo("everyday_kodim05.jpg")),
        DeclineReason.TOO_FAR: far_away.astype(np.uint8),
        DeclineReason.SEVERAL: np.hstack([mole_rgb, mole_rgb]),
    }
    return file(Image.fromarray(made[reason]), "JPEG", quality=90)


@pytest.mark.parametrize("reason", [reason for reason in DeclineReason if reason is not DeclineReason.CUT_OFF])
def test_photo_that_cannot_be_judged_is_declined_with_its_numbers(reason: DeclineReason, model: Model) -> None:
    assessment = assess(spoilt(reason), model)
    assert assessment.declined_because is reason
    assert assessment.status == "declined"
    assert assessment.risk_level is None
    assert assessment.risk_reasons == ()
    assert sum(said(assessment)) == pytest.approx(1)
    assert len(assessment.probabilities) == 7


def test_lesion_that_goes_on_beyond_the_photo_is_cut_off(model: Model) -> None:
    strict = dataclasses.replace(
        model, quality_limits=dataclasses.replace(model.quality_limits, max_border_share=0.2)
    )  # photos that teach are often cut off, so that the shipped limit lets most of them pass
    whole_rgb = decode(photo("pad_nv_PAT_1107_427_352.jpg"))
    rows, columns = np.array(whole_rgb.shape[:2]) // 2
    quarter = file(Image.fromarray(whole_rgb[rows:, columns:]), "PNG")
    assert assess(quarter, strict).declined_because is DeclineReason.CUT_OFF
    assert assess(photo("pad_nv_PAT_1107_427_352.jpg"), strict).declined_because is None


@pytest.mark.parametrize("is_melanoma_left", [True, False])
def test_mole_beside_a_melanoma_is_not_answered_without_a_word(model: Model, *, is_melanoma_left: bool) -> None:
    names = ("ham10000_mel_ISIC_0028412.jpg", "ham10000_nv_ISIC_0028441.jpg")
    squares = [resized(lesion_view(decode(photo(name))), 400, 400) for name in names]
    both = np.hstack(squares if is_melanoma_left else squares[::-1])
    assessment = assess(file(Image.fromarray(both), "PNG"), model)
    assert Caution.SEVERAL in assessment.cautions or assessment.declined_because is DeclineReason.SEVERAL


def test_half_a_mole_is_not_answered_without_a_word(model: Model) -> None:
    mole_rgb = decode(photo("pad_nv_PAT_1107_427_352.jpg"))
    half = file(Image.fromarray(mole_rgb[:, mole_rgb.shape[1] // 2 :]), "PNG")
    assert assess(half, model).cautions == (Caution.CUT_OFF,)


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_good_photo_is_not_declined_for_its_quality(name: str, model: Model) -> None:
    assessment = assess(photo(name), model)
    assert assessment.declined_because is None
    assert assessment.cautions == ()


def test_heatmap_is_of_the_class_that_the_advice_is_about(model: Model) -> None:
    def assessed(urgent_from: float) -> Assessment:
        policy = RiskPolicy(urgent_from, soon_malignancy_probability=1.0, uncertain_top_probability=0.0)
        return assess(photo(MOLE), dataclasses.replace(model, risk_policies=dict.fromkeys(ImageType, policy)))

    calm, urgent = assessed(1.0), assessed(0.0)
    assert calm.heatmap_class is LesionClass.NV
    assert urgent.heatmap_class is LesionClass.MEL
    assert (calm.heatmap != urgent.heatmap).any()


def test_view_is_the_photo_with_its_hair(model: Model) -> None:
    image_rgb = decode(photo("ham10000_nv_hairy_ISIC_0027121.png"))
    assessment = assess(photo("ham10000_nv_hairy_ISIC_0027121.png"), model)
    np.testing.assert_array_equal(assessment.view_rgb, image_rgb[:, 48:336])


def test_heatmap_is_between_nothing_and_all(assessed_mole: Assessment) -> None:
    heatmap = assessed_mole.heatmap
    assert heatmap.ndim == 2
    assert heatmap.min() >= 0
    assert heatmap.max() == 1


def test_assessment_travels_between_processes(assessed_mole: Assessment) -> None:
    copy = pickle.loads(pickle.dumps(assessed_mole))  # noqa: S301 - what this test wrote
    assert said(copy) == said(assessed_mole)
    assert copy.risk_reasons == assessed_mole.risk_reasons
    np.testing.assert_array_equal(copy.view_rgb, assessed_mole.view_rgb)


def test_assessment_cannot_be_changed(assessed_mole: Assessment) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        assessed_mole.risk_level = RiskLevel.ROUTINE  # type: ignore[misc]  # that is the test


@pytest.mark.parametrize(("name", "error"), [("not_a_photo.jpg", UnreadableImage), ("truncated.jpg", TruncatedImage)])
def test_what_is_no_photo_is_an_error(name: str, error: type[UnreadableImage], model: Model) -> None:
    with pytest.raises(error):
        assess(photo(name), model)


@pytest.mark.parametrize("not_bytes", [MOLE, PHOTOS / MOLE, np.zeros((300, 300, 3), np.uint8), None])
def test_what_is_no_file_content_is_a_mistake_that_is_named(not_bytes: object, model: Model) -> None:
    with pytest.raises(TypeError, match=f"bytes of a photo's file.*no {type(not_bytes).__name__}$"):
        assess(not_bytes, model)  # type: ignore[arg-type]  # that is the test


def test_single_pixel_is_declined(model: Model) -> None:
    file_of_one = io.BytesIO()
    Image.new("RGB", (1, 1), "pink").save(file_of_one, "PNG")
    assessment = assess(file_of_one.getvalue(), model)
    assert assessment.declined_because is DeclineReason.TOO_SMALL
