"""Keep the summary reports of monitoring with their figures and the hash of the signed file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b6d40f1c7e92"
down_revision = "e1b7d92c4a06"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)
REFERENCES = {
    "campaign_id": "campaign.id",
    "sha256": "blob.sha256",
    "drafted_by": "person.id",
    "signed_by": "person.id",
}


def upgrade() -> None:
    op.create_table(
        "monitoring_summary",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("signed_by", sa.Text()),
        sa.Column("signed_at", INSTANT),
        sa.Column("opinion", sa.Text()),
        sa.CheckConstraint("state in ('draft', 'signed', 'returned')", name=op.f("ck_monitoring_summary_state")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_monitoring_summary_{column}"))
            for column, target in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_summary")),
        sa.UniqueConstraint("campaign_id", "version", name=op.f("uq_monitoring_summary_campaign_id_version")),
    )


def downgrade() -> None:
    op.drop_table("monitoring_summary")
