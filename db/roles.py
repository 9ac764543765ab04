"""What may the application do in its own database? Everything but change tables and rewrite history."""

from sqlalchemy import Connection, text

#: Tables whose rows are written once and never changed or removed.
APPEND_ONLY = ("event", "security_event", "sealed_leaf", "seal_checkpoint", "verification_run")
#: Versions in force or once in force: published once, never changed.
PUBLISHED = ("process_release", "form_release")
#: Tables the application may only read.
READ_ONLY = ("alembic_version",)


def grant(connection: Connection, role: str) -> None:
    """Give the role exactly its rights on the current schema; run by the owner after every migration.

    Rights on tables made later are given by the next migration's run, so nothing is open by accident.
    """
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"), {"schema": schema}
    ).scalars()
    quote = connection.dialect.identifier_preparer.quote
    who, where = quote(role), quote(schema)
    connection.execute(text(f"REVOKE CREATE ON SCHEMA {where} FROM PUBLIC"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {where} TO {who}"))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {where} TO {who}"))
    for name in names:
        table = f"{where}.{quote(name)}"
        connection.execute(text(f"REVOKE ALL ON {table} FROM {who}"))
        connection.execute(text(f"GRANT {_rights(name)} ON {table} TO {who}"))


def _rights(table: str) -> str:
    if table in READ_ONLY:
        return "SELECT"
    if table in APPEND_ONLY + PUBLISHED:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"
