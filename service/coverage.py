"""Is every unit and every project in? The coverage board (覆盖率): expected, declared, under review, in the library."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile
from db.organisation import Organisation
from db.project import Project
from service import access
from service.case_rows import Department, Unit
from service.people import Actor

#: How far a project is, in the words of the progress board.
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "未填",
        "drafting": "填报中",
        "reviewing": "各级审核中",
        "admitted": "已入库",
        "rejected": "不予通过",
    }
)
_PROCESS = "target_declaration"
_ZERO = Decimal(0)


@dataclass(kw_only=True)
class Tally:
    """Numbers of projects by how far they are. Those that are expected but not begun are missing."""

    missing: int = 0
    drafting: int = 0
    reviewing: int = 0
    admitted: int = 0
    rejected: int = 0
    #: Amount of the declared projects, 万元.
    amount: Decimal = _ZERO

    @property
    def declared(self) -> int:
        """Projects that have been begun."""
        return self.drafting + self.reviewing + self.admitted + self.rejected

    @property
    def expected(self) -> int:
        """Projects that should be declared: the planned number, never fewer than are declared."""
        return self.missing + self.declared

    @property
    def submitted(self) -> int:
        """Projects that have left the unit's clerk, or came to an end."""
        return self.reviewing + self.admitted + self.rejected

    @property
    def complete(self) -> bool:
        """Every expected project is in the library or was decided against, and there is at least one."""
        return self.expected > 0 and self.admitted + self.rejected == self.expected

    def share(self, status: str) -> float:
        """Percent of the expected projects that have this status, for the bars; 0 where nothing is expected."""
        return round(100 * int(getattr(self, status)) / self.expected, 2) if self.expected else 0.0

    def add(self, other: "Tally") -> None:
        """Add the numbers of another tally."""
        for name in (*STATUSES, "amount"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def to_json(self) -> dict[str, Any]:
        """The numbers for the API; the amount is an exact text in 万元."""
        counted = ("expected", "declared", "submitted", *STATUSES)
        return {**{name: getattr(self, name) for name in counted}, "amount": str(self.amount)}


@dataclass(kw_only=True)
class Line:
    """A department or a unit on the board, with those below it, the least complete first."""

    id: str
    code: str
    name: str
    tally: Tally = field(default_factory=Tally)
    below: "list[Line]" = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The line for the API."""
        below = [line.to_json() for line in self.below]
        return {"id": self.id, "code": self.code, "name": self.name, "tally": self.tally.to_json(), "below": below}


@dataclass(frozen=True, kw_only=True)
class Board:
    """Coverage of one year: the district's numbers, then its departments with their units."""

    fiscal_year: int
    tally: Tally
    departments: list[Line]

    @property
    def units(self) -> list[Line]:
        """All units of the board."""
        return [unit for department in self.departments for unit in department.below]

    @property
    def units_declared(self) -> int:
        """Units that have submitted at least one project."""
        return sum(unit.tally.submitted > 0 for unit in self.units)

    @property
    def units_complete(self) -> int:
        """Units all of whose projects are decided."""
        return sum(unit.tally.complete for unit in self.units)

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        return {
            "fiscal_year": self.fiscal_year,
            "tally": self.tally.to_json(),
            "units": len(self.units),
            "units_declared": self.units_declared,
            "units_complete": self.units_complete,
            "departments": [line.to_json() for line in self.departments],
        }


def coverage(session: Session, *, actor: Actor, fiscal_year: int) -> Board:
    """The coverage board of a year, as far as the actor sees units; three statements.

    A unit's expected number is the season's plan where one was set, else what it declared. A unit that declared more
    than planned is expected to declare what it did, so that no share exceeds the whole. Deleted drafts do not count.

    Source:
        Coverage is targets ÷ projects; progress by department (未填, 填报中, 各级审核中, 已入库).
    """
    planned = _planned(session, actor, fiscal_year)
    units = _units(session, {*planned})
    tallies = _tallies(session, actor, fiscal_year)
    units |= _units(session, {*tallies} - {*units})
    for unit_id, (line, _) in units.items():
        line.tally = tallies.get(unit_id, line.tally)
        line.tally.missing = max((planned.get(unit_id) or 0) - line.tally.declared, 0)
    departments = _by_department(units.values())
    whole = Tally()
    for department in departments:
        whole.add(department.tally)
    return Board(fiscal_year=fiscal_year, tally=whole, departments=departments)


def _planned(session: Session, actor: Actor, fiscal_year: int) -> dict[str, int | None]:
    """Units of the year's seasons with the planned number of projects; None where none was planned."""
    statement = (
        select(CampaignUnit.unit_id, func.sum(CampaignUnit.expected_projects))
        .join(Campaign, Campaign.id == CampaignUnit.campaign_id)
        .join(Organisation, Organisation.id == CampaignUnit.unit_id)
        .where(Campaign.fiscal_year == fiscal_year, Campaign.process_id == _PROCESS, access.visible_units(actor))
        .group_by(CampaignUnit.unit_id)
    )
    return dict(session.execute(statement).tuples().all())


def _tallies(session: Session, actor: Actor, fiscal_year: int) -> dict[str, Tally]:
    newest = (
        select(CaseFile.stage, CaseFile.amount)
        .where(CaseFile.project_id == Project.id, CaseFile.process_id == _PROCESS)
        .order_by(CaseFile.started_at.desc(), CaseFile.id.desc())
        .limit(1)
        .lateral("newest_case")
    )
    places = {"draft": "drafting", "in_library": "admitted", "rejected": "rejected"}
    status = case(places, value=newest.c.stage, else_="reviewing")
    amount = func.coalesce(func.sum(func.coalesce(Project.amount_total, newest.c.amount)), 0)
    statement = (
        select(Project.unit_id, status, func.count(), amount)
        .join(newest, newest.c.stage.is_not(None))
        .where(Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None), access.visible_projects(actor))
        .group_by(Project.unit_id, status)
    )
    found: dict[str, Tally] = {}
    for unit_id, reached, number, money in session.execute(statement):
        tally = found.setdefault(unit_id, Tally())
        setattr(tally, reached, number)
        tally.amount += money
    return found


def _units(session: Session, ids: set[str]) -> dict[str, tuple[Line, Line]]:
    """Lines of these units, each beside the line of its department."""
    if not ids:
        return {}
    statement = select(Unit, Department).join(Department, Department.id == Unit.parent_id).where(Unit.id.in_(ids))
    return {
        unit.id: (
            Line(id=unit.id, code=unit.code, name=unit.name),
            Line(id=above.id, code=above.code, name=above.name),
        )
        for unit, above in session.execute(statement)
    }


def _by_department(units: Iterable[tuple[Line, Line]]) -> list[Line]:
    departments: dict[str, Line] = {}
    for unit, above in units:
        department = departments.setdefault(above.id, above)
        department.below.append(unit)
        department.tally.add(unit.tally)
    for department in departments.values():
        department.below.sort(key=_least_complete)
    return sorted(departments.values(), key=_least_complete)


def _least_complete(line: Line) -> tuple[int, bool, int, str]:
    return -line.tally.missing, line.tally.submitted > 0, -line.tally.drafting, line.code
