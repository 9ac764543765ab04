"""Plans to migrate running cases as people read them: what may be chosen, what stays, what came of it, the way back."""
# ruff: noqa: F401, F811 - fixtures of other tests are used by name

import pytest
from sqlalchemy.orm import Session

from service import migration_plans, migrations_of_cases
from service.errors import NotAllowed, NotFound, Problems, Stale
from tests.district import District
from tests.service.test_dry_run import with_legal
from tests.service.test_migrations_of_cases import REASON, asked, cases, newer
from tests.service.test_publishing import district


@pytest.fixture
def release_id(district: District, cases) -> str:
    return newer(district, with_legal())


def confirmed(district: District, release_id: str, **options) -> str:
    plan = migrations_of_cases.prepare(district.session, reason=REASON, **asked(district, release_id, **options))
    migrations_of_cases.confirm(district.session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    district.session.commit()
    return plan


def test_the_open_steps_of_other_versions_are_offered(session: Session, district: District, release_id):
    found = migration_plans.choices(session, release_id, actor=district.actor("SYS_ADMIN"))
    assert {step.step: (step.cases, step.versions, step.stays) for step in found.steps} == {
        "draft": (1, (1,), True),
        "unit_sign": (1, (1,), True),
        "fund_review": (1, (1,), True),
    }
    assert (found.cases, found.version) == (3, 2)
    assert "legal_review" in found.goals
    with pytest.raises(NotAllowed):
        migration_plans.choices(session, release_id, actor=district.actor("UNIT_CLERK"))


def test_cases_at_some_steps_stay_where_they_are(session: Session, district: District, cases, release_id):
    admin = district.actor("SYS_ADMIN")
    left = migration_plans.cases_without(session, release_id, ["draft", "unit_sign"], actor=admin)
    assert left == [cases["一"]]
    assert migration_plans.cases_without(session, release_id, [], actor=admin) == [], "all, whichever they are by then"
    with pytest.raises(Problems):
        migration_plans.cases_without(session, release_id, ["draft", "unit_sign", "fund_review"], actor=admin)


def test_a_plan_tells_what_it_would_do_and_then_what_it_did(session: Session, district: District, release_id):
    plan_id = migrations_of_cases.prepare(
        session, reason=REASON, moves={"unit_sign": "department_review"}, **asked(district, release_id)
    )
    chief = district.actor("PERF_CHIEF")
    plan = migration_plans.one(session, plan_id, actor=chief, at=district.later())
    assert (plan.state, len(plan.found.moved), plan.can_be_taken_back) == ("prepared", 3, False)
    assert plan.moves == (("单位负责人审签申报材料", "主管部门初审绩效目标"),)
    migrations_of_cases.confirm(session, plan_id, actor=chief, at=district.later())
    done = migration_plans.one(session, plan_id, actor=chief, at=district.later())
    assert (done.state, len(done.found.moved), done.can_be_taken_back) == ("done", 3, True)
    (listed,) = migration_plans.listed(session, actor=chief)
    assert (listed.id, listed.found) == (plan_id, None)
    with pytest.raises(NotFound):
        migration_plans.one(session, "nothing", actor=chief, at=district.at)


def test_cases_that_provably_can_are_taken_back_by_two_persons(session: Session, district: District, cases, release_id):
    before = district.case(cases["一"]).release_id
    plan_id = confirmed(district, release_id)
    who = {"actor": district.actor("SYS_ADMIN"), "at": district.later()}
    with pytest.raises(Problems):
        migration_plans.take_back(session, plan_id, reason="错", **who)
    (back,) = migration_plans.take_back(session, plan_id, reason="法规科暂缓审核", **who)
    migrations_of_cases.confirm(session, back, actor=district.actor("PERF_CHIEF"), at=district.later())
    session.commit()
    for case_id in cases.values():
        assert district.case(case_id).release_id == before
        district.sound(case_id)
    with pytest.raises(Stale):
        migration_plans.take_back(session, plan_id, reason="法规科暂缓审核", **who)
    with pytest.raises(NotAllowed):
        migration_plans.take_back(
            session, plan_id, reason="法规科暂缓审核", actor=district.actor("PERF_CHIEF"), at=district.at
        )
