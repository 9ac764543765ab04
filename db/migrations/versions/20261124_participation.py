"""Make room for added seats, substitutes, copies, suspended cases and exceptional acts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "62c02cca20ea"
down_revision = "4df1752a3e43"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "substitution",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.Text(), nullable=False),
        sa.Column("substitute_id", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=False),
        sa.Column("processes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("greatest_amount", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ends_before > begins_on and ends_before <= begins_on + 30", name=op.f("ck_substitution_period")
        ),
        sa.CheckConstraint("principal_id <> substitute_id", name=op.f("ck_substitution_two_people")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_substitution_ended_by")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_substitution_principal_id")),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_substitution_set_by")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_substitution_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_index("ix_substitution_principal", "substitution", ["principal_id", "begins_on"], unique=False)
    op.create_index("ix_substitution_substitute", "substitution", ["substitute_id", "begins_on"], unique=False)
    op.create_table(
        "exceptional_act",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effects", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'confirmed', 'refused')", name=op.f("ck_exceptional_act_state")),
        sa.CheckConstraint(
            "verb in ('jump', 'suspend', 'resume', 'terminate', 'void')", name=op.f("ck_exceptional_act_verb")
        ),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> requested_by", name=op.f("ck_exceptional_act_two_people")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_exceptional_act_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_exceptional_act_decided_by")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_exceptional_act_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptional_act")),
    )
    op.create_index(op.f("ix_exceptional_act_case_id"), "exceptional_act", ["case_id"], unique=False)
    op.create_index(op.f("ix_exceptional_act_state"), "exceptional_act", ["state"], unique=False)
    op.create_index(
        "uq_exceptional_act_waiting",
        "exceptional_act",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "case_copy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_copy_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_copy_person_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_case_copy_sent_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_case_copy_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_copy")),
        sa.UniqueConstraint("case_id", "person_id", "round", name=op.f("uq_case_copy_case_id_person_id_round")),
    )
    op.create_index("ix_case_copy_person", "case_copy", ["person_id", "sent_at"], unique=False)
    op.drop_constraint(op.f("ck_finding_state"), "finding")
    op.create_check_constraint(op.f("ck_finding_state"), "finding", "state in ('open', 'answered', 'withdrawn')")
    op.add_column("case_file", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("seat", sa.Column("parent_seat_id", sa.Text(), nullable=True))
    op.add_column("seat", sa.Column("made_by", sa.Text(), nullable=True))
    op.add_column("seat", sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.create_index(
        "ix_seat_guest",
        "seat",
        ["person_id", "case_id"],
        unique=False,
        postgresql_where=sa.text("origin in ('advice', 'add_before', 'add_after', 'add_parallel')"),
    )
    op.create_foreign_key(op.f("fk_seat_parent_seat_id"), "seat", "seat", ["parent_seat_id"], ["id"])
    op.create_foreign_key(op.f("fk_seat_made_by"), "seat", "person", ["made_by"], ["id"])
    op.add_column("target_version", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("target_version", "voided_at")
    op.drop_constraint(op.f("fk_seat_made_by"), "seat", type_="foreignkey")
    op.drop_constraint(op.f("fk_seat_parent_seat_id"), "seat", type_="foreignkey")
    op.drop_index(
        "ix_seat_guest",
        table_name="seat",
        postgresql_where=sa.text("origin in ('advice', 'add_before', 'add_after', 'add_parallel')"),
    )
    op.drop_column("seat", "facts")
    op.drop_column("seat", "made_by")
    op.drop_column("seat", "parent_seat_id")
    op.drop_column("case_file", "suspended_at")
    op.execute("DELETE FROM finding WHERE state = 'withdrawn'")
    op.drop_constraint(op.f("ck_finding_state"), "finding")
    op.create_check_constraint(op.f("ck_finding_state"), "finding", "state in ('open', 'answered')")
    op.drop_index("ix_case_copy_person", table_name="case_copy")
    op.drop_table("case_copy")
    op.drop_index(
        "uq_exceptional_act_waiting", table_name="exceptional_act", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(op.f("ix_exceptional_act_state"), table_name="exceptional_act")
    op.drop_index(op.f("ix_exceptional_act_case_id"), table_name="exceptional_act")
    op.drop_table("exceptional_act")
    op.drop_index("ix_substitution_substitute", table_name="substitution")
    op.drop_index("ix_substitution_principal", table_name="substitution")
    op.drop_table("substitution")
