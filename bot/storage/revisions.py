"""Which migration a database has, and which ones this program knows."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def newest() -> str:
    """Return the revision that this program wants."""
    return _scripts().get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether this program can bring a database of this revision up to date."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database; None where it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()
