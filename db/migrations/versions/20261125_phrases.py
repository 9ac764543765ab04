"""Make room for phrases people use again and again, and for the private marks they put on cases."""

import sqlalchemy as sa
from alembic import op

revision = "f3b07a9c6d21"
down_revision = "8d41b6e0c57f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(owner_id is null) <> (organisation_id is null)", name=op.f("ck_phrase_one_owner")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_phrase_owner_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_phrase_organisation_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_phrase_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    for name, column in (("ix_phrase_owner", "owner_id"), ("ix_phrase_organisation", "organisation_id")):
        op.create_index(name, "phrase", [column], postgresql_where=sa.text("removed_at is null"))
    op.create_table(
        "case_mark",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("star", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "colour in ('', 'grey', 'blue', 'green', 'orange', 'red', 'purple')", name=op.f("ck_case_mark_colour")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_mark_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_mark_case_id")),
        sa.PrimaryKeyConstraint("person_id", "case_id", name=op.f("pk_case_mark")),
    )


def downgrade() -> None:
    op.drop_table("case_mark")
    op.drop_table("phrase")
