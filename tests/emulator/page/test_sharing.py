"""Pictures, files and places that people share from the chat page."""

import pytest
from playwright.async_api import Page, expect
from telegram import Bot, KeyboardButton, ReplyKeyboardMarkup

from emulator.person import Person
from emulator.server import RunningEmulator
from tests.emulator.page.looking import OpenPage, choose_files, give_files, log_of, picture, received, upload

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_photo_is_chosen_with_the_paper_clip(chat: Page, bot: Bot) -> None:
    sheet = await choose_files(chat, "Photo or video", upload("spot.png", picture()))
    await expect(sheet.get_by_text("spot.png")).to_be_visible()
    await sheet.get_by_role("textbox", name="Caption").fill("on my arm")
    await sheet.get_by_role("textbox", name="Caption").press("Enter")
    message = await received(bot)
    assert (message.caption, message.photo[-1].width) == ("on my arm", 640)
    await expect(log_of(chat).get_by_role("article").last).to_contain_text("on my arm")
    await expect(sheet).to_be_hidden()


async def test_several_pasted_pictures_become_an_album(chat: Page, bot: Bot) -> None:
    pictures = [(f"{colour}.png", "image/png", picture(300, 300, colour)) for colour in ("red", "green", "blue")]
    await give_files(chat, "paste", "textarea", *pictures)
    sheet = chat.get_by_role("dialog", name="Send 3 files")
    await sheet.get_by_role("button", name="Leave out green.png").click()
    await sheet.get_by_role("button", name="Send", exact=True).click()
    bubble = log_of(chat).get_by_role("article").last
    await expect(bubble.get_by_role("button", name="Open photo")).to_have_count(2)
    first, second = await received(bot), await received(bot)
    assert first.media_group_id == second.media_group_id is not None


async def test_gif_is_an_animation(chat: Page, bot: Bot) -> None:
    sheet = await choose_files(chat, "Photo or video", upload("wave.gif", picture(), "image/gif"))
    await expect(sheet.get_by_role("radio", name="As a GIF")).to_be_checked()
    await sheet.get_by_role("button", name="Send", exact=True).click()
    message = await received(bot)
    assert (message.animation.file_name, len(message.photo)) == ("wave.gif", 0)
    await expect(log_of(chat).get_by_role("article").last.get_by_role("img", name="GIF")).to_be_visible()


async def test_photos_and_videos_are_one_album_and_a_gif_goes_by_itself(chat: Page, bot: Bot) -> None:
    files = [
        upload("a.png", picture()),
        upload("b.mp4", b"no film", "video/mp4"),
        upload("c.gif", picture(), "image/gif"),
        upload("d.png", picture()),
    ]
    sheet = await choose_files(chat, "Photo or video", *files)
    await expect(sheet.get_by_role("radio", name="As photos and videos")).to_be_checked()
    await sheet.get_by_role("button", name="Send", exact=True).click()
    photo, video, gif, other = [await received(bot) for _ in files]
    assert photo.media_group_id == video.media_group_id is not None
    assert (len(photo.photo) > 0, video.video.file_name, gif.animation.file_name) == (True, "b.mp4", "c.gif")
    assert (gif.media_group_id, other.media_group_id, len(other.photo) > 0) == (None, None, True)
    album = log_of(chat).get_by_role("article").nth(-3)
    await album.get_by_role("button", name="Open photo").click()
    await expect(chat.get_by_role("dialog", name="Photo").get_by_role("img", name="Photo")).to_be_visible()


async def test_dropped_picture_can_go_as_an_unchanged_file(chat: Page, bot: Bot) -> None:
    content = picture(50, 40)
    await give_files(chat, "dragover", "#log", ("tiny.png", "image/png", content))
    await expect(chat.get_by_text("Drop pictures or files here")).to_be_visible()
    await give_files(chat, "drop", "#log", ("tiny.png", "image/png", content))
    sheet = chat.get_by_role("dialog", name="Send 1 file")
    await sheet.get_by_role("radio", name="As a file, unchanged").check()
    await sheet.get_by_role("button", name="Send", exact=True).click()
    message = await received(bot)
    assert message.document.file_name == "tiny.png"
    assert bytes(await (await bot.get_file(message.document)).download_as_bytearray()) == content
    await expect(log_of(chat).get_by_role("link", name="tiny.png")).to_be_visible()


