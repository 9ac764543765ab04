"""Let inboxes find their lines in one index, and searches be planned by how frequent a character pair is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "4df1752a3e43"
down_revision = "0390444fc4ba"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
UNCLAIMED = sa.text("state = 'open' and person_id is null")
DONE = sa.text("state = 'done'")
ORDER = ["due_at", "opened_at", "case_id"]
INCLUDED = ["stage", "visit_id"]


def upgrade() -> None:
    op.add_column("seat", sa.Column("stage", sa.Text()))
    op.add_column("seat", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("seat", sa.Column("opened_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE seat SET stage = visit.stage, due_at = visit.due_at, opened_at = visit.opened_at "
        "FROM visit WHERE visit.id = seat.visit_id"
    )
    op.alter_column("seat", "stage", nullable=False)
    op.alter_column("seat", "opened_at", nullable=False)
    op.drop_index("ix_seat_open_group", table_name="seat")
    op.drop_index("ix_seat_open_person", table_name="seat")
    group = ["role", "organisation_id", *ORDER]
    op.create_index("ix_seat_open_group", "seat", group, postgresql_include=INCLUDED, postgresql_where=UNCLAIMED)
    person = ["person_id", *ORDER]
    op.create_index("ix_seat_open_person", "seat", person, postgresql_include=INCLUDED, postgresql_where=OPEN)
    op.create_index("ix_seat_done_case", "seat", ["decided_by", "case_id"], postgresql_where=DONE)
    op.drop_index("ix_case_file_initiator_id", table_name="case_file")
    op.create_index("ix_case_file_initiator", "case_file", ["initiator_id", "changed_at"])
    op.create_index("ix_case_file_started_at", "case_file", ["started_at"])
    _replace_bigrams(
        postgresql.ARRAY(sa.Text()),
        "UPDATE search_text SET bigrams = ARRAY(SELECT jsonb_array_elements_text(earlier))",
    )


def downgrade() -> None:
    _replace_bigrams(postgresql.JSONB(), "UPDATE search_text SET bigrams = to_jsonb(earlier)")
    op.drop_index("ix_case_file_started_at", table_name="case_file")
    op.drop_index("ix_case_file_initiator", table_name="case_file")
    op.create_index("ix_case_file_initiator_id", "case_file", ["initiator_id"])
    for name in ("ix_seat_done_case", "ix_seat_open_person", "ix_seat_open_group"):
        op.drop_index(name, table_name="seat")
    op.create_index("ix_seat_open_person", "seat", ["person_id"], postgresql_where=OPEN)
    op.create_index("ix_seat_open_group", "seat", ["role", "organisation_id"], postgresql_where=OPEN)
    for name in ("opened_at", "due_at", "stage"):
        op.drop_column("seat", name)


def _replace_bigrams(column_type: sa.types.TypeEngine, filling: str) -> None:
    """A conversion between lists and JSON needs a subquery, which a change of type may not contain."""
    op.drop_index("ix_search_text_bigrams", table_name="search_text")
    op.alter_column("search_text", "bigrams", new_column_name="earlier")
    op.add_column("search_text", sa.Column("bigrams", column_type))
    op.execute(filling)
    op.alter_column("search_text", "bigrams", nullable=False)
    op.drop_column("search_text", "earlier")
    op.create_index("ix_search_text_bigrams", "search_text", ["bigrams"], postgresql_using="gin")
