"""Let a case be about something else than a project, and a change to a process be decided on in a case."""

import sqlalchemy as sa
from alembic import op

revision = "e4b90d27c6f1"
down_revision = "c4e15a8d7f36"
branch_labels = None
depends_on = None

_AGAIN = "流程变更改为作为业务件办理，请重新送审。"


def upgrade() -> None:
    op.alter_column("case_file", "campaign_id", nullable=True)
    op.alter_column("case_file", "project_id", nullable=True)
    op.add_column("process_draft", sa.Column("case_id", sa.Text()))
    op.create_unique_constraint("uq_process_draft_case_id", "process_draft", ["case_id"])
    op.create_foreign_key("fk_process_draft_case_id", "process_draft", "case_file", ["case_id"], ["id"])
    op.drop_index("ix_process_draft_open", table_name="process_draft")
    op.alter_column("process_draft", "state", nullable=True)
    # Nobody has signed what waits; it is sent again, with its tests.
    waiting = sa.text("update process_draft set state = 'draft', judgement = :why where state = 'submitted'")
    op.execute(waiting.bindparams(why=_AGAIN))


def downgrade() -> None:
    op.execute(
        "update process_draft set state = case when release_id is not null then 'published' else 'discarded' end"
        " where state is null"
    )
    op.alter_column("process_draft", "state", nullable=False)
    open_states = sa.text("state in ('draft', 'submitted')")
    op.create_index("ix_process_draft_open", "process_draft", ["process_id"], postgresql_where=open_states)
    op.drop_constraint("fk_process_draft_case_id", "process_draft", type_="foreignkey")
    op.drop_constraint("uq_process_draft_case_id", "process_draft", type_="unique")
    op.drop_column("process_draft", "case_id")
    op.alter_column("case_file", "project_id", nullable=False)
    op.alter_column("case_file", "campaign_id", nullable=False)
