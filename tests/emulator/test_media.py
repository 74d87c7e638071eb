"""Photos, documents, albums and downloads."""

import asyncio
import io

import pytest
from PIL import ExifTags, Image
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest, NetworkError

from emulator.files import MAX_DOWNLOAD_BYTES, MAX_UPLOAD_BYTES
from emulator.person import Person, RefusedError, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.emulator.asking import Ask
from tests.emulator.pictures import grey_picture, opened, picture

ORIENTATION = ExifTags.Base.Orientation
ROTATED_BY_90 = 6
BOMB = b"P6 20000 20000 255 "  # the head of an image of 400 megapixels


def _exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED_BY_90
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif


async def test_photo_is_turned_upright_and_loses_its_metadata(bot: Bot, ana: Person) -> None:
    await ana.sends_photo(("spot.jpg", picture(400, 300, exif=_exif_with_place())))
    message = (await bot.get_updates())[-1].message
    assert message is not None
    image = opened(bytes(await (await bot.get_file(message.photo[-1].file_id)).download_as_bytearray()))
    assert image.size == (message.photo[-1].width, message.photo[-1].height) == (300, 400)
    assert not image.getexif()


async def test_document_is_kept_byte_for_byte(bot: Bot, ana: Person) -> None:
    original = picture(400, 300, exif=_exif_with_place())
    await ana.sends_document(("spot.jpg", original), caption="as a file")
    message = (await bot.get_updates())[-1].message
    assert message is not None
    document = message.document
    assert document is not None
    assert (document.file_name, document.mime_type, document.file_size) == ("spot.jpg", "image/jpeg", len(original))
    assert document.thumbnail is not None
    file = await bot.get_file(document.file_id)
    assert bytes(await file.download_as_bytearray()) == original


async def test_mime_type_goes_by_the_name_even_if_it_lies(bot: Bot, ana: Person) -> None:
    await ana.sends_document(("notes.jpg", b"no image at all"))
    await ana.sends_document(("spot.HEIC", b"no image either"))
    documents = [update.message.document for update in await bot.get_updates() if update.message]
    assert [document.mime_type for document in documents if document] == ["image/jpeg", "image/heic"]


async def test_album_comes_as_separate_messages_of_one_group(bot: Bot, ana: Person) -> None:
    await ana.sends_album([(f"{size}.jpg", picture(size, size)) for size in (100, 200)], caption="two")
    first, second = [update.message for update in (await bot.get_updates())[1:]]
    assert first is not None
    assert second is not None
    assert first.media_group_id == second.media_group_id is not None
    assert (first.caption, second.caption) == ("two", None)
    assert second.photo[-1].width == 200


async def test_album_of_photos_and_videos_keeps_each_what_it_is(bot: Bot, ana: Person) -> None:
    await ana.sends_files(["photo", "video"], [("a.jpg", picture(100, 100)), ("b.mp4", b"film")], caption="both")
    first, second = [update.message for update in (await bot.get_updates())[1:]]
    assert first is not None
    assert second is not None
    assert (len(first.photo) > 0, second.video is not None, first.caption) == (True, True, "both")
    assert first.media_group_id == second.media_group_id is not None


async def test_photo_that_is_no_image_is_not_sent(ana: Person) -> None:
    with pytest.raises(RefusedError, match=r"“cat\.jpg” can't be sent as a photo"):
        await ana.sends_photo(("cat.jpg", b"meow"))


@pytest.mark.parametrize("size", [(6000, 4500), (8064, 6048), (12000, 9000)], ids=["27 MP", "48 MP", "108 MP"])
async def test_app_shrinks_the_photo_of_a_good_camera_before_it_sends_it(
    bot: Bot, ana: Person, size: tuple[int, int]
) -> None:
    await ana.sends_photo(("spot.jpg", grey_picture(*size)))
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert (message.photo[-1].width, message.photo[-1].height) == (1280, 960)


