"""What did a case look like after each of its events? Frames for the replay: tokens, form as it was, evidence."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from db.event import Event
from db.form import Attachment, FormRevision
from db.organisation import Organisation
from db.release import ProcessRelease
from forms.comparison import Change
from service import case_history, case_parts, cases, projections, releases, reviews, sitting, subjects
from service.engine import EngineError
from service.errors import NotFound
from service.people import DISTRICT, Actor
from service.projections import Projection
from service.replay import Releases, Run
from service.rules.roles import ROLES

#: What a reader may jump to, by a word of the address.
JUMPS: Mapping[str, str] = MappingProxyType(
    {"decisions": "决定", "returns": "退回", "figures": "改数", "acts": "管理操作"}
)
_DECISIONS = ("form_submitted", "visit_approved", "visit_rejected", "visit_returned", "visit_consulted", "seat_voted")
_ACTS = ("case_", "exception_", "seat_handed", "ex_ante")
_NO_ACTS = ("case_started", "case_imported", "case_copied")


@dataclass(frozen=True, kw_only=True)
class Playback:
    """A case as it was after one of its events; parts are plain mappings for pages."""

    header: dict[str, Any]
    #: The event looked at, from 1, and how many there are.
    seq: int
    last: int
    timeline: list[dict[str, Any]]
    frame: dict[str, Any]
    form: dict[str, Any] | None
    changes: list[Change]
    review: dict[str, Any] | None
    evidence: dict[str, Any]
    #: Step at which the event happened: what may be seen of a form goes by it.
    node: str
    #: The files of the case at the event, with their hashes.
    attachments: list[dict[str, Any]]
    #: The next and the previous event of each kind worth jumping to; None where there is none.
    jumps: dict[str, dict[str, int | None]]


def play(
    session: Session,
    case_id: str,
    *,
    actor: Actor,
    at: datetime,
    seq: int | None = None,
    client: Mapping[str, Any] | None = None,
) -> Playback:
    """A case as it was after an event; an auditor's reading is logged.

    Args:
        seq: number of the event; the last one if not given.

    Raises:
        NotFound: no such case or event, or it is not the actor's to see.
    """
    case = cases.one(session, case_id, actor=actor)
    cases.note_read(session, case, actor=actor, at=at, what="replay", client=client)
    events = _events(session, case_id)
    wanted = len(events) if seq is None else seq
    if not 1 <= wanted <= len(events):
        raise NotFound(f"没有第 {wanted} 个事件，本业务件共有 {len(events)} 个事件。")
    event = events[wanted - 1]
    timeline = _timeline(session, case_id, events)
    form, changed = _form(session, case, events, wanted)
    return Playback(
        header=case_parts.header(session, case),
        seq=wanted,
        last=len(events),
        timeline=timeline,
        frame=_frames(session, events[:wanted], timeline)[-1],
        form=form,
        changes=changed,
        review=_review(session, case, event),
        evidence=_evidence(session, event),
        node=event.node or "",
        attachments=_attachments(session, case_id, event.at),
        jumps=_jumps(timeline, wanted),
    )


def frames(session: Session, case_id: str, *, actor: Actor) -> dict[str, Any]:
    """The diagrams of a case and a frame for every event, for playing them; belongs to a page that was noted.

    Raises:
        NotFound: no such case, or it is not the actor's to see.
    """
    cases.one(session, case_id, actor=actor)
    events = _events(session, case_id)
    timeline = _timeline(session, case_id, events)
    hashes = list(dict.fromkeys(event.release_hash for event in events))
    statement = select(ProcessRelease.hash, ProcessRelease.bpmn).where(ProcessRelease.hash.in_(hashes))
    diagrams = {row.hash: row.bpmn.decode() for row in session.execute(statement)}
    return {"diagrams": diagrams, "frames": _frames(session, events, timeline)}


def _events(session: Session, case_id: str) -> Sequence[Event]:
    return session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)).all()


def _timeline(session: Session, case_id: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    """The timeline of the case's pages with what auditors also ask: from where, how long, what kind of act."""
    bodies = {event.post["organisation"] for event in events if event.post and event.post.get("organisation")}
    wanted = select(Organisation.id, Organisation.name).where(Organisation.id.in_(bodies))
    names = dict(session.execute(wanted).tuples().all())
    before, figures = None, ""
    rows = []
    for line, event in zip(case_history.timeline(session, case_id), events, strict=True):
        moved = bool(figures) and event.form_hash is not None and event.form_hash != figures
        figures = event.form_hash or figures
        rows.append(
            {
                **line,
                "organisation": names.get((event.post or {}).get("organisation", ""), ""),
                "ip": (event.client or {}).get("ip", ""),
                "dwelt": lasted((event.at - before).total_seconds()) if before else "",
                "jumps": [name for name, holds in _kinds(event, moved) if holds],
                "simulated": event.simulated,
            }
        )
        before = event.at
    return rows


