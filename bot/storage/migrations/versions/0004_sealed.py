"""Columns that can hold what is sealed. What they hold stays as it is; `python -m bot rotate-keys` seals it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WIDENED = {
    "patients": {"first_name": sa.String(64), "skin_type": sa.SmallInteger()},
    "cases": {
        "file_id": sa.String(256),
        "top_class": sa.String(8),
        "risk_level": sa.String(16),
        "probabilities": sa.JSON(),
    },
    "drafts": {"content": sa.JSON()},
}
FREE_TEXTS = {"feedback": ("text", "answer"), "bans": ("reason",), "patients": ("first_name",)}
NEVER_TWICE = {"sqlite_autoincrement": True}  # what is recreated has to be told again


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    last = op.get_bind().scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'cases'")) if is_sqlite else None
    for table, columns in WIDENED.items():
        with op.batch_alter_table(table, table_kwargs=NEVER_TWICE if table == "cases" else {}) as batch:
            for name, kind in columns.items():
                is_needed = table == "drafts"
                using = None if isinstance(kind, sa.String) else f"{name}::text"
                batch.alter_column(
                    name, type_=sa.Text(), existing_type=kind, existing_nullable=not is_needed, postgresql_using=using
                )
    if last is not None:  # recreated, the table would count from the last row that is left
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'cases'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('cases', {last})")
    for table, names in FREE_TEXTS.items():
        for name in names:
            op.execute(
                f"UPDATE {table} SET {name} = 'plain:' || {name} "
                f"WHERE substr({name}, 1, 7) = 'sealed:' OR substr({name}, 1, 6) = 'plain:'"
            )


def downgrade() -> None:
    raise NotImplementedError("what is sealed does not fit into the old columns")
