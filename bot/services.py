"""The services of the handlers, over a database."""

from collections.abc import Awaitable, Callable, Iterable
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.beside import Beside
from bot.context import Services
from bot.directory.places import Places
from bot.library import Library
from bot.limits import Limits, PhotoRules
from bot.parts import now
from bot.storage.audit import Audit
from bot.storage.bans import Bans
from bot.storage.broadcasts import Broadcasts
from bot.storage.cases import Cases
from bot.storage.directory import Directory
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.statistics import Statistics
from bot.storage.traffic import Traffic
from bot.storage.visitors import Visitors


def services_on(  # noqa: PLR0913 - everything that is not made of the database alone
    engine: AsyncEngine,
    *,
    owner_ids: AbstractSet[int],
    library: Library,
    places: Places,
    maintenance: Maintenance,
    answer_soon: Callable[[int, int], None],
    let_go: Callable[[Iterable[int]], Awaitable[None]],
    broadcast_soon: Callable[[int], None],
    has_own_mix: bool = False,
    incidents: Incidents | None = None,
    rules: PhotoRules | None = None,
) -> Services:
    """Return the services over a database."""
    named, banned = Moderators(engine, owner_ids), Bans(engine)
    recording = incidents or Incidents(engine, now)
    return Services(
        patients=Patients(engine),
        cases=Cases(engine),
        records=Records(engine),
        drafts=Drafts(engine),
        feedback=Feedback(engine),
        broadcasts=Broadcasts(engine),
        moderators=named,
        bans=banned,
        visitors=Visitors(engine, named, banned),
        audit=Audit(engine),
        incidents=recording,
        maintenance=maintenance,
        statistics=Statistics(engine),
        library=library,
        limits=Limits(Traffic(engine), rules or PhotoRules()),
        directory=Directory(engine),
        places=places,
        answer_soon=answer_soon,
        let_go=let_go,
        broadcast_soon=broadcast_soon,
        beside=Beside(recording),
        now=now,
        started_at=now(),
        has_own_mix=has_own_mix,
    )
