"""Everything else that people send."""

import asyncio

import pytest

from bot.content import Content
from emulator.person import Person, Town
from tests.conversations.service import PHOTOS, Service
from tests.conversations.stories import shown

FLAGS = ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only")
POLL = {
    "id": "1",
    "question": "Is it growing?",
    "type": "regular",
    "options": [{"persistent_id": answer, "text": answer, "voter_count": 0} for answer in ("yes", "no")],
    "total_voter_count": 0,
    **dict.fromkeys(FLAGS, False),
}
DICE = {"emoji": "🎲", "value": 6}
STORY = {"chat": {"id": 1, "type": "private", "first_name": "Eva"}, "id": 1}


@pytest.mark.parametrize(
    ("kind", "name", "message_id"),
    [
        ("video", "clip.mp4", "sent-video"),
        ("animation", "clip.mp4", "sent-video"),
        ("video_note", "round.mp4", "sent-video"),
        ("voice", "voice.ogg", "sent-voice"),
        ("audio", "song.mp3", "sent-voice"),
    ],
)
async def test_other_media_get_a_short_answer(
    sam: Person, content: Content, kind: str, name: str, message_id: str
) -> None:
    await sam.sends_files(kind, [(name, b"\x00" * 1000)])
    await sam.waits_for(shown(content.texts("en"), message_id))


async def test_sticker_contact_and_text_get_a_short_answer(sam: Person, content: Content) -> None:
    texts = content.texts("en")
    await sam.sends_files("sticker", [PHOTOS / "ham10000_bcc_ISIC_0024550.webp"])
    await sam.waits_for(shown(texts, "sent-sticker"))
    await sam.shares_contact("+1 555 0100", "Dr. X")
    await sam.waits_for(shown(texts, "sent-contact"))
    await sam.says("is this cancer?")
    await sam.waits_for(shown(texts, "sent-text"))
    await sam.says("/frobnicate")
    await sam.waits_for(shown(texts, "unknown-command"))


@pytest.mark.parametrize("fields", [{"poll": POLL}, {"dice": DICE}, {"story": STORY}], ids=["poll", "dice", "story"])
async def test_what_the_bot_has_no_use_for_gets_a_short_answer(
    sam: Person, content: Content, fields: dict[str, object]
) -> None:
    await sam.sends(**fields)
    await sam.waits_for(shown(content.texts("en"), "sent-other"))


async def test_pinned_message_is_passed_over_in_silence(sam: Person, content: Content) -> None:
    message = await sam.says("hello")
    await sam.waits_for(shown(content.texts("en"), "sent-text"))
    await sam.sends(pinned_message=message)
    await sam.says("/help")
    await sam.waits_for("/dermatologist")
    said = [one.get("text") for one in await sam.messages() if one["from"]["is_bot"]]
    assert said[-2] == shown(content.texts("en"), "sent-text")


async def test_command_that_is_bold_with_all_that_follows_is_a_command(sam: Person, content: Content) -> None:
    await sam.says("/help me", entities=[{"type": "bold", "offset": 0, "length": 8}])
    await sam.waits_for("/dermatologist")
    assert shown(content.texts("en"), "sent-text") not in [message.get("text") for message in await sam.messages()]


async def test_edited_message_is_passed_over_in_silence(sam: Person, content: Content) -> None:
    message = await sam.says("helo")
    await sam.waits_for(shown(content.texts("en"), "sent-text"))
    count = len(await sam.messages())
    await sam.edits(message, "hello")
    await sam.says("/help")
    await sam.waits_for("/dermatologist")
    assert len(await sam.messages()) == count + 2


async def test_help_is_there_for_strangers_in_their_language(town: Town, content: Content) -> None:
    stranger = await town.newcomer("Eva", language_code="es-MX")
    await stranger.says("/help")
    await stranger.waits_for(content.texts("es").page("help").splitlines()[0].removeprefix("# "))


async def test_stranger_who_talks_is_led_to_start(newcomer: Person, content: Content) -> None:
    await newcomer.says("hello?")
    await newcomer.waits_for(shown(content.texts("en"), "register-first"))


async def test_group_hears_nothing_but_the_way_to_a_private_chat(sam: Person, town: Town) -> None:
    group = await town.group("Family", sam)
    await sam.says("/start", chat_id=group)
    await sam.says("look at my mole", chat_id=group)
    username = (await sam.chat())["bot"]["username"]
    await sam.says(f"/start@{username}", chat_id=group)
    await sam.waits_for(f"t.me/{username}")
    said = [message for message in await sam.messages(group) if message["from"]["is_bot"]]
    assert len(said) == 1


async def test_group_that_is_another_now_holds_nobody_up(sam: Person, town: Town, service: Service) -> None:
    group = await town.group("Family", sam)
    await town.suffers({"kind": "refused", "chat_id": group, "migrate_to_chat_id": -1_002_000_000_099})
    username, before = (await sam.chat())["bot"]["username"], len(service.bot.log)
    await sam.says(f"/start@{username}", chat_id=group)
    await _until_refused(town, group)
    await town.suffers()
    await sam.says("/help")
    await sam.waits_for("/dermatologist")
    assert "Incident" not in service.bot.log[before:]


async def _until_refused(town: Town, chat_id: int) -> None:
    for _ in range(600):
        if (chat_id, 400) in [(call["chat_id"], call["status"]) for call in await town.calls()]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was refused")


async def test_album_of_a_stranger_gets_one_reminder(newcomer: Person, content: Content) -> None:
    await newcomer.sends_album([PHOTOS / "ham10000_nv_ISIC_0028441.jpg"] * 4)
    await newcomer.says("/help")
    await newcomer.waits_for("/dermatologist")
    said = [m.get("text", "") for m in await newcomer.messages() if m["from"]["is_bot"]]
    assert said.count(shown(content.texts("en"), "register-first")) == 1


async def test_forged_button_is_answered_and_does_nothing(sam: Person, content: Content) -> None:
    await sam.says("/help")
    message = await sam.waits_for("/dermatologist")
    for data in ("explain:cancer", "reg:9:x", "reg:", "x" * 64):
        await sam.forges(message, data)
        answer = await sam.waits_for_event("callback_answer")
        assert answer["text"] == content.texts("en").plain("old-button")
