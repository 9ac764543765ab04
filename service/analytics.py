"""How does the process really run? Counts, working time, rework, waiting and handling, first-pass rate."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile, Seat, Visit
from db.event import Event
from db.release import ProcessRelease
from service import access, calendar
from service.people import Actor, day
from service.rules.roles import ROLES
from service.rules.working_hours import DAY, HOUR, WorkingTime

#: Percentiles of working time that are told of each step.
PERCENTILES = (50, 90)
_HOURS_A_DAY = DAY / HOUR


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happened at one step; times are working hours from arrival to decision."""

    node_id: str
    name: str
    visits: int
    decided: int
    returned: int
    cancelled: int
    open: int
    median: float | None
    ninth: float | None
    longest: float | None


@dataclass(frozen=True, kw_only=True)
class Rework:
    """How often a case went back from one step to another."""

    origin: str
    place: str
    verb: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RoleTime:
    """Median working hours until somebody took a task, and from then to the decision.

    Who decides without taking first has only waited; who held the task from its arrival has only handled.
    """

    role: str
    name: str
    decided: int
    waiting: float | None
    handling: float | None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The figures of a selection of cases; shares are between 0 and 1, None where nothing counts."""

    cases: int
    finished: int
    #: Share of finished cases that never went back.
    first_pass: float | None
    steps: tuple[Step, ...]
    rework: tuple[Rework, ...]
    roles: tuple[RoleTime, ...]
    xml: str
    #: The process whose cases these are, and all processes that have cases, by id with their titles.
    process_id: str
    processes: Mapping[str, str]
    releases: tuple[dict[str, Any], ...] = field(default=())


def analysis(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    fiscal_year: int | None = None,
    release_id: str | None = None,
    process_id: str | None = None,
) -> Analysis:
    """How the cases of one process, of a year or of one version, ran until now.

    Args:
        fiscal_year: only projects of this year.
        release_id: only cases that follow this version, whatever process is asked for.
        process_id: the process; the one with most cases if neither it nor a version is given.

    Raises:
        NotAllowed: the actor is no auditor.
    """
    access.require(actor, "audit.read")
    processes = _processes(session)
    chosen = _process_of(session, release_id) or process_id or next(iter(processes), "")
    cases = session.execute(_cases(fiscal_year, release_id, chosen)).all()
    shown = release_id or next((row.release_id for row in reversed(cases)), None)
    return _analysed(session, cases, processes, (chosen, shown), at)


def _analysed(
    session: Session, cases: Sequence[Any], processes: Mapping[str, str], shown: tuple[str, str | None], at: datetime
) -> Analysis:
    ids = [row.id for row in cases]
    visits = session.execute(_visits(ids)).all()
    returns = _returns(session, ids)
    axis = _axis(session, [row.opened_at for row in visits], at)
    went_back = {case_id for case_id, _ in returns}
    finished = [row.id for row in cases if row.finished_at is not None]
    return Analysis(
        cases=len(cases),
        finished=len(finished),
        first_pass=1 - len(went_back & set(finished)) / len(finished) if finished else None,
        steps=tuple(_steps(visits, axis)),
        rework=tuple(_rework(returns, {row.node_id: row.node_name for row in visits})),
        roles=tuple(_roles(session, ids, axis)),
        xml=_diagram(session, shown[1]),
        process_id=shown[0],
        processes=processes,
        releases=tuple(_releases(session)),
    )


def _processes(session: Session) -> dict[str, str]:
    """The processes that have cases, those with most first, with the title of their newest version."""
    busy = session.scalars(select(CaseFile.process_id).group_by(CaseFile.process_id).order_by(func.count().desc()))
    titles = select(ProcessRelease.process_id, ProcessRelease.title).order_by(ProcessRelease.version)
    known = dict(session.execute(titles).tuples().all())
    return {name: known.get(name, name) for name in busy}


def _process_of(session: Session, release_id: str | None) -> str | None:
    return session.scalars(select(ProcessRelease.process_id).where(ProcessRelease.id == release_id)).first()


def _cases(fiscal_year: int | None, release_id: str | None, process_id: str) -> Select[Any]:
    statement = select(CaseFile.id, CaseFile.finished_at, CaseFile.release_id).where(CaseFile.stage != "discarded")
    statement = statement.where(CaseFile.process_id == process_id)
    if fiscal_year is not None:
        statement = statement.join(Campaign, Campaign.id == CaseFile.campaign_id)
        statement = statement.where(Campaign.fiscal_year == fiscal_year)
    if release_id:
        statement = statement.where(CaseFile.release_id == release_id)
    return statement.order_by(CaseFile.started_at)


def _visits(ids: Sequence[str]) -> Select[Any]:
    columns = (Visit.node_id, Visit.node_name, Visit.state, Visit.outcome, Visit.opened_at, Visit.closed_at)
    return select(*columns).where(Visit.case_id.in_(ids)).order_by(Visit.opened_at)


def _returns(session: Session, ids: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Case and change of every return and consultation."""
    wanted = Event.changes.contains([{"type": "case_returned"}])
    rows = session.execute(select(Event.case_id, Event.changes).where(Event.case_id.in_(ids), wanted))
    return [(case_id, one) for case_id, changes in rows for one in changes if one["type"] == "case_returned"]


