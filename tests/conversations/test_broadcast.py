"""/broadcast: seen before it is sent, sent once, stopped in the middle, and nobody else presses the buttons."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from bot.content import Content
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.audiences import (
    counted,
    data,
    is_confirmation,
    people_who_wrote,
    previewed,
    reported,
    until,
)
from tests.conversations.service import PHOTOS, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import enrol, has_button, rows, shown
from tests.shipped import CONTENT

ENGLISH, SPANISH = range(700_000_001, 700_000_005), range(700_000_011, 700_000_014)
MODERATORS = range(600_000_101, 600_000_131)
NEWS = "We are closed on Friday. See https://example.org/news"
FORMATTING = [
    {"type": "bold", "offset": 3, "length": 10},
    {"type": "text_link", "offset": 17, "length": 6, "url": "https://example.org/friday"},
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A bot of our own: others would get what is sent to everybody."""
    data_dir = tmp_path_factory.mktemp("broadcasts")
    people_who_wrote(data_dir, [*ENGLISH, *SPANISH])
    owner_ids = ",".join(map(str, MODERATORS))
    with emulator_in_thread(state=data_dir / "telegram.db") as emulator:
        bot = BotProcess(emulator, data_dir, OWNER_IDS=owner_ids)
        bot.start()
        enrol(data_dir, ENGLISH, "en", CONTENT)
        enrol(data_dir, SPANISH, "es", CONTENT)
        yield Service(emulator, bot, data_dir)
        assert bot.stop() == 0, bot.log
    assert "Incident" not in bot.log


@pytest.fixture(scope="module")
def moderator_ids() -> Iterator[int]:
    """A moderator for each story, as nobody gets many messages at once."""
    return iter(MODERATORS)


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """People for one story; whatever befell them is over with it."""
    async with open_town(service.emulator.url) as opened:
        yield opened
        await opened.suffers()


@pytest.fixture
async def owner(town: Town, moderator_ids: Iterator[int]) -> Person:
    return await town.newcomer("Olga", id=next(moderator_ids))


@pytest.fixture
async def propietaria(town: Town, moderator_ids: Iterator[int]) -> Person:
    return await town.newcomer("Pilar", language_code="es", id=next(moderator_ids))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_moderator_sees_what_people_will_get_and_how_many(
    owner: Person, propietaria: Person, town: Town, service: Service, content: Content, language: str
) -> None:
    moderator, texts = {"en": (owner, content.texts("en")), "es": (propietaria, content.texts("es"))}[language]
    before = await _received(town, [*ENGLISH, *SPANISH])
    await moderator.says("/broadcast")
    await moderator.waits_for(shown(texts, "broadcast-ask"))
    written = await moderator.says(NEWS, entities=FORMATTING)
    question = await moderator.waits_for(shown(texts, "broadcast-ask-audience"))
    everybody = texts.plain("button-broadcast-everybody", people=7)
    assert _labels(question) == [[everybody], ["English (4)"], ["Español (3)"]]
    await moderator.presses("Español (3)")
    preview = await moderator.waits_for(NEWS)
    assert (preview["text"], preview["entities"]) == (written["text"], written["entities"])
    assert [entity["type"] for entity in preview["entities"]] == ["bold", "text_link", "url"]
    spanish = content.texts("es").plain("language-name")
    await moderator.waits_for(shown(texts, "broadcast-confirm", people=3, language=spanish))
    assert await _received(town, [*ENGLISH, *SPANISH]) == before
    await moderator.presses(texts.plain("button-broadcast-send"))
    assert await reported(moderator, content, language) == counted(content, language, delivered=3, blocked=0, failed=0)
    assert _last_audited(service) == ("broadcast", "language=es, people=3")
    assert await _received(town, ENGLISH) == before[: len(ENGLISH)]
    assert await _received(town, SPANISH) == [[*said, NEWS] for said in before[len(ENGLISH) :]]
    assert [message["entities"] for message in await _last(town, SPANISH)] == [written["entities"]] * 3


