"""Where does a season stand, unit by unit and step by step? Progress, returns, days per step and who is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from statistics import mean, median
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select, true
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile, Finding, Visit
from db.form import FormRevision
from service import access, calendar, campaign_gate
from service.case_rows import Department, Unit
from service.people import Actor, day
from service.rules.working_hours import DAY, HOUR, WorkingTime

#: How far a case is, in the words of the progress board.
STATUSES: Mapping[str, str] = MappingProxyType(
    {"drafting": "填报中", "returned": "退回修改", "reviewing": "审核中", "finished": "已办结", "rejected": "不予通过"}
)
#: Stages in which whoever fills in the form has the case.
DRAFTING = ("draft", "filling", "selecting", "department_drafting", "target_syncing", "notice_drafting", "responding")
#: Stages in which nothing more is expected of a case, though it did not come to its end.
_NOT_DONE = ("rejected", "terminated", "voided", "discarded")
#: Fields that remarks point at are many; the rest of them is seldom.
_MOST = 20


@dataclass(kw_only=True)
class UnitLine:
    """A unit, or a department in cases about a whole one: how many of its cases are how far."""

    unit_id: str
    code: str
    unit: str
    department: str
    drafting: int = 0
    returned: int = 0
    reviewing: int = 0
    finished: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All its cases of the season."""
        return sum(getattr(self, name) for name in STATUSES)

    @property
    def missing(self) -> int:
        """Cases that still have to be submitted."""
        return self.drafting + self.returned


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """A step: how often it was decided and sent back, and how long it took, in working days with two places."""

    node_id: str
    step: str
    decided: int
    returned: int
    average_days: Decimal
    median_days: Decimal
    longest_days: Decimal
    overdue: int


@dataclass(frozen=True, kw_only=True)
class Count:
    """How often something came up."""

    name: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Board:
    """The board of one season."""

    campaign_id: str
    title: str
    fiscal_year: int
    units: list[UnitLine]
    steps: list[StepLine]
    #: Returns by department, rules that fired at submissions by rule, remarks by field of the form.
    returns: list[Count]
    rules: list[Count]
    remarks: list[Count] = field(default_factory=list)

    def total(self, status: str) -> int:
        """Cases of the season that are so far."""
        return sum(getattr(unit, status) for unit in self.units)

    @property
    def missing(self) -> list[UnitLine]:
        """Units that still have something to submit, those with most of it first."""
        return sorted((unit for unit in self.units if unit.missing), key=lambda unit: (-unit.missing, unit.code))

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        units = [{**asdict(unit), "total": unit.total, "missing": unit.missing} for unit in self.units]
        steps = [
            {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(step).items()}
            for step in self.steps
        ]
        lists = {name: [asdict(one) for one in getattr(self, name)] for name in ("returns", "rules", "remarks")}
        return {
            "campaign_id": self.campaign_id,
            "title": self.title,
            "fiscal_year": self.fiscal_year,
            "totals": {name: self.total(name) for name in STATUSES},
            "units": units,
            "steps": steps,
            **lists,
        }


def board(session: Session, campaign_id: str, *, actor: Actor) -> Board:
    """The board of a season, as far as the actor sees cases; five statements.

    Raises:
        NotFound: there is no such season.

    Source:
        Reports every role asks for: progress by unit and status, returns by rule and department, days per step.
    """
    campaign = campaign_gate.campaign_of(session, campaign_id)
    mine = _mine(campaign, actor)
    return Board(
        campaign_id=campaign.id,
        title=campaign.title,
        fiscal_year=campaign.fiscal_year,
        units=_units(session, mine),
        steps=_steps(session, mine),
        returns=_counted(session, _returns(mine)),
        rules=_counted(session, _rules(mine)),
        remarks=_counted(session, _remarks(mine))[:_MOST],
    )


def seasons(session: Session) -> Sequence[Campaign]:
    """All seasons, the newest first."""
    statement = select(Campaign).where(Campaign.state != "prepared")
    return session.scalars(statement.order_by(Campaign.opens_on.desc(), Campaign.process_id, Campaign.id)).all()


