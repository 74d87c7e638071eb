"""The tables. A change here needs a migration in migrations/versions."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out, on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive moments."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite keeps no time zone; it is UTC."""
        return value.replace(tzinfo=UTC) if value else None


inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),  # chat id: updates of one lane are handled in order
    sa.Column("payload", sa.Text),  # the update as JSON; erased once it is handled
    sa.Column("retries", sa.Integer, nullable=False, default=0),  # how often it was begun anew after the bot had ended
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("handled_at", UtcDateTime),
)
sa.Index("ix_inbox_handled_at", inbox.c.handled_at)

patients = sa.Table(
    "patients",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("consent_version", sa.String(32)),
    sa.Column("consented_at", UtcDateTime),
    sa.Column("is_adult", sa.Boolean),
    sa.Column("first_name", sa.String(64)),
    sa.Column("skin_type", sa.SmallInteger),  # Fitzpatrick, 1 to 6
    sa.Column("registered_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Integer, primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("file_id", sa.String(256)),  # opens the photo at Telegram; erased once the case is closed
    sa.Column("progress_message_id", sa.BigInteger),
    sa.Column("outcome", sa.String(32)),  # NULL while open
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.UniqueConstraint("chat_id", "message_id"),
)
sa.Index("ix_cases_outcome", cases.c.outcome)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),  # JSON array of chat and user id
    sa.Column("state", sa.Integer, nullable=False),
)
