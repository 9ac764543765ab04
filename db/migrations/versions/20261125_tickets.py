"""Keep when the link of a message was opened, for it opens once."""

import sqlalchemy as sa
from alembic import op

revision = "d17a3c6e58f2"
down_revision = "2b8f4d90c3e7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("opened_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("outbox", "opened_at")
