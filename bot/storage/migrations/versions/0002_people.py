"""Moderators, feedback, bans, broadcasts, assessments; one conversation instead of two."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
ADDED = {
    "patients": {"username": sa.String(32), "invited_by": sa.String(32), "blocked_at": MOMENT},
    "cases": {
        "top_class": sa.String(8),
        "risk_level": sa.String(16),
        "probabilities": sa.JSON,
        "model_sha256": sa.String(64),
    },
}
INDEXES = [("patients", "username"), ("cases", "user_id"), ("cases", "received_at")]
NEVER_TWICE = {"sqlite_autoincrement": True}  # a number that was erased is not given again


def upgrade() -> None:
    for table, columns in ADDED.items():
        is_recreated = table == "cases" and _is_sqlite()  # PostgreSQL gives no number twice as it is
        options = NEVER_TWICE if is_recreated else {}
        with op.batch_alter_table(table, recreate="always" if is_recreated else "auto", table_kwargs=options) as batch:
            for name, kind in columns.items():
                batch.add_column(sa.Column(name, kind))
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _one_conversation()
    op.create_table(
        "drafts",
        sa.Column("user_id", sa.BigInteger, autoincrement=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_drafts"),
    )
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Integer),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", MOMENT),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
        **NEVER_TWICE,
    )
    op.create_index("ix_feedback_user_id", "feedback", ["user_id"])
    op.create_table(
        "feedback_copies",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False),
        sa.Column("message_id", sa.BigInteger, autoincrement=False),
        sa.Column("feedback_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name="pk_feedback_copies"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.feedback_id"], name="fk_feedback_copies_feedback_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_feedback_copies_feedback_id", "feedback_copies", ["feedback_id"])
    op.create_table(
        "moderators",
        sa.Column("user_id", sa.BigInteger, autoincrement=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_moderators"),
    )
    op.create_table(
        "bans",
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("banned_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_bans"),
    )
    op.create_table(
        "aliases",
        sa.Column("user_id", sa.BigInteger, autoincrement=False),
        sa.Column("alias", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_aliases"),
        sa.UniqueConstraint("alias", name="uq_aliases_alias"),
    )
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Integer),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(16)),
        sa.Column("details", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit"),
    )
    for column in ("actor", "subject"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
    _refuse_on_sqlite() if _is_sqlite() else _refuse_on_postgresql()
    op.create_table(
        "facts",
        sa.Column("name", sa.String(32)),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.String(8)),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("frames", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incidents"),
    )
    op.create_table(
        "erasures",
        sa.Column("receipt", sa.String(40)),
        sa.Column("erased_on", sa.Date, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name="pk_erasures"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("broadcast_id", sa.Integer),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("progress_message_id", sa.BigInteger),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("entities", sa.JSON, nullable=False),
        sa.Column("photo_file_id", sa.String(256)),
        sa.Column("language", sa.String(8)),
        sa.Column("report_language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("broadcast_id", name="pk_broadcasts"),
    )
    op.create_table(
        "deliveries",
        sa.Column("broadcast_id", sa.Integer),
        sa.Column("user_id", sa.BigInteger, autoincrement=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("after_message_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("broadcast_id", "user_id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.broadcast_id"], name="fk_deliveries_broadcast_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_deliveries_user_id", "deliveries", ["user_id"])
    op.create_table(
        "directory_changes",
        sa.Column("key", sa.String(32)),
        sa.Column("entry", sa.JSON),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_directory_changes"),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse_on_sqlite() -> None:
    for deed in ("UPDATE", "DELETE", "INSERT"):
        is_again = "WHEN EXISTS (SELECT 1 FROM audit WHERE entry_id = NEW.entry_id) " if deed == "INSERT" else ""
        op.execute(
            f"CREATE TRIGGER audit_refuses_{deed.lower()} BEFORE {deed} ON audit {is_again}"
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit()"
    )


def _one_conversation() -> None:
    """Where both were open, the registration's question stays: the other one is asked again in a moment."""
    op.execute(
        "DELETE FROM conversations WHERE name = 'dermatologists' AND key IN "
        "(SELECT key FROM conversations WHERE name = 'registration')"
    )
    op.execute("UPDATE conversations SET name = 'dialogue', state = 10 WHERE name = 'dermatologists'")
    op.execute("UPDATE conversations SET name = 'dialogue' WHERE name = 'registration'")


def downgrade() -> None:
    if _is_sqlite():
        for deed in ("update", "delete", "insert"):
            op.execute(f"DROP TRIGGER audit_refuses_{deed}")
    for table in (
        *("directory_changes", "deliveries", "broadcasts", "erasures", "incidents", "facts", "audit", "aliases"),
        *("bans", "moderators", "feedback_copies", "feedback", "drafts"),
    ):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_to_change_the_audit()")
    op.execute("DELETE FROM conversations WHERE state > 10")
    op.execute("UPDATE conversations SET name = 'dermatologists', state = 0 WHERE state = 10")
    op.execute("UPDATE conversations SET name = 'registration' WHERE name = 'dialogue'")
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)
