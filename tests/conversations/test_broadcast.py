"""/broadcast: seen before it is sent, everybody once, through kill -9 and lost answers, and a report that adds up."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.content import Content, load_content
from emulator.objects import JsonObject, Message
from emulator.person import Person, Town, open_town
from emulator.settings import Settings
from emulator.world import open_world
from tests.conversations.conftest import OWNER_IDS
from tests.conversations.service import PHOTOS, ROOT, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import has_button, register, shown

ENGLISH, SPANISH = range(700_000_001, 700_000_005), range(700_000_011, 700_000_014)
USERS, BLOCKED, KILLS = 1000, 50, 2
SEED = 20261124
NEWS = "We are closed on Friday. See https://example.org/news"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A bot of our own: others would get what is sent to everybody."""
    data_dir = tmp_path_factory.mktemp("broadcasts")
    _people_who_wrote(data_dir, [*ENGLISH, *SPANISH])
    owner_ids = ",".join(map(str, OWNER_IDS))
    with emulator_in_thread(state=data_dir / "telegram.db") as emulator:
        bot = BotProcess(emulator, data_dir, OWNER_IDS=owner_ids)
        bot.start()
        texts = load_content(ROOT / "content")
        _register(data_dir, ENGLISH, "en", texts)
        _register(data_dir, SPANISH, "es", texts)
        yield Service(emulator, bot, data_dir)
        assert bot.stop() == 0, bot.log
    assert "Incident" not in bot.log


@pytest.mark.parametrize("language", ["en", "es"])
async def test_moderator_sees_what_people_will_get_and_how_many(
    owner: Person, propietaria: Person, town: Town, content: Content, language: str
) -> None:
    moderator, texts = {"en": (owner, content.texts("en")), "es": (propietaria, content.texts("es"))}[language]
    before = await _received(town, [*ENGLISH, *SPANISH])
    await moderator.says("/broadcast")
    await moderator.waits_for(shown(texts, "broadcast-ask"))
    written = await moderator.says(NEWS)
    question = await moderator.waits_for(shown(texts, "broadcast-ask-audience"))
    everybody = texts.plain("button-broadcast-everybody", people=7)
    assert _labels(question) == [[everybody], ["English (4)"], ["Español (3)"]]
    await moderator.presses("Español (3)")
    preview = await moderator.waits_for(NEWS)
    assert (preview["text"], preview["entities"]) == (written["text"], written["entities"])
    spanish = content.texts("es").plain("language-name")
    await moderator.waits_for(shown(texts, "broadcast-confirm", people=3, language=spanish))
    assert await _received(town, [*ENGLISH, *SPANISH]) == before
    await moderator.presses(texts.plain("button-broadcast-send"))
    assert await _reported(moderator, content, language) == _counted(
        content, language, delivered=3, blocked=0, failed=0
    )
    assert await _received(town, ENGLISH) == before[: len(ENGLISH)]
    assert await _received(town, SPANISH) == [[*said, NEWS] for said in before[len(ENGLISH) :]]


