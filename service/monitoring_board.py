"""How do a season's projects stand? Lights by department, execution, forecast surplus, and the reason behind each light."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from service import access, calendar, labels, launches, lights
from service.campaign_terms import MONITORING
from service.monitoring_rows import of_season
from service.people import Actor, day
from service.rules.monitoring import LIGHTS, month_of
from service.rules.working_days import count

#: Lights of projects, the worst first; a project is never blue.
COLORS = ("red", "yellow", "green")
SORTS = ("light", "rate", "surplus")
_ZERO = Decimal(0)
_RANK = {"red": 0, "yellow": 1, "green": 2, None: 3}


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """One project of a season as it was last reported; everything but the names is None before the first report.

    Amounts in 万元, ``rate`` in percent. ``why`` names the rule behind the light.
    """

    case_id: str
    number: str
    title: str
    project_code: str
    unit_id: str
    unit: str
    department_id: str
    department: str
    stage: str
    light: str | None
    execution_light: str | None
    target_light: str | None
    why: str | None
    annual_budget: Decimal | None
    executed: Decimal | None
    forecast: Decimal | None
    #: What the fund section proposed for a red project: continue, adjust_target, cut_budget, suspend, cancel.
    disposal: str | None
    submitted_at: datetime | None
    #: A red project without a disposal choice after ten working days: payments should be suspended (MR9).
    overdue: bool
    #: The rectification a red light led to: case, number and stage.
    rectification: Mapping[str, str] | None

    @property
    def rate(self) -> Decimal | None:
        """Executed ÷ budget in percent; None without a budget."""
        if not self.annual_budget or self.executed is None:
            return None
        return self.executed / self.annual_budget * 100

    @property
    def surplus(self) -> Decimal | None:
        """Budget less forecast, 万元."""
        if self.annual_budget is None or self.forecast is None:
            return None
        return self.annual_budget - self.forecast

    @property
    def stage_label(self) -> str:
        """The stage's name."""
        return labels.stage(self.stage)

    def to_json(self) -> dict[str, Any]:
        """The project for the API; amounts are exact texts."""
        shown = {name: value for name, value in vars(self).items() if not isinstance(value, Decimal)}
        amounts = ("annual_budget", "executed", "forecast", "rate", "surplus")
        return {**shown, "stage_label": self.stage_label, **{name: _text(getattr(self, name)) for name in amounts}}


@dataclass(kw_only=True)
class Sums:
    """Numbers of projects by light, those not reported yet, and the money of the reported ones in 万元."""

    red: int = 0
    yellow: int = 0
    green: int = 0
    unreported: int = 0
    annual_budget: Decimal = _ZERO
    executed: Decimal = _ZERO
    forecast: Decimal = _ZERO

    @property
    def total(self) -> int:
        """All projects."""
        return self.red + self.yellow + self.green + self.unreported

    @property
    def rate(self) -> Decimal | None:
        """Executed ÷ budget of the reported projects, in percent."""
        return self.executed / self.annual_budget * 100 if self.annual_budget else None

    @property
    def surplus(self) -> Decimal:
        """Budget less forecast of the reported projects."""
        return self.annual_budget - self.forecast

    def share(self, name: str) -> float:
        """Percent of the projects counted under a name, for the bars."""
        return round(100 * int(getattr(self, name)) / self.total, 2) if self.total else 0.0

    def add(self, project: Monitored) -> None:
        """Count one project."""
        name = project.light if project.light in COLORS else "unreported"
        setattr(self, name, getattr(self, name) + 1)
        for amount in ("annual_budget", "executed", "forecast"):
            setattr(self, amount, getattr(self, amount) + (getattr(project, amount) or 0))

    def to_json(self) -> dict[str, Any]:
        """The numbers for the API."""
        money = {
            name: _text(getattr(self, name)) for name in ("annual_budget", "executed", "forecast", "surplus", "rate")
        }
        return {**{name: getattr(self, name) for name in ("total", *COLORS, "unreported")}, **money}


