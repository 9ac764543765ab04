"""What do process-mining tools read of us? Event logs in XES (IEEE 1849) and OCEL 2.0.

Returns are never drawn, so each event says in which stretch between two moves it lies (``stretch``), where it put the
case (``moved_to``) and what waits after it (``open``): within a stretch a log follows the diagram.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring  # only writes

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.event import Event
from db.form import FormRevision
from db.organisation import Organisation
from db.person import Person
from db.project import Indicator, Project, TargetVersion
from service import history, labels
from service.recorded_cases import Reading

_BATCH = 2_000
_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
#: Attributes of the object types: what is told of them, as text.
_OBJECTS: Mapping[str, tuple[str, ...]] = {
    "case": ("number", "stage"),
    "project": ("project_code", "name", "fiscal_year"),
    "unit": ("name",),
    "target": ("library_no", "version"),
    "indicator": ("name", "target_value"),
    "document": ("form", "revision", "hash"),
}
_EVENT = ("node", "node_name", "verb", "role", "actor", "round", "seq", "stretch", "moved_to", "lifecycle")
#: Events of the XES standard lifecycle, where an event does not take its step forward (then it is ``complete``).
_LIFECYCLE: Mapping[str, str] = {
    "case_started": "schedule",
    "case_imported": "schedule",
    "ex_ante_recorded": "complete",
    "visit_returned": "ate_abort",
    "visit_consulted": "ate_abort",
    "seat_claimed": "start",
    "seat_voted": "start",
    "seat_unclaimed": "reassign",
    "seat_transferred": "reassign",
    "seat_handed_over": "reassign",
    "seat_delegated": "reassign",
    "seat_added": "reassign",
    "seat_dropped": "reassign",
    "case_suspended": "suspend",
    "case_resumed": "resume",
    "case_withdrawn": "pi_abort",
    "case_discarded": "pi_abort",
    "case_terminated": "pi_abort",
    "case_voided": "pi_abort",
}


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """What an event did to where its case stands."""

    lifecycle: str
    #: Number of the stretch the event lies in, from 1; a move or a migration ends it.
    stretch: int
    moved_to: str
    open: str


def _passages(rows: Iterable[Any]) -> Iterator[tuple[Any, _Passage]]:
    """The events of one case in order, each with what it did to where the case stands."""
    reading, stretch = Reading(), 1
    for row in rows:
        actions = list(reading.actions(row))
        types = [document["type"] for document in (row.command or {}).get("engine", ())]
        moved = next((action.to for action in reversed(actions) if action.to), "")
        forward = "complete" in types
        yield (
            row,
            _Passage(
                lifecycle="complete" if forward else _LIFECYCLE.get(row.kind, "unknown"),
                stretch=stretch,
                moved_to=moved,
                open=" ".join(sorted(reading.open.values())),
            ),
        )
        stretch += "move" in types or "migrate" in types


def xes(session: Session, *, fiscal_year: int | None = None) -> bytes:
    """All cases as one XES log, a trace a case; activities are steps, or the kind of an event at no step.

    Args:
        fiscal_year: only cases of this year: of its projects, and of its seasons where a case is about no project.
    """
    log = Element(
        "log",
        {"xes.version": "1849.2016", "xes.features": "nested-attributes", "xmlns": "http://www.xes-standard.org/"},
    )
    for name, prefix, uri in _EXTENSIONS:
        SubElement(log, "extension", {"name": name, "prefix": prefix, "uri": uri})
    _globals(log)
    SubElement(log, "classifier", {"name": "Activity", "keys": "concept:name"})
    _string(log, "concept:name", "绩衡")
    for _, rows in groupby(_events(session, fiscal_year), key=lambda row: row.case_id):
        own = list(rows)
        trace = SubElement(log, "trace")
        _string(trace, "concept:name", own[0].number)
        _string(trace, "jiheng:unit", own[0].unit)
        _string(trace, "jiheng:process", own[0].process_id)
        for row, passage in _passages(own):
            _xes_event(trace, row, passage)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(tostring(log, encoding="utf-8"))


def _globals(log: Element) -> None:
    for scope, members in (("trace", ("concept:name",)), ("event", ("concept:name", "lifecycle:transition"))):
        group = SubElement(log, "global", {"scope": scope})
        for key in members:
            _string(group, key, "__INVALID__")
        if scope == "event":
            SubElement(group, "date", {"key": "time:timestamp", "value": "1970-01-01T00:00:00.000+00:00"})


def _xes_event(trace: Element, row: Any, passage: _Passage) -> None:
    event = SubElement(trace, "event")
    _string(event, "concept:name", _activity(row))
    _string(event, "lifecycle:transition", passage.lifecycle)
    SubElement(event, "date", {"key": "time:timestamp", "value": _instant(row.at, milliseconds=True)})
    _string(event, "org:resource", row.actor_name or "系统")
    if row.post:
        _string(event, "org:role", str(row.post.get("role", "")))
    own = {"kind": row.kind, "verb": row.verb, "hash": row.hash, "node": row.node or ""}
    for key, value in {**own, "moved_to": passage.moved_to, "open": passage.open}.items():
        _string(event, f"jiheng:{key}", value)
    for key, number in (("seq", row.seq), ("round", row.round), ("stretch", passage.stretch)):
        SubElement(event, "int", {"key": f"jiheng:{key}", "value": str(number)})


def ocel(session: Session, *, fiscal_year: int | None = None) -> dict[str, Any]:
    """All cases as one OCEL 2.0 log (JSON): cases, projects, units, targets, indicators, documents and their events."""
    rows = list(_events(session, fiscal_year))
    cases = {row.case_id for row in rows}
    objects = {one["id"]: one for one in _objects(session, rows, cases)}
    of_hash = {(one["case"], one["hash"]): one["id"] for one in objects.values() if one["type"] == "document"}
    indicators = Counter(one["related"]["target"] for one in objects.values() if one["type"] == "indicator")
    passed = (pair for _, own in groupby(rows, key=lambda row: row.case_id) for pair in _passages(own))
    events = [_ocel_event(row, passage, of_hash, indicators) for row, passage in passed]
    kinds = sorted({event["type"] for event in events})
    return {
        "objectTypes": [{"name": name, "attributes": _typed(members)} for name, members in _OBJECTS.items()],
        "eventTypes": [{"name": kind, "attributes": _typed(_EVENT)} for kind in kinds],
        "objects": [_ocel_object(one) for one in objects.values()],
        "events": events,
    }


def _typed(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name, "type": "string"} for name in names]


def _ocel_object(one: Mapping[str, Any]) -> dict[str, Any]:
    names = _OBJECTS[one["type"]]
    attributes = [{"name": name, "time": one["at"], "value": str(one[name])} for name in names]
    related = [{"objectId": id_, "qualifier": qualifier} for qualifier, id_ in one["related"].items()]
    return {"id": one["id"], "type": one["type"], "attributes": attributes, "relationships": related}


def _ocel_event(
    row: Any, passage: _Passage, documents: Mapping[tuple[str, str], str], indicators: Mapping[str, int]
) -> dict[str, Any]:
    values = {
        "node": row.node or "",
        "node_name": _activity(row),
        "verb": row.verb,
        "role": (row.post or {}).get("role", ""),
        "actor": row.actor_name or "",
        "round": str(row.round),
        "seq": str(row.seq),
        **{name: str(getattr(passage, name)) for name in ("stretch", "moved_to", "lifecycle")},
    }
    related = {"case": row.case_id, **_project_of(row), "unit": row.unit_id}
    for qualifier, hash_ in (("about", row.form_hash), ("review", row.data_hash)):
        if hash_ and (row.case_id, hash_) in documents:
            related[qualifier] = documents[row.case_id, hash_]
    for change in row.changes:
        if change["type"] in ("target_admitted", "target_adjusted"):
            related["target"] = change["target"]
            related |= {
                f"indicator {n}": f"{change['target']}:{n}" for n in range(1, indicators.get(change["target"], 0) + 1)
            }
    return {
        "id": f"{row.case_id}:{row.seq}",
        "type": history.KINDS.get(row.kind, row.kind),
        "time": _instant(row.at),
        "attributes": [{"name": name, "value": value} for name, value in values.items()],
        "relationships": [{"objectId": id_, "qualifier": qualifier} for qualifier, id_ in related.items()],
    }


def _project_of(row: Any) -> dict[str, str]:
    """The project a case is about, as a relation; none for a case about something else."""
    return {} if row.project_id is None else {"project": row.project_id}


def _objects(session: Session, rows: Iterable[Any], cases: set[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        at = _instant(row.started_at)
        yield {
            "id": row.case_id,
            "type": "case",
            "at": at,
            "number": row.number,
            "stage": labels.stage(row.stage),
            "related": _project_of(row),
        }
        if row.project_id is not None:
            facts = {"project_code": row.project_code, "name": row.project, "fiscal_year": row.fiscal_year}
            yield {"id": row.project_id, "type": "project", "at": at, **facts, "related": {"unit": row.unit_id}}
        yield {"id": row.unit_id, "type": "unit", "at": at, "name": row.unit, "related": {}}
    for form in session.scalars(select(FormRevision).where(FormRevision.case_id.in_(cases))):
        facts = {"form": form.form_code, "revision": form.revision, "hash": form.hash, "case": form.case_id}
        yield {
            "id": form.id,
            "type": "document",
            "at": _instant(form.created_at),
            **facts,
            "related": {"case": form.case_id},
        }
    yield from _targets(session, cases)


def _targets(session: Session, cases: set[str]) -> Iterator[dict[str, Any]]:
    statement = select(TargetVersion, Indicator).join(Indicator, Indicator.target_version_id == TargetVersion.id)
    for target, row in session.execute(statement.where(TargetVersion.case_id.in_(cases))):
        at = _instant(target.admitted_at)
        facts = {"library_no": target.library_no, "version": target.version}
        yield {"id": target.id, "type": "target", "at": at, **facts, "related": {"project": target.project_id}}
        facts = {"name": row.level3_name, "target_value": row.target_value}
        yield {"id": f"{target.id}:{row.seq}", "type": "indicator", "at": at, **facts, "related": {"target": target.id}}


def _events(session: Session, fiscal_year: int | None) -> Iterator[Any]:
    statement: Select[Any] = (
        select(*Event.__table__.columns)
        .add_columns(
            CaseFile.process_id,
            CaseFile.number,
            CaseFile.stage,
            CaseFile.started_at,
            CaseFile.unit_id,
            CaseFile.project_id,
        )
        .add_columns(Project.project_code, Project.fiscal_year, Project.name.label("project"))
        .add_columns(Organisation.name.label("unit"), Person.name.label("actor_name"), Visit.node_name)
        .join(CaseFile, CaseFile.id == Event.case_id)
        .outerjoin(Project, Project.id == CaseFile.project_id)
        .outerjoin(Campaign, Campaign.id == CaseFile.campaign_id)
        .join(Organisation, Organisation.id == CaseFile.unit_id)
        .outerjoin(Person, Person.id == Event.actor)
        .outerjoin(Visit, Visit.id == Event.visit)
        .order_by(CaseFile.number, Event.seq)
    )
    if fiscal_year is not None:
        statement = statement.where(func.coalesce(Project.fiscal_year, Campaign.fiscal_year) == fiscal_year)
    with session.execute(statement.execution_options(yield_per=_BATCH)) as rows:
        yield from rows


def _activity(row: Any) -> str:
    return str(row.node_name or history.KINDS.get(row.kind, row.kind))


def _string(parent: Element, key: str, value: str) -> None:
    SubElement(parent, "string", {"key": key, "value": value})


def _instant(value: datetime, *, milliseconds: bool = False) -> str:
    text = value.astimezone(UTC).isoformat(timespec="milliseconds" if milliseconds else "microseconds")
    return text if milliseconds else text.replace("+00:00", "Z")
