"""Who may do what, and who may see which cases? One table of permissions, one condition for every query."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, false, func, or_, select, true, tuple_, union_all
from sqlalchemy.orm import Session

from db.case import GUEST, CaseFile, Seat
from db.organisation import Organisation
from db.participation import CaseCopy
from db.project import Project
from service.errors import NotAllowed
from service.people import Actor, PostHeld
from service.rules.roles import ADMINISTRATORS, ROLES

UNIT_ROLES = frozenset({"UNIT_CLERK", "UNIT_LEADER"})
DEPARTMENT_ROLES = frozenset({"DEPT_CLERK", "DEPT_REVIEWER", "DEPT_LEADER"})
FUND_ROLES = frozenset({"FUND_REVIEWER", "FUND_CHIEF"})
BUDGET_ROLES = frozenset({"BUDGET_REVIEWER", "BUDGET_CHIEF"})
PERFORMANCE_ROLES = frozenset({"PERF_OFFICER", "PERF_CHIEF"})
#: Roles that see every case of the district.
DISTRICT_ROLES = BUDGET_ROLES | PERFORMANCE_ROLES | {"BUREAU_LEADER", "AUDITOR", "SUPERVISION"}
#: Roles that see a case once a step of it is, or was, theirs: a process may give them one.
STEP_ROLES = frozenset({"LEGAL", "TREASURY"})
#: Roles that see cases at all; congress, experts and agencies see nothing until something is submitted to them.
CASE_ROLES = UNIT_ROLES | DEPARTMENT_ROLES | FUND_ROLES | DISTRICT_ROLES | STEP_ROLES
#: Roles that take part in deciding on a target.
DECIDING_ROLES = CASE_ROLES - {"AUDITOR", "SUPERVISION"}
#: Who prepares changes to processes has steps, and so tasks and files, in the cases of these changes alone (P19).
PREPARING_ROLES = frozenset({"SYS_ADMIN"})

_BUSINESS = frozenset(code for code, role in ROLES.items() if role.business)
_ADMINISTRATORS = frozenset(ADMINISTRATORS)
#: Stands for everybody who has logged in, with or without a post.
EVERYONE = frozenset({"*"})

#: What is left to a person who first has to change the password.
OPEN_BEFORE_CHANGE = frozenset({"account.password", "session.end"})

#: Every permission a route can name, with the roles that have it.
PERMISSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "home.read": EVERYONE,
        "account.own": EVERYONE,
        "account.password": EVERYONE,
        "session.end": EVERYONE,
        "inbox.use": _BUSINESS | PREPARING_ROLES,
        "case.read": CASE_ROLES | PREPARING_ROLES,
        "case.print": CASE_ROLES | PREPARING_ROLES,
        "case.replay": CASE_ROLES | PREPARING_ROLES,
        "task.read": DECIDING_ROLES | PREPARING_ROLES,
        "task.decide": DECIDING_ROLES | PREPARING_ROLES,
        "task.hand_over": frozenset(
            {"SYS_ADMIN", "UNIT_LEADER", "DEPT_LEADER", "FUND_CHIEF", "BUDGET_CHIEF", "PERF_CHIEF"}
        ),
        "declaration.write": frozenset({"UNIT_CLERK"}),
        "attachment.write": DECIDING_ROLES,
        "attachment.read": CASE_ROLES,
        "library.read": CASE_ROLES,
        "coverage.read": CASE_ROLES,
        "indicator.read": CASE_ROLES,
        "form.read": _BUSINESS | {"SYS_ADMIN"},
        "import.use": frozenset({"UNIT_CLERK", "DEPT_CLERK", "PERF_OFFICER"}),
        "export.use": CASE_ROLES,
        "ex_ante.record": PERFORMANCE_ROLES,
        "monitoring.read": CASE_ROLES,
        "monitoring_summary.read": PERFORMANCE_ROLES | {"BUREAU_LEADER", "AUDITOR"},
        "monitoring_summary.draft": PERFORMANCE_ROLES,
        "monitoring_summary.sign": frozenset({"BUREAU_LEADER"}),
        "evaluation.read": CASE_ROLES,
        "evaluation.draw": PERFORMANCE_ROLES | {"AUDITOR"},
        "execution.import": frozenset({"TREASURY"}),
        "board.read": CASE_ROLES,
        "year.read": _BUSINESS,
        "budget.read": CASE_ROLES,
        "overall_target.read": CASE_ROLES,
        "campaign.read": CASE_ROLES,
        "campaign.manage": PERFORMANCE_ROLES,
        "calendar.manage": PERFORMANCE_ROLES | {"SYS_ADMIN"},
        "process.read": _BUSINESS | {"SYS_ADMIN"},
        "process.work": frozenset({"SYS_ADMIN", "PERF_CHIEF"}),
        "process.prepare": frozenset({"SYS_ADMIN"}),
        "process.approve": frozenset({"PERF_CHIEF"}),
        "incident.read": PERFORMANCE_ROLES | {"SYS_ADMIN"},
        "incident.retry": frozenset({"SYS_ADMIN"}),
        "exception.read": frozenset({"PERF_CHIEF", "BUREAU_LEADER"}),
        "exception.request": frozenset({"PERF_CHIEF"}),
        "exception.confirm": frozenset({"BUREAU_LEADER"}),
        "substitution.read": _ADMINISTRATORS | {"AUDITOR"},
        "audit.read": frozenset({"AUDITOR"}),
        "audit.export": frozenset({"AUDITOR"}),
        "organisation.read": _ADMINISTRATORS,
        "organisation.manage": frozenset({"SYS_ADMIN"}),
        "person.read": _ADMINISTRATORS,
        "person.manage": frozenset({"SYS_ADMIN"}),
        "post.read": _ADMINISTRATORS,
        "post.request": frozenset({"SEC_ADMIN"}),
        "post.approve": frozenset({"AUDIT_ADMIN"}),
        "security_log.read": frozenset({"AUDIT_ADMIN"}),
        "security_log.export": frozenset({"AUDIT_ADMIN"}),
    }
)


def allowed(actor: Actor, permission: str) -> bool:
    """Whether the actor has a permission.

    Raises:
        KeyError: the table knows no such permission; a route names a wrong one.
    """
    roles = PERMISSIONS[permission]
    return roles == EVERYONE or actor.holds(*roles)


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor who lacks a permission.

    Raises:
        NotAllowed: none of the actor's posts carries it; the sentence names the roles that do.
        KeyError: the table knows no such permission.
    """
    if not allowed(actor, permission):
        names = "、".join(ROLES[code].name for code in ROLES if code in PERMISSIONS[permission])
        raise NotAllowed(
            f"此操作须由{names}办理，您现在没有这样的岗位。如确需办理，请联系安全管理员。",
            extra={"permission": permission},
        )


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Condition on CaseFile: the cases (业务件) the actor may see.

    Units see their own, departments their own and their subordinate units', fund sections those routed to
    them; budget and performance section, leaders, auditors and supervision see all; everybody else none. Whoever was
    asked to join in or to advise, or got a copy (抄送), sees that case; substitutes see what their principals see.

    Source:
        Permission sketch of the roles; SD12 for auditors (unconfirmed).
    """
    everywhere = _visible(actor, CaseFile)
    if _sees_all(actor):
        return everywhere
    asked = select(Seat.case_id).where(Seat.person_id == actor.person_id, GUEST)
    copied = select(CaseCopy.case_id).where(CaseCopy.person_id == actor.person_id)
    # As an array the few ids are looked up in the index beside the scopes, instead of asking every row.
    named = union_all(asked, copied, *_by_step(actor))
    return or_(everywhere, CaseFile.id == any_(func.array(named.scalar_subquery())))


def sees(session: Session, actor: Actor, case: CaseFile) -> bool:
    """Whether the actor may see one case that has been read; the database is asked only about guests and copies.

    The same scope as `visible_cases`.
    """
    if _sees_all(actor):
        return True
    places = {"unit_id": UNIT_ROLES, "department_id": DEPARTMENT_ROLES, "fund_section_id": FUND_ROLES}
    posts = _posts(actor)
    if any(
        getattr(case, name) == post.organisation_id
        for name, roles in places.items()
        for post in posts
        if post.role in roles
    ):
        return True
    return session.scalar(select(CaseFile.id).where(CaseFile.id == case.id, visible_cases(actor))) is not None


def _by_step(actor: Actor) -> list[Select[tuple[str]]]:
    """The cases of which a step came to a post that sees nothing else."""
    by_step = STEP_ROLES | PREPARING_ROLES
    held = [(post.role, post.organisation_id) for post in _posts(actor) if post.role in by_step]
    return [select(Seat.case_id).where(tuple_(Seat.role, Seat.organisation_id).in_(held))] if held else []


def visible_projects(actor: Actor) -> ColumnElement[bool]:
    """Condition on Project: the projects (项目) the actor may see; the same scope as `visible_cases`."""
    return _visible(actor, Project)


def visible_units(actor: Actor) -> ColumnElement[bool]:
    """Condition on Organisation: the budget units whose cases the actor may see, whether they have any or not."""
    return _visible_to(actor, Organisation.id, Organisation.parent_id, Organisation.fund_section_id)


def _visible(actor: Actor, table: Any) -> ColumnElement[bool]:
    return _visible_to(actor, table.unit_id, table.department_id, table.fund_section_id)


def _visible_to(actor: Actor, unit: Any, department: Any, section: Any) -> ColumnElement[bool]:
    if _sees_all(actor):
        return true()
    posts = _posts(actor)
    scopes = ((unit, UNIT_ROLES), (department, DEPARTMENT_ROLES), (section, FUND_ROLES))
    places = ((column, dict.fromkeys(p.organisation_id for p in posts if p.role in roles)) for column, roles in scopes)
    conditions = [column.in_(list(organisations)) for column, organisations in places if organisations]
    return or_(*conditions) if conditions else false()


def _sees_all(actor: Actor) -> bool:
    return any(post.role in DISTRICT_ROLES for post in _posts(actor))


def _posts(actor: Actor) -> tuple[PostHeld, ...]:
    """The actor's own posts and those of the people they stand in for."""
    return actor.posts + tuple(post for one in actor.principals for post in one.posts)
