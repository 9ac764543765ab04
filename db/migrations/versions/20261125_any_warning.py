"""Look up whether any rule warned of a form in the same index as which one did."""

from alembic import op

revision = "c4e15a8d7f36"
down_revision = "6f0e9b24a7d1"
branch_labels = None
depends_on = None

# The word for whichever rule stands beside the rules themselves.
FUNCTION = """
CREATE OR REPLACE FUNCTION warning_rules(checks jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN count(*) = 0 THEN '{{}}' ELSE array_agg(DISTINCT found ->> 'rule'){whichever} END
    FROM jsonb_array_elements(CASE jsonb_typeof(checks) WHEN 'array' THEN checks ELSE '[]' END) AS found
    WHERE found ->> 'severity' = 'warning' AND found ->> 'rule' IS NOT NULL
$$
"""


def upgrade() -> None:
    op.execute(FUNCTION.format(whichever=" || text 'any'"))
    op.execute("REINDEX INDEX ix_form_revision_warning_rules")


def downgrade() -> None:
    op.execute(FUNCTION.format(whichever=""))
    op.execute("REINDEX INDEX ix_form_revision_warning_rules")
