"""How did a season of self-evaluation come out? Grades, distribution, gaps between self and checked score, lost points."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from service import evaluation_rows, launches
from service.campaign_terms import EVALUATION
from service.evaluation_rows import EvaluatedProject
from service.people import Actor
from service.rules.sampling import LEAST_SHARE, draw
from service.subjects.evaluation_check import EXECUTION

GRADES = ("优", "良", "中", "差")
SORTS = ("score", "gap", "code")
#: Lower ends of the bands of the distribution, points; full marks stand apart.
BANDS = (Decimal(100), Decimal(95), Decimal(90), Decimal(80), Decimal(60), Decimal(0))
_CENT = Decimal("0.01")


@dataclass(kw_only=True)
class Sums:
    """Numbers of projects by grade as checked, those without a report, and their points."""

    grades: Counter[str] = field(default_factory=Counter)
    unreported: int = 0
    finished: int = 0
    full_marks: int = 0
    sampled: int = 0
    self_sum: Decimal = Decimal(0)
    checked_sum: Decimal = Decimal(0)
    #: Points times amount, and amount, of the reported projects (万元).
    weighted: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)

    @property
    def reported(self) -> int:
        """Projects with a report."""
        return sum(self.grades.values())

    @property
    def total(self) -> int:
        """All projects."""
        return self.reported + self.unreported

    @property
    def self_mean(self) -> Decimal | None:
        """Mean of the self scores, to 0.01 half up; None without a report."""
        return _mean(self.self_sum, self.reported)

    @property
    def checked_mean(self) -> Decimal | None:
        """Mean of the scores as checked so far."""
        return _mean(self.checked_sum, self.reported)

    @property
    def weighted_mean(self) -> Decimal | None:
        """Σ(score × amount) ÷ Σ amount, for information only (domain §3.4 roll-up)."""
        return (self.weighted / self.amount).quantize(_CENT, ROUND_HALF_UP) if self.amount else None

    @property
    def full_rate(self) -> Decimal | None:
        """Percent of the reported projects that gave themselves full marks."""
        return _mean(Decimal(self.full_marks) * 100, self.reported)

    def add(self, project: EvaluatedProject) -> None:
        """Count one project."""
        if project.grade is None or project.total is None or project.self_total is None:
            self.unreported += 1
            return
        self.grades[project.grade] += 1
        self.finished += project.finished
        self.full_marks += project.self_total >= BANDS[0]
        self.sampled += bool(project.sampled)
        self.self_sum += project.self_total
        self.checked_sum += project.total
        if project.annual_budget:
            self.weighted += project.total * project.annual_budget
            self.amount += project.annual_budget

    def to_json(self) -> dict[str, Any]:
        """The numbers for the API."""
        means = ("self_mean", "checked_mean", "weighted_mean", "full_rate")
        counts = ("total", "reported", "unreported", "finished", "full_marks", "sampled")
        return {
            **{name: getattr(self, name) for name in counts},
            "grades": {grade: self.grades[grade] for grade in GRADES},
            **{name: None if getattr(self, name) is None else str(getattr(self, name)) for name in means},
        }


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
class Loss:
    """Where points are lost: the kind of item, how many items lost points, and how many points."""

    name: str
    items: int
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Board:
    """A season: its sums, its departments (the best first), its projects."""

    campaign_id: str
    title: str
    fiscal_year: int
    rule_set: str
    seed: str
    share: Decimal
    sums: Sums
    departments: list[DepartmentLine]
    projects: list[EvaluatedProject]

    @property
    def far_apart(self) -> list[EvaluatedProject]:
        """Projects whose self score and checked score lie more than ten points apart (S07), the widest first."""
        wide = [project for project in self.projects if project.far_apart]
        return sorted(wide, key=lambda one: (-abs(one.gap or Decimal(0)), one.project_code))

    @property
    def distribution(self) -> list[tuple[Decimal, int, int]]:
        """Lower end of each band, with the numbers of projects by self score and by checked score."""
        return [
            (
                low,
                _within(low, (one.self_total for one in self.projects)),
                _within(low, (one.total for one in self.projects)),
            )
            for low in BANDS
        ]

    @property
    def losses(self) -> list[Loss]:
        """Where points are lost, most first: the execution rate, and the indicators together by name."""
        lost = defaultdict[str, list[Decimal]](list)
        for project in self.projects:
            for finding in project.findings:
                if finding.lost > 0:
                    lost[finding.name].append(finding.lost)
        found = [Loss(name=name, items=len(each), points=sum(each, Decimal(0))) for name, each in lost.items()]
        return sorted(found, key=lambda loss: (loss.name != EXECUTION, -loss.points, loss.name))

    def to_json(self) -> dict[str, Any]:
        """The board for the API."""
        return {
            "campaign_id": self.campaign_id,
            "title": self.title,
            "fiscal_year": self.fiscal_year,
            "rule_set": self.rule_set,
            "sums": self.sums.to_json(),
            "departments": [line.to_json() for line in self.departments],
            "distribution": [
                {"from": str(low), "self": own, "checked": checked} for low, own, checked in self.distribution
            ],
        }


@dataclass(frozen=True, kw_only=True)
class DrawnLine:
    """A project's place in the draw, for whoever draws again."""

    rank: int
    project_code: str
    title: str
    case_id: str
    drawn: bool
    #: What its fund review recorded; None before.
    recorded: bool | None


