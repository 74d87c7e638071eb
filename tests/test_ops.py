"""What starts the bot on a server names settings and commands that there are."""

import json
import os
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import _arguments
from bot.settings import Settings
from tests.serving import serving_in_thread

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "ops" / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
COMPOSE = [ROOT / "compose.yaml", ROOT / "compose.postgres.yaml"]
OTHERS_SETTINGS = {"PYTHONDONTWRITEBYTECODE"}  # Python's own
NAMES = {name.upper() for name in Settings.model_fields} | OTHERS_SETTINGS
PYTHON = "/srv/lentigo/.venv/bin/python"


class Healthy(BaseHTTPRequestHandler):
    """Answers as a bot that lives."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their capitals
    parser.read(path, encoding="utf-8")
    return parser


def compose(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def ours(path: Path) -> dict[str, Any]:
    """Return the services that run the bot."""
    return {name: one for name, one in compose(path)["services"].items() if one["image"].startswith("lentigo:")}


def assert_is_command(words: list[str]) -> None:
    assert words[1:3] == ["-m", "bot"]
    _arguments().parse_args(words[3:])


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_unit_starts_a_command_that_there_is_with_settings_that_there_are(path: Path) -> None:
    service = unit(path)["Service"]
    words = service["ExecStart"].split()
    assert words[0] == PYTHON
    assert_is_command(words)
    assert {word.partition("=")[0] for word in service["Environment"].split()} <= NAMES


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_unit_is_shut_in(path: Path) -> None:
    service = unit(path)["Service"]
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["UMask"]) == ("yes", "strict", "0077")
    assert service["User"] == "lentigo"
    assert service["MemoryMax"]
    assert service["MemorySwapMax"] == "0"  # what is in memory alone never gets to a disk
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.parametrize("name", ["lentigo.service", "lentigo-worker@.service"])
def test_unit_goes_on_where_the_kernel_kills_one_process_of_the_pool_for_want_of_memory(name: str) -> None:
    service = unit(ROOT / "ops" / "systemd" / name)["Service"]
    assert service["OOMPolicy"] == "continue"


@pytest.mark.parametrize("name", ["lentigo.service", "lentigo-worker@.service"])
def test_unit_is_started_again_for_as_long_as_it_takes_but_not_with_a_wrong_setting(name: str) -> None:
    whole = unit(ROOT / "ops" / "systemd" / name)
    assert (whole["Service"]["Restart"], whole["Service"]["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert whole["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", ["lentigo.service", "lentigo-worker@.service"])
def test_unit_lets_processes_that_look_at_photos_shut_themselves_in(name: str) -> None:
    allowed = unit(ROOT / "ops" / "systemd" / name)["Service"]["SystemCallFilter"].split()
    assert {f"landlock_{call}" for call in ("create_ruleset", "add_rule", "restrict_self")} <= set(allowed)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PYTHON, "/usr/bin/env")
        (tmp_path / path.name).write_text(re.sub(r"(?m)^(User|Group)=.*", r"\1=root", text), encoding="utf-8")
    names = [str(tmp_path / path.name.replace("@", "@1")) for path in UNITS]
    command = ["systemd-analyze", "verify", "--recursive-errors=no", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "lentigo" not in done.stderr, done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_names_settings_and_commands_that_there_are(path: Path) -> None:
    for service in ours(path).values():
        assert set(service["environment"]) <= NAMES
        assert service["env_file"] == ".env"
        assert_is_command(service.get("command", ["python", "-m", "bot", "run"]))


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_is_shut_in(path: Path) -> None:
    for service in compose(path)["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "unless-stopped"
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for service in ours(path).values():
        assert service["read_only"] is True
        assert service["mem_limit"] == service["memswap_limit"]  # of both together: nothing is swapped


def test_postgresql_is_reached_from_within_only_and_has_no_password_of_ours() -> None:
    services = compose(COMPOSE[1])["services"]
    assert "ports" not in services["database"]
    assert services["database"]["healthcheck"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert services["database"]["environment"]["POSTGRES_USER"] != "lentigo"  # else the bot would rule the server
    assert (ROOT / services["database"]["volumes"][0].partition(":")[0]).stat().st_mode & 0o005 == 0o005
    assert {name for name, one in services.items() if one.get("command", [])[-1:] == ["run"]} == {"gateway", "standby"}
    assert "healthcheck" not in services["standby"]  # it lives, and says so, while it waits
    assert services["worker"]["deploy"]["replicas"] == 2
    for service in ours(COMPOSE[1]).values():
        assert service["depends_on"]["database"] == {"condition": "service_healthy"}
        assert "${POSTGRES_PASSWORD:?" in service["environment"]["DATABASE_URL"]


def test_check_of_health_goes_past_a_proxy() -> None:
    """HTTP_PROXY is for the way to Telegram; it knows no 127.0.0.1 of a container."""
    written = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", text_of("Dockerfile").replace("\\\n", ""), re.MULTILINE)
    assert written
    _, *words = json.loads(written[1])
    with serving_in_thread(Healthy) as address:
        environment = {"WEB_PORT": address.rpartition(":")[2], "HTTP_PROXY": "http://127.0.0.1:1"}
        done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_show_what_they_count_and_that_they_live() -> None:
    worker = compose(COMPOSE[1])["services"]["worker"]
    assert "healthcheck" not in worker  # the image's own, which asks at WEB_PORT
    assert worker["environment"]["WORKER_WEB_PORT"] == worker["environment"]["WEB_PORT"]
    words = unit(ROOT / "ops" / "systemd" / "lentigo-worker@.service")["Service"]["Environment"].split()
    ports = [word.partition("=")[2] for word in words if word.startswith("WORKER_WEB_PORT=")]
    assert ports == ["809%i"]  # one of its own for each of a machine


def test_containers_can_be_saved_restored_and_moved_as_the_page_for_operators_says() -> None:
    run = re.compile(r"^    docker compose (.*?)run --rm (?:-v|-e) (\S+) (\S+) (.+)$", re.MULTILINE)
    written = run.findall(text_of("docs/operating.md"))
    assert len(written) == 5
    for file, given, service, words in written:
        assert service in ours(COMPOSE["compose.postgres.yaml" in file])
        assert given == ("NEW_DATABASE" if " copy " in words else "/var/backups/lentigo:/backups")
        assert_is_command(words.split())
    *_, last_stage = text_of("Dockerfile").split("\nFROM ")
    assert "postgresql-client" in last_stage  # backup and restore of PostgreSQL run its programs


def test_both_compose_files_run_the_same_image() -> None:
    assert len({service["image"] for path in COMPOSE for service in ours(path).values()}) == 1


def test_demo_is_for_its_user_alone(tmp_path: Path) -> None:
    """Photos that somebody tries out lie in it."""
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\numask\n", encoding="ascii")
    program.chmod(0o755)
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "installed").touch()
    environment = {"PATH": os.environ["PATH"]}
    command = ["make", "--silent", "run"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, umask=0o022
    )
    assert done.stdout == "0077\n"
    assert (tmp_path / "data" / "demo").stat().st_mode & 0o777 == 0o700
