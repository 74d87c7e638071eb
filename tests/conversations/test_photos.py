"""Photos in, answers out: real photos, real files, real errors."""

import asyncio
import io
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.content import Content
from emulator.objects import Message
from emulator.person import Channel, Person, Town
from inference.classes import LesionClass
from tests.conversations.service import PHOTOS, Service
from tests.conversations.stories import first_line, has_button, register, rows, shown

LESION = PHOTOS / "ham10000_nv_ISIC_0028441.jpg"
ANSWER_WITHIN_S = 30


def is_answer(message: Message) -> bool:
    """A picture with the buttons of an answer."""
    return "photo" in message and has_button(message, "explain:")


async def test_photo_is_answered_in_the_place_of_its_progress_message(sam: Person, content: Content) -> None:
    texts = content.texts("en")
    photo = await sam.sends_photo(LESION)
    progress = await sam.waits_for(shown(texts, "looking"))
    action = await sam.waits_for_event("chat_action")
    answer = await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    assert action["action"] == "upload_photo"
    assert answer["message_id"] == progress["message_id"]
    assert progress["reply_to_message"]["message_id"] == photo["message_id"]


async def test_answer_leads_with_what_to_do_and_ends_with_no_diagnosis(sam: Person, content: Content) -> None:
    await sam.sends_photo(LESION)
    caption = (await sam.waits_for(is_answer, ANSWER_WITHIN_S))["caption"]
    texts = content.texts("en")
    assert caption.startswith(tuple(first_line(texts, f"risk-{level}") for level in ("urgent", "soon", "routine")))
    assert len(re.findall(r"^• .+: .*in 100$", caption, flags=re.MULTILINE)) == 3
    assert caption.index("• ") < caption.index(shown(texts, "no-diagnosis").splitlines()[0])


async def test_picture_of_the_answer_is_a_jpeg_without_metadata(sam: Person) -> None:
    await sam.sends_photo(LESION)
    answer = await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    with Image.open(io.BytesIO(await sam.downloads(answer["photo"][-1]["file_id"]))) as picture:
        assert picture.format == "JPEG"
        assert picture.width >= 1000
        assert not picture.getexif()


async def test_answer_that_is_saved_and_sent_anew_is_handed_back(sam: Person, content: Content) -> None:
    await sam.sends_photo(LESION)
    answer = await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    saved = await sam.downloads(answer["photo"][-1]["file_id"])
    await sam.sends_photo(("saved.jpg", saved))
    await sam.waits_for(shown(content.texts("en"), "sent-own-answer"), ANSWER_WITHIN_S)


async def test_forwarded_photo_is_answered_like_any_other(sam: Person, town: Town) -> None:
    for writer in (Channel("Skin news"), await town.newcomer("Eva")):
        (photo,) = await sam.sends_files("photo", [LESION], forwarded_from=writer)
        answer = await sam.waits_for(is_answer, ANSWER_WITHIN_S)
        assert answer["reply_to_message"]["message_id"] == photo["message_id"]


async def test_words_under_a_photo_are_not_read_and_its_sender_is_told(
    sam: Person, content: Content, service: Service
) -> None:
    await sam.sends_photo(LESION, caption="my arm bleeds badly")
    await sam.waits_for(shown(content.texts("en"), "sent-caption"))
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    assert "bleeds badly" not in (service.data_dir / "bot.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "es"])
async def test_each_shown_class_is_explained_with_its_sources(
    newcomer: Person, content: Content, language: str
) -> None:
    await register(newcomer, language)
    await newcomer.sends_photo(PHOTOS / "ham10000_mel_ISIC_0028412.jpg")
    answer = await newcomer.waits_for(is_answer, ANSWER_WITHIN_S)
    texts = content.texts(language)
    rows = answer["reply_markup"]["inline_keyboard"]
    explained = [str(b["callback_data"]) for row in rows for b in row if str(b["callback_data"]).startswith("explain:")]
    assert len(explained) == 3
    for data in explained:
        await newcomer.presses(data, answer)
        heading = texts.page(f"classes/{LesionClass(data.removeprefix('explain:'))}").splitlines()[0].removeprefix("# ")
        page = await newcomer.waits_for(heading)
        assert "reply_to_message" not in page  # a reply would wait as long as other people's photos do


async def test_how_sure_is_this_shows_the_measured_figures(sam: Person, content: Content) -> None:
    await sam.sends_photo(LESION)
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    await sam.presses(content.texts("en").plain("button-how-sure"))
    words = await sam.waits_for("100")
    assert "$" not in words["text"]
    assert "reply_to_message" not in words


@pytest.mark.parametrize(
    "name",
    [
        "ham10000_bkl_ISIC_0024338.heic",
        "ham10000_bcc_ISIC_0024550.webp",
        "ham10000_nv_hairy_ISIC_0027121.png",
        "ham10000_nv_ISIC_0028441.jpg",
    ],
)
async def test_image_sent_as_a_file_is_answered(sam: Person, name: str) -> None:
    await sam.sends_document(PHOTOS / name)
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)


