"""Has every new major project been assessed, with what conclusion, and what was cut? The board of a year (事前评估覆盖率)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile
from db.form import FormDraft
from db.project import Project
from service import access, labels
from service.assessments import PROCESS
from service.case_rows import Department, Unit
from service.people import Actor
from service.rules import ex_ante
from service.rules.quantities import number_of
from service.target_context import TARGET_FORM, TARGET_PROCESS, threshold

#: How far the assessment of a project is, in the order of the board.
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "未评估",
        "drafting": "单位编制中",
        "reviewing": "各级审核中",
        "support": "予以支持",
        "support_after_adjustment": "调整后支持",
        "not_support": "不予支持",
    }
)
#: The conclusions: what counts as assessed.
ASSESSED = ("support", "support_after_adjustment", "not_support")
_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A new major project with its assessment; amounts in 万元."""

    project_id: str
    project_code: str
    title: str
    unit: str
    department_id: str
    department: str
    declaration_id: str | None
    declaration_stage_label: str
    case_id: str | None
    number: str | None
    stage_label: str
    status: str
    score: Decimal | None
    asked: Decimal
    suggested: Decimal | None

    @property
    def cut(self) -> Decimal:
        """What the assessment takes off: everything where it does not support; 0 while there is no conclusion."""
        if self.status == ex_ante.REFUSE:
            return self.asked
        return max(self.asked - self.suggested, _ZERO) if self.suggested is not None else _ZERO

    def to_json(self) -> dict[str, Any]:
        """The project for the API; amounts in 万元."""
        return {**vars(self), "cut": self.cut, "status_label": STATUSES[self.status]}


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Numbers of projects by status, and their money in 万元."""

    counts: Mapping[str, int]
    asked: Decimal
    cut: Decimal

    @property
    def total(self) -> int:
        """New major projects."""
        return sum(self.counts.values())

    @property
    def assessed(self) -> int:
        """Those with a conclusion."""
        return sum(self.counts[status] for status in ASSESSED)

    @property
    def share(self) -> Decimal:
        """Percent assessed, two decimals, half up; 100 where no project needs it."""
        return (
            (Decimal(100 * self.assessed) / self.total).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            if self.total
            else Decimal(100)
        )

    def to_json(self) -> dict[str, Any]:
        """The sums for the API."""
        numbers = {"total": self.total, "assessed": self.assessed, "share": self.share}
        return {**numbers, **self.counts, "asked": self.asked, "cut": self.cut}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A department on the board."""

    id: str
    name: str
    sums: Sums


@dataclass(frozen=True, kw_only=True)
class Board:
    """The assessments of a year, as far as the reader sees projects."""

    fiscal_year: int
    projects: Sequence[Assessed]
    sums: Sums
    departments: Sequence[Line]

    @property
    def missing(self) -> list[Assessed]:
        """Projects without a conclusion: what keeps the coverage from 100 %."""
        return [one for one in self.projects if one.status not in ASSESSED]

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        lines = [{"id": line.id, "name": line.name, "sums": line.sums.to_json()} for line in self.departments]
        return {
            "fiscal_year": self.fiscal_year,
            "sums": self.sums.to_json(),
            "departments": lines,
            "projects": [one.to_json() for one in self.projects],
        }


def board(session: Session, *, actor: Actor, fiscal_year: int) -> Board:
    """The board of a year: new projects from their season's threshold on, submitted or still being drafted.

    Source:
        P05: the share of new major projects assessed must be 100 %; conclusions and amounts cut by department.
    """
    found = sorted(
        _projects(session, actor, fiscal_year), key=lambda one: (list(STATUSES).index(one.status), one.project_code)
    )
    by_department: defaultdict[tuple[str, str], list[Assessed]] = defaultdict(list)
    for one in found:
        by_department[one.department_id, one.department].append(one)
    lines = [Line(id=id_, name=name, sums=_sums(own)) for (id_, name), own in by_department.items()]
    lines.sort(key=lambda line: (line.sums.assessed - line.sums.total, line.name))
    return Board(fiscal_year=fiscal_year, projects=found, sums=_sums(found), departments=lines)


