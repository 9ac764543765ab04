"""Does a chief see who has what, and can they spread it within the section?"""

import pytest

from service import bulk, section_work
from service.bulk import Errand
from service.errors import NotAllowed
from tests import factories
from tests.district import create_district

REVIEW = "department_review"


@pytest.fixture
def district(session):
    made = create_district(session)
    made.add("DEPT_REVIEWER", "FIRST")
    person = factories.create_person(session, name="部门主要负责人")
    factories.create_post(session, role="DEPT_LEADER", organisation=made.bodies["department"], person=person)
    made.people["DEPT_LEADER"] = person
    session.commit()
    return made


@pytest.fixture
def case_ids(district):
    cases = [district.start(project_name=name)["case_id"] for name in ("技能培训甲项目", "道路养护乙工程")]
    for case_id in cases:
        district.walk(case_id, "draft", "unit_sign")
    district.decide(cases[0], REVIEW, "claim", role="FIRST")
    return cases


def test_a_chief_sees_the_section_and_nobody_else(district, case_ids):
    found = section_work.holders(district.session, actor=district.actor("DEPT_LEADER"), at=district.at)
    assert [(one.name, one.open, one.overdue) for one in found] == [("", 1, 0), ("FIRST同志", 1, 0)]
    late = district.later(days=30)
    found = section_work.holders(district.session, actor=district.actor("DEPT_LEADER"), at=late)
    assert [one.overdue for one in found] == [1, 1]
    assert section_work.holders(district.session, actor=district.actor("PERF_CHIEF"), at=late) == []
    with pytest.raises(NotAllowed):
        section_work.holders(district.session, actor=district.actor("DEPT_REVIEWER"), at=late)


def test_a_chief_hands_tasks_on_within_the_section(district, case_ids):
    chief, first = district.actor("DEPT_LEADER"), district.id("FIRST")
    (task,) = section_work.tasks_of(district.session, actor=chief, at=district.at, person_id=first)
    found = section_work.holders(district.session, actor=chief, at=district.at)
    takers = section_work.takers(district.session, found, at=district.at)
    assert {one["person_id"] for one in takers} == {district.id("DEPT_REVIEWER"), first}

    params, seats = {"person": district.id("DEPT_REVIEWER")}, {task.visit_id: task.seat_id}
    one = Errand(verb="transfer", actor=chief, at=district.later(), reason="均衡工作量", params=params, seats=seats)
    answer = bulk.carry_out(district.session, [task.visit_id], one)
    district.session.commit()
    assert answer["failed"] == 0, answer["rows"]
    now = section_work.holders(district.session, actor=chief, at=district.at)
    assert {holder.person_id for holder in now} == {None, district.id("DEPT_REVIEWER")}
    district.sound(case_ids[0])


def test_unclaimed_tasks_are_given_to_somebody(district, case_ids):
    chief = district.actor("DEPT_LEADER")
    pool = next(
        one for one in section_work.holders(district.session, actor=chief, at=district.at) if one.person_id is None
    )
    place = {"role": pool.role, "organisation_id": pool.organisation_id}
    (task,) = section_work.tasks_of(district.session, actor=chief, at=district.at, person_id=None, **place)
    one = Errand(
        verb="transfer",
        actor=chief,
        at=district.later(),
        reason="请尽快办理",
        params={"person": district.id("FIRST")},
        seats={task.visit_id: task.seat_id},
    )
    assert bulk.carry_out(district.session, [task.visit_id], one)["failed"] == 0
