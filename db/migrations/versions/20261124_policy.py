"""Keep the policy documents processes rest on, with their days."""

import sqlalchemy as sa
from alembic import op

revision = "e81f4b27d3a9"
down_revision = "d52e8a9c7b16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_policy_document_period"),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_policy_document_registered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_document")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_document_number")),
    )


def downgrade() -> None:
    op.drop_table("policy_document")