def _mine(campaign: Campaign, actor: Actor) -> Any:
    """Ids of the season's own cases the actor may see; deleted drafts are none."""
    return (
        select(CaseFile.id)
        .where(CaseFile.campaign_id == campaign.id, CaseFile.process_id == campaign.process_id)
        .where(CaseFile.stage != "discarded", access.visible_cases(actor))
    )


def _status() -> Any:
    return case(
        (CaseFile.stage.in_(_NOT_DONE), "rejected"),
        (CaseFile.finished_at.is_not(None), "finished"),
        (CaseFile.stage.in_(DRAFTING) & CaseFile.condition.is_not(None), "returned"),
        (CaseFile.stage.in_(DRAFTING), "drafting"),
        else_="reviewing",
    )


def _units(session: Session, mine: Any) -> list[UnitLine]:
    status = _status()
    statement = (
        select(Unit.id, Unit.code, Unit.name, Department.name, status, func.count())
        .select_from(CaseFile)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .where(CaseFile.id.in_(mine))
        .group_by(Unit.id, Unit.code, Unit.name, Department.name, status)
        .order_by(Unit.code)
    )
    found: dict[str, UnitLine] = {}
    for unit_id, code, unit, department, reached, number in session.execute(statement):
        line = found.setdefault(unit_id, UnitLine(unit_id=unit_id, code=code, unit=unit, department=department))
        setattr(line, reached, number)
    return list(found.values())


def _steps(session: Session, mine: Any) -> list[StepLine]:
    decided = (Visit.case_id.in_(mine), Visit.outcome.is_not(None), Visit.closed_at.is_not(None))
    told = (Visit.node_id, Visit.node_name, Visit.outcome, Visit.opened_at, Visit.closed_at, Visit.due_at)
    rows = session.execute(select(*told).where(*decided).order_by(Visit.opened_seq, Visit.node_id)).all()
    if not rows:
        return []
    span = (day(min(row.opened_at for row in rows)), day(max(row.closed_at for row in rows)))
    axis = WorkingTime(*span, calendar.table(session))
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.node_id, []).append(row)
    return [_step(node, visits, axis) for node, visits in found.items()]


def _step(node: str, visits: Sequence[Any], axis: WorkingTime) -> StepLine:
    taken = sorted(axis.hours(one.opened_at, one.closed_at) * HOUR / DAY for one in visits)
    return StepLine(
        node_id=node,
        step=max(one.node_name for one in visits),
        decided=len(visits),
        returned=sum(one.outcome in ("return", "consult") for one in visits),
        average_days=_days(mean(taken)),
        median_days=_days(median(taken)),
        longest_days=_days(taken[-1]),
        overdue=sum(one.due_at is not None and one.closed_at > one.due_at for one in visits),
    )


def _returns(mine: Any) -> Select[Any]:
    return (
        select(Department.name, func.count())
        .select_from(Visit)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .join(Department, Department.id == CaseFile.department_id)
        .where(Visit.case_id.in_(mine), Visit.outcome.in_(("return", "consult")))
        .group_by(Department.name)
    )


def _rules(mine: Any) -> Select[Any]:
    """Rules that fired in what was submitted, each counted once a submission."""
    hit = func.jsonb_array_elements(FormRevision.checks).table_valued("value", name="hit")
    rule: Any = literal_column("hit.value ->> 'rule'")
    return (
        select(rule, func.count(FormRevision.id.distinct()))
        .select_from(FormRevision)
        .join(hit, true())
        .where(FormRevision.case_id.in_(mine), func.jsonb_typeof(FormRevision.checks) == "array", rule != "")
        .group_by(rule)
    )


def _remarks(mine: Any) -> Select[Any]:
    """Remarks of reviewers by the field of the form they point at, whatever the row."""
    place = func.coalesce(func.nullif(func.split_part(Finding.field, "[", 1), ""), "（整表）")
    return select(place, func.count()).where(Finding.case_id.in_(mine)).group_by(place)


def _counted(session: Session, statement: Select[Any]) -> list[Count]:
    found = [Count(name=str(name), number=number) for name, number in session.execute(statement)]
    return sorted(found, key=lambda one: (-one.number, one.name))


def _days(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))
