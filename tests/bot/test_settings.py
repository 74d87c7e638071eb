"""A wrong setting stops the start with one sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, StorageSettings, load, other_database
from bot.storage.sealed import new_key

ROOT = Path(__file__).parents[2]
TOKEN = "123456:test"


@pytest.fixture(autouse=True)
def model_and_texts(bare_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_DIR", str(ROOT / "models"))
    monkeypatch.setenv("CONTENT_DIR", str(ROOT / "content"))


def test_defaults_need_nothing_but_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    settings = load(Settings)
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.storage_url == "sqlite+aiosqlite:///data/lentigo.db"
    assert settings.owner_ids == frozenset()


def test_owner_ids_are_numbers_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("OWNER_IDS", "12, 34,56")
    assert load(Settings).owner_ids == {12, 34, 56}


def test_wave_is_the_home_as_in_a_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("models", "content"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).symlink_to(ROOT / name)
    monkeypatch.setenv("HOME", str(home))
    lines = ("BOT_TOKEN=1:a", "DATA_DIR=~/lentigo", "MODEL_DIR=~/models", "CONTENT_DIR=~/content")
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    for name in ("MODEL_DIR", "CONTENT_DIR"):
        monkeypatch.delenv(name)
    settings = load(Settings)
    assert settings.storage_url == f"sqlite+aiosqlite:///{home}/lentigo/lentigo.db"
    assert (settings.model_dir, settings.content_dir) == (home / "models", home / "content")
    for name in ("DATABASE_URL", "NEW_DATABASE"):
        monkeypatch.setenv(name, "sqlite+aiosqlite:///~/new.db?timeout=3")
    urls = {load(StorageSettings).storage_url, other_database("NEW_DATABASE")}
    assert urls == {f"sqlite+aiosqlite:///{home}/new.db?timeout=3"}
    assert not (tmp_path / "~").exists()


def test_home_that_cannot_be_found_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "~nobody-here/lentigo")
    with pytest.raises(SettingsError, match=r"^DATA_DIR: the home that ~nobody-here stands for can't be found; write"):
        load(StorageSettings)
    monkeypatch.setenv("NEW_DATABASE", "sqlite+aiosqlite:///~nobody-here/new.db")
    with pytest.raises(SettingsError, match=r"^NEW_DATABASE: the home that ~nobody-here stands for can't be found"):
        other_database("NEW_DATABASE")


def test_what_earlier_releases_kept_in_a_folder_named_by_a_wave_is_not_lost_sight_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/srv/ana")
    monkeypatch.setenv("DATA_DIR", "~/lentigo")
    (tmp_path / "~" / "lentigo").mkdir(parents=True)
    with pytest.raises(SettingsError, match=rf"^DATA_DIR: .* move {tmp_path}/~/lentigo to /srv/ana/lentigo, or write"):
        load(StorageSettings)
    monkeypatch.setenv("DATA_DIR", f"{tmp_path}/~/lentigo")
    assert load(StorageSettings).data_dir == tmp_path / "~" / "lentigo"


def test_class_mix_names_every_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    assert load(Settings).class_mix is None
    monkeypatch.setenv("CLASS_MIX", "nv=80.5, mel=1, bcc=3, akiec=3, bkl=10, df=1.5, vasc=1")
    assert load(Settings).class_mix == {"nv": 80.5, "mel": 1, "bcc": 3, "akiec": 3, "bkl": 10, "df": 1.5, "vasc": 1}


def test_processes_for_photos_are_as_many_as_usable_cores_unless_they_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 6}, raising=False)
    assert load(Settings).worker_count == 3
    monkeypatch.setenv("WORKERS", "2")
    assert load(Settings).worker_count == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "-1"),
        ("OWNER_IDS", "ana"),
        ("OWNER_IDS", "12, @ana"),
        ("OWNER_IDS", "12, ²"),
        ("OWNER_IDS", "0"),
        ("OWNER_IDS", "-5"),
        ("OWNER_IDS", str(2**52)),
        ("CLASS_MIX", "akiec=1 bcc=1 bkl=1 df=1 mel=1 nv=² vasc=1"),
        ("CLASS_MIX", "nv=80"),
        ("CLASS_MIX", "akiec=1 bcc=1 bkl=1 df=0 mel=1 nv=1 vasc=1"),
        ("CLASS_MIX", "akiec=1 bcc=1 bkl=1 df=few mel=1 nv=1 vasc=1"),
        ("CLASS_MIX", "akiec=1 bcc=1 bkl=1 df=1 mel=1 nv=1 vasc=1 wart=1"),
        ("CLASS_MIX", "akiec=1 bcc=1 bkl=1 df=1 mel=1 nv=1 vasc=1 nv=80"),
        ("WEB_PORT", "eighty"),
        ("WEB_PORT", "70000"),
        ("TELEGRAM_API_URL", "telegram"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("DATABASE_URL", "postgresql+psycopg://lentigo:secret@host:port/lentigo"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("MODEL_DIR", "nowhere"),
        ("CONTENT_DIR", "nowhere"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("WEBHOOK_URL", "telegram"),
        ("WEBHOOK_URL", "http://example.org/hook"),
        ("WEBHOOK_URL", "https://example.org/hook?secret=1"),
        ("WEBHOOK_URL", "https://example.org:8082/hook"),
        ("WEBHOOK_SECRET", "short"),
        ("WEBHOOK_SECRET", "with a blank in the middle"),
        ("WEBHOOK_PORT", "0"),
        ("WEBHOOK_PATH", "hook"),
        ("WEBHOOK_ALLOWED_NETWORKS", "192.0.2.0/24, everywhere"),
    ],
)
def test_wrong_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load(Settings)
    assert str(caught.value).startswith(name)
    assert "Input should" not in str(caught.value) or name not in {"OWNER_IDS", "CLASS_MIX"}
    assert "convert" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_place_names_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("NOMINATIM_URL", "off")
    assert not load(Settings).nominatim_url


def test_address_of_a_service_may_end_with_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    for name in ("TELEGRAM_API_URL", "NOMINATIM_URL"):
        monkeypatch.setenv(name, "https://example.org/of/ours/")
    settings = load(Settings)
    assert {settings.telegram_api_url, settings.nominatim_url} == {"https://example.org/of/ours"}


def test_missing_token_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^BOT_TOKEN: is missing"):
        load(Settings)


def test_migrating_needs_no_token() -> None:
    assert load(StorageSettings).storage_url


def test_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    assert TOKEN not in repr(load(Settings))


def test_start_without_a_token_ends_with_one_sentence(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "run"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith("BOT_TOKEN")


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_env_file_that_is_no_text_ends_with_one_sentence_and_no_new_try(tmp_path: Path, command: str) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=12345:s3cret\xff\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "bot", command]
    ended = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith(".env can't be read")
    assert "s3cret" not in ended.stderr


def test_env_file_of_another_user_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / ".env").touch()
    monkeypatch.setattr("dotenv.main.DotEnv._get_stream", refuse)  # root, as in a container, may read whatever it likes
    with pytest.raises(SettingsError, match=r"^\.env can't be read"):
        load(StorageSettings)


def test_webhook_listens_at_the_path_of_its_address_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_URL", "https://example.org/bots/lentigo")
    assert load(Settings).webhook_listens_at == "/bots/lentigo"
    monkeypatch.setenv("WEBHOOK_PATH", "/hook")
    assert load(Settings).webhook_listens_at == "/hook"


@pytest.mark.parametrize("port", ["", ":443", ":80", ":88", ":8443"])
def test_telegram_brings_updates_to_four_ports(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_URL", f"https://example.org{port}/hook")
    assert load(Settings).webhook_url == f"https://example.org{port}/hook"


def test_server_of_ones_own_may_bring_updates_to_any_port_and_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    monkeypatch.setenv("WEBHOOK_URL", "http://127.0.0.1:8082/hook")
    assert load(Settings).webhook_url == "http://127.0.0.1:8082/hook"


def test_webhook_always_has_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    made = load(Settings).webhook_token
    assert (len(made), TOKEN in made) == (64, False)
    monkeypatch.setenv("WEBHOOK_SECRET", "a-secret-of-the-operator")
    assert load(Settings).webhook_token == "a-secret-of-the-operator"
    assert "a-secret-of-the-operator" not in repr(load(Settings))


def test_networks_of_telegram_have_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "telegram, 192.0.2.0/24")
    networks = {str(network) for network in load(Settings).webhook_allowed_networks}
    assert networks == {"149.154.160.0/20", "91.108.4.0/22", "192.0.2.0/24"}


def test_keys_stand_between_commas_and_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = new_key(), new_key()
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{first}, {second}")
    settings = load(Settings)
    assert settings.keys == (first, second)
    assert first not in repr(settings)


def test_key_that_is_none_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = new_key()[:-4]
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{new_key()},{broken}")
    with pytest.raises(SettingsError, match=r"^ENCRYPTION_KEYS: .*new-key") as refused:
        load(StorageSettings)
    assert broken not in str(refused.value)
