"""What an import of dermatologists changed, and what was there before: it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("directory_changes", sa.Column("import_id", sa.String(32)))
    op.create_table(
        "directory_imports",
        sa.Column("import_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("entry", sa.JSON(none_as_null=True)),
        sa.Column("of_import", sa.String(32)),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "key", name="pk_directory_imports"),
    )


def downgrade() -> None:
    raise NotImplementedError("downgrades are not promised")
