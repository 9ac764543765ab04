"""Where would a case have gone under today's rules, and who held the posts then? A past case beside the present."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.organisation import Organisation
from db.person import Person, Post
from db.release import ProcessRelease
from service import access, case_parts, case_paths, cases, dry_run, recorded_cases, releases, routing
from service.case_paths import Pair
from service.dry_run import CaseResult
from service.engine import UserStep
from service.errors import NotFound
from service.people import Actor, day, valid_on
from service.rehearsal import Passed
from service.release_words import step_title


@dataclass(frozen=True, kw_only=True)
class Body:
    """A body of the case as it was recorded then, and the one today's organisation names; empty names for none."""

    label: str
    then: str
    now: str

    @property
    def same(self) -> bool:
        """Whether it is the same body."""
        return self.then == self.now


@dataclass(frozen=True, kw_only=True)
class PostPair:
    """A step's post: who held it on the day looked at, and who holds it today. Someone who left since is named too."""

    step: str
    title: str
    role_name: str
    body_then: str
    body_now: str
    then: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the same people hold the same post."""
        return (self.body_then, self.then) == (self.body_now, self.now)


@dataclass(frozen=True, kw_only=True)
class Today:
    """A case under the version in force today. ``would_go`` is the first place where the ways part, None if they do not."""

    header: dict[str, Any]
    version_then: str
    version_now: str
    same_version: bool
    result: CaseResult
    path: tuple[Pair[Passed], ...]
    names: Mapping[str, str]
    would_go: PostPair | None
    on: date
    bodies: tuple[Body, ...]
    posts: tuple[PostPair, ...]


def of_case(
    session: Session,
    case_id: str,
    *,
    actor: Actor,
    at: datetime,
    on: date | None = None,
    client: Mapping[str, Any] | None = None,
) -> Today:
    """Decide a case again, in memory, under the version in force today; the reading is logged, nothing is changed.

    Args:
        on: the day whose post-holders are shown beside today's; the day the case began if not given.

    Raises:
        NotAllowed: the actor is no auditor.
        NotFound: there is no such case, or no version of its process is in force.
    """
    access.require(actor, "audit.read")
    case = cases.one(session, case_id, actor=actor)
    cases.note_read(session, case, actor=actor, at=at, what="today", client=client)
    now = releases.in_force(session, case.process_id, day(at))
    if now is None:
        raise NotFound("今天没有现行有效的流程版本，无法对照。")
    return _beside(session, case, now, on or day(case.started_at), day(at))


def _beside(session: Session, case: CaseFile, now: ProcessRelease, when: date, today: date) -> Today:
    then = session.get_one(ProcessRelease, case.release_id)
    old, new = (releases.bundle(session, row.id).release for row in (then, now))
    result = dry_run.one(new, recorded_cases.of_case(session, case.id))
    posts = tuple(_posts(session, case, list(new.steps.values()), when, today))
    ways = ([((entry.step, entry.verb), entry) for entry in way] for way in (result.before, result.after))
    return Today(
        header=case_parts.header(session, case),
        version_then=f"{then.title} 第{then.version}版",
        version_now=f"{now.title} 第{now.version}版（{now.effective_from} 起施行）",
        same_version=then.id == now.id,
        result=result,
        path=tuple(case_paths.paired(*ways)),
        names={name: step_title(step) for name, step in {**old.steps, **new.steps}.items()},
        would_go=_would_go(result, posts),
        on=when,
        bodies=tuple(_bodies(session, case)),
        posts=posts,
    )


def _would_go(result: CaseResult, posts: Sequence[PostPair]) -> PostPair | None:
    """The post of the first step that today's way has and the recorded one had not at that place."""
    for number, entry in enumerate(result.after):
        if number >= len(result.before) or result.before[number] != entry:
            return next((post for post in posts if post.step == entry.step), None)
    return None


def _bodies(session: Session, case: CaseFile) -> Iterator[Body]:
    unit = session.get_one(Organisation, case.unit_id)
    today = _present(case, unit)
    wanted = {case.department_id, case.fund_section_id, today.department_id, today.fund_section_id} - {None}
    rows = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)))
    names = dict(rows.tuples().all())
    yield Body(label="预算单位", then=unit.name, now=unit.name if unit.active else "")
    for label, name in (("主管部门", "department_id"), ("资金科室", "fund_section_id")):
        yield Body(label=label, then=names.get(getattr(case, name), ""), now=names.get(getattr(today, name) or "", ""))


@dataclass(frozen=True)
class _Bodies:
    unit_id: str
    department_id: str
    fund_section_id: str


def _present(case: CaseFile, unit: Organisation) -> _Bodies:
    """The bodies a case of the unit would belong to today: those the organisation names, else those of then."""
    return _Bodies(unit.id, unit.parent_id or unit.id, unit.fund_section_id or case.fund_section_id)


def _posts(session: Session, case: CaseFile, steps: Sequence[UserStep], when: date, today: date) -> Iterator[PostPair]:
    unit = session.get_one(Organisation, case.unit_id)
    past = _Bodies(case.unit_id, case.department_id, case.fund_section_id)
    district = {
        row.kind: row.id
        for row in session.execute(
            select(Organisation.id, Organisation.kind)
            .where(Organisation.kind.in_(routing.OF_DISTRICT.values()), Organisation.active)
            .order_by(Organisation.code.desc())
        )
    }
    pairs = {
        step.node_id: [(step.role, _body(step, bodies, district)) for bodies in (past, _present(case, unit))]
        for step in steps
    }
    then, now = (_holders(session, [own[n] for own in pairs.values()], on) for n, on in enumerate((when, today)))
    names = _names(session, [body for own in pairs.values() for _, body in own])
    for step in steps:
        old, new = pairs[step.node_id]
        yield PostPair(
            step=step.node_id,
            title=step_title(step),
            role_name=routing.role_name(step.role),
            body_then=names.get(old[1], ""),
            body_now=names.get(new[1], ""),
            then=tuple(then.get(old, ())),
            now=tuple(now.get(new, ())),
        )


def _body(step: UserStep, bodies: _Bodies, district: Mapping[str, str]) -> str:
    if step.organisation_rule in routing.OF_CASE:
        return str(getattr(bodies, routing.OF_CASE[step.organisation_rule]))
    return district.get(routing.OF_DISTRICT[step.organisation_rule], "")


def _holders(session: Session, wanted: Sequence[tuple[str, str]], on: date) -> dict[tuple[str, str], list[str]]:
    """Who held each post on a day, by username, whether their accounts are still open or not."""
    statement = (
        select(Post.role, Post.organisation_id, Person.name)
        .join(Person, Person.id == Post.person_id)
        .where(tuple_(Post.role, Post.organisation_id).in_(list(wanted)), valid_on(on))
        .order_by(Person.username)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for role, organisation_id, name in session.execute(statement):
        found.setdefault((role, organisation_id), []).append(name)
    return found


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(set(ids))))
    return dict(rows.tuples().all())
