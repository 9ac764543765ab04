"""What does one line of a list say about a case, and which cases does a list's filter want?"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, cast, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from db.campaign import Campaign
from db.case import CaseFile, Seat
from db.form import Attachment, FormRevision
from db.organisation import Organisation
from db.person import Person
from db.project import Project
from service import labels, search
from service.rules.quantities import plain

#: Stands for whichever rule warned.
ANY_RISK = "any"
Unit = aliased(Organisation, name="unit")
Department = aliased(Organisation, name="department")
Section = aliased(Organisation, name="section")

#: The year of a case about no project: that of its number.
_YEAR = cast(func.substring(CaseFile.number, "〔([0-9]{4})〕"), Integer)
#: What every list and every head of a case shows, without the engine's snapshot.
FACTS = (
    CaseFile.id.label("case_id"),
    CaseFile.number,
    CaseFile.title,
    func.coalesce(Project.project_code, "").label("project_code"),
    func.coalesce(Project.fiscal_year, _YEAR).label("fiscal_year"),
    Project.category,
    Unit.name.label("unit"),
    Department.name.label("department"),
    Section.name.label("fund_section"),
    CaseFile.amount,
    CaseFile.stage,
    CaseFile.condition,
    CaseFile.round,
    CaseFile.is_key_project,
    CaseFile.seq,
    CaseFile.started_at,
    CaseFile.finished_at,
)
NAMES = tuple(column.key for column in FACTS)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person looks for in a list of cases; empty parts want everything. Amounts in 万元, bounds included."""

    q: str = ""
    stages: Collection[str] = ()
    unit: str | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    #: At least the so many-th round.
    round_from: int | None = None
    #: Part of the project's category.
    category: str | None = None
    fiscal_year: int | None = None
    #: Only cases with files attached.
    attachments: bool = False
    #: Part of the name of whoever decided last.
    from_whom: str | None = None
    #: Warned of by one of these quality rules at the last submission (风险); ``any`` for whichever.
    risks: Collection[str] = ()
    #: Words that somebody's opinion on the case says, each two characters or more.
    opinion: str | None = None

    @property
    def everything(self) -> bool:
        """Nothing is left out."""
        plain = replace(self, q=self.q.strip(), stages=(), risks=())
        return plain == Wanted() and not self.stages and not self.risks


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case in a list: what it is about, where it stands, and for inboxes the visit the reader acts at.

    ``amount`` is 万元 as an exact text, None before it is filled in. ``read`` is unread, changed or read.
    """

    case_id: str
    number: str
    title: str
    project_code: str
    fiscal_year: int
    category: str | None = None
    unit: str
    department: str
    fund_section: str
    amount: str | None
    stage: str
    stage_label: str
    condition: str | None
    condition_label: str
    round: int
    is_key_project: bool
    seq: int
    started_at: datetime
    finished_at: datetime | None
    visit_id: str | None = None
    node_name: str = ""
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    due_state: str | None = None
    last_step: Mapping[str, Any] | None = None
    holder: str | None = None
    read: str = "read"
    #: How the reader comes to it: model, transfer, advice, add_before …; None where they hold no seat of their own.
    origin: str | None = None


@dataclass(frozen=True)
class CaseRows:
    """A page of a list, with the number of all cases that are wanted."""

    rows: list[CaseRow]
    total: int
    page: int
    size: int


def with_names(statement: Select[Any]) -> Select[Any]:
    """Join what `FACTS` reads to a statement that selects from CaseFile."""
    return (
        statement.outerjoin(Project, Project.id == CaseFile.project_id)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .join(Section, Section.id == CaseFile.fund_section_id)
    )


def head(row: Any) -> dict[str, Any]:
    """The facts of a row that selected `FACTS`, with the words for its codes."""
    found = {name: getattr(row, name) for name in NAMES}
    return {
        **found,
        "amount": None if row.amount is None else plain(row.amount),
        "stage_label": labels.stage(row.stage),
        "condition_label": labels.condition(row.condition),
    }


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions on CaseFile, none for a list of everything; the statement needs no further join."""
    found: list[ColumnElement[bool]] = []
    if wanted.q.strip():
        found.append(search.condition(wanted.q))
    if wanted.stages:
        found.append(CaseFile.stage.in_(wanted.stages))
    if wanted.unit:
        found.append(CaseFile.unit_id.in_(units_named(wanted.unit)))
    if wanted.amount_from is not None:
        found.append(CaseFile.amount >= wanted.amount_from)
    if wanted.amount_to is not None:
        found.append(CaseFile.amount <= wanted.amount_to)
    return [*found, *_more(wanted)]


