"""What an operator types: python -m bot …"""

import json
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.patients import Patients
from tests.bot.conftest import NOON

ROOT = Path(__file__).parents[2]
PATIENT = 512_345_678


def lentigo(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, cwd=ROOT, env={"DATABASE_URL": url}, capture_output=True, text=True, check=False, timeout=60
    )


async def test_operator_erases_somebody_and_the_receipt_tells_when(engine: AsyncEngine, database_url: str) -> None:
    patients = Patients(engine)
    await patients.speak(PATIENT, "en", NOON)
    erased = lentigo(database_url, "erase", str(PATIENT))
    assert (erased.returncode, await patients.get(PATIENT)) == (0, None)
    receipt = re.search(r"Receipt (\S+): 1 of patients", erased.stdout)
    assert receipt
    checked = lentigo(database_url, "receipt", receipt[1])
    assert checked.returncode == 0
    assert re.match(r"On \d{4}-\d\d-\d\d every row of one person was erased: 1 of patients", checked.stdout)
    assert str(PATIENT) not in checked.stdout


def test_receipt_that_was_never_given_is_refused(database_url: str) -> None:
    checked = lentigo(database_url, "receipt", "0000-0000-0000-0000-0000")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert "never gave" in checked.stderr


def test_database_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checked = lentigo(f"sqlite+aiosqlite:///{tmp_path}/file/lentigo.db", "receipt", "0")
    assert checked.returncode == 2
    assert "DATA_DIR or DATABASE_URL" in checked.stderr


def test_published_schema_is_that_of_the_code() -> None:
    published = json.loads((ROOT / "docs" / "export.schema.json").read_text(encoding="utf-8"))
    assert json.loads(lentigo("", "schema").stdout) == published
