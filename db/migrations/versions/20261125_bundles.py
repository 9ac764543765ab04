"""Keep scenarios and rule sets with the version of a process they belong to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a47c9e12d8b3"
down_revision = "e81f4b27d3a9"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("process_release", sa.Column("scenarios", JSON, server_default=sa.text("'[]'"), nullable=False))
    for table in ("process_release", "process_draft"):
        op.add_column(table, sa.Column("rule_sets", JSON, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    for table in ("process_draft", "process_release"):
        op.drop_column(table, "rule_sets")
    op.drop_column("process_release", "scenarios")
