"""Let a project run through several processes at once; keep execution figures and rectifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c3d0b6f8a125"
down_revision = "a4c7e19d3b58"
branch_labels = None
depends_on = None

RUNNING = sa.text("finished_at is null")
JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
MONEY = sa.Numeric(18, 6)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_index("uq_case_file_running_project", table_name="case_file")
    op.create_index(
        "uq_case_file_running_project", "case_file", ["process_id", "project_id"], unique=True, postgresql_where=RUNNING
    )
    op.create_table(
        "execution_figure",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("annual_budget", MONEY, nullable=False),
        sa.Column("carry_over", MONEY, nullable=False),
        sa.Column("executed", MONEY, nullable=False),
        sa.Column("import_id", sa.Text()),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("brought_at", INSTANT, nullable=False),
        sa.CheckConstraint("executed <= annual_budget + carry_over", name=op.f("ck_execution_figure_within_budget")),
        sa.CheckConstraint(
            "executed >= 0 and annual_budget >= 0 and carry_over >= 0", name=op.f("ck_execution_figure_not_negative")
        ),
        *_references("execution_figure", brought_by="person", campaign_id="campaign", import_id="workbook_import"),
        *_references("execution_figure", project_id="project"),
        sa.PrimaryKeyConstraint("campaign_id", "project_id", name=op.f("pk_execution_figure")),
    )
    op.create_table(
        "rectification",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_case_id", sa.Text()),
        sa.Column("notice_no", sa.Text()),
        sa.Column("issued_at", INSTANT),
        sa.Column("signed_by", sa.Text()),
        sa.Column("disposal", JSON),
        sa.Column("escalated_at", INSTANT),
        *_references("rectification", case_id="case_file", signed_by="person", source_case_id="case_file"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_rectification")),
        sa.UniqueConstraint("notice_no", name=op.f("uq_rectification_notice_no")),
    )
    op.create_index("ix_rectification_source_case_id", "rectification", ["source_case_id"])


def _references(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def downgrade() -> None:
    op.drop_table("rectification")
    op.drop_table("execution_figure")
    op.drop_index("uq_case_file_running_project", table_name="case_file")
    op.create_index("uq_case_file_running_project", "case_file", ["project_id"], unique=True, postgresql_where=RUNNING)
