"""Let a change of a process also change its decision tables and forms, and keep every save of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a4c7e19d3b58"
down_revision = "f3b07a9c6d21"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)


def upgrade() -> None:
    changes = sa.Column("form_changes", JSON, server_default=sa.text("'{}'"), nullable=False)
    op.add_column("process_draft", changes)
    op.add_column("process_draft_version", sa.Column("decisions", JSON))
    op.add_column("process_draft_version", sa.Column("form_changes", JSON))


def downgrade() -> None:
    op.drop_column("process_draft_version", "form_changes")
    op.drop_column("process_draft_version", "decisions")
    op.drop_column("process_draft", "form_changes")