async def test_large_photo_with_transparent_parts_is_turned_upright_and_white(bot: Bot, ana: Person) -> None:
    content = io.BytesIO()
    Image.new("RGBA", (4000, 3000), (255, 0, 0, 0)).save(content, "PNG", exif=_exif_with_place())
    await ana.sends_photo(("spot.png", content.getvalue()))
    message = (await bot.get_updates())[-1].message
    assert message is not None
    image = opened(bytes(await (await bot.get_file(message.photo[-1].file_id)).download_as_bytearray()))
    assert (image.size, image.getpixel((0, 0))) == ((960, 1280), (255, 255, 255))


async def test_photo_that_no_phone_takes_is_not_decoded(ana: Person) -> None:
    with pytest.raises(RefusedError, match=r"“poster\.ppm” can't be sent as a photo: it has too many pixels"):
        await ana.sends_photo(("poster.ppm", BOMB))
    with pytest.raises(RefusedError, match=r"2100×100 px"):
        await ana.sends_photo(("strip.jpg", picture(2100, 100)))


@pytest.mark.parametrize("kind", ["video", "video_note", "voice", "audio", "sticker", "animation"])
async def test_other_kinds_of_files_arrive_as_such(bot: Bot, ana: Person, kind: str) -> None:
    await ana.sends_files(kind, [("file.bin", b"bytes")])
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert getattr(message, kind).file_size == 5


async def test_photo_of_the_bot_gets_sizes_and_can_be_sent_again_by_its_id(bot: Bot, ana: Person) -> None:
    message = await bot.send_photo(ana.id, picture(1600, 1200), caption="look", has_spoiler=True)
    sizes = [(size.width, size.height) for size in message.photo]
    assert sizes == [(90, 68), (320, 240), (800, 600), (1280, 960)]
    assert message.has_media_spoiler
    again = await bot.send_photo(ana.id, message.photo[0].file_id)
    assert again.photo == message.photo
    assert opened(await ana.downloads(again.photo[-1].file_id)).size == (1280, 960)


async def test_photo_that_the_bot_uploads_again_is_the_one_that_it_was(
    bot: Bot, ana: Person, emulator: RunningEmulator
) -> None:
    first = await bot.send_photo(ana.id, picture(1600, 1200))
    album = await bot.send_media_group(ana.id, [InputMediaPhoto(picture(1600, 1200)) for _ in range(2)])
    other = await bot.send_photo(ana.id, picture(1600, 1201))
    assert [message.photo for message in album] == [first.photo, first.photo]
    assert other.photo[-1].file_unique_id != first.photo[-1].file_unique_id
    both = await asyncio.gather(*(bot.send_photo(ana.id, grey_picture(50, 40)) for _ in range(2)))
    assert both[0].photo == both[1].photo
    kept = emulator.world.store.rows("SELECT count(*) FROM files")
    assert kept == [(len(first.photo) + len(other.photo) + len(both[0].photo),)]


async def test_photo_that_a_person_sends_again_is_a_new_one(bot: Bot, ana: Person) -> None:
    await bot.send_photo(ana.id, picture(100, 100))
    photos = [await ana.sends_photo(("spot.jpg", picture(100, 100))) for _ in range(2)]
    ids = {photo["photo"][-1]["file_unique_id"] for photo in photos} | {
        message["photo"][-1]["file_unique_id"] for message in await ana.messages() if message["from"]["is_bot"]
    }
    assert len(ids) == 3


async def test_document_that_the_bot_uploads_again_is_a_new_one(bot: Bot, ana: Person) -> None:
    both = [(await bot.send_document(ana.id, b"a,b", filename="a.csv")).document for _ in range(2)]
    assert both[0] != both[1]


async def test_document_of_the_bot_keeps_its_name_and_bytes(bot: Bot, ana: Person) -> None:
    message = await bot.send_document(ana.id, b"a,b\n", filename="lesions.csv")
    assert message.document is not None
    assert (message.document.file_name, message.document.mime_type) == ("lesions.csv", "text/csv")
    assert await ana.downloads(message.document.file_id) == b"a,b\n"
    again = await bot.send_document(ana.id, message.document.file_id)
    assert again.document == message.document