def _more(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.round_from is not None:
        yield CaseFile.round >= wanted.round_from
    project = select(Project.id)
    if wanted.category:
        named = Project.category.icontains(wanted.category.strip(), autoescape=True)
        yield CaseFile.project_id.in_(project.where(named))
    if wanted.fiscal_year is not None:
        yield of_year(wanted.fiscal_year)
    if wanted.attachments:
        yield exists().where(Attachment.case_id == CaseFile.id, Attachment.removed_at.is_(None))
    if wanted.from_whom:
        yield _decided_last_by(wanted.from_whom)
    if wanted.risks:
        yield _warned(wanted.risks)
    if wanted.opinion:
        yield from (_said(word) for word in wanted.opinion.split())


def of_year(year: int) -> ColumnElement[bool]:
    """Condition on CaseFile: of a season of this year, or outside any season and numbered in it."""
    seasons = select(Campaign.id).where(Campaign.fiscal_year == year)
    return or_(CaseFile.campaign_id.in_(seasons), and_(CaseFile.campaign_id.is_(None), _YEAR.in_([year])))


def _warned(rules: Collection[str]) -> ColumnElement[bool]:
    """Cases whose last submission was warned of by one of these rules; one index says which, ``any`` included."""
    warned = func.warning_rules(FormRevision.checks, type_=ARRAY(Text))
    forms = select(FormRevision.case_id, FormRevision.id).where(warned.overlap(list(rules)))
    last = tuple_(CaseFile.id, CaseFile.form_revision_id)
    return last.in_(forms.where(FormRevision.checks.is_not(None)))


def _said(word: str) -> ColumnElement[bool]:
    """Cases on which an opinion says a word; pairs of its characters are looked up, then the word itself."""
    seat = aliased(Seat)
    pairs = func.character_pairs(seat.opinion, type_=ARRAY(Text))
    said = select(seat.case_id).where(seat.opinion.is_not(None), pairs.contains(func.character_pairs(word)))
    return CaseFile.id.in_(said.where(func.strpos(func.lower(seat.opinion), func.lower(word)) > 0))


def _decided_last_by(name: str) -> ColumnElement[bool]:
    """Cases whose last decision was somebody's of that name; first all they took part in, then the last of each."""
    people = select(Person.id).where(Person.name.icontains(name.strip(), autoescape=True))
    part, later = aliased(Seat), aliased(Seat)
    last = (
        select(later.decided_by)
        .where(later.case_id == CaseFile.id, later.state == "done")
        .order_by(later.decided_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    took_part = select(part.case_id).where(part.state == "done", part.decided_by.in_(people))
    return and_(CaseFile.id.in_(took_part), last.in_(people))


def units_named(text: str) -> Select[tuple[str]]:
    """Ids of the units whose name or code contains the text, or whose department's does."""
    parent = aliased(Organisation)
    names = (Organisation.name, Organisation.code, parent.name)
    return (
        select(Organisation.id)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .where(or_(*(name.icontains(text.strip(), autoescape=True) for name in names)))
    )


def chinese(column: Any) -> ColumnElement[bytes]:
    """Sort key that puts Chinese names in the order of pinyin, as GB 18030 does for the common characters."""
    return func.convert_to(column, "GB18030")