def _sums(projects: Iterable[Assessed]) -> Sums:
    rows = list(projects)
    counts = Counter(one.status for one in rows)
    return Sums(
        counts={status: counts[status] for status in STATUSES},
        asked=sum((one.asked for one in rows), _ZERO),
        cut=sum((one.cut for one in rows), _ZERO),
    )


#: The newest declaration of a project, and its newest assessment.
_declared = (
    select(CaseFile.id, CaseFile.stage, CaseFile.form_revision_id)
    .where(CaseFile.project_id == Project.id, CaseFile.process_id == TARGET_PROCESS)
    .order_by(CaseFile.started_at.desc(), CaseFile.id.desc())
    .limit(1)
    .lateral("declared")
)
_assessment = (
    select(CaseFile.id, CaseFile.number, CaseFile.stage, CaseFile.finished_at, CaseFile.amount)
    .where(CaseFile.project_id == Project.id, CaseFile.process_id == PROCESS, CaseFile.stage != "discarded")
    .order_by(CaseFile.started_at.desc(), CaseFile.id.desc())
    .limit(1)
    .lateral("assessment")
)


def _projects(session: Session, actor: Actor, fiscal_year: int) -> Iterator[Assessed]:
    drafted = func.coalesce(_declared.c.form_revision_id, "") == ""
    is_new = (Project.attribute == "new") | (FormDraft.content["project_attribute"].astext == "new")
    statement = (
        select(Project, Campaign, Unit.name, Department.name, FormDraft.content)
        .add_columns(_declared.c.id, _declared.c.stage, _declared.c.form_revision_id, *_assessment.c)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .join(Unit, Unit.id == Project.unit_id)
        .join(Department, Department.id == Project.department_id)
        .join(_declared, true())
        .outerjoin(_assessment, true())
        .outerjoin(FormDraft, (FormDraft.case_id == _declared.c.id) & (FormDraft.form_code == TARGET_FORM) & drafted)
        .where(Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None), access.visible_projects(actor))
        .where(Project.needs_ex_ante | is_new)
        .execution_options(populate_existing=True)
    )
    for row in session.execute(statement):
        project, campaign, unit, department, draft, declaration_id, stage, revision, *assessment = row
        asked = project.amount_total if revision else number_of((draft or {}).get("amount_total"))
        is_major = (
            project.needs_ex_ante
            if revision
            else asked is not None and asked >= threshold(campaign, "ex_ante_threshold")
        )
        if is_major and asked is not None:
            yield _assessed(project, unit, department, (declaration_id, stage), asked, *assessment)


def _assessed(
    project: Project,
    unit: str,
    department: str,
    declaration: tuple[str, str],
    asked: Decimal,
    case_id: str | None,
    number: str | None,
    stage: str | None,
    finished: Any,
    assessed_amount: Decimal | None,
) -> Assessed:
    running = case_id is not None and finished is None
    status = project.ex_ante_conclusion if project.ex_ante_conclusion and not running else None
    if status is None:
        status = "missing" if not running else "drafting" if stage == "draft" else "reviewing"
    return Assessed(
        project_id=project.id,
        project_code=project.project_code,
        title=project.name,
        unit=unit,
        department_id=project.department_id,
        department=department,
        declaration_id=declaration[0],
        declaration_stage_label=labels.stage(declaration[1]),
        case_id=case_id,
        number=number,
        stage_label=labels.stage(stage) if stage else "",
        status=status,
        score=project.ex_ante_score if status in ASSESSED else None,
        # What was asked for when it was assessed: the declaration may have been cut since.
        asked=assessed_amount if status in ASSESSED and assessed_amount is not None else asked,
        suggested=project.ex_ante_amount if status in ASSESSED else None,
    )