async def test_album_is_answered_photo_by_photo_in_order(sam: Person) -> None:
    names = ["ham10000_nv_ISIC_0028441.jpg", "ham10000_mel_ISIC_0028412.jpg", "ham10000_vasc_ISIC_0028146.jpg"]
    photos = await sam.sends_album([PHOTOS / name for name in names])
    for _ in photos:
        await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    answers = [message for message in await sam.messages() if is_answer(message)]
    assert [a["reply_to_message"]["message_id"] for a in answers] == [photo["message_id"] for photo in photos]


def _file(image: Image.Image, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def _lesion() -> Image.Image:
    return Image.open(LESION).convert("RGB")


def _blurred() -> bytes:
    small = _lesion().resize((12, 9))
    return _file(small.resize((600, 450), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("name", "content_of", "code"),
    [
        ("tiny.jpg", lambda: _file(_lesion().resize((40, 30))), "too-small"),
        ("blurred.jpg", _blurred, "blurred"),
        ("dark.jpg", lambda: _file(_lesion().point(lambda level: level // 16)), "dark"),
        ("kodim05.jpg", (PHOTOS / "everyday_kodim05.jpg").read_bytes, "no-lesion"),
        ("not_a_photo.jpg", (PHOTOS / "not_a_photo.jpg").read_bytes, "unreadable"),
        ("truncated.jpg", (PHOTOS / "truncated.jpg").read_bytes, "truncated"),
        ("notes.txt", lambda: b"my notes", "unreadable"),
        ("huge.jpg", lambda: LESION.read_bytes() + bytes(20 * 1024 * 1024), "too-large"),
        ("bomb.png", lambda: _file(Image.new("1", (12_000, 12_000)), "PNG"), "too-large"),
    ],
)
async def test_photo_that_cannot_be_judged_gets_the_reason_and_what_to_do(
    sam: Person, content: Content, name: str, content_of: object, code: str
) -> None:
    assert callable(content_of)
    await sam.sends_document((name, content_of()))
    texts = content.texts("en")
    answer = await sam.waits_for(first_line(texts, f"declined-{code}"), ANSWER_WITHIN_S)
    assert shown(texts, "declined-red-flags") in answer["text"]


async def test_photo_turned_by_exif_is_seen_upright(sam: Person) -> None:
    upright = _marked()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to see it upright
    buffer = io.BytesIO()
    upright.rotate(90, expand=True).save(buffer, "JPEG", quality=95, exif=exif)
    await sam.sends_document(("turned.jpg", buffer.getvalue()))
    turned = await _photo_in_answer(sam)
    await sam.sends_document(("upright.jpg", _file(upright)))
    difference = np.abs(turned - await _photo_in_answer(sam))
    assert difference.mean() < 5


def _marked() -> Image.Image:
    """The lesion with a dark upper left corner, so that it has one way up."""
    lesion = _lesion()
    lesion.paste((60, 20, 20), (lesion.width // 8, 0, lesion.width // 3, lesion.height // 4))
    return lesion


async def _photo_in_answer(person: Person) -> NDArray[np.float64]:
    answer = await person.waits_for(is_answer, ANSWER_WITHIN_S)
    with Image.open(io.BytesIO(await person.downloads(answer["photo"][-1]["file_id"]))) as picture:
        left = picture.crop((44, 100, picture.width // 2 - 20, picture.width // 2 + 40))
        return np.asarray(left.resize((40, 40)), np.float64)


async def test_photo_is_nowhere_on_disk_after_the_answer(sam: Person, service: Service) -> None:
    await sam.sends_photo(LESION)
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    await until_closed(service, sam)
    kept = {path.name for path in service.data_dir.rglob("*") if path.is_file()}
    assert kept <= {"lentigo.db", "lentigo.db-wal", "lentigo.db-shm", "lentigo.db.lock", "bot.log", "bot-worker.log"}
    assert _cases(service, sam) == [(None, "assessed")]


async def test_patient_who_blocked_the_bot_is_left_alone(sam: Person, service: Service) -> None:
    await sam.sends_photo(LESION)
    await sam.blocks()
    await until_closed(service, sam)
    assert [file_id for file_id, _ in _cases(service, sam)] == [None]


async def test_patient_who_deletes_the_account_in_the_middle_of_a_photo_is_let_be(
    sam: Person, town: Town, service: Service, content: Content
) -> None:
    incidents = rows(service.data_dir, "SELECT count(*) FROM incidents")
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    await sam.sends_photo(LESION)
    await sam.waits_for(shown(content.texts("en"), "looking"))
    await sam.deletes_the_account()
    await town.suffers()
    await until_closed(service, sam)
    assert _cases(service, sam) == [(None, "undeliverable")]
    assert rows(service.data_dir, "SELECT count(*) FROM incidents") == incidents
    assert [call["status"] for call in await town.calls() if call["chat_id"] == sam.id][-1] == 403


def _cases(service: Service, person: Person) -> list[tuple[str | None, str | None]]:
    return rows_of(service, "SELECT file_id, outcome FROM cases WHERE user_id = ?", person)


def rows_of(service: Service, query: str, person: Person) -> list[tuple[Any, ...]]:
    """What the database answers about somebody."""
    return rows(service.data_dir, query, person.id)


async def until_closed(service: Service, person: Person) -> None:
    """Wait until this person's case is closed."""
    for _ in range(ANSWER_WITHIN_S * 10):
        cases = _cases(service, person)
        if cases and all(outcome for _, outcome in cases):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"still open: {cases}")