async def test_picture_goes_out_with_its_caption(owner: Person, town: Town, content: Content) -> None:
    await owner.says("/broadcast")
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask"))
    await owner.sends_photo(PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg", "Like this")
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask-audience"))
    await owner.presses("English (4)")
    await owner.waits_for(lambda message: message.get("caption") == "Like this")
    await owner.waits_for(_is_confirmation)
    await owner.presses(content.texts("en").plain("button-broadcast-send"))
    await _reported(owner, content)
    for user_id in ENGLISH:
        last = (await (await town.newcomer(id=user_id)).messages())[-1]
        assert (last["caption"], "photo" in last) == ("Like this", True)


async def test_what_cannot_be_sent_is_explained(owner: Person, content: Content) -> None:
    texts = content.texts("en")
    await owner.says("/broadcast")
    await owner.waits_for(shown(texts, "broadcast-ask"))
    await owner.sends_files("voice", [("voice.ogg", b"\x00" * 100)])
    await owner.waits_for(shown(texts, "broadcast-wrong-kind"))
    await owner.sends_album([PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg"] * 3)
    await owner.waits_for(shown(texts, "broadcast-album"))
    await owner.sends_photo(PHOTOS / "skin_without_lesion_PAT_1014_86_861.jpg", "x" * 1025)
    await owner.waits_for(shown(texts, "broadcast-too-long", limit=1024, length=1025))
    said = [message.get("text") for message in await owner.messages()]
    assert said.count(shown(texts, "broadcast-album")) == 1
    await owner.says("/cancel")
    await owner.waits_for(shown(texts, "cancelled"))


async def test_nothing_but_what_was_shown_last_is_sent(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, [*ENGLISH, *SPANISH])
    first = await _previewed(owner, content, "first")
    again = await owner.says("second")
    await owner.waits_for(shown(content.texts("en"), "broadcast-ask-audience"))
    await _press_is_old(owner, content, first, _data(first, "broadcast:send"))
    await owner.presses(f"broadcast:to:{again['message_id']}:en")
    second = await owner.waits_for(_is_confirmation)
    await _press_is_old(owner, content, second, _data(second, "broadcast:send").replace(":en", ":*"))
    await owner.presses(_data(second, "broadcast:drop"))
    await owner.waits_for(shown(content.texts("en"), "broadcast-dropped"))
    await _press_is_old(owner, content, second, _data(second, "broadcast:send"))
    assert await _received(town, [*ENGLISH, *SPANISH]) == before


async def test_cancelled_question_leaves_nothing_to_send(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, ENGLISH)
    preview = await _previewed(owner, content, "never")
    await owner.says("/cancel")
    await owner.waits_for(shown(content.texts("en"), "cancelled"))
    await _press_is_old(owner, content, preview, _data(preview, "broadcast:send"))
    assert await _received(town, ENGLISH) == before


async def test_second_press_of_send_sends_nothing(owner: Person, town: Town, content: Content) -> None:
    before = await _received(town, ENGLISH)
    preview = await _previewed(owner, content, "once")
    for _ in range(3):
        await owner.forges(preview, _data(preview, "broadcast:send"))
    await _reported(owner, content)
    assert await _received(town, ENGLISH) == [[*said, "once"] for said in before]


async def test_send_that_is_replayed_after_a_kill_sends_nothing_twice(
    owner: Person, town: Town, service: Service, content: Content
) -> None:
    before = await _received(town, ENGLISH)
    preview = await _previewed(owner, content, "through a kill")
    await town.suffers({"kind": "delay", "method": "editMessageText", "delay_s": 3})  # holds the press in hand
    count = _rows(service.data_dir, "SELECT count(*) FROM broadcasts")
    await owner.presses(_data(preview, "broadcast:send"))
    await _until(lambda: _rows(service.data_dir, "SELECT count(*) FROM broadcasts") != count)
    service.bot.kill()
    await town.suffers()
    assert _rows(service.data_dir, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(1,)]
    await asyncio.to_thread(service.bot.start)
    assert await _reported(owner, content) == _counted(content, delivered=4, blocked=0, failed=0)
    await _until(lambda: not _rows(service.data_dir, "SELECT 1 FROM inbox WHERE handled_at IS NULL"))
    assert await _received(town, ENGLISH) == [[*said, "through a kill"] for said in before]


async def test_moderator_stops_it_in_the_middle(owner: Person, town: Town, content: Content) -> None:
    texts, before = content.texts("en"), await _received(town, [*ENGLISH, *SPANISH])
    preview = await _previewed(owner, content, "not to all", "*")
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 1})
    await owner.presses(_data(preview, "broadcast:send"))
    await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await owner.says("/broadcast")
    progress = await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await owner.presses(texts.plain("button-broadcast-stop"), progress)
    assert (await owner.waits_for_event("callback_answer"))["text"] == texts.plain("broadcast-stopping")
    report = await owner.waits_for(shown(texts, "broadcast-cancelled", people=7))
    await town.suffers()
    after = await _received(town, [*ENGLISH, *SPANISH])
    sent = sum(len(said) for said in after) - sum(len(said) for said in before)
    assert 0 < sent < 7
    assert report["text"].splitlines()[2:] == _counted(content, delivered=sent, blocked=0, failed=0, unsent=7 - sent)
    await _press_is_old(owner, content, progress, _data(progress, "broadcast:stop"))


async def test_second_moderator_waits_until_the_first_broadcast_is_over(
    owner: Person, propietaria: Person, town: Town, content: Content
) -> None:
    spanish = content.texts("es")
    first, second = await _previewed(owner, content, "first"), await _previewed(propietaria, content, "second")
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 1})
    await owner.presses(_data(first, "broadcast:send"))
    await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await propietaria.presses(_data(second, "broadcast:send"))
    answer = await propietaria.waits_for_event("callback_answer")
    assert answer["text"] == spanish.plain("broadcast-other-running")
    await town.suffers()
    await _reported(owner, content)
    await propietaria.presses(_data(second, "broadcast:send"))
    await _reported(propietaria, content, "es")
    assert [said[-2:] for said in await _received(town, ENGLISH)] == [["first", "second"]] * 4


