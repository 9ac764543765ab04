"""Which targets of a year were adjusted, by how much, and what has to be disclosed anew? The board of adjustments."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.form import FormRevision
from db.project import Project, TargetVersion
from service import access, labels
from service.adjustments import PROCESS
from service.case_rows import Department, Unit
from service.people import Actor, day
from service.rules.quantities import number_of

#: Kinds of adjustments as the form names them.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "budget_change": "预算调整",
        "midyear_addition": "年中追加",
        "policy_change": "政策变化",
        "force_majeure": "不可抗力",
        "monitoring_result": "监控结果",
    }
)
#: Stages of an adjustment that came to an end.
EFFECTIVE, REFUSED = "adjusted", "rejected"


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """An adjustment of a target; amounts in 万元."""

    case_id: str
    number: str
    title: str
    project_code: str
    unit: str
    department: str
    stage: str
    stage_label: str
    kind: str | None
    before: Decimal | None
    after: Decimal | None
    #: Version and number it put into force; none while it is under way or refused.
    version: int | None
    library_no: str | None
    effective_at: datetime | None
    #: What was disclosed of the project has to be disclosed anew since then.
    redisclose_since: datetime | None

    @property
    def kind_label(self) -> str:
        """The kind in words; empty before it was submitted."""
        return KINDS.get(self.kind or "", "")

    @property
    def change(self) -> Decimal | None:
        """Amount after less before; None before it was submitted."""
        return None if self.before is None or self.after is None else self.after - self.before

    def to_json(self) -> dict[str, Any]:
        """The adjustment for the API; amounts in 万元."""
        return {**vars(self), "change": self.change, "kind_label": self.kind_label}


@dataclass(frozen=True, kw_only=True)
class Board:
    """The adjustments of a year, newest first, as far as the reader sees cases."""

    fiscal_year: int
    rows: Sequence[Adjusted]
    #: Projects with an approved target, and those whose target was adjusted.
    projects: int
    adjusted: int

    @property
    def share(self) -> Decimal:
        """Percent of the projects that were adjusted, two decimals, half up; 0 where there are none."""
        if not self.projects:
            return Decimal(0)
        return (Decimal(100 * self.adjusted) / self.projects).quantize(Decimal("0.01"), "ROUND_HALF_UP")

    @property
    def months(self) -> list[tuple[str, int]]:
        """Adjustments that came into force, by month, oldest first."""
        counted = Counter(f"{day(row.effective_at):%Y-%m}" for row in self.rows if row.effective_at)
        return sorted(counted.items())

    @property
    def redisclose(self) -> list[Adjusted]:
        """Adjustments in force whose targets have to be disclosed anew."""
        return [row for row in self.rows if row.redisclose_since is not None]

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        return {
            "fiscal_year": self.fiscal_year,
            "projects": self.projects,
            "adjusted": self.adjusted,
            "share": self.share,
            "months": [{"month": month, "count": count} for month, count in self.months],
            "rows": [row.to_json() for row in self.rows],
        }


def board(session: Session, *, actor: Actor, fiscal_year: int) -> Board:
    """The board of a year; two statements. Deleted drafts do not count.

    Source:
        P08: adjustments per month, share of projects adjusted.
    """
    visible = (access.visible_projects(actor), Project.fiscal_year == fiscal_year)
    approved = (
        select(func.count(distinct(Project.id)), func.count(distinct(Project.id)).filter(TargetVersion.version > 1))
        .join(TargetVersion, TargetVersion.project_id == Project.id)
        .where(*visible, TargetVersion.voided_at.is_(None))
    )
    projects, adjusted = session.execute(approved).one()
    statement = (
        select(CaseFile, Project.project_code, Unit.name, Department.name, FormRevision.content, TargetVersion)
        .join(Project, Project.id == CaseFile.project_id)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(TargetVersion, (TargetVersion.case_id == CaseFile.id) & TargetVersion.voided_at.is_(None))
        .where(*visible, CaseFile.process_id == PROCESS, CaseFile.stage != "discarded")
        .order_by(CaseFile.started_at.desc(), CaseFile.id.desc())
    )
    rows = [_row(*found) for found in session.execute(statement.execution_options(populate_existing=True))]
    return Board(fiscal_year=fiscal_year, rows=rows, projects=projects, adjusted=adjusted)


def _row(
    case: CaseFile,
    code: str,
    unit: str,
    department: str,
    content: Mapping[str, Any] | None,
    version: TargetVersion | None,
) -> Adjusted:
    sent = content or {}
    return Adjusted(
        case_id=case.id,
        number=case.number,
        title=case.title,
        project_code=code,
        unit=unit,
        department=department,
        stage=case.stage,
        stage_label=labels.stage(case.stage),
        kind=sent.get("adjust_kind"),
        before=number_of(sent.get("amount_before")),
        after=number_of(sent.get("amount_total")),
        version=version.version if version else None,
        library_no=version.library_no if version else None,
        effective_at=version.admitted_at if version else None,
        redisclose_since=version.redisclose_since if version else None,
    )
