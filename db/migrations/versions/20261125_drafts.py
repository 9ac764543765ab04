"""Keep what each person writes at a step apart: drafts of opinions belong to a seat, drafts of the case's form to the visit."""

import sqlalchemy as sa
from alembic import op

revision = "5c8e2f7a91d4"
down_revision = "c58d1f3e7a20"
branch_labels = None
depends_on = None

#: A review that was being written belongs to whoever saved it last, else to the visit's first seat.
_OWNED = """
update form_draft d set seat_id = coalesce(
  (select s.id from seat s where s.visit_id = d.visit_id and s.person_id = d.saved_by order by s.id limit 1),
  (select s.id from seat s where s.visit_id = d.visit_id order by s.position, s.id limit 1),
  '')
where form_code = 'target_review'
"""


def upgrade() -> None:
    op.add_column("form_draft", sa.Column("seat_id", sa.Text(), server_default="", nullable=False))
    op.execute(_OWNED)
    op.alter_column("form_draft", "seat_id", server_default=None)
    op.drop_constraint("pk_form_draft", "form_draft", type_="primary")
    op.create_primary_key("pk_form_draft", "form_draft", ["visit_id", "form_code", "seat_id"])


def downgrade() -> None:
    op.execute(
        "delete from form_draft d using form_draft newer where newer.visit_id = d.visit_id"
        " and newer.form_code = d.form_code and (newer.saved_at, newer.seat_id) > (d.saved_at, d.seat_id)"
    )
    op.drop_constraint("pk_form_draft", "form_draft", type_="primary")
    op.create_primary_key("pk_form_draft", "form_draft", ["visit_id", "form_code"])
    op.drop_column("form_draft", "seat_id")