def _kinds(event: Event, moved: bool) -> Iterator[tuple[str, bool]]:
    yield "decisions", event.kind in _DECISIONS
    yield "returns", any(change["type"] == "case_returned" for change in event.changes)
    yield "figures", moved
    yield "acts", event.kind.startswith(_ACTS) and event.kind not in _NO_ACTS


def lasted(seconds: float) -> str:
    """A span of time in the two greatest units: 3 天 4 小时; empty under a minute."""
    minutes = int(seconds // 60)
    parts = ((minutes // 1440, "天"), (minutes // 60 % 24, "小时"), (minutes % 60, "分"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2])


def _frames(session: Session, events: Sequence[Event], timeline: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known, made, found = Releases(session), Projection(), []
    run, walked = Run(known), dict[tuple[str, str], None]()
    for event, line in zip(events, timeline, strict=False):
        projections.follow(made, event, known[event.release_hash])
        # Where running again differs, verification says so; here the path just ends.
        with suppress(EngineError):
            run.repeat(event)
            walked |= dict.fromkeys(run.flows)
        found.append(
            {
                "seq": event.seq,
                "release": event.release_hash,
                "node": event.node,
                **_places(session, made),
                "walked": list(walked),
            }
        )
        found[-1] |= {"title": f"{line['actor'] or '系统'} {line['verb_label']}", "at": _local(event.at)}
    return found


def _places(session: Session, made: Projection) -> dict[str, Any]:
    """Where the tokens are, and what is behind them: decided, returned, cancelled, of an earlier round."""
    visits = list(made.visits.values())
    holders = {seat["visit_id"]: seat for seat in made.seats.values() if seat["state"] == "open"}
    people = sitting.names(session, [seat["person_id"] for seat in holders.values()])
    current = []
    for id_, visit in made.visits.items():
        if visit["state"] == "open":
            seat = holders.get(id_, {})
            role = seat.get("role", "")
            name = people.get(seat.get("person_id") or "")
            role_name = ROLES[role].name if role in ROLES else role
            held = {"names": [name or role_name], "role_name": role_name, "since": _local(visit["opened_at"])}
            current.append({"node_id": visit["node_id"], "node_name": visit["node_name"], **held})
    standing = {visit["node_id"] for visit in visits if visit["state"] in ("open", "decided")}
    return {
        "current": current,
        "done": _nodes(visits, "decided", back=False),
        "returned": _nodes(visits, "decided", back=True),
        "cancelled": [node for node in _nodes(visits, "cancelled") if node not in standing],
        "earlier": [node for node in _nodes(visits, "superseded") if node not in standing],
        "visits": {node: sum(visit["node_id"] == node for visit in visits) for node in {v["node_id"] for v in visits}},
    }


def _nodes(visits: Sequence[Mapping[str, Any]], state: str, *, back: bool | None = None) -> list[str]:
    chosen = [visit for visit in visits if visit["state"] == state]
    if back is not None:
        chosen = [visit for visit in chosen if (visit["outcome"] in ("return", "consult")) is back]
    return list(dict.fromkeys(visit["node_id"] for visit in chosen))


def _local(at: datetime) -> str:
    return at.astimezone(DISTRICT).isoformat()


def _form(
    session: Session, case: CaseFile, events: Sequence[Event], seq: int
) -> tuple[dict[str, Any] | None, list[Change]]:
    """The declaration after an event in the version it was filled in, and what differs from the one before it."""
    hashes = list(dict.fromkeys(event.form_hash for event in events[:seq] if event.form_hash))
    now, before = events[seq - 1].form_hash, None
    if now is None:
        return None, []
    earlier = [event.form_hash for event in events[:seq] if event.form_hash and event.form_hash != now]
    before = earlier[-1] if earlier else None
    statement = select(FormRevision).where(FormRevision.case_id == case.id, FormRevision.hash.in_(hashes))
    about = releases.bundle(session, case.release_id).subject_form
    kept = {row.hash: row for row in session.scalars(statement) if row.form_code == about}
    if now not in kept:
        return None, []
    definition = case_parts.definition(session, kept[now].form_release_id)
    changed = forms.changes(definition, kept[before].content, kept[now].content) if before in kept else []
    context = subjects.of_case(session, case).form_context()
    return {"definition": definition, "content": kept[now].content, "context": context}, changed


def _review(session: Session, case: CaseFile, event: Event) -> dict[str, Any] | None:
    """The review filled in with the event, with the context of its view; None for events without one."""
    if event.data_hash is None:
        return None
    statement = select(FormRevision).where(FormRevision.case_id == case.id, FormRevision.hash == event.data_hash)
    kept = session.scalars(statement).first()
    if kept is None:
        return None
    mode = kept.content.get("review_mode") or reviews.mode(case)
    context = {
        "review_mode": mode,
        "is_key_project": case.is_key_project,
        "return_targets": case_parts.steps(session, case.id),
    }
    return {
        "definition": case_parts.definition(session, kept.form_release_id),
        "content": kept.content,
        "context": context,
    }


def _evidence(session: Session, event: Event) -> dict[str, Any]:
    """The hashes an event stands on, and the rule it was taken under."""
    row = session.execute(
        select(
            ProcessRelease.title, ProcessRelease.version, ProcessRelease.legal_basis, ProcessRelease.effective_from
        ).where(ProcessRelease.hash == event.release_hash)
    ).one()
    step = Releases(session)[event.release_hash].steps.get(event.node or "")
    names = ("hash", "prev_hash", "release_hash", "form_hash", "data_hash", "engine_digest", "kind", "client", "at")
    basis = " ".join(part for part in (step.policy_document, step.policy_article) if part) if step else ""
    return {
        **{name: getattr(event, name) for name in names},
        "release": f"{row.title} 第{row.version}版（{row.effective_from} 起施行）",
        "legal_basis": basis or row.legal_basis,
        "changes": event.changes,
    }


def _attachments(session: Session, case_id: str, at: datetime) -> list[dict[str, Any]]:
    """The files that were in the case at an instant; ``removed`` are those taken out since."""
    there = or_(Attachment.removed_at.is_(None), Attachment.removed_at > at)
    statement = select(Attachment).where(Attachment.case_id == case_id, Attachment.uploaded_at <= at, there)
    return [
        {"filename": row.filename, "sha256": row.sha256, "removed": row.removed_at is not None}
        for row in session.scalars(statement.order_by(Attachment.uploaded_at, Attachment.filename))
    ]


def _jumps(timeline: Sequence[Mapping[str, Any]], seq: int) -> dict[str, dict[str, int | None]]:
    found = {}
    for name in JUMPS:
        own = [line["seq"] for line in timeline if name in line["jumps"]]
        after = next((one for one in own if one > seq), None)
        before = next((one for one in reversed(own) if one < seq), None)
        found[name] = {"next": after, "previous": before}
    return found
