"""Keep when the next timer of a case is due, so that a scheduler finds it."""

import sqlalchemy as sa
from alembic import op

revision = "c58d1f3e7a20"
down_revision = "a47c9e12d8b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("wake_at", sa.DateTime(timezone=True)))
    waiting = sa.text("wake_at is not null and finished_at is null")
    op.create_index("ix_case_file_wake", "case_file", ["wake_at"], postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index("ix_case_file_wake", table_name="case_file")
    op.drop_column("case_file", "wake_at")
