"""Since when a question is open, so that one that nobody ever answers is forgotten."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    moved_at = sa.Column("moved_at", sa.DateTime(timezone=True))
    op.add_column("conversations", moved_at)
    conversations = sa.table("conversations", sa.column("moved_at", sa.DateTime(timezone=True)))
    op.execute(conversations.update().values(moved_at=datetime.now(UTC)))  # when they began nobody knows


def downgrade() -> None:
    raise NotImplementedError("downgrades are not promised")
