"""How often a photo was looked at anew, as a process had ended with it in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("cases", sa.Column("retries", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("downgrades are not promised")
