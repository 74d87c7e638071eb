"""The tables. A change here needs a migration in migrations/versions."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.storage.sealed import SealedJson, SealedText

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
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),  # chat id: updates of one lane are handled in order
    sa.Column("payload", SealedText),  # the update as JSON; erased once it is handled
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
    sa.Column("first_name", SealedText),
    sa.Column("skin_type", SealedJson),  # Fitzpatrick, 1 to 6
    sa.Column("registered_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("username", sa.String(32)),  # in small letters; as it was when they last wrote
    sa.Column("invited_by", sa.String(32)),  # a clinic of content/clinics.toml
    sa.Column("blocked_at", UtcDateTime),  # since when the bot is blocked; NULL while it is not
)
sa.Index("ix_patients_username", patients.c.username)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Integer, primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("file_id", SealedText),  # opens the photo at Telegram; erased once the case is closed
    sa.Column("progress_message_id", sa.BigInteger),
    sa.Column("retries", sa.Integer, nullable=False, default=0, server_default="0"),  # how often it was looked at anew
    sa.Column("outcome", sa.String(32)),  # NULL while open
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("top_class", SealedText),  # these four only where the outcome is "assessed"
    sa.Column("risk_level", SealedText),
    sa.Column("probabilities", SealedJson),  # of each class
    sa.Column("model_sha256", sa.String(64)),
    sa.UniqueConstraint("chat_id", "message_id"),
    sqlite_autoincrement=True,  # a number is never given twice: work on it may go on when its owner is erased
)
sa.Index("ix_cases_outcome", cases.c.outcome)
sa.Index("ix_cases_user_id", cases.c.user_id)
sa.Index("ix_cases_received_at", cases.c.received_at)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),  # JSON array of chat and user id
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("moved_at", UtcDateTime),
)

drafts = sa.Table(  # what somebody has begun and not finished; at most one, as one question is open at a time
    "drafts",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content", SealedJson, nullable=False),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("feedback_id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("text", SealedText, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("answer", SealedText),  # the latest
    sa.Column("answered_at", UtcDateTime),  # also where it was put aside without an answer
    sqlite_autoincrement=True,  # a number is never given twice: a moderator may be answering what was erased meanwhile
)
sa.Index("ix_feedback_user_id", feedback.c.user_id)

feedback_copies = sa.Table(  # where moderators see it: answered by reply there, blanked when the sender is erased
    "feedback_copies",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("feedback_id", sa.Integer, sa.ForeignKey("feedback.feedback_id", ondelete="CASCADE"), nullable=False),
)
sa.Index("ix_feedback_copies_feedback_id", feedback_copies.c.feedback_id)

moderators = sa.Table(
    "moderators",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("granted_at", UtcDateTime, nullable=False),
)

bans = sa.Table(
    "bans",
    metadata,
    sa.Column("fingerprint", sa.String(64), primary_key=True),  # of the user id, with this database's own key
    sa.Column("reason", SealedText, nullable=False),
    sa.Column("banned_at", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime),  # NULL for good
)

aliases = sa.Table(  # the names that the audit knows people by; without this row an entry is nobody's
    "aliases",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("alias", sa.String(16), nullable=False, unique=True),
)

audit = sa.Table(  # append-only: the database itself refuses to change or delete an entry
    "audit",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(16), nullable=False),  # an alias
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(16)),  # the alias of whom it was done to
    sa.Column("details", sa.Text, nullable=False),
)
sa.Index("ix_audit_actor", audit.c.actor)
sa.Index("ix_audit_subject", audit.c.subject)

facts = sa.Table(  # single values: the key of fingerprints, the state of maintenance
    "facts",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("incident_id", sa.String(8), primary_key=True),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),  # the error's class
    sa.Column("frames", sa.JSON, nullable=False),  # file, line and function, outermost first; never what they held
)

erasures = sa.Table(  # receipts: nobody's, once their owner is erased
    "erasures",
    metadata,
    sa.Column("receipt", sa.String(40), primary_key=True),
    sa.Column("erased_on", sa.Date, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),  # how many rows of what
)

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    sa.Column("broadcast_id", sa.Integer, primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),  # of the moderator, where the progress is shown
    sa.Column("progress_message_id", sa.BigInteger),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("entities", sa.JSON, nullable=False),  # as the Bot API writes them
    sa.Column("photo_file_id", sa.String(256)),
    sa.Column("language", sa.String(8)),  # NULL for all
    sa.Column("report_language", sa.String(8), nullable=False),  # of the moderator
    sa.Column("state", sa.String(16), nullable=False),  # sending, cancelled, done
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column(
        "broadcast_id",
        sa.Integer,
        sa.ForeignKey("broadcasts.broadcast_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("outcome", sa.String(16), nullable=False),  # waiting, sending, delivered, blocked, failed
    sa.Column("after_message_id", sa.BigInteger),  # while sending: where to look whether it arrived
)
sa.Index("ix_deliveries_user_id", deliveries.c.user_id)

directory_changes = sa.Table(  # what moderators changed of content/dermatologists
    "directory_changes",
    metadata,
    sa.Column("key", sa.String(32), primary_key=True),  # of the entry, see bot/directory/changes.py
    sa.Column("entry", sa.JSON(none_as_null=True)),  # what it says instead of its list; NULL where it was removed
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("import_id", sa.String(32)),  # of the import that made it; NULL where it was made by hand
)

directory_imports = sa.Table(  # what imports of the last days took the place of
    "directory_imports",
    metadata,
    sa.Column("import_id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(32), primary_key=True),  # of the entry
    sa.Column("is_new", sa.Boolean, nullable=False),  # nothing was changed of it before
    sa.Column("entry", sa.JSON(none_as_null=True)),  # the change before
    sa.Column("of_import", sa.String(32)),  # which made the change before
    sa.Column("imported_at", UtcDateTime, nullable=False),
)
