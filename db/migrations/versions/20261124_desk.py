"""Remind of deadlines, tell people what happened, keep their lists and views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b3a9d6e41c57"
down_revision = "7c1f0e5a9b42"
branch_labels = None
depends_on = None

#: The database itself queues each event with it, so a decision needs no further statement; simulated ones tell nobody.
QUEUE = """
CREATE FUNCTION queue_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, case_id, payload, created_at)
    VALUES ('event', NEW.case_id, jsonb_build_object('seq', NEW.seq), NEW.at);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    _outbox()
    _timer()
    _desk()
    op.execute(QUEUE)
    op.execute(
        "CREATE TRIGGER queue_event AFTER INSERT ON event FOR EACH ROW "
        "WHEN (NOT NEW.simulated) EXECUTE FUNCTION queue_event()"
    )


def _outbox() -> None:
    op.add_column("outbox", sa.Column("key", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("outbox", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("error", sa.Text(), nullable=True))
    op.drop_index("ix_outbox_sent_at", "outbox")
    op.create_unique_constraint("uq_outbox_key", "outbox", ["key"])
    op.create_index("ix_outbox_waiting", "outbox", ["kind", "id"], postgresql_where=sa.text("sent_at is null"))


def _timer() -> None:
    op.execute("DELETE FROM timer")
    op.drop_constraint("uq_timer_case_id_kind", "timer")
    op.drop_index("ix_timer_due_at", "timer")
    op.add_column("timer", sa.Column("visit_id", sa.Text(), nullable=False))
    op.add_column("timer", sa.Column("deadline", sa.DateTime(timezone=True), nullable=False))
    op.add_column("timer", sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint("uq_timer_visit_id_kind", "timer", ["visit_id", "kind"])
    op.create_index("ix_timer_waiting", "timer", ["due_at"], postgresql_where=sa.text("fired_at is null"))


def _desk() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notice_person_id_key")),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "id"])
    op.create_index("ix_notice_unread", "notice", ["person_id", "kind"], postgresql_where=sa.text("read_at is null"))
    op.create_table(
        "preference",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_preference")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("columns", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("shared_with", sa.Text(), nullable=True),
        sa.Column("marks", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "colour in ('grey', 'blue', 'green', 'orange', 'red', 'purple')", name=op.f("ck_saved_view_colour")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_view_owner_id")),
        sa.ForeignKeyConstraint(["shared_with"], ["organisation.id"], name=op.f("fk_saved_view_shared_with")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.create_index(
        "ix_saved_view_shared", "saved_view", ["shared_with"], postgresql_where=sa.text("shared_with is not null")
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER queue_event ON event")
    op.execute("DROP FUNCTION queue_event()")
    for table in ("saved_view", "preference", "notice"):
        op.drop_table(table)
    op.drop_index("ix_timer_waiting", "timer")
    op.drop_constraint("uq_timer_visit_id_kind", "timer")
    for column in ("fired_at", "deadline", "visit_id"):
        op.drop_column("timer", column)
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.create_unique_constraint("uq_timer_case_id_kind", "timer", ["case_id", "kind"])
    op.drop_index("ix_outbox_waiting", "outbox")
    op.drop_constraint("uq_outbox_key", "outbox")
    for column in ("error", "next_at", "attempts", "key"):
        op.drop_column("outbox", column)
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"])