async def test_what_is_no_photo_is_refused_kindly_and_can_go_as_a_file(chat: Page, bot: Bot) -> None:
    sheet = await choose_files(chat, "Photo or video", upload("notes.jpg", b"only text", "image/jpeg"))
    await sheet.get_by_role("button", name="Send", exact=True).click()
    await expect(sheet.get_by_role("alert")).to_contain_text("can’t be sent as a photo")
    await sheet.get_by_role("radio", name="As a file, unchanged").check()
    await sheet.get_by_role("button", name="Send", exact=True).click()
    assert (await received(bot)).document.file_name == "notes.jpg"


async def test_requested_location_is_shared_from_the_device(
    open_page: OpenPage, emulator: RunningEmulator, ana: Person, bot: Bot
) -> None:
    place = {"latitude": 47.8, "longitude": 13.04}
    page = await open_page(f"{emulator.url}/?user={ana.id}", geolocation=place, permissions=["geolocation"])
    request = KeyboardButton("Where I am", request_location=True)
    await bot.send_message(ana.id, "Where?", reply_markup=ReplyKeyboardMarkup([[request]], one_time_keyboard=True))
    await page.get_by_role("button", name="Where I am").click()
    dialog = page.get_by_role("dialog", name="Share a location")
    await dialog.get_by_role("button", name="My position").click()
    await expect(dialog.get_by_label("Latitude")).to_have_value("47.80000")
    await dialog.get_by_role("button", name="Send this location").click()
    location = (await received(bot)).location
    assert (location.latitude, location.longitude) == (47.8, 13.04)
    await expect(log_of(page).get_by_role("button", name="Location, 47.8000, 13.0400")).to_be_visible()
    await expect(page.get_by_role("button", name="Where I am")).to_be_hidden()


async def test_location_is_picked_on_the_map_by_mouse_and_keys(chat: Page, bot: Bot) -> None:
    await chat.get_by_role("button", name="Attach").click()
    await chat.get_by_role("menuitem", name="Location").click()
    dialog = chat.get_by_role("dialog", name="Share a location")
    await dialog.get_by_role("button", name="Sapporo").click()
    await expect(dialog.get_by_label("Longitude")).to_have_value("141.35000")
    surface = dialog.get_by_role("application")
    await expect(surface.locator("text", has_text="Asahikawa")).to_have_count(1)
    await surface.press("+")
    await surface.press("ArrowUp")
    assert 43.06 < float(await dialog.get_by_label("Latitude").input_value()) < 43.3
    await surface.click(position={"x": 20, "y": 100})
    assert 139 < float(await dialog.get_by_label("Longitude").input_value()) < 141
    await dialog.get_by_label("Latitude").fill("48.5")
    await dialog.get_by_label("Longitude").fill("-3.25")
    await dialog.get_by_text("Name the place").click()
    await dialog.get_by_label("Name of the place").fill("A beach")
    await dialog.get_by_role("button", name="Send this location").click()
    venue = (await received(bot)).venue
    assert (venue.title, venue.location.latitude, venue.location.longitude) == ("A beach", 48.5, -3.25)


async def test_every_town_lies_on_the_drawn_land(chat: Page) -> None:
    script = """async () => {
        const { PLACES } = await import("/page/places.js");
        const { LAND } = await import("/page/world.js");
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        canvas.lineWidth = 0.6;  // a town on the coast may lie up to 0.3 degrees off a coarse outline
        const rings = LAND.map((ring) => new Path2D(`M${ring.trim().split(/\\s+/).join("L")}Z`));
        const isOnLand = ({ longitude: x, latitude: y }) =>
            rings.some((ring) => canvas.isPointInPath(ring, x, y) || canvas.isPointInStroke(ring, x, y));
        return [PLACES.length, PLACES.filter((place) => !isOnLand(place)).map(({ name }) => name)];
    }"""
    count, at_sea = await chat.evaluate(script)
    assert count > 200
    assert at_sea == []