def _axis(session: Session, instants: Sequence[datetime], at: datetime) -> WorkingTime:
    first = day(min(instants, default=at)) - timedelta(days=1)
    return WorkingTime(first, day(at) + timedelta(days=1), calendar.table(session))


def _steps(visits: Iterable[Any], axis: WorkingTime) -> Iterable[Step]:
    by_node: dict[str, list[Any]] = defaultdict(list)
    for visit in visits:
        by_node[visit.node_id].append(visit)
    for node_id, own in by_node.items():
        ended = [visit for visit in own if visit.outcome and visit.closed_at]
        spent = sorted(axis.hours(visit.opened_at, visit.closed_at) for visit in ended)
        states = Counter(visit.state for visit in own)
        median, ninth = (percentile(spent, share) for share in PERCENTILES)
        yield Step(
            node_id=node_id,
            name=own[-1].node_name,
            visits=len(own),
            decided=len(ended),
            returned=sum(visit.outcome in ("return", "consult") for visit in ended),
            cancelled=states["cancelled"],
            open=states["open"],
            median=median,
            ninth=ninth,
            longest=spent[-1] if spent else None,
        )


def percentile(ascending: Sequence[float], share: int) -> float | None:
    """The nearest-rank percentile of figures in ascending order; None of none."""
    if not ascending:
        return None
    return ascending[max(-(-len(ascending) * share // 100) - 1, 0)]


def _rework(returns: Iterable[tuple[str, dict[str, Any]]], names: dict[str, str]) -> Iterable[Rework]:
    counted = Counter((change["from"], change["to"], change["verb"]) for _, change in returns)
    for (origin, place, verb), count in counted.most_common():
        yield Rework(origin=names.get(origin, origin), place=names.get(place, place), verb=verb, count=count)


def _roles(session: Session, ids: Sequence[str], axis: WorkingTime) -> Iterable[RoleTime]:
    taken = func.max(Event.at).filter(Event.kind == "seat_claimed").label("taken_at")
    statement = (
        select(Seat.role, Seat.opened_at, Seat.decided_at, taken)
        .outerjoin(Event, (Event.case_id == Seat.case_id) & (Event.seat == Seat.id))
        .where(Seat.case_id.in_(ids), Seat.state == "done", Seat.decided_at.is_not(None))
        .group_by(Seat.id)
    )
    by_role: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for role, opened_at, decided_at, taken_at in session.execute(statement):
        turned = min(taken_at or decided_at, decided_at)
        by_role[role].append((axis.hours(opened_at, turned), axis.hours(turned, decided_at)))
    for role in (code for code in ROLES if code in by_role):
        waiting, handling = (sorted(part) for part in zip(*by_role[role], strict=True))
        yield RoleTime(
            role=role,
            name=ROLES[role].name,
            decided=len(waiting),
            waiting=percentile(waiting, 50),
            handling=percentile(handling, 50),
        )


def _diagram(session: Session, release_id: str | None) -> str:
    found = session.scalars(select(ProcessRelease.bpmn).where(ProcessRelease.id == release_id)).first()
    return found.decode() if found else ""


def _releases(session: Session) -> Iterable[dict[str, Any]]:
    columns = (ProcessRelease.id, ProcessRelease.title, ProcessRelease.version, ProcessRelease.effective_from)
    statement = select(*columns).order_by(ProcessRelease.process_id, ProcessRelease.version)
    return [dict(row._mapping) for row in session.execute(statement)]
