"""Many cases from a few: whole folders cloned under ids of their own, each history chained anew; said to be clones.

The rows are multiplied inside the database; only hashes are taken here. What verification checks holds for every clone.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db.case import CaseFile, Finding, Seat, Visit
from db.event import Event
from db.form import FormRevision
from db.project import Indicator, Project, TargetVersion
from service import history

#: Stands for the number of the clone, and for the hash before, in what is copied.
MARK, BEFORE = "~clone~", "~before~"
_OWNED = (Visit, Seat, FormRevision, Finding, TargetVersion)
_BATCH = 500


def clone(owner: Engine, case_ids: Sequence[str], times: int) -> int:
    """Add ``times`` clones of each case; returns how many events there are more."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        session = Session(connection)
        made = sum(_case(session, case_id, times) for case_id in case_ids)
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return made


def _case(session: Session, case_id: str, times: int) -> int:
    case = session.get_one(CaseFile, case_id)
    marked = _Marked(session, case)
    for table, where in marked.tables():
        name = table.__tablename__
        # Projects differ in name and code; in forms both belong to what is hashed.
        apart = f"'name', old.name || '{MARK}', 'project_code', old.project_code || '{MARK}'"
        row = f"to_jsonb(old) || jsonb_build_object({apart})" if table is Project else "to_jsonb(old)"
        statement = f"""
            WITH marked AS MATERIALIZED (
                SELECT regexp_replace(({row})::text, :ids, '\\1{MARK}', 'g') AS content FROM {name} old WHERE {where})
            INSERT INTO {name} SELECT made.* FROM marked, generate_series(1, :times) AS clone,
            jsonb_populate_record(NULL::{name}, replace(content, '{MARK}', '.' || clone)::jsonb) AS made"""
        session.execute(
            text(statement), {"times": times, "ids": marked.ids, "case": case_id, "project": case.project_id}
        )
    events = marked.events()
    heads: list[dict[str, str]] = []
    columns = ", ".join(column.name for column in Event.__table__.columns)
    raw = session.connection().connection.cursor()
    with raw.copy(f"COPY event ({columns}) FROM STDIN") as copy:  # type: ignore[attr-defined]
        for number in range(1, times + 1):
            before = history.GENESIS
            for row, canonical in events:
                suffix = f".{number}"
                content = canonical.replace(MARK, suffix).replace(BEFORE, before)
                hash_ = sha256(content.encode()).hexdigest()
                copy.write_row([_filled(one, suffix, before, hash_) for one in row])
                before = hash_
            heads.append({"id": f"{case_id}.{number}", "head": before})
    for start in range(0, len(heads), _BATCH):
        session.execute(text("UPDATE case_file SET head_hash = :head WHERE id = :id"), heads[start : start + _BATCH])
    session.flush()
    return len(events) * times


def _filled(value: Any, suffix: str, before: str, hash_: str) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace(MARK, suffix).replace(BEFORE, before).replace("~hash~", hash_)


class _Marked:
    """One case with a mark behind every id that belongs to it alone."""

    def __init__(self, session: Session, case: CaseFile) -> None:
        self._session, self._case = session, case
        own = {case.id, case.number, case.project_id}
        for table in _OWNED:
            own |= set(session.scalars(select(table.id).where(table.case_id == case.id)))
        own |= set(session.scalars(select(TargetVersion.library_no).where(TargetVersion.case_id == case.id)))
        self.ids = _pattern(own)

    def tables(self) -> Iterator[tuple[Any, str]]:
        yield Project, "old.id = :project"
        yield CaseFile, "old.id = :case"
        for table in _OWNED:
            yield table, "old.case_id = :case"
        yield Indicator, "old.target_version_id IN (SELECT id FROM target_version WHERE case_id = :case)"

    def events(self) -> list[tuple[list[Any], str]]:
        """The rows of the events as they are written, and their canonical text, with marks."""
        found = []
        for event in history.of_case(self._session, self._case.id):
            event_text = history.canonical_event(event).decode().replace(event.prev_hash, BEFORE)
            values = [self._written(column.name, getattr(event, column.key)) for column in Event.__table__.columns]
            found.append((values, self._mark(event_text)))
        return found

    def _written(self, name: str, value: Any) -> Any:
        if name in ("hash", "prev_hash"):
            return "~hash~" if name == "hash" else BEFORE
        if isinstance(value, dict | list):
            return self._mark(orjson.dumps(value).decode())
        return self._mark(value) if isinstance(value, str) else value

    def _mark(self, content: str) -> str:
        return re.sub(self.ids, rf"\1{MARK}", content)


def _pattern(ids: set[str]) -> str:
    # The longest first: one number may begin like another.
    return "(" + "|".join(re.escape(one) for one in sorted(ids, key=len, reverse=True)) + ")"
