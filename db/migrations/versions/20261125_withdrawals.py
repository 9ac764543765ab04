"""Keep who asked for a case back after reviewers had spoken, and who agreed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "6f0e9b24a7d1"
down_revision = "d17a3c6e58f2"
branch_labels = None
depends_on = None

STATES = "state in ('waiting', 'granted', 'refused', 'lapsed')"


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_withdrawal_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_withdrawal_case_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_withdrawal_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_case_id"), "withdrawal", ["case_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index("uq_withdrawal_waiting", "withdrawal", ["case_id"], unique=True, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_table("withdrawal")
