"""On PostgreSQL: the tables of procrastinate, the queue of photos between machines."""

from alembic import op

from bot.storage.queue_schema import create_queue

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        create_queue(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("what procrastinate made is not undone")
