"""Remember which version of a case's form somebody has seen, so that what changed since can be shown."""

import sqlalchemy as sa
from alembic import op

revision = "8d41b6e0c57f"
down_revision = "5c8e2f7a91d4"
branch_labels = None
depends_on = None

#: What was the case's form when somebody opened it last.
_SEEN = """
update visit_reading r set form_revision_id = (
  select f.id from form_revision f join case_file c on c.id = f.case_id
  join form_revision now on now.id = c.form_revision_id and now.form_code = f.form_code
  where f.case_id = r.case_id and f.created_at <= r.read_at order by f.revision desc limit 1)
"""


def upgrade() -> None:
    for name in ("form_revision_id", "earlier_revision_id"):
        op.add_column("visit_reading", sa.Column(name, sa.Text(), nullable=True))
    op.execute(_SEEN)


def downgrade() -> None:
    for name in ("earlier_revision_id", "form_revision_id"):
        op.drop_column("visit_reading", name)
