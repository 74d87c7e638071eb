"""The audit: append-only, complete, and nobody's once somebody is erased."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.menus import MODERATORS, OWNERS
from bot.storage.audit import Audit, Entry
from bot.storage.bans import Bans
from bot.storage.moderators import Moderators, Role
from bot.storage.patients import Patient, Patients
from bot.storage.records import Records
from tests.bot.conftest import NOON
from tests.bot.desk import Desk
from tests.bot.kinds import BANNED, MODERATOR, OWNER, PATIENT, STRANGER, open_desk_for_all

BAN = Entry(MODERATOR, "ban", NOON, PATIENT, "for good")


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk_for_all(engine) as desk:
        yield desk


async def test_entries_come_latest_first_with_who_and_whom(engine: AsyncEngine) -> None:
    audit = Audit(engine)
    await audit.record(Entry(OWNER, "grant", NOON, MODERATOR))
    await audit.record(BAN)
    latest, first = await audit.page(10)
    assert (latest.actor_id, latest.action, latest.subject_id, latest.details) == (
        MODERATOR,
        "ban",
        PATIENT,
        "for good",
    )
    assert (first.actor_id, first.action, first.subject_id) == (OWNER, "grant", MODERATOR)
    assert await audit.page(1, offset=1) == [first]


async def test_entries_about_somebody_are_what_they_did_and_what_was_done_to_them(engine: AsyncEngine) -> None:
    audit = Audit(engine)
    for entry in (Entry(OWNER, "grant", NOON, MODERATOR), BAN, Entry(OWNER, "stats", NOON)):
        await audit.record(entry)
    assert [entry.action for entry in await audit.page(10, about=MODERATOR)] == ["ban", "grant"]
    assert [entry.action for entry in await audit.page(10, about=PATIENT)] == ["ban"]
    assert await audit.page(10, about=4711) == []


async def test_database_itself_refuses_to_change_the_audit(engine: AsyncEngine) -> None:
    await Audit(engine).record(BAN)
    again = "INTO audit SELECT entry_id, at, 'nobody', action, subject, details FROM audit"
    by_database = {
        "sqlite": [f"INSERT OR REPLACE {again}"],
        "postgresql": [
            f"INSERT {again} ON CONFLICT (entry_id) DO UPDATE SET actor = 'nobody'",
            "TRUNCATE audit",
        ],
    }
    for deed in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", *by_database[engine.dialect.name]):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            async with engine.begin() as connection:
                await connection.exec_driver_sql(deed)
    assert [entry.actor_id for entry in await Audit(engine).page(10)] == [MODERATOR]


async def test_entries_about_an_erased_person_are_nobodys(engine: AsyncEngine) -> None:
    audit = Audit(engine)
    await audit.record(BAN)
    await Records(engine).erase(PATIENT, "1", NOON)
    (entry,) = await audit.page(10)
    assert (entry.actor_id, entry.subject_id) == (MODERATOR, None)
    assert str(PATIENT) not in str(entry)


async def test_moderator_who_erases_their_data_stays_in_the_audit(engine: AsyncEngine) -> None:
    audit = Audit(engine)
    await audit.record(BAN)
    await Records(engine).erase(MODERATOR, "1", NOON, is_moderator=True)
    assert [entry.actor_id for entry in await audit.page(10)] == [MODERATOR]


async def test_people_who_meet_somebody_at_once_know_them_by_one_alias(engine: AsyncEngine) -> None:
    audit = Audit(engine)
    deeds = [Entry(OWNER + number, "user", NOON, PATIENT) for number in range(8)]
    await asyncio.gather(*(audit.record(deed) for deed in deeds))
    assert {entry.subject_id for entry in await audit.page(10)} == {PATIENT}
    assert len({entry.subject for entry in await audit.page(10)}) == 1


async def test_role_that_is_given_by_two_at_once_is_given_once(engine: AsyncEngine) -> None:
    moderators = Moderators(engine, frozenset({OWNER}))
    await asyncio.gather(*(moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR)) for _ in range(8)))
    assert [entry.action for entry in await Audit(engine).page(10)] == ["grant"]


async def test_deed_that_changes_nothing_writes_nothing(engine: AsyncEngine) -> None:
    moderators, bans = Moderators(engine, frozenset({OWNER})), Bans(engine)
    await moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR))
    await moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR))
    await bans.lift(PATIENT, Entry(OWNER, "unban", NOON, PATIENT))
    await moderators.revoke(MODERATOR, Entry(OWNER, "revoke", NOON, MODERATOR))
    await moderators.revoke(MODERATOR, Entry(OWNER, "revoke", NOON, MODERATOR))
    assert [entry.action for entry in await Audit(engine).page(10)] == ["revoke", "grant"]


async def test_roles_are_those_of_the_settings_and_of_the_table(engine: AsyncEngine) -> None:
    moderators = Moderators(engine, frozenset({OWNER}))
    await moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR))
    roles = [await moderators.role(person) for person in (OWNER, MODERATOR, PATIENT)]
    assert roles == [Role.OWNER, Role.MODERATOR, Role.NOBODY]
    assert await moderators.ids() == [OWNER, MODERATOR]


async def test_every_deed_of_a_moderator_is_in_the_audit(desk: Desk) -> None:
    words = {"maintenance": "on", "stats": "", "errors": "", "reload": ""}
    for name in (*MODERATORS, *OWNERS):
        if name in {"broadcast", "directory"}:  # these only ask; the conversations see what follows
            continue
        before = len((await desk.rows())["audit"])
        await desk.hears(OWNER, text=f"/{name} {words.get(name, f'{PATIENT} 7d why')}")
        if name == "maintenance":
            await desk.presses(OWNER, "maintenance:wait")
        assert len((await desk.rows())["audit"]) > before, name


async def test_deed_that_changes_nothing_is_a_look_and_in_the_audit(desk: Desk) -> None:
    """The card, which a forged button shows, tells of somebody; so does that there is nothing to undo."""
    looks = [
        (MODERATOR, f"user:unban:{PATIENT}", PATIENT),
        (MODERATOR, f"/unban {PATIENT}", PATIENT),
        (MODERATOR, f"/ban {PATIENT}", PATIENT),
        (MODERATOR, f"/ban @robin_{PATIENT}", PATIENT),
        (MODERATOR, f"user:ban:{PATIENT}", PATIENT),
        (MODERATOR, f"/ban {OWNER}", OWNER),
        (MODERATOR, f"/ban {OWNER} 7d mutiny", OWNER),
        (OWNER, f"user:revoke:{PATIENT}", PATIENT),
        (OWNER, f"user:revoke:{OWNER}", OWNER),
        (OWNER, f"user:grant:{MODERATOR}", MODERATOR),
        (OWNER, f"user:grant:{BANNED}", BANNED),
    ]
    for actor, deed, whom in looks:
        before = len((await desk.rows())["audit"])
        await (desk.hears(actor, text=deed) if deed.startswith("/") else desk.presses(actor, deed))
        (entry,) = await desk.services.audit.page(len((await desk.rows())["audit"]) - before)
        assert (entry.action, entry.actor_id, entry.subject_id) == ("user", actor, whom)


@pytest.mark.parametrize("command", ["user", "ban", "unban", "grant", "revoke", "audit"])
async def test_name_that_nobody_here_has_is_a_look_without_whom(desk: Desk, command: str) -> None:
    """That somebody does not use the bot is told, too; what was asked for is not kept."""
    await desk.hears(OWNER, text=f"/{command} @nobody_here 7d why")
    rows = await desk.rows()
    last = [row for row in rows["audit"] if row.action == "user"][-1]
    assert (last.subject, last.details) == (None, "")
    assert "nobody_here" not in str(rows)


async def test_command_that_names_nobody_is_no_look(desk: Desk) -> None:
    before = len((await desk.rows())["audit"])
    for text in ("/user", "/ban", "/unban", "/user Sam"):
        await desk.hears(MODERATOR, text=text)
    assert len((await desk.rows())["audit"]) == before


async def test_id_that_nobody_here_has_is_not_kept_for_a_ban(desk: Desk) -> None:
    before = {row.user_id for row in (await desk.rows())["aliases"]}
    await desk.hears(MODERATOR, text=f"/ban {STRANGER} 7d why")
    await desk.hears(MODERATOR, text=f"/unban {STRANGER}")
    await desk.hears(MODERATOR, text=f"/unban {STRANGER}")
    rows = await desk.rows()
    assert {row.user_id for row in rows["aliases"]} <= before | {MODERATOR}
    assert [(row.action, row.subject) for row in rows["audit"][-3:]] == [("ban", None), ("unban", None), ("user", None)]
    await desk.hears(MODERATOR, text=f"/ban {PATIENT} 7d why")
    (entry,) = await desk.services.audit.page(1)
    assert (entry.action, entry.subject_id) == ("ban", PATIENT)


class ErasedMeanwhile(Patients):
    """Of whom one erases everything as soon as a moderator's command has read of them."""

    is_erased = False

    async def get(self, user_id: int) -> Patient | None:
        found = await super().get(user_id)
        if user_id == PATIENT and not self.is_erased:
            self.is_erased = True
            await Records(self._engine).erase(PATIENT, "1", NOON)
        return found


@pytest.mark.parametrize("deed", ["/user {}", "/ban {} 7d why", "user:unban:{}"])
async def test_look_at_somebody_who_is_erased_meanwhile_keeps_no_id(desk: Desk, deed: str) -> None:
    desk.application.bot_data["services"] = replace(desk.services, patients=ErasedMeanwhile(desk.engine))
    said = deed.format(PATIENT)
    await (desk.hears(MODERATOR, text=said) if said.startswith("/") else desk.presses(MODERATOR, said))
    assert PATIENT not in {row.user_id for row in (await desk.rows())["aliases"]}


async def test_look_beside_an_erasure_keeps_no_id(desk: Desk) -> None:
    patients, records, audit = desk.services.patients, desk.services.records, desk.services.audit
    for number in range(8):
        await patients.speak(PATIENT, "en", NOON)
        looks = (audit.record_look(Entry(MODERATOR, "user", NOON, PATIENT)) for _ in range(3))
        await asyncio.gather(*looks, records.erase(PATIENT, str(number), NOON))
        assert PATIENT not in {row.user_id for row in (await desk.rows())["aliases"]}
