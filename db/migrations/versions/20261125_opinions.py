"""Find cases by what opinions on them say and by what the quality rules warned of, each in one index."""

import sqlalchemy as sa
from alembic import op

revision = "2b8f4d90c3e7"
down_revision = "9e52c7b1d064"
branch_labels = None
depends_on = None

PAIRS = """
CREATE FUNCTION character_pairs(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(words), place, 2)), '{}')
    FROM generate_series(1, length(words) - 1) AS place
$$
"""
RULES = """
CREATE FUNCTION warning_rules(checks jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(array_agg(DISTINCT found ->> 'rule'), '{}')
    FROM jsonb_array_elements(CASE jsonb_typeof(checks) WHEN 'array' THEN checks ELSE '[]' END) AS found
    WHERE found ->> 'severity' = 'warning' AND found ->> 'rule' IS NOT NULL
$$
"""


def upgrade() -> None:
    op.execute(PAIRS)
    op.execute(RULES)
    # A list that is put into the index in one go while people decide must stay short.
    op.create_index(
        "ix_seat_opinion",
        "seat",
        [sa.text("character_pairs(opinion)")],
        postgresql_using="gin",
        postgresql_where=sa.text("opinion is not null"),
        postgresql_with={"gin_pending_list_limit": 512},
    )
    op.create_index(
        "ix_form_revision_warning_rules",
        "form_revision",
        [sa.text("warning_rules(checks)")],
        postgresql_using="gin",
        postgresql_where=sa.text("checks is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_form_revision_warning_rules", "form_revision")
    op.drop_index("ix_seat_opinion", "seat")
    op.execute("DROP FUNCTION warning_rules(jsonb)")
    op.execute("DROP FUNCTION character_pairs(text)")
