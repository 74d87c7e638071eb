"""First tables: inbox, patients, cases, conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger, autoincrement=False),
        sa.Column("lane", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
    op.create_table(
        "patients",
        sa.Column("user_id", sa.BigInteger, autoincrement=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("consent_version", sa.String(32)),
        sa.Column("consented_at", MOMENT),
        sa.Column("is_adult", sa.Boolean),
        sa.Column("first_name", sa.String(64)),
        sa.Column("skin_type", sa.SmallInteger),
        sa.Column("registered_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_patients"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Integer),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.String(256)),
        sa.Column("progress_message_id", sa.BigInteger),
        sa.Column("outcome", sa.String(32)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_cases_chat_id_message_id"),
    )
    op.create_index("ix_cases_outcome", "cases", ["outcome"])
    op.create_table(
        "conversations",
        sa.Column("name", sa.String(64)),
        sa.Column("key", sa.String(128)),
        sa.Column("state", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", "key", name="pk_conversations"),
    )


def downgrade() -> None:
    for table in ("conversations", "cases", "patients", "inbox"):
        op.drop_table(table)
