"""Let cases be about a whole department; keep budgets, their lines and overall targets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e1b7d92c4a06"
down_revision = "e5a91c7d40b2"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
MONEY = sa.Numeric(18, 6)
INSTANT = sa.DateTime(timezone=True)
RUNNING = sa.text("project_id is null and finished_at is null")


def upgrade() -> None:
    op.create_index(
        "uq_case_file_running_department",
        "case_file",
        ["department_id", "process_id", "campaign_id"],
        unique=True,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "department_budget",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("control_number", MONEY),
        sa.Column("approved_on", sa.Date()),
        sa.Column("reply_due", sa.Date()),
        sa.Column("reply_no", sa.Text()),
        sa.Column("replied_at", INSTANT),
        *_references("department_budget", case_id="case_file"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_department_budget")),
        sa.UniqueConstraint("reply_no", name=op.f("uq_department_budget_reply_no")),
    )
    op.create_table(
        "budget_line",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("target_amount", MONEY, nullable=False),
        sa.Column("first_amount", MONEY, nullable=False),
        sa.Column("control_amount", MONEY),
        sa.Column("second_amount", MONEY),
        sa.Column("sync_case_id", sa.Text()),
        sa.Column("approved_amount", MONEY),
        *_references("budget_line", case_id="case_file", project_id="project", sync_case_id="case_file"),
        sa.PrimaryKeyConstraint("case_id", "project_id", name=op.f("pk_budget_line")),
    )
    op.create_index("ix_budget_line_sync_case_id", "budget_line", ["sync_case_id"])
    op.create_table(
        "overall_target",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("library_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("form_revision_id", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("budget_total", MONEY, nullable=False),
        sa.Column("tasks_total", MONEY, nullable=False),
        sa.Column("admitted_at", INSTANT, nullable=False),
        *_references(
            "overall_target", case_id="case_file", department_id="organisation", form_revision_id="form_revision"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overall_target")),
        sa.UniqueConstraint(
            "department_id", "fiscal_year", "version", name=op.f("uq_overall_target_department_id_fiscal_year_version")
        ),
        sa.UniqueConstraint("library_no", name=op.f("uq_overall_target_library_no")),
    )
    op.create_index("ix_overall_target_case_id", "overall_target", ["case_id"])


def _references(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def downgrade() -> None:
    for table in ("overall_target", "budget_line", "department_budget"):
        op.drop_table(table)
    op.drop_index("uq_case_file_running_department", table_name="case_file")
