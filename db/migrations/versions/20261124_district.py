"""The first tables of a district, and the triggers that keep history from being rewritten."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0390444fc4ba"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("event", "security_event")
REFUSE = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$
"""


def keep_append_only() -> None:
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "counter",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counter")),
    )
    op.create_table(
        "event",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("post", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("visit", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("release_hash", sa.Text(), nullable=False),
        sa.Column("form_hash", sa.Text(), nullable=True),
        sa.Column("data_hash", sa.Text(), nullable=True),
        sa.Column("command", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("changes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("client", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("engine_digest", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_actor", "event", ["actor", "at"], unique=False)
    op.create_table(
        "form_release",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_release")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_form_release_code_version")),
        sa.UniqueConstraint("hash", name=op.f("uq_form_release_hash")),
    )
    op.create_table(
        "functional_subject",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fiscal_year", "code", name=op.f("pk_functional_subject")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "route", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "indicator_template",
        sa.Column("library_code", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_name", sa.Text(), nullable=False),
        sa.Column("level1_name", sa.Text(), nullable=False),
        sa.Column("level2_code", sa.Text(), nullable=False),
        sa.Column("level2_name", sa.Text(), nullable=False),
        sa.Column("level3_name", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("measure_unit", sa.Text(), nullable=True),
        sa.Column("example_value", sa.Text(), nullable=True),
        sa.Column("definition", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("used_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("library_code", name=op.f("pk_indicator_template")),
    )
    op.create_table(
        "measure_unit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_measure_unit")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("fund_section_id", sa.Text(), nullable=True),
        sa.Column("finance_own", sa.Boolean(), nullable=False),
        sa.Column("default_functional_subject", sa.Text(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind in ('department','budget_unit','fund_section','budget_section','performance_section','treasury_section','supervision_section','bureau_leaders','audit_office','congress','government_office','justice_bureau','information_centre','external')",
            name=op.f("ck_organisation_kind"),
        ),
        sa.ForeignKeyConstraint(["fund_section_id"], ["organisation.id"], name=op.f("fk_organisation_fund_section_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_index(op.f("ix_organisation_fund_section_id"), "organisation", ["fund_section_id"], unique=False)
    op.create_index(op.f("ix_organisation_kind"), "organisation", ["kind"], unique=False)
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_sent_at"), "outbox", ["sent_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "search_text",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("bigrams", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_search_text")),
    )
    op.create_index("ix_search_text_bigrams", "search_text", ["bigrams"], unique=False, postgresql_using="gin")
    op.create_table(
        "security_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("client", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    op.create_index("ix_security_event_kind_at", "security_event", ["kind", "at"], unique=False)
    op.create_table(
        "setup_token",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_token")),
    )
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_timer_case_id_kind")),
    )
    op.create_index(op.f("ix_timer_due_at"), "timer", ["due_at"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_person_id"), "access_token", ["person_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_person_id"), "login_session", ["person_id"], unique=False)
    op.create_table(
        "password_history",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_history_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index(op.f("ix_password_history_person_id"), "password_history", ["person_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_post_period")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_post_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_organisation_id"), "post", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_post_person_id"), "post", ["person_id"], unique=False)
    op.create_index("ix_post_role_organisation", "post", ["role", "organisation_id"], unique=False)
    op.create_table(
        "process_release",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("bpmn", sa.LargeBinary(), nullable=False),
        sa.Column("forms", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_process_release_approved_by")),
        sa.ForeignKeyConstraint(["prepared_by"], ["person.id"], name=op.f("fk_process_release_prepared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_release")),
        sa.UniqueConstraint("hash", name=op.f("uq_process_release_hash")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_process_release_process_id_version")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("indicator_template", sa.Text(), nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("process_release_id", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('prepared', 'open', 'closed')", name=op.f("ck_campaign_state")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_campaign_period")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_campaign_created_by")),
        sa.ForeignKeyConstraint(
            ["process_release_id"], ["process_release.id"], name=op.f("fk_campaign_process_release_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint(
            "process_id", "fiscal_year", "phase", name=op.f("uq_campaign_process_id_fiscal_year_phase")
        ),
    )
    op.create_table(
        "post_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("action in ('grant', 'end')", name=op.f("ck_post_request_action")),
        sa.CheckConstraint("state in ('waiting', 'approved', 'refused')", name=op.f("ck_post_request_state")),
        sa.CheckConstraint("decided_by is null or decided_by <> requested_by", name=op.f("ck_post_request_two_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_post_request_decided_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_post_request_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_request_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_request_post_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_post_request_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_request")),
    )
    op.create_index(op.f("ix_post_request_person_id"), "post_request", ["person_id"], unique=False)
    op.create_index(op.f("ix_post_request_state"), "post_request", ["state"], unique=False)
    op.create_table(
        "campaign_unit",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("expected_projects", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_unit_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_campaign_unit_unit_id")),
        sa.PrimaryKeyConstraint("campaign_id", "unit_id", name=op.f("pk_campaign_unit")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("fund_section_id", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("amount_total", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("is_key_project", sa.Boolean(), nullable=False),
        sa.Column("needs_ex_ante", sa.Boolean(), nullable=False),
        sa.Column("ex_ante_conclusion", sa.Text(), nullable=True),
        sa.Column("ex_ante_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("previous_project_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_project_campaign_id")),
        sa.ForeignKeyConstraint(["department_id"], ["organisation.id"], name=op.f("fk_project_department_id")),
        sa.ForeignKeyConstraint(["fund_section_id"], ["organisation.id"], name=op.f("fk_project_fund_section_id")),
        sa.ForeignKeyConstraint(["previous_project_id"], ["project.id"], name=op.f("fk_project_previous_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_project_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("project_code", name=op.f("uq_project_project_code")),
    )
    op.create_index(op.f("ix_project_campaign_id"), "project", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_project_department_id"), "project", ["department_id"], unique=False)
    op.create_index(op.f("ix_project_fiscal_year"), "project", ["fiscal_year"], unique=False)
    op.create_index(op.f("ix_project_fund_section_id"), "project", ["fund_section_id"], unique=False)
    op.create_index(op.f("ix_project_unit_id"), "project", ["unit_id"], unique=False)
    op.create_index(
        "uq_project_fiscal_year_unit_id_name",
        "project",
        ["fiscal_year", "unit_id", "name"],
        unique=True,
        postgresql_where=sa.text("discarded_at is null"),
    )
    op.create_table(
        "workbook_import",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_workbook_import_campaign_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_workbook_import_sha256")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_workbook_import_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workbook_import")),
    )
    op.create_index(op.f("ix_workbook_import_uploaded_by"), "workbook_import", ["uploaded_by"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Text(), nullable=False),
        sa.Column("fund_section_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("is_key_project", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("resubmission", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("engine_digest", sa.Text(), nullable=False),
        sa.Column("form_revision_id", sa.Text(), nullable=True),
        sa.Column("form_hash", sa.Text(), nullable=True),
        sa.Column("initiator_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_case_file_campaign_id")),
        sa.ForeignKeyConstraint(["department_id"], ["organisation.id"], name=op.f("fk_case_file_department_id")),
        sa.ForeignKeyConstraint(["fund_section_id"], ["organisation.id"], name=op.f("fk_case_file_fund_section_id")),
        sa.ForeignKeyConstraint(["initiator_id"], ["person.id"], name=op.f("fk_case_file_initiator_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_case_file_project_id")),
        sa.ForeignKeyConstraint(["release_id"], ["process_release.id"], name=op.f("fk_case_file_release_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_case_file_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    op.create_index(op.f("ix_case_file_campaign_id"), "case_file", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_case_file_department_id"), "case_file", ["department_id"], unique=False)
    op.create_index(op.f("ix_case_file_fund_section_id"), "case_file", ["fund_section_id"], unique=False)
    op.create_index(op.f("ix_case_file_initiator_id"), "case_file", ["initiator_id"], unique=False)
    op.create_index(op.f("ix_case_file_project_id"), "case_file", ["project_id"], unique=False)
    op.create_index(op.f("ix_case_file_stage"), "case_file", ["stage"], unique=False)
    op.create_index(op.f("ix_case_file_unit_id"), "case_file", ["unit_id"], unique=False)
    op.create_index(
        "uq_case_file_running_project",
        "case_file",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("finished_at is null"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_attachment_case_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_attachment_sha256")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_attachment_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_case_id"), "attachment", ["case_id"], unique=False)
    op.create_table(
        "draft_writer",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_draft_writer_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_writer_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_draft_writer")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("node_name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("engine_task", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.Column("changed_seq", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('open', 'decided', 'cancelled', 'superseded')", name=op.f("ck_visit_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_visit_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(op.f("ix_visit_case_id"), "visit", ["case_id"], unique=False)
    op.create_index("ix_visit_open_due", "visit", ["due_at"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index(
        "uq_visit_open_node", "visit", ["case_id", "node_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "visit_reading",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_visit_reading_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_visit_reading_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_visit_reading")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer_kind", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open', 'answered')", name=op.f("ck_finding_state")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_finding_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_finding_case_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["person.id"], name=op.f("fk_finding_raised_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_finding_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_case_id"), "finding", ["case_id"], unique=False)
    op.create_table(
        "form_draft",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("form_code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_form_draft_case_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_form_draft_saved_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_form_draft_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "form_code", name=op.f("pk_form_draft")),
    )
    op.create_index(op.f("ix_form_draft_case_id"), "form_draft", ["case_id"], unique=False)
    op.create_table(
        "form_revision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("form_code", sa.Text(), nullable=False),
        sa.Column("form_release_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("checks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_form_revision_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_form_revision_created_by")),
        sa.ForeignKeyConstraint(
            ["form_release_id"], ["form_release.id"], name=op.f("fk_form_revision_form_release_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_form_revision_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_revision")),
        sa.UniqueConstraint(
            "case_id", "form_code", "revision", name=op.f("uq_form_revision_case_id_form_code_revision")
        ),
    )
    op.create_index(op.f("ix_form_revision_visit_id"), "form_revision", ["visit_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("vote", sa.Text(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("review_revision_id", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'open', 'done', 'delegated', 'transferred', 'cancelled')", name=op.f("ck_seat_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_seat_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_seat_decided_by")),
        sa.ForeignKeyConstraint(["on_behalf_of"], ["person.id"], name=op.f("fk_seat_on_behalf_of")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_seat_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_seat_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_index(op.f("ix_seat_case_id"), "seat", ["case_id"], unique=False)
    op.create_index(
        "ix_seat_done_person",
        "seat",
        ["decided_by", "decided_at"],
        unique=False,
        postgresql_where=sa.text("state = 'done'"),
    )
    op.create_index(
        "ix_seat_open_group",
        "seat",
        ["role", "organisation_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_seat_open_person", "seat", ["person_id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(op.f("ix_seat_visit_id"), "seat", ["visit_id"], unique=False)
    op.create_table(
        "target_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("library_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("form_revision_id", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_target_version_case_id")),
        sa.ForeignKeyConstraint(
            ["form_revision_id"], ["form_revision.id"], name=op.f("fk_target_version_form_revision_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_target_version_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_version")),
        sa.UniqueConstraint("fiscal_year", "library_no", name=op.f("uq_target_version_fiscal_year_library_no")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_target_version_project_id_version")),
    )
    op.create_index(op.f("ix_target_version_case_id"), "target_version", ["case_id"], unique=False)
    op.create_table(
        "indicator",
        sa.Column("target_version_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("level1_code", sa.Text(), nullable=False),
        sa.Column("level2_code", sa.Text(), nullable=False),
        sa.Column("level3_name", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("target_value", sa.Text(), nullable=False),
        sa.Column("measure_unit", sa.Text(), nullable=True),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["target_version_id"], ["target_version.id"], name=op.f("fk_indicator_target_version_id")
        ),
        sa.PrimaryKeyConstraint("target_version_id", "seq", name=op.f("pk_indicator")),
    )
    op.create_index(op.f("ix_indicator_level3_name"), "indicator", ["level3_name"], unique=False)
    keep_append_only()


def downgrade() -> None:
    op.drop_index(op.f("ix_indicator_level3_name"), table_name="indicator")
    op.drop_table("indicator")
    op.drop_index(op.f("ix_target_version_case_id"), table_name="target_version")
    op.drop_table("target_version")
    op.drop_index(op.f("ix_seat_visit_id"), table_name="seat")
    op.drop_index("ix_seat_open_person", table_name="seat", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_seat_open_group", table_name="seat", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_seat_done_person", table_name="seat", postgresql_where=sa.text("state = 'done'"))
    op.drop_index(op.f("ix_seat_case_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_index(op.f("ix_form_revision_visit_id"), table_name="form_revision")
    op.drop_table("form_revision")
    op.drop_index(op.f("ix_form_draft_case_id"), table_name="form_draft")
    op.drop_table("form_draft")
    op.drop_index(op.f("ix_finding_case_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_table("visit_reading")
    op.drop_index("uq_visit_open_node", table_name="visit", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_visit_open_due", table_name="visit", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_visit_case_id"), table_name="visit")
    op.drop_table("visit")
    op.drop_table("draft_writer")
    op.drop_index(op.f("ix_attachment_case_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(
        "uq_case_file_running_project", table_name="case_file", postgresql_where=sa.text("finished_at is null")
    )
    op.drop_index(op.f("ix_case_file_unit_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_stage"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_project_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_initiator_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_fund_section_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_department_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_campaign_id"), table_name="case_file")
    op.drop_table("case_file")
    op.drop_index(op.f("ix_workbook_import_uploaded_by"), table_name="workbook_import")
    op.drop_table("workbook_import")
    op.drop_index(
        "uq_project_fiscal_year_unit_id_name", table_name="project", postgresql_where=sa.text("discarded_at is null")
    )
    op.drop_index(op.f("ix_project_unit_id"), table_name="project")
    op.drop_index(op.f("ix_project_fund_section_id"), table_name="project")
    op.drop_index(op.f("ix_project_fiscal_year"), table_name="project")
    op.drop_index(op.f("ix_project_department_id"), table_name="project")
    op.drop_index(op.f("ix_project_campaign_id"), table_name="project")
    op.drop_table("project")
    op.drop_table("campaign_unit")
    op.drop_index(op.f("ix_post_request_state"), table_name="post_request")
    op.drop_index(op.f("ix_post_request_person_id"), table_name="post_request")
    op.drop_table("post_request")
    op.drop_table("campaign")
    op.drop_table("process_release")
    op.drop_index("ix_post_role_organisation", table_name="post")
    op.drop_index(op.f("ix_post_person_id"), table_name="post")
    op.drop_index(op.f("ix_post_organisation_id"), table_name="post")
    op.drop_table("post")
    op.drop_index(op.f("ix_password_history_person_id"), table_name="password_history")
    op.drop_table("password_history")
    op.drop_index(op.f("ix_login_session_person_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index(op.f("ix_access_token_person_id"), table_name="access_token")
    op.drop_table("access_token")
    op.drop_index(op.f("ix_timer_due_at"), table_name="timer")
    op.drop_table("timer")
    op.drop_table("setup_token")
    op.drop_index("ix_security_event_kind_at", table_name="security_event")
    op.drop_table("security_event")
    op.drop_index("ix_search_text_bigrams", table_name="search_text", postgresql_using="gin")
    op.drop_table("search_text")
    op.drop_table("person")
    op.drop_index(op.f("ix_outbox_sent_at"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_organisation_parent_id"), table_name="organisation")
    op.drop_index(op.f("ix_organisation_kind"), table_name="organisation")
    op.drop_index(op.f("ix_organisation_fund_section_id"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_table("measure_unit")
    op.drop_table("indicator_template")
    op.drop_index(op.f("ix_idempotency_key_created_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("holiday")
    op.drop_table("heartbeat")
    op.drop_table("functional_subject")
    op.drop_table("form_release")
    op.drop_index("ix_event_actor", table_name="event")
    op.drop_table("event")
    op.drop_table("counter")
    op.drop_table("blob")
    op.execute("DROP FUNCTION refuse_rewriting()")