async def test_forged_buttons_of_a_stranger_do_nothing(
    owner: Person, town: Town, service: Service, content: Content
) -> None:
    before = await _received(town, ENGLISH)
    stranger = await town.newcomer("Eve")
    await stranger.says("/broadcast")
    await stranger.waits_for(shown(content.texts("en"), "register-first"))
    hers = (await stranger.messages())[-1]
    preview = await _previewed(owner, content, "not yours")
    await _press_is_old(stranger, content, hers, _data(preview, "broadcast:send"))
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 1})
    await owner.presses(_data(preview, "broadcast:send"))
    progress = await owner.waits_for(lambda message: has_button(message, "broadcast:stop"))
    await _press_is_old(stranger, content, hers, _data(progress, "broadcast:stop"))
    await town.suffers()
    assert await _reported(owner, content) == _counted(content, delivered=4, blocked=0, failed=0)
    assert await _received(town, ENGLISH) == [[*said, "not yours"] for said in before]


async def test_every_broadcast_is_audited(service: Service) -> None:
    entries = _rows(service.data_dir, "SELECT action, details FROM audit WHERE action LIKE 'broadcast%' ORDER BY 1, 2")
    started = _rows(service.data_dir, "SELECT count(*) FROM broadcasts")[0][0]
    assert [action for action, _ in entries] == ["broadcast"] * started + ["broadcast-cancel"]
    assert {details for _, details in entries} == {
        *("language any, 7 people", "language en, 4 people", "language es, 3 people", "")
    }


