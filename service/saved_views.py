"""Which lists does a person keep under a name, which does the section share, and what do they mark?

A view may star, colour and announce lines that it holds. It never decides, moves or assigns anything.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.desk import SavedView
from db.organisation import Organisation
from forms.problem import Problem
from service import inbox, inbox_columns, inbox_criteria, people
from service.errors import NotAllowed, NotFound, Problems
from service.inbox_columns import Column
from service.inbox_criteria import TABS, Criteria
from service.notices import News
from service.people import Actor

COLOURS = ("grey", "blue", "green", "orange", "red", "purple")
#: What a view can do to the lines it holds, for its owner alone.
MARKS = ("star", "colour", "notify")
#: Who may share a view with their own body.
CHIEFS = ("UNIT_LEADER", "DEPT_LEADER", "FUND_CHIEF", "BUDGET_CHIEF", "PERF_CHIEF")
MOST = 30
LONGEST_NAME = 30
SOURCE = "视图填写要求"


@dataclass(frozen=True, kw_only=True)
class View:
    """A list under a name."""

    id: str
    name: str
    colour: str
    tab: str
    #: The conditions as the list's address says them.
    words: Mapping[str, list[str]]
    sort: str
    columns: tuple[Column, ...] | None
    marks: tuple[str, ...]
    #: Name of the body it is shared with; empty for one's own only.
    shared_with: str
    own: bool

    @property
    def criteria(self) -> Criteria:
        """What it asks of its tab."""
        return inbox_criteria.read(self.words)[0]


def visible(session: Session, actor: Actor) -> list[View]:
    """A person's own views in their order, then those shared with the bodies they belong to, by name."""
    bodies = {post.organisation_id for post in actor.posts}
    mine = SavedView.owner_id == actor.person_id
    chosen = select(SavedView, Organisation.name).outerjoin(Organisation, Organisation.id == SavedView.shared_with)
    chosen = chosen.where(or_(mine, SavedView.shared_with.in_(bodies)))
    rows = session.execute(chosen.order_by(mine.desc(), SavedView.position, SavedView.name)).tuples()
    return [_view(row, name or "", actor) for row, name in rows]


def keep(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    colour: str,
    tab: str,
    words: Mapping[str, Sequence[str]],
    sort: str,
    columns: Sequence[Column] | None = None,
    marks: Collection[str] = (),
    share: bool = False,
) -> str:
    """Keep a list under a name; one's own view of the same name is replaced.

    Args:
        words: conditions as the list's address says them; those that say nothing are left out.
        share: with the members of the body the actor leads.

    Returns the view's id.

    Raises:
        Problems: name, colour or tab cannot be, or there are too many.
        NotAllowed: it is to be shared by somebody who leads nothing.
    """
    name = " ".join(name.split())
    row, total = _own(session, actor, name)
    problems = list(_problems(name, colour, tab, full=row is None and total >= MOST))
    if problems:
        raise Problems(problems)
    shared = _body(actor) if share else None
    if row is None:
        row = SavedView(id=opaque_id(), owner_id=actor.person_id, name=name, position=total, created_at=at)
        session.add(row)
    row.colour, row.criteria, row.shared_with = colour, _criteria(tab, words, sort), shared
    row.columns = {"list": inbox_columns.written(columns)} if columns else None
    row.marks = {mark: True for mark in MARKS if mark in marks}
    session.flush()
    return row.id


def remove(session: Session, view_id: str, *, actor: Actor) -> None:
    """Drop one's own view.

    Raises:
        NotFound: the actor has no such view.
    """
    row = session.get(SavedView, view_id)
    if row is None or row.owner_id != actor.person_id:
        raise NotFound("没有这个视图，或不是您建立的。")
    session.delete(row)


def marks(
    session: Session, views: Iterable[View], case_ids: Collection[str], *, actor: Actor, at: datetime
) -> dict[str, list[View]]:
    """The marking views of a person that hold each of these cases, by case; cases none holds are left out."""
    marking = {view.id: view for view in views if view.own and {"star", "colour"} & set(view.marks)}
    if not marking or not case_ids:
        return {}
    asked = {view.id: (view.tab, view.criteria) for view in marking.values()}
    found: dict[str, list[View]] = {}
    for view_id, held in inbox.matching(session, asked, case_ids, actor=actor, at=at).items():
        for case_id in held:
            found.setdefault(case_id, []).append(marking[view_id])
    return found


def news(session: Session, told: Sequence[News], *, at: datetime) -> list[News]:
    """What is to be announced besides: new tasks that somebody's view wants to be told of."""
    concerned = {person_id for one in told for person_id in one.people}
    notify = SavedView.marks["notify"].as_boolean()
    rows = session.scalars(select(SavedView).where(SavedView.owner_id.in_(concerned), notify)).all()
    found: list[News] = []
    for person_id in sorted({row.owner_id for row in rows}):
        actor = people.actor(session, person_id, at=at)
        views = {row.id: _view(row, "", actor) for row in rows if row.owner_id == person_id}
        about = {one.case_id: one for one in told if person_id in one.people and one.case_id}
        asked = {view.id: (view.tab, view.criteria) for view in views.values()}
        for view_id, held in inbox.matching(session, asked, list(about), actor=actor, at=at).items():
            found.extend(_announced(about[case_id], views[view_id], person_id) for case_id in sorted(held))
    return found


def _own(session: Session, actor: Actor, name: str) -> tuple[SavedView | None, int]:
    """The actor's view of that name, and how many views the actor has."""
    own = select(SavedView).where(SavedView.owner_id == actor.person_id)
    total = session.execute(select(func.count()).select_from(own.subquery())).scalar_one()
    return session.scalars(own.where(SavedView.name == name)).first(), total


def _criteria(tab: str, words: Mapping[str, Sequence[str]], sort: str) -> dict[str, Any]:
    _, ignored = inbox_criteria.read(words)
    known = {word: list(words[word]) for word in inbox_criteria.WORDS if words.get(word) and word not in ignored}
    return {"tab": tab, "words": known, "sort": inbox_criteria.order(sort)}


def _announced(one: News, view: View, person_id: str) -> News:
    facts = {**one.facts, "what": f"符合“{view.name}”"}
    key = f"rule:{view.id}:{one.key}"
    return News(kind="rule", key=key, people=[person_id], case_id=one.case_id, visit_id=one.visit_id, facts=facts)


def _view(row: SavedView, shared_with: str, actor: Actor) -> View:
    return View(
        id=row.id,
        name=row.name,
        colour=row.colour,
        tab=row.criteria["tab"],
        words=row.criteria["words"],
        sort=row.criteria["sort"],
        columns=inbox_columns.read(row.columns["list"]) if row.columns else None,
        marks=tuple(row.marks),
        shared_with=shared_with,
        own=row.owner_id == actor.person_id,
    )


def _body(actor: Actor) -> str:
    led = actor.organisations(*CHIEFS)
    if not led:
        raise NotAllowed("只有科室、部门或单位的负责人可以把视图共享给本单位人员。")
    return led[0]


def _problems(name: str, colour: str, tab: str, *, full: bool) -> Iterable[Problem]:
    if not 0 < len(name) <= LONGEST_NAME:
        yield _problem("name", f"请填写视图名称，1 至 {LONGEST_NAME} 个字。")
    if colour not in COLOURS:
        yield _problem("colour", "请从列出的颜色中选择。")
    if tab not in TABS:
        yield _problem("tab", "没有这类事项。")
    if full:
        yield _problem("name", f"最多保存 {MOST} 个视图，请先删除不用的。")


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=SOURCE)
