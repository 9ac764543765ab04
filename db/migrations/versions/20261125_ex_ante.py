"""Keep what an ex-ante assessment suggests and which one said so; mark targets that have to be disclosed anew."""

import sqlalchemy as sa
from alembic import op

revision = "e5a91c7d40b2"
down_revision = "e4b90d27c6f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("ex_ante_amount", sa.Numeric(18, 6), nullable=True))
    op.add_column("project", sa.Column("ex_ante_case_id", sa.Text(), nullable=True))
    op.add_column("target_version", sa.Column("redisclose_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("target_version", "redisclose_since")
    op.drop_column("project", "ex_ante_case_id")
    op.drop_column("project", "ex_ante_amount")
