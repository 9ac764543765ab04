"""Does everybody see exactly the cases of their posts?"""

import pytest
from sqlalchemy import select

from db.case import CaseFile
from db.project import Project
from service import access
from service.errors import NotAllowed
from service.people import Actor, PostHeld
from service.rules.roles import ADMINISTRATORS, ROLES

ALL = {"own", "sibling", "foreign"}
EXPECTED = {
    "UNIT_CLERK": {"own"},
    "UNIT_LEADER": {"own"},
    "DEPT_CLERK": {"own", "sibling"},
    "DEPT_REVIEWER": {"own", "sibling"},
    "DEPT_LEADER": {"own", "sibling"},
    "FUND_REVIEWER": {"own"},
    "FUND_CHIEF": {"own"},
    **dict.fromkeys(
        ("BUDGET_REVIEWER", "BUDGET_CHIEF", "PERF_OFFICER", "PERF_CHIEF", "BUREAU_LEADER", "AUDITOR", "SUPERVISION"),
        ALL,
    ),
}
#: (unit, department, fund section) of three cases; the sibling belongs to the same department.
PLACES = {"own": ("u1", "d1", "f1"), "sibling": ("u2", "d1", "f2"), "foreign": ("u3", "d3", "f3")}
HOME = {"budget_unit": "u1", "department": "d1", "fund_section": "f1"}


def actor(*roles: str) -> Actor:
    posts = tuple(
        PostHeld(f"p{number}", role, HOME.get(ROLES[role].organisation_kind, "x"), "", "", "")
        for number, role in enumerate(roles)
    )
    return Actor("me", "me", "我", "zh_CN", posts)


@pytest.fixture
def places(session):
    """Rows that only say where a case and its project belong."""
    connection = session.connection()  # temporary tables hide the real ones, whose other columns do not matter here
    for table in ("case_file", "project"):
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE {table} (id text, unit_id text, department_id text, fund_section_id text)"
        )
        for name, place in PLACES.items():
            connection.exec_driver_sql(f"INSERT INTO pg_temp.{table} VALUES (%s, %s, %s, %s)", (name, *place))
    return session


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_sees_its_cases_and_projects_and_no_others(places, role):
    expected = EXPECTED.get(role, set())
    who = actor(role)
    assert set(places.execute(select(CaseFile.id).where(access.visible_cases(who))).scalars()) == expected
    assert set(places.execute(select(Project.id).where(access.visible_projects(who))).scalars()) == expected


@pytest.mark.parametrize("role", list(ROLES))
def test_one_case_is_seen_by_whom_the_list_shows_it_to(places, role):
    who = actor(role)
    seen = {
        name
        for name, (unit, department, section) in PLACES.items()
        if access.sees(places, who, CaseFile(id=name, unit_id=unit, department_id=department, fund_section_id=section))
    }
    assert seen == EXPECTED.get(role, set())


def test_two_posts_see_what_either_sees(places):
    who = actor("UNIT_CLERK", "DEPT_REVIEWER")
    assert set(places.execute(select(CaseFile.id).where(access.visible_cases(who))).scalars()) == {"own", "sibling"}


def test_without_a_post_nothing_is_seen(places):
    assert places.execute(select(CaseFile.id).where(access.visible_cases(actor()))).first() is None


def test_permissions_name_known_roles_only():
    for name, roles in access.PERMISSIONS.items():
        assert roles == access.EVERYONE or roles <= set(ROLES), name


def test_no_administrator_may_decide_or_see_business():
    business = {"declaration.write", "import.use", "library.read", "attachment.read", "attachment.write", "export.use"}
    for name in business:
        assert not access.PERMISSIONS[name] & set(ADMINISTRATORS), name
    # Whoever prepares changes of processes has tasks in their cases, and sees no other case.
    for name in ("task.decide", "task.read", "case.read", "inbox.use"):
        assert access.PERMISSIONS[name] & set(ADMINISTRATORS) == {"SYS_ADMIN"}, name
    assert not access.DECIDING_ROLES & set(ADMINISTRATORS)


def test_no_role_may_both_ask_for_and_approve_a_post():
    assert not access.PERMISSIONS["post.request"] & access.PERMISSIONS["post.approve"]


def test_auditors_write_nothing():
    # To draw a sample again is to read how it was drawn.
    reading = {"inbox.use", "evaluation.draw"}
    writing = {name for name, roles in access.PERMISSIONS.items() if "AUDITOR" in roles} - reading
    assert all(name.endswith((".read", ".print", ".replay", ".use", ".export")) for name in writing), writing
    assert "AUDITOR" not in access.PERMISSIONS["import.use"]


def test_a_refusal_names_the_roles_that_may():
    with pytest.raises(NotAllowed) as refused:
        access.require(actor("UNIT_CLERK"), "post.approve")
    assert "审计管理员" in refused.value.detail


def test_a_wrong_permission_name_is_an_error_of_ours():
    with pytest.raises(KeyError):
        access.require(actor(), "no.such.permission")
