"""Let a copy be sent by the process itself, as it is drawn, and by nobody in person."""

from alembic import op

revision = "9e52c7b1d064"
down_revision = "c3d0b6f8a125"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("case_copy", "sent_by", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM case_copy WHERE sent_by IS NULL")
    op.alter_column("case_copy", "sent_by", nullable=False)