async def test_picture_goes_out_with_its_caption(owner: Person, town: Town, content: Content) -> None:
    await owner.says("/broadcast")
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask"))
    photo = PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg"
    formatting = [{"type": "italic", "offset": 5, "length": 4}]
    await owner.sends_files("photo", [photo], "Like this", caption_entities=formatting)
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask-audience"))
    await owner.presses("English (4)")
    await owner.waits_for(lambda message: message.get("caption") == "Like this")
    await owner.waits_for(is_confirmation)
    await owner.presses(content.texts("en").plain("button-broadcast-send"))
    await reported(owner, content)
    for last in await _last(town, ENGLISH):
        assert (last["caption"], last["caption_entities"], "photo" in last) == ("Like this", formatting, True)


async def test_what_cannot_be_sent_is_explained(owner: Person, content: Content) -> None:
    texts = content.texts("en")
    await owner.says("/broadcast")
    await owner.waits_for(shown(texts, "broadcast-ask"))
    await owner.sends_files("voice", [("voice.ogg", b"\x00" * 100)])
    await owner.waits_for(shown(texts, "broadcast-wrong-kind"))
    await owner.sends_album([PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg"] * 3)
    await owner.waits_for(shown(texts, "broadcast-album"))
    said = [message.get("text") for message in await owner.messages()]
    assert said.count(shown(texts, "broadcast-album")) == 1
    await owner.sends_photo(PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg", "x" * 1025)
    await owner.waits_for(shown(texts, "broadcast-too-long", limit=1024, length=1025))
    await owner.says("/cancel")
    await owner.waits_for(shown(texts, "cancelled"))


async def test_nothing_but_what_was_shown_last_is_sent(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, [*ENGLISH, *SPANISH])
    first = await previewed(owner, content, "first")
    again = await owner.says("second")
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask-audience"))
    await _press_is_old(owner, content, first, data(first, "broadcast:send"))
    await owner.presses(f"broadcast:to:{again['message_id']}:en")
    second = await owner.waits_for(is_confirmation)
    await _press_is_old(owner, content, second, data(second, "broadcast:send").replace(":en", ":*"))
    await owner.presses(data(second, "broadcast:drop"))
    await owner.waits_for(shown(content.texts("en"), "broadcast-dropped"))
    await _press_is_old(owner, content, second, data(second, "broadcast:send"))
    assert await _received(town, [*ENGLISH, *SPANISH]) == before


async def test_cancelled_question_leaves_nothing_to_send(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, ENGLISH)
    preview = await previewed(owner, content, "never")
    await owner.says("/cancel")
    await owner.waits_for(shown(content.texts("en"), "cancelled"))
    await _press_is_old(owner, content, preview, data(preview, "broadcast:send"))
    assert await _received(town, ENGLISH) == before


async def test_second_press_of_send_sends_nothing(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, ENGLISH)
    preview = await previewed(owner, content, "once")
    for _ in range(3):
        await owner.forges(preview, data(preview, "broadcast:send"))
    await reported(owner, content)
    assert await _received(town, ENGLISH) == [[*said, "once"] for said in before]


async def test_send_that_is_replayed_after_a_kill_sends_nothing_twice(
    owner: Person, town: Town, service: Service, content: Content
) -> None:
    before = await _received(town, ENGLISH)
    preview = await previewed(owner, content, "through a kill")
    await town.suffers({"kind": "delay", "method": "editMessageText", "delay_s": 15})  # holds the press in hand
    count = rows(service.data_dir, "SELECT count(*) FROM broadcasts")
    await owner.presses(data(preview, "broadcast:send"))
    await until(lambda: rows(service.data_dir, "SELECT count(*) FROM broadcasts") != count)
    service.bot.kill()
    await town.suffers()
    assert rows(service.data_dir, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(1,)]
    await asyncio.to_thread(service.bot.start)
    assert await reported(owner, content) == counted(content, delivered=4, blocked=0, failed=0)
    await until(lambda: not rows(service.data_dir, "SELECT 1 FROM inbox WHERE handled_at IS NULL"))
    assert await _received(town, ENGLISH) == [[*said, "through a kill"] for said in before]


async def test_moderator_stops_it_in_the_middle(owner: Person, town: Town, service: Service, content: Content) -> None:
    texts, before = content.texts("en"), await _received(town, [*ENGLISH, *SPANISH])
    preview = await previewed(owner, content, "not to all", "*")
    await _hold_up(town, [*ENGLISH, *SPANISH])
    await owner.presses(data(preview, "broadcast:send"))
    progress = await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await until(lambda: bool(rows(service.data_dir, "SELECT 1 FROM deliveries WHERE outcome = 'sending'")))
    await owner.presses(texts.plain("button-broadcast-stop"), progress)
    assert (await owner.waits_for_event("callback_answer"))["text"] == texts.plain("broadcast-stopping")
    await town.suffers()
    report = await owner.waits_for(shown(texts, "broadcast-cancelled", people=7))
    after = await _received(town, [*ENGLISH, *SPANISH])
    sent = sum(len(said) for said in after) - sum(len(said) for said in before)
    assert 0 < sent < 7
    assert report["text"].splitlines()[2:] == counted(content, delivered=sent, blocked=0, failed=0, unsent=7 - sent)
    await _press_is_old(owner, content, progress, data(progress, "broadcast:stop"))
    assert _last_audited(service) == ("broadcast-cancel", "")


async def test_second_moderator_sees_the_first_broadcast_and_waits_until_it_is_over(
    owner: Person, propietaria: Person, town: Town, content: Content
) -> None:
    spanish = content.texts("es")
    first, second = await previewed(owner, content, "first"), await previewed(propietaria, content, "second")
    await _hold_up(town, ENGLISH)
    await owner.presses(data(first, "broadcast:send"))
    await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await propietaria.presses(data(second, "broadcast:send"))
    answer = await propietaria.waits_for_event("callback_answer")
    assert answer["text"] == spanish.plain("broadcast-other-running")
    await propietaria.says("/broadcast")
    await propietaria.waits_for(shown(spanish, "broadcast-sending", done=0, people=4))
    await town.suffers()
    await reported(owner, content)
    await propietaria.presses(data(second, "broadcast:send"))
    await reported(propietaria, content, "es")
    assert [said[-2:] for said in await _received(town, ENGLISH)] == [["first", "second"]] * 4


async def test_forged_buttons_of_a_stranger_do_nothing(
    owner: Person, town: Town, service: Service, content: Content
) -> None:
    before = await _received(town, ENGLISH)
    stranger = await town.newcomer("Eve")
    await stranger.says("/broadcast")
    await stranger.waits_for(shown(content.texts("en"), "register-first"))
    hers = (await stranger.messages())[-1]
    preview = await previewed(owner, content, "not yours")
    await _press_is_old(stranger, content, hers, data(preview, "broadcast:send"))
    await _hold_up(town, ENGLISH)
    await owner.presses(data(preview, "broadcast:send"))
    progress = await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await _press_is_old(stranger, content, hers, data(progress, "broadcast:stop"))
    await town.suffers()
    assert await reported(owner, content) == counted(content, delivered=4, blocked=0, failed=0)
    assert await _received(town, ENGLISH) == [[*said, "not yours"] for said in before]


async def _hold_up(town: Town, user_ids: Iterable[int]) -> None:
    """Let no message reach them yet."""
    held = {"kind": "delay", "method": "sendMessage", "delay_s": 15}
    await town.suffers(*({**held, "chat_id": user_id} for user_id in user_ids))


def _last_audited(service: Service) -> tuple[Any, ...]:
    return rows(service.data_dir, "SELECT action, details FROM audit ORDER BY entry_id DESC LIMIT 1")[0]


async def _received(town: Town, user_ids: Iterable[int]) -> list[list[str]]:
    """What the bot has sent to each of them."""
    people = [await town.newcomer(id=user_id) for user_id in user_ids]
    chats = [await person.messages() for person in people]
    return [[m.get("text") or m.get("caption", "") for m in chat if m["from"]["is_bot"]] for chat in chats]


async def _last(town: Town, user_ids: Iterable[int]) -> list[Message]:
    return [(await (await town.newcomer(id=user_id)).messages())[-1] for user_id in user_ids]


async def _press_is_old(person: Person, content: Content, message: Message, data: str) -> None:
    """A press, forged where the message has no such button, is answered and does nothing."""
    await person.forges(message, data)
    assert (await person.waits_for_event("callback_answer"))["text"] == content.texts("en").plain("old-button")


def _labels(message: Message) -> list[list[str]]:
    return [[button["text"] for button in row] for row in message["reply_markup"]["inline_keyboard"]]
