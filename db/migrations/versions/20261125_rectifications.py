"""Let a project be put right for several things at once: a red light and, before that is over, a poor evaluation."""

import sqlalchemy as sa
from alembic import op

revision = "c81e5a07d3f4"
down_revision = "b6d40f1c7e92"
branch_labels = None
depends_on = None

NAME, TABLE, COLUMNS = "uq_case_file_running_project", "case_file", ["process_id", "project_id"]


def upgrade() -> None:
    op.drop_index(NAME, TABLE)
    running = sa.text("finished_at is null and process_id <> 'rectification'")
    op.create_index(NAME, TABLE, COLUMNS, unique=True, postgresql_where=running)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, COLUMNS, unique=True, postgresql_where=sa.text("finished_at is null"))
