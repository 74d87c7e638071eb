"""Links that open the bot with something to say: t.me/<bot>?start=…"""

import asyncio
from collections.abc import Iterator
from shutil import copytree

import pytest

from bot.content import Content, Texts
from bot.render.questions import Step
from emulator.person import Person, Town
from tests.conversations.audiences import until
from tests.conversations.service import ROOT, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import asks, button, enrol, register, rows, shown
from tests.conversations.test_settings import are_settings

CLINIC = "Clínica *San Jorge*"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A bot that knows two clinics."""
    data_dir = tmp_path_factory.mktemp("links")
    content_dir = copytree(ROOT / "content", data_dir / "content")
    clinics = f'[clinics]\nsan-jorge = "{CLINIC}"\nnorth = "North"\n'
    (content_dir / "clinics.toml").write_text(clinics, encoding="utf-8")
    settings = {"CONTENT_DIR": str(content_dir), "OWNER_IDS": "600000001"}
    with emulator_in_thread() as emulator, BotProcess(emulator, data_dir, **settings) as bot:
        bot.start()
        yield Service(emulator, bot, data_dir)
        assert bot.stop() == 0, bot.log
    assert "Incident" not in bot.log


@pytest.fixture
async def stranger(town: Town, texts: Texts) -> Person:
    """Somebody whose Telegram speaks the language of the story."""
    return await town.newcomer("Ana", language_code=texts.language)


def invited_by(service: Service, person: Person) -> list[str | None]:
    found = rows(service.data_dir, "SELECT invited_by FROM patients WHERE user_id = ?", person.id)
    return [clinic for (clinic,) in found]


async def says_of(person: Person) -> list[str]:
    """What the bot has said to somebody."""
    return [message.get("text", "") for message in await person.messages() if message["from"]["is_bot"]]


async def test_settings_open_from_a_link(patient: Person) -> None:
    await patient.says("/start settings")
    await patient.waits_for(are_settings)


async def test_settings_open_from_a_link_where_another_question_was_open(patient: Person, texts: Texts) -> None:
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await patient.says("/start settings")
    await patient.waits_for(are_settings)
    await patient.says("hello")
    await patient.waits_for(shown(texts, "sent-text"))


async def test_stranger_who_follows_it_registers_first(stranger: Person) -> None:
    await stranger.says("/start settings")
    await stranger.waits_for(asks(Step.LANGUAGE))


async def test_clinic_that_invites_is_named_and_kept(stranger: Person, texts: Texts, service: Service) -> None:
    await stranger.says("/start clinic-san-jorge")
    await stranger.waits_for(shown(texts, "invited-by", clinic=CLINIC))
    await register(stranger, texts.language)
    assert invited_by(service, stranger) == ["san-jorge"]
    await until(lambda: rows(service.data_dir, "SELECT * FROM drafts WHERE user_id = ?", stranger.id) == [])


async def test_link_followed_in_the_middle_of_a_registration_counts(
    stranger: Person, texts: Texts, service: Service
) -> None:
    await stranger.says("/start")
    await stranger.waits_for(asks(Step.LANGUAGE))
    await stranger.says("/start clinic-north")
    await stranger.waits_for(shown(texts, "invited-by", clinic="North"))
    await stranger.waits_for(asks(Step.LANGUAGE))
    await stranger.presses(button(Step.LANGUAGE, texts.language))
    await stranger.waits_for(asks(Step.CONSENT))
    await stranger.says("/start clinic-san-jorge")
    await stranger.waits_for(shown(texts, "invited-by", clinic=CLINIC))
    await stranger.waits_for(asks(Step.CONSENT))
    assert invited_by(service, stranger) == ["san-jorge"]


async def test_invitation_is_forgotten_with_the_registration(stranger: Person, texts: Texts, service: Service) -> None:
    await stranger.says("/start clinic-north")
    await stranger.waits_for(asks(Step.LANGUAGE))
    await stranger.says("/cancel")
    await stranger.waits_for(shown(texts, "cancelled"))
    await register(stranger, texts.language)
    assert invited_by(service, stranger) == [None]


async def test_group_reads_it_as_a_reply_which_telegram_shows_in_the_topic_of_the_command(
    stranger: Person, texts: Texts, town: Town
) -> None:
    bot = (await stranger.chat())["bot"]["username"]
    group = await town.group("Family", stranger, kind="supergroup")
    asked = await stranger.says(f"/start@{bot}", chat_id=group)
    led = await stranger.waits_for(shown(texts, "only-in-private", link=f"https://t.me/{bot}"))
    assert led["reply_to_message"]["message_id"] == asked["message_id"]


async def test_patient_who_is_registered_stays_whose_they_were(patient: Person, texts: Texts, service: Service) -> None:
    await patient.says("/start clinic-north")
    await patient.waits_for(shown(texts, "welcome-back", name="Sam"))
    assert invited_by(service, patient) == [None]


@pytest.mark.parametrize(
    "payload",
    ["clinic-", "clinic-nowhere", "clinic-NORTH", "CLINIC-north", "north", "settings2", "'; DROP TABLE patients; --"],
)
async def test_link_that_means_nothing_begins_as_usual(stranger: Person, texts: Texts, payload: str) -> None:
    await stranger.says(f"/start {payload}")
    await stranger.waits_for(asks(Step.LANGUAGE))
    assert len(await says_of(stranger)) == 1


async def test_patient_who_follows_it_is_greeted(patient: Person, texts: Texts) -> None:
    await patient.says("/start clinic-nowhere")
    await patient.waits_for(shown(texts, "welcome-back", name="Sam"))


async def test_group_is_led_to_a_private_chat_and_hears_nothing_else(
    stranger: Person, patient: Person, texts: Texts, town: Town, content: Content, service: Service
) -> None:
    bot = (await stranger.chat())["bot"]["username"]
    enrol(service.data_dir, [stranger.id], texts.language, content)
    group = await town.group("Family", stranger, patient, kind="supergroup")
    for words in ("/start", "/settings", f"/settings@{bot}", f"/help@{bot}", "/start@another_bot", f"hello @{bot}"):
        await stranger.says(words, chat_id=group)
    await stranger.says(f"/start@{bot.upper()} clinic-north", chat_id=group)
    link = f"https://t.me/{bot}"
    await stranger.waits_for(shown(texts, "only-in-private", link=link))
    said = [message["text"] for message in await patient.messages(group) if message["from"]["is_bot"]]
    assert said == [shown(texts, "only-in-private", link=link)]
    assert await says_of(stranger) == []
    assert invited_by(service, stranger) == [None]


async def test_group_where_the_bot_may_not_write_is_no_incident(
    stranger: Person, patient: Person, town: Town, service: Service
) -> None:
    bot = (await stranger.chat())["bot"]["username"]
    group = await town.group("Muted", stranger, patient, kind="supergroup")
    words = "Bad Request: not enough rights to send text messages to the chat"
    await town.suffers({"kind": "refused", "method": "sendMessage", "description": words, "chat_id": group})
    await stranger.says(f"/start@{bot}", chat_id=group)
    for _ in range(100):
        if [call["status"] for call in await town.calls() if call["chat_id"] == group] == [400]:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("the bot was never refused there")
    await patient.says("/help")
    await patient.waits_for("/privacy")
    assert rows(service.data_dir, "SELECT count(*) FROM incidents") == [(0,)]