@dataclass(kw_only=True)
class DepartmentLine:
    """A department on the board."""

    id: str
    name: str
    sums: Sums = field(default_factory=Sums)

    def to_json(self) -> dict[str, Any]:
        """The line for the API."""
        return {"id": self.id, "name": self.name, "sums": self.sums.to_json()}


@dataclass(frozen=True, kw_only=True)
class Board:
    """A season: its sums, its departments (those with most red lights first) and its projects."""

    campaign_id: str
    title: str
    month: int
    sums: Sums
    departments: list[DepartmentLine]
    projects: list[Monitored]

    @property
    def overdue(self) -> list[Monitored]:
        """Red projects whose disposal is overdue (MR9)."""
        return [project for project in self.projects if project.overdue]

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        return {
            "campaign_id": self.campaign_id,
            "title": self.title,
            "month": self.month,
            "sums": self.sums.to_json(),
            "departments": [line.to_json() for line in self.departments],
        }


def board(session: Session, campaign_id: str, *, actor: Actor, at: datetime) -> Board:
    """The board of a season, as far as the actor sees cases; two statements.

    Raises:
        NotFound: there is no such season of monitoring.

    Source:
        P10: light map by department, execution ranking, red items, forecast surplus.
    """
    campaign = launches.season(session, campaign_id, MONITORING)
    projects = _projects(session, campaign, actor, at)
    whole, departments = Sums(), dict[str, DepartmentLine]()
    for project in projects:
        whole.add(project)
        line = departments.setdefault(
            project.department_id, DepartmentLine(id=project.department_id, name=project.department)
        )
        line.sums.add(project)
    ranked = sorted(departments.values(), key=lambda line: (-line.sums.red, -line.sums.yellow, line.name))
    month = month_of(campaign.parameters)
    return Board(
        campaign_id=campaign.id,
        title=campaign.title,
        month=month,
        sums=whole,
        departments=ranked,
        projects=projects,
    )


def ranked(
    projects: Iterable[Monitored], *, department: str = "", unit: str = "", light: str = "", sort: str = "light"
) -> list[Monitored]:
    """The projects of a department or unit with a light, the worst first.

    Args:
        light: red, yellow, green or ``unreported``; all if empty.
        sort: ``light``; ``rate``, the slowest execution first; ``surplus``, the greatest first.
    """
    wanted = [
        project
        for project in projects
        if (not department or project.department_id == department)
        and (not unit or project.unit_id == unit)
        and (not light or (project.light or "unreported") == light)
    ]
    keys: Mapping[str, Any] = {
        "light": lambda one: (
            _RANK.get(one.light, 3),
            one.rate if one.rate is not None else Decimal(999),
            one.project_code,
        ),
        "rate": lambda one: (one.rate is None, one.rate or _ZERO, one.project_code),
        "surplus": lambda one: (one.surplus is None, -(one.surplus or _ZERO), one.project_code),
    }
    return sorted(wanted, key=keys.get(sort, keys["light"]))


def seasons(session: Session) -> Sequence[Campaign]:
    """The seasons of monitoring, the newest first."""
    statement = select(Campaign).where(Campaign.process_id == MONITORING)
    return session.scalars(statement.order_by(Campaign.opens_on.desc(), Campaign.id)).all()


def light_name(color: str | None) -> str:
    """What people call a light."""
    return LIGHTS.get(color or "", "未报送")


def _projects(session: Session, campaign: Campaign, actor: Actor, at: datetime) -> list[Monitored]:
    table = calendar.table(session)
    found = []
    for row in session.execute(of_season(campaign.id).where(access.visible_cases(actor))):
        known = dict(row._mapping)
        number, stage, case_id = (known.pop(name) for name in ("follow_number", "follow_stage", "follow_id"))
        tables = lights.of_release(session, known.pop("release_id"))
        submitted = known["submitted_at"]
        waited = count(day(submitted), day(at), table) if submitted and known["light"] == "red" else 0
        late = bool(waited) and lights.overdue(tables, light="red", disposal=known["disposal"], working_days=waited)
        follow = {"case_id": case_id, "number": number, "stage": labels.stage(stage)} if case_id else None
        found.append(Monitored(**known, overdue=late, rectification=follow))
    return found


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.quantize(Decimal("0.01")), "f")
