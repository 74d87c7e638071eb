"""Who leads, and what becomes of one that does not any more; conversations/test_machines.py has the rest."""

import subprocess
import sys
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
LEADS_FOR_A_MINUTE = """
import asyncio, sys
from bot.lead import leading

async def lead():
    async with leading(sys.argv[1]):
        sys.executable = "/nowhere/python"
        print("leads", flush=True)
        await asyncio.sleep(60)

asyncio.run(lead())
"""


def test_process_that_has_lost_the_lock_ends_where_it_can_not_begin_anew(postgres: Cluster) -> None:
    url = postgres.fresh()
    command = [sys.executable, "-c", LEADS_FOR_A_MINUTE, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "leads\n"
            with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string()) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'lentigo-lead' AND datname = current_database()"
                )
            assert process.wait(30) == 1
        finally:
            process.kill()
