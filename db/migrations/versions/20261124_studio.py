"""Let changes of processes be prepared, approved and published, and running cases be migrated by plan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d52e8a9c7b16"
down_revision = "b3a9d6e41c57"
branch_labels = None
depends_on = None

PUBLISHED = ("process_release", "form_release")
JSON = postgresql.JSONB(none_as_null=True)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_constraint("uq_process_release_hash", "process_release", type_="unique")
    op.create_index(op.f("ix_process_release_hash"), "process_release", ["hash"])
    op.add_column("process_release", sa.Column("decisions", JSON, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("process_release", sa.Column("change_note", sa.Text()))
    op.create_table(
        "process_draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bpmn", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", JSON, nullable=False),
        sa.Column("forms", JSON, nullable=False),
        sa.Column("scenarios", JSON, nullable=False),
        _reference("process_draft", "based_on", "process_release"),
        _reference("process_draft", "created_by", "person", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        _reference("process_draft", "saved_by", "person", nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("basis", JSON),
        sa.Column("effective_from", sa.Date()),
        sa.Column("change_note", sa.Text()),
        _reference("process_draft", "submitted_by", "person"),
        sa.Column("submitted_at", INSTANT),
        _reference("process_draft", "judged_by", "person"),
        sa.Column("judged_at", INSTANT),
        sa.Column("judgement", sa.Text()),
        _reference("process_draft", "release_id", "process_release"),
        sa.CheckConstraint("state in ('draft', 'submitted', 'published', 'discarded')", name="ck_process_draft_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft")),
    )
    opened = sa.text("state in ('draft', 'submitted')")
    op.create_index("ix_process_draft_open", "process_draft", ["process_id"], postgresql_where=opened)
    op.create_table(
        "process_draft_version",
        _reference("process_draft_version", "draft_id", "process_draft", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bpmn", sa.LargeBinary(), nullable=False),
        _reference("process_draft_version", "saved_by", "person", nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_process_draft_version")),
    )
    op.create_table(
        "migration_plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        _reference("migration_plan", "release_id", "process_release", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("moves", JSON, nullable=False),
        sa.Column("cases", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _reference("migration_plan", "prepared_by", "person", nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        _reference("migration_plan", "confirmed_by", "person"),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("outcome", JSON),
        sa.CheckConstraint("state in ('prepared', 'done', 'dropped')", name="ck_migration_plan_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_plan")),
    )
    for table in PUBLISHED:
        op.execute(
            f"CREATE TRIGGER published BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def downgrade() -> None:
    for table in PUBLISHED:
        op.execute(f"DROP TRIGGER published ON {table}")
    for table in ("migration_plan", "process_draft_version", "process_draft"):
        op.drop_table(table)
    op.drop_column("process_release", "change_note")
    op.drop_column("process_release", "decisions")
    op.drop_index(op.f("ix_process_release_hash"), table_name="process_release")
    op.create_unique_constraint("uq_process_release_hash", "process_release", ["hash"])


def _reference(table: str, column: str, other: str, *, nullable: bool = True) -> sa.Column:
    name = op.f(f"fk_{table}_{column}")
    return sa.Column(column, sa.Text(), sa.ForeignKey(f"{other}.id", name=name), nullable=nullable)
