"""Somebody who uses every feature of a bot of their own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from bot.content import Texts
from emulator.person import Person, Town
from tests.conversations.service import PHOTOS, ROOT, BotProcess, Service, emulator_in_thread, gazetteer
from tests.conversations.stories import first_line, refusing, register, shown
from tests.conversations.test_photos import is_answer

OWNER_ID = 600_000_001
PATIENT_ID = 512_345_678
SECRETS = (
    "Zacarina",
    "zacarina_unica",
    "my secret mole 7391",
    "an answer about 7391",
    "shouted about 7391",
    "sanjorge",
)
SECRET_NAME, SECRET_USERNAME, SECRET_WORDS, SECRET_ANSWER, SECRET_REASON, SECRET_CLINIC = SECRETS


@dataclass(frozen=True, slots=True)
class Story:
    """Somebody who used every feature, and where it all lies."""

    service: Service
    town: Town
    patient: Person
    owner: Person
    texts: Texts


@contextmanager
def open_service(folder: Path) -> Iterator[Service]:
    """A bot that knows a clinic, logs all it can, and may be stopped."""
    content_dir, data_dir = copytree(ROOT / "content", folder / "content"), folder / "data"
    (content_dir / "clinics.toml").write_text(f'[clinics]\n{SECRET_CLINIC} = "Clínica San Jorge"\n', encoding="utf-8")
    data_dir.mkdir()
    settings = {"CONTENT_DIR": str(content_dir), "OWNER_IDS": str(OWNER_ID), "LOG_LEVEL": "DEBUG"}
    with (
        gazetteer() as url,
        emulator_in_thread() as emulator,
        BotProcess(emulator, data_dir, NOMINATIM_URL=url, **settings) as bot,
    ):
        bot.start()
        yield Service(emulator, bot, data_dir)


async def use_everything(story: Story) -> None:
    """Let the patient use every feature, and meet a moderator and an owner who use theirs."""
    patient, owner, texts = story.patient, story.owner, story.texts
    await patient.says(f"/start clinic-{SECRET_CLINIC}")
    await patient.waits_for("Clínica San Jorge")
    await register(patient, texts.language, skin_type="3")
    for name in ("ham10000_nv_ISIC_0028441.jpg", "ham10000_mel_ISIC_0028412.jpg"):
        await patient.sends_photo(PHOTOS / name)
        await patient.waits_for(is_answer, timeout_s=30)
    await patient.sends_document(PHOTOS / "truncated.jpg")
    await patient.waits_for(first_line(texts, "declined-truncated"), timeout_s=30)
    await _ask_for_dermatologists(story)
    await _meet_faults(story)
    await owner.says("/start")
    await _write_and_be_answered(story)
    await _hear_an_announcement(story)
    await owner.says(f"/ban @{SECRET_USERNAME} 7d {SECRET_REASON}")
    await patient.waits_for(SECRET_REASON)
    await owner.says(f"/unban {patient.id}")
    await patient.waits_for(shown(texts, "you-are-unbanned"))
    await owner.says(f"/grant {patient.id}")
    await patient.waits_for(shown(texts, "you-are-moderator"))
    await owner.waits_for("Done")  # only then they are
    await patient.says("/user 600000009")
    await patient.waits_for("600000009")
    await patient.presses("user:ban:600000009")
    await patient.waits_for(lambda message: "600000009" in str(message.get("reply_markup")))
    await patient.presses("ban:600000009:7")
    await patient.waits_for("600000009")


async def _write_and_be_answered(story: Story) -> None:
    patient, owner, texts = story.patient, story.owner, story.texts
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await patient.says(SECRET_WORDS)
    await patient.waits_for(shown(texts, "feedback-sent"))
    await owner.waits_for("/inbox")
    await owner.says("/inbox")
    item = await owner.waits_for(SECRET_WORDS)
    await owner.says(SECRET_ANSWER, reply_to=item)
    await patient.waits_for(SECRET_ANSWER)


async def _ask_for_dermatologists(story: Story) -> None:
    patient, texts = story.patient, story.texts
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.shares_location(47.81234, 13.04567)
    await patient.waits_for(shown(texts, "found-near"))
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.says("sapporo 7391")
    await patient.waits_for("Sapporo (")


async def _meet_faults(story: Story) -> None:
    """Telegram refuses, breaks off and is away; then the database refuses what the patient writes."""
    patient, texts, data_dir = story.patient, story.texts, story.service.data_dir
    await story.town.suffers(
        {"kind": "5xx", "method": "editMessageMedia", "status": 502, "times": 1},
        {"kind": "429", "method": "sendMessage", "retry_after": 1, "times": 1},
        {"kind": "reset", "method": "getFile", "times": 1},
        {"kind": "half_body", "method": "file", "times": 1},
        {"kind": "reset", "method": "getUpdates", "times": 1},
    )
    await patient.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    await patient.waits_for(is_answer, timeout_s=45)
    await story.town.suffers()
    with refusing(data_dir, "feedback"):
        await patient.says("/feedback")
        await patient.waits_for(shown(texts, "ask-feedback"))
        await patient.says("crashing about 7391")
        incident = await patient.waits_for(shown(texts, "our-fault", incident="").split("\n")[0][:20])
    assert re.search(r"\b[0-9A-F]{6}\b", incident["text"])
    await patient.says("/cancel")


async def _hear_an_announcement(story: Story) -> None:
    await story.owner.says("/broadcast")
    await story.owner.waits_for(lambda message: bool(message.get("text")))
    await story.owner.says("We are closed on Monday.")
    await story.owner.waits_for(lambda message: bool(message.get("reply_markup")))
    await _press_first(story.owner)
    await story.owner.waits_for(lambda message: bool(message.get("reply_markup")))
    await _press_first(story.owner)
    await story.patient.waits_for("We are closed on Monday.")


async def _press_first(person: Person) -> None:
    last = next(m for m in reversed(await person.messages()) if m.get("reply_markup"))
    await person.presses(last["reply_markup"]["inline_keyboard"][0][0]["callback_data"], last)
