"""The doctor looks at what lies on this machine: its settings, what is shipped, a port and room."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.doctor import configuration, machine, shipped
from bot.doctor.check import Check, State, ok
from bot.doctor.examination import examination
from tests.bot.doctor.examining import always, states
from tests.conversations.service import ROOT
from tests.serving import free_port


def test_misspelt_setting_is_told_apart_from_another_programs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOT_TOKENS=1\nCOMPOSE_FILE=compose.yaml\n")
    warnings = [check.words for check in configuration.settings() if check.state is State.WARNING]
    assert warnings == ["BOT_TOKENS in .env is no setting"]


@pytest.mark.parametrize(("mode", "state"), [(0o600, State.OK), (0o640, State.WARNING), (0o604, State.WARNING)])
def test_token_that_others_may_read_is_warned_of(tmp_path: Path, mode: int, state: State) -> None:
    path = tmp_path / ".env"
    path.touch()
    path.chmod(mode)
    assert configuration.env_file(path).state is state


def test_old_python_fails() -> None:
    assert configuration.python_version((3, 10)).state is State.FAILED
    assert configuration.python_version((3, 13)).state is State.OK


async def test_model_whose_file_is_another_one_fails(tmp_path: Path) -> None:
    assert (await shipped.model(ROOT / "models", ROOT / "content" / "fonts")).state is State.OK
    broken = shutil.copytree(ROOT / "models", tmp_path / "models")
    with (broken / "model.onnx").open("ab") as file:
        file.write(b"\0")
    assert (await shipped.model(broken, ROOT / "content" / "fonts")).state is State.FAILED


async def test_model_is_not_loaded_in_the_doctors_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.InferenceSession", None)
    assert (await shipped.model(ROOT / "models", ROOT / "content" / "fonts")).state is State.OK


async def test_secrets_are_forgotten_before_a_process_is_started_that_loads_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    async def model(*_: object) -> Check:
        done.append("the model is loaded")
        return ok("model", "")

    monkeypatch.setattr("bot.doctor.examination.forget_secrets", lambda: done.append("secrets are forgotten"))
    monkeypatch.setattr(shipped, "model", model)
    async for check in examination(lambda: datetime.now(UTC)):
        if check.name == "model":
            break
    assert done == ["secrets are forgotten", "the model is loaded"]


def test_language_that_lacks_a_message_and_a_font_that_is_damaged_fail(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "content", tmp_path / "content")
    assert {check.state for check in shipped.content(folder, ROOT / "models")} == {State.OK}
    (folder / "fonts" / "Inter-Regular.otf").write_bytes(b"no type")
    assert states(shipped.content(folder, ROOT / "models"))["fonts"] is State.FAILED
    path = folder / "es" / "ui.ftl"
    path.write_text(path.read_text().replace("looking =", "unseen ="))
    (check,) = shipped.content(folder, ROOT / "models")
    assert check.state is State.FAILED
    assert "looking" in check.words


async def test_port_is_free_or_the_bots_or_anothers() -> None:
    port = free_port()
    assert "is free" in (await machine.port("127.0.0.1", port)).words
    with always(200, json.dumps({"database": "ok"}).encode()) as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.OK
    with always(200, b"hello") as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.FAILED
    with always(503, b"{}") as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.FAILED


async def test_webhooks_port_is_free_or_the_bots_or_anothers() -> None:
    port = free_port()
    assert "is free" in (await machine.webhook_port("127.0.0.1", port, "/bots/lentigo")).words
    with always(405, b"") as address:
        check = await machine.webhook_port("127.0.0.1", int(address.rpartition(":")[2]), "/bots/lentigo")
        assert (check.name, check.state) == ("WEBHOOK_PORT", State.OK)
    with always(200, b"hello") as address:
        check = await machine.webhook_port("127.0.0.1", int(address.rpartition(":")[2]), "/")
        assert check.state is State.FAILED


def test_too_little_disk_or_memory_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert machine.disk(tmp_path / "not" / "yet").state is not State.FAILED
    full = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert machine.disk(tmp_path).state is State.FAILED
    assert machine.memory(1).state is State.OK
    assert machine.memory(100_000).state is State.FAILED
