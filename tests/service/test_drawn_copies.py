"""Is a case shown to whom its process is drawn to show it, at every moment, once a round, and in nobody's way?"""

import pytest
from sqlalchemy import select

from db.desk import Notice
from db.organisation import Organisation
from db.participation import CaseCopy
from service import copies, history, inbox, notice_events
from tests import factories, monitoring_district
from tests.district import create_district

REVIEW = "department_review"


@pytest.fixture
def district(session):
    return create_district(session)


def begin(district, **attributes):
    district.redraw(**{REVIEW: attributes})
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    return case_id


def sent(district, case_id):
    """Who got a copy in which round, oldest first."""
    roles = {person.id: role for role, person in district.people.items()}
    chosen = select(CaseCopy).where(CaseCopy.case_id == case_id).order_by(CaseCopy.sent_at, CaseCopy.person_id)
    rows = district.session.scalars(chosen.execution_options(populate_existing=True))
    return [(roles[row.person_id], row.round) for row in rows]


def test_at_the_opening_the_passing_and_the_return(district):
    case_id = begin(district, copyAtOpen="FUND_CHIEF", copyAtPass="BUREAU_LEADER", copyAtReturn="UNIT_LEADER")
    assert sent(district, case_id) == []
    district.walk(case_id, "unit_sign")
    assert sent(district, case_id) == [("FUND_CHIEF", 1)]
    district.decide(case_id, REVIEW, "return", params={"to": "unit_sign", "resubmit": "replay"})
    assert sent(district, case_id)[1:] == [("UNIT_LEADER", 2)]
    district.walk(case_id, "unit_sign", REVIEW)
    assert sent(district, case_id)[2:] == [("FUND_CHIEF", 2), ("BUREAU_LEADER", 2)]
    district.sound(case_id)


def test_a_copy_is_read_listed_told_and_says_that_nobody_sent_it(district):
    case_id = begin(district, copyAtOpen="FUND_CHIEF PERF_OFFICER")
    district.walk(case_id, "unit_sign")
    event = history.of_case(district.session, case_id)[-1]
    assert event.kind == "visit_approved"
    assert [change["drawn"] for change in event.changes if change["type"] == "copy_sent"] == [True, True]
    listed = inbox.page(district.session, actor=district.actor("PERF_OFFICER"), at=district.at, tab="copies")
    assert [row.case_id for row in listed.rows] == [case_id]

    notice_events.tell(district.session, district.at)
    told = set(district.session.scalars(select(Notice.person_id).where(Notice.kind == "copied")))
    assert told == {district.id("FUND_CHIEF"), district.id("PERF_OFFICER")}
    district.session.commit()

    district.act(case_id, REVIEW, "read", role="FUND_CHIEF")
    receipts = copies.receipts(district.session, case_id)
    assert {row["sent_by"] for row in receipts} == {None}
    assert sorted(row["read_at"] is not None for row in receipts) == [False, True]
    assert district.open_visits(case_id).keys() == {REVIEW}


def test_nobody_in_post_and_no_such_body_keep_nobody_from_working(district):
    case_id = begin(district, copyAtOpen="DEPT_LEADER SUPERVISION", copyAtPass="TREASURY")
    district.walk(case_id, "unit_sign", REVIEW)
    assert sent(district, case_id) == []
    assert district.open_visits(case_id).keys() == {"fund_review"}


def test_who_has_a_copy_of_the_round_gets_no_second(district):
    case_id = begin(district, copyAtOpen="FUND_CHIEF", copyAtPass="FUND_CHIEF BUREAU_LEADER")
    district.walk(case_id, "unit_sign")
    district.act(case_id, REVIEW, "cc", role="UNIT_CLERK", params={"people": [district.id("BUREAU_LEADER")]})
    district.walk(case_id, REVIEW)
    assert sent(district, case_id) == [("FUND_CHIEF", 1), ("BUREAU_LEADER", 1)]


def test_a_no_is_no_passing(district):
    case_id = begin(district, copyAtPass="BUREAU_LEADER")
    district.walk(case_id, "unit_sign")
    district.decide(case_id, REVIEW, "reject")
    assert sent(district, case_id) == []


def test_the_department_sees_an_issued_notice_and_supervision_what_a_leader_decided(session):
    monitored = monitoring_district.create(session)
    body = factories.create_organisation(session, kind="supervision_section")
    monitored.base.people["SUPERVISION"] = factories.create_person(session, username="supervision")
    factories.create_post(session, role="SUPERVISION", organisation=body, person=monitored.base.people["SUPERVISION"])
    leader = monitored.base.people["DEPT_LEADER"] = factories.create_person(session, username="dept_leader")
    department = session.get_one(Organisation, monitored.base.bodies["department"].id)
    factories.create_post(session, role="DEPT_LEADER", organisation=department, person=leader)
    session.commit()
    case = monitored.issued()
    assert set(sent(monitored.base, case.id)) == {("DEPT_REVIEWER", 1), ("DEPT_LEADER", 1)}
    monitored.answered(case)
    monitored.reviewed(case, "fund_review", fund_budget_advice="suspend")
    monitored.reviewed(case, "final_review", "reject", opinion="整改未到位，提请局领导处理")
    monitored.reviewed(case, "leader_decision", fund_budget_advice="suspend")
    assert sent(monitored.base, case.id)[2:] == [("SUPERVISION", 1)]
    monitored.base.sound(case.id)