def board(session: Session, campaign_id: str, *, actor: Actor) -> Board:
    """The board of a season, as far as the actor sees cases.

    Raises:
        NotFound: there is no such season of self-evaluation.

    Source:
        P12 reports: scores by department, distribution, self-vs-check gap, full-mark rate.
    """
    campaign = launches.season(session, campaign_id, EVALUATION)
    projects = evaluation_rows.of_season(session, campaign, actor=actor)
    whole, departments = Sums(), dict[str, DepartmentLine]()
    for project in projects:
        whole.add(project)
        line = departments.setdefault(
            project.department_id, DepartmentLine(id=project.department_id, name=project.department)
        )
        line.sums.add(project)
    return Board(
        campaign_id=campaign.id,
        title=campaign.title,
        fiscal_year=campaign.fiscal_year,
        rule_set=campaign.rule_set,
        seed=str(campaign.parameters.get("sample_seed")),
        share=Decimal(str(campaign.parameters.get("sample_share") or LEAST_SHARE)),
        sums=whole,
        departments=sorted(departments.values(), key=_place),
        projects=projects,
    )


def ranked(
    projects: Iterable[EvaluatedProject], *, department: str = "", unit: str = "", grade: str = "", sort: str = "score"
) -> list[EvaluatedProject]:
    """The projects of a department or unit with a grade.

    Args:
        grade: one of ``GRADES``, ``unreported`` or ``sampled``; all if empty.
        sort: ``score``, the lowest first; ``gap``, the widest first; ``code``.
    """
    wanted = [
        project
        for project in projects
        if (not department or project.department_id == department)
        and (not unit or project.unit_id == unit)
        and (not grade or _is(project, grade))
    ]
    keys = {
        "score": lambda one: (one.total is None, one.total or Decimal(0), one.project_code),
        "gap": lambda one: (one.gap is None, -abs(one.gap or Decimal(0)), one.project_code),
        "code": lambda one: (one.project_code,),
    }
    return sorted(wanted, key=keys.get(sort, keys["score"]))


def drawn(found: Board) -> list[DrawnLine]:
    """Every project of a board at its place in the draw; drawing again gives the same list to everybody.

    Meaningful for those who see all cases of the season: the draw is over all of them.
    """
    codes = frozenset(project.project_code for project in found.projects)
    places = {code: draw(found.seed, codes, code, found.share) for code in codes}
    lines = [
        DrawnLine(
            rank=places[project.project_code].rank,
            project_code=project.project_code,
            title=project.title,
            case_id=project.case_id,
            drawn=places[project.project_code].drawn,
            recorded=project.sampled,
        )
        for project in found.projects
    ]
    return sorted(lines, key=lambda line: line.rank)


def seasons(session: Session) -> Sequence[Campaign]:
    """The seasons of self-evaluation, the newest first."""
    statement = select(Campaign).where(Campaign.process_id == EVALUATION)
    return session.scalars(statement.order_by(Campaign.opens_on.desc(), Campaign.id)).all()


def _place(line: DepartmentLine) -> tuple[Decimal, str]:
    mean = line.sums.checked_mean
    return (Decimal(1) if mean is None else -mean, line.name)


def _is(project: EvaluatedProject, grade: str) -> bool:
    if grade == "unreported":
        return project.grade is None
    return bool(project.sampled) if grade == "sampled" else project.grade == grade


def _within(low: Decimal, totals: Iterable[Decimal | None]) -> int:
    place = BANDS.index(low)
    high = BANDS[place - 1] if place else None
    return sum(total is not None and total >= low and (high is None or total < high) for total in totals)


def _mean(total: Decimal, count: int) -> Decimal | None:
    return (total / count).quantize(_CENT, ROUND_HALF_UP) if count else None