async def test_everybody_gets_it_once_in_spite_of_kills_refusals_and_lost_answers(
    tmp_path: Path, content: Content
) -> None:
    rng, people = random.Random(SEED), range(700_000_001, 700_000_001 + USERS)
    blocked = rng.sample(people, BLOCKED)
    _people_who_wrote(tmp_path, people, blocked)
    with (
        emulator_in_thread(state=tmp_path / "telegram.db") as emulator,
        BotProcess(emulator, tmp_path, OWNER_IDS=str(OWNER_IDS[0])) as bot,
    ):
        bot.start()
        _register(tmp_path, people, "en", content, known_blocked=blocked[: BLOCKED // 2])
        async with open_town(emulator.url) as town:
            owner = await town.newcomer("Olga", id=OWNER_IDS[0])
            preview = await _previewed(owner, content, NEWS)
            await town.suffers(
                {"kind": "429", "method": "sendMessage", "every": 90, "retry_after": 1},
                {"kind": "reset", "method": "sendMessage", "every": 110, "after": True},
                {"kind": "reset", "method": "sendMessage", "every": 240},
            )
            await owner.presses(_data(preview, "broadcast:send"))
            for kill in range(1, KILLS + 1):
                await _until_done(tmp_path, USERS * kill // (KILLS + 1))
                await asyncio.sleep(rng.uniform(0, 0.2))
                bot.kill()
                await asyncio.to_thread(bot.start)
            report = await _reported(owner, content, people=USERS, timeout_s=90)
            assert report == _counted(content, delivered=USERS - BLOCKED, blocked=BLOCKED, failed=0)
            statuses = [call["status"] for call in await town.calls() if call["method"] == "sendMessage"]
            assert statuses.count(429) > 5
            assert statuses.count(None) > 5
        assert bot.stop() == 0
    times = _times_received(tmp_path, people)
    assert times == {user_id: 0 if user_id in blocked else 1 for user_id in people}
    assert _rows(tmp_path, "SELECT count(*) FROM deliveries") == [(0,)]
    assert _rows(tmp_path, "SELECT count(*) FROM patients WHERE blocked_at IS NOT NULL") == [(BLOCKED,)]
    assert "Incident" not in bot.log


def _people_who_wrote(data_dir: Path, user_ids: range | list[int], blocked: list[int] = []) -> None:  # noqa: B006
    """Make people who wrote to the bot once, so that it may write to them."""
    world = open_world(data_dir / "telegram.db", Settings())
    with world.store.together():
        for user_id in user_ids:
            world.accounts.add_user({"id": user_id})
            world.accounts.note_written(user_id)
        for user_id in blocked:
            world.accounts.set_blocked(user_id, is_blocked=True)
    world.store.close()


def _times_received(data_dir: Path, user_ids: range) -> dict[int, int]:
    world = open_world(data_dir / "telegram.db", Settings())
    times = {user_id: len(world.messages.of_chat(user_id)) for user_id in user_ids}
    world.store.close()
    return times


def _register(
    data_dir: Path,
    user_ids: range,
    language: str,
    content: Content,
    known_blocked: list[int] = [],  # noqa: B006
) -> None:
    columns = "(user_id, language, consent_version, is_adult, first_name, registered_at, created_at, blocked_at)"
    moment = "2026-11-23 12:00:00.000000"
    with sqlite3.connect(data_dir / "lentigo.db") as connection:
        connection.executemany(
            f"INSERT INTO patients {columns} VALUES (?, ?, ?, 1, 'Sam', ?, ?, ?)",  # noqa: S608 - constants
            [
                (u, language, content.consent_version, moment, moment, moment if u in known_blocked else None)
                for u in user_ids
            ],
        )
    connection.close()


def _rows(data_dir: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(data_dir / "lentigo.db") as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


async def _until_done(data_dir: Path, count: int) -> None:
    done = "SELECT count(*) FROM deliveries WHERE outcome NOT IN ('waiting', 'sending')"
    await _until(lambda: _rows(data_dir, done)[0][0] >= count)


async def _until(is_so: Any) -> None:
    for _ in range(600):
        if is_so():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to that")


async def _received(town: Town, user_ids: range | list[int]) -> list[list[str]]:
    """What the bot has sent to each of them."""
    people = [await town.newcomer(id=user_id) for user_id in user_ids]
    chats = [await person.messages() for person in people]
    return [[m.get("text") or m.get("caption", "") for m in chat if m["from"]["is_bot"]] for chat in chats]


async def _previewed(moderator: Person, content: Content, text: str, audience: str = "en") -> Message:
    """Lead a message to its preview; returns the message with the buttons Send and Don't send."""
    await moderator.says("/broadcast")
    await moderator.waits_for("/cancel")
    written = await moderator.says(text)
    await moderator.waits_for(lambda message: has_button(message, "broadcast:to"))
    await moderator.presses(f"broadcast:to:{written['message_id']}:{audience}")
    return await moderator.waits_for(_is_confirmation)


def _is_confirmation(message: Message) -> bool:
    return has_button(message, "broadcast:send")


async def _reported(
    moderator: Person, content: Content, language: str = "en", people: int | None = None, timeout_s: float = 20
) -> list[str]:
    """Wait for the report; returns the lines that count."""
    texts = content.texts(language)
    heading = shown(texts, "broadcast-done", people=people) if people else shown(texts, "broadcast-done", people=0)[:-1]
    report = await moderator.waits_for(heading, timeout_s)
    return report["text"].splitlines()[2:]


def _counted(content: Content, language: str = "en", **counts: int) -> list[str]:
    return [shown(content.texts(language), f"broadcast-{name}", count=count) for name, count in counts.items()]


async def _press_is_old(person: Person, content: Content, message: Message, data: str) -> None:
    """A press, forged where the message has no such button, is answered and does nothing."""
    await person.forges(message, data)
    assert (await person.waits_for_event("callback_answer"))["text"] == content.texts("en").plain("old-button")


def _data(message: Message, start: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    return next(b["callback_data"] for row in rows for b in row if b["callback_data"].startswith(start))


def _labels(message: Message) -> list[list[str]]:
    return [[button["text"] for button in row] for row in message["reply_markup"]["inline_keyboard"]]