async def test_album_of_the_bot_has_uploads_and_known_photos(bot: Bot, ana: Person) -> None:
    known = (await bot.send_photo(ana.id, picture(50, 50))).photo[-1].file_id
    new = InputMediaPhoto(picture(60, 60), caption="*new*", parse_mode="MarkdownV2")
    messages = await bot.send_media_group(ana.id, [new, InputMediaPhoto(known)])
    assert [message.photo[-1].width for message in messages] == [60, 50]
    assert len({message.media_group_id for message in messages}) == 1
    assert messages[0].caption == "new"
    files = [InputMediaDocument(content, filename="a.txt") for content in (b"a", b"b")]
    documents = await bot.send_media_group(ana.id, files)
    assert all(message.document for message in documents)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"no image", "Image_process_failed"),
        (picture(2100, 100), "Photo_invalid_dimensions"),
        (grey_picture(6000, 4001), "Photo_invalid_dimensions"),
        (BOMB, "Photo_invalid_dimensions"),
        (b"", "File must be non-empty"),
    ],
    ids=["text", "thin", "large", "bomb", "empty"],
)
async def test_unfit_photo_of_the_bot_is_refused(bot: Bot, ana: Person, content: bytes, complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        await bot.send_photo(ana.id, content)


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendPhoto", {"photo": "nonsense"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://example.org/a.jpg"}, "failed to get HTTP URL content"),
        ("sendPhoto", {"photo": "nonsense", "caption": "x" * 1025}, "message caption is too long"),
        ("getFile", {"file_id": "nonsense"}, "invalid file_id"),
        (
            "getFile",
            {"file_id": "AgACAgI" + "x" * 48},
            "wrong file_id or the file is temporarily unavailable",
        ),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "a"}]},
            "there must be from 2 to 10 messages in the album",
        ),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "attach://a"}] * 2},
            "can't parse InputMedia: media not found",
        ),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "a"}, {"type": "document", "media": "b"}]},
            "can't use the media of the specified type in the album",
        ),
    ],
)
async def test_wrong_files_are_refused(
    ask: Ask, ana: Person, method: str, params: dict[str, object], description: str
) -> None:
    chat = {} if method == "getFile" else {"chat_id": ana.id}
    assert (await ask(method, **chat, **params))["description"] == f"Bad Request: {description}"


async def test_document_cannot_be_sent_again_as_a_photo(bot: Bot, ana: Person) -> None:
    document = (await bot.send_document(ana.id, b"text", filename="a.txt")).document
    assert document is not None
    with pytest.raises(BadRequest, match="Can't use file of type document as photo"):
        await bot.send_photo(ana.id, document.file_id)


async def test_file_over_20_megabytes_cannot_be_downloaded(bot: Bot, ana: Person) -> None:
    await ana.sends_document(("big.bin", bytes(MAX_DOWNLOAD_BYTES + 1)))
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert message.document is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(message.document.file_id)


async def test_upload_over_50_megabytes_is_refused(bot: Bot, ana: Person, town: Town) -> None:
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_document(ana.id, bytes(MAX_UPLOAD_BYTES + 1))
    assert (await town.calls())[-1]["status"] == 413
    with pytest.raises(RefusedError, match=r"“big\.bin” has more than 50 MB"):
        await ana.sends_document(("big.bin", bytes(MAX_UPLOAD_BYTES + 1)))


async def test_files_of_an_album_have_50_megabytes_each(ana: Person) -> None:
    half = bytes(MAX_UPLOAD_BYTES * 3 // 5)
    messages = await ana.sends_files("document", [("a.bin", half), ("b.bin", half)])
    assert [message["document"]["file_size"] for message in messages] == [len(half), len(half)]


async def test_request_that_is_larger_than_any_album_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.server._MAX_BODY_BYTES", 1000)
    async with running_emulator() as emulator, open_town(emulator.url) as town:
        somebody = await town.newcomer()
        with pytest.raises(RefusedError, match="Request Entity Too Large"):
            await somebody.sends_document(("big.bin", bytes(2000)))
