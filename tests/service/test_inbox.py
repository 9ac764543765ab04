"""Does the inbox show each person what waits for them, what they did, what came back and what they started?"""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from db.organisation import Organisation
from service import inbox, readings
from tests import factories
from tests.service.small_district import AT, YESTERDAY, District, small_district


@pytest.fixture
def district(session: Session) -> District:
    return small_district(session)


def test_what_a_group_has_not_claimed_waits_for_all_of_it(district):
    case = district.case()
    factories.create_waiting(district.session, case=case)

    assert district.numbers("one") == district.numbers("two") == [case.number]
    assert district.numbers("other") == district.numbers("leader") == []
    assert district.page("one").rows[0].holder == "group"


def test_what_a_colleague_claimed_waits_for_nobody_else(district):
    case = district.case()
    factories.create_waiting(district.session, case=case, person=district.people["one"])

    assert district.numbers("one") == [case.number]
    assert district.page("one").rows[0].holder == "me"
    assert district.numbers("two") == []


def test_a_post_that_has_ended_opens_no_inbox(district):
    factories.create_waiting(district.session, case=district.case())
    late = AT + timedelta(days=4000)
    factories.create_post(
        district.session,
        role="DEPT_REVIEWER",
        organisation=district.session.get_one(Organisation, district.unit.parent_id),
        person=district.people["leader"],
        valid_to=AT.date() - timedelta(days=1),
    )

    assert district.numbers("leader") == []
    assert district.counts("leader", late)["todo"] == 0


def test_a_line_says_what_the_case_is_and_where_it_stands(district):
    case = district.case(
        title="职业技能培训", amount=Decimal("38.5"), is_key_project=True, round=2, project_code="3701172027201001001"
    )
    factories.create_decided(district.session, case=case, person=district.people["leader"])
    due = AT + timedelta(days=1)
    visit = factories.create_waiting(district.session, case=case, due_at=due)
    row = district.page("one").rows[0]

    assert (row.title, row.amount, row.unit, row.department, row.fund_section) == (
        "职业技能培训",
        "38.5",
        "区人社局机关",
        "区人社局",
        "社会保障科",
    )
    assert (row.project_code, row.fiscal_year, row.stage_label, row.round) == (
        "3701172027201001001",
        2027,
        "主管部门审核",
        2,
    )
    assert (row.visit_id, row.node_name, row.due_at, row.due_state) == (visit.id, "初审绩效目标", due, "soon")
    assert row.last_step == {
        "person": "leader",
        "verb": "approve",
        "verb_label": "同意",
        "at": YESTERDAY + timedelta(hours=2),
    }


def test_reading_a_case_and_its_moving_on_change_its_mark(district):
    case = district.case(seq=3)
    factories.create_waiting(district.session, case=case)
    assert district.page("one").rows[0].read == "unread"

    readings.note(district.session, case, district.people["one"].id, 3, AT)
    assert district.page("one").rows[0].read == "read"

    case.seq = 4
    district.session.flush()
    assert district.page("one").rows[0].read == "changed"


def test_what_a_person_did_themselves_is_no_news_to_them(district):
    case = district.case(seq=4)
    factories.create_decided(district.session, case=case, person=district.people["one"], node="department_review")
    factories.create_event(district.session, case=case, actor=district.people["one"].id, seq=4)

    assert district.page("one", "done").rows[0].read == "read"


def test_drafts_are_kept_apart_from_what_came_back(district):
    fresh = district.case(stage="draft")
    returned = district.case(stage="draft", condition="returned", round=2)
    consulting = district.case(stage="draft", condition="consulting")
    for case in (fresh, returned, consulting):
        factories.create_waiting(district.session, case=case, node="draft", person=district.people["clerk"])

    assert district.numbers("clerk", "drafts") == [fresh.number]
    assert sorted(district.numbers("clerk", "returned")) == sorted([returned.number, consulting.number])
    assert district.numbers("clerk") == []


def test_what_was_returned_to_a_reviewer_stays_todo(district):
    case = district.case(condition="returned", round=2)
    factories.create_waiting(district.session, case=case, person=district.people["one"])

    assert district.numbers("one") == [case.number]
    assert district.numbers("one", "returned") == []


def test_what_was_decided_is_listed_once_a_case_with_the_latest_decision(district):
    case = district.case(stage="fund_review")
    one = district.people["one"]
    for number, vote in enumerate(("return", "approve")):
        opened = YESTERDAY + timedelta(hours=number)
        factories.create_decided(
            district.session, case=case, person=one, vote=vote, node="department_review", opened_at=opened
        )
    rows = district.page("one", "done").rows

    assert [row.last_step["verb"] for row in rows] == ["approve"]
    assert rows[0].arrived_at == YESTERDAY + timedelta(hours=3)
    assert district.counts("one")["done"] == 1


def test_what_a_person_started_shows_where_it_is_now(district):
    case = district.case()
    factories.create_waiting(district.session, case=case)
    district.case(stage="discarded", finished_at=AT)
    row = district.page("clerk", "initiated").rows[0]

    assert (row.number, row.node_name, row.visit_id) == (case.number, "初审绩效目标", None)
    assert district.page("clerk", "initiated").total == 1


def test_counts_are_those_of_the_lists(district):
    for hours, person in ((-30, None), (-1, "one"), (50, None), (None, None)):
        due = AT + timedelta(hours=hours) if hours is not None else None
        holder = district.people[person] if person else None
        factories.create_waiting(district.session, case=district.case(), person=holder, due_at=due)
    for condition in (None, None, "returned"):
        case = district.case(stage="draft", condition=condition)
        factories.create_waiting(district.session, case=case, node="draft", person=district.people["clerk"])
    counted = {name: district.counts(name) for name in ("one", "two", "clerk")}

    assert (counted["one"]["todo"], counted["one"]["overdue"]) == (4, 2)
    assert (counted["two"]["todo"], counted["two"]["overdue"]) == (3, 1)
    none = dict.fromkeys(("todo", "overdue", "done", "entrusted", "copies", "unread_copies"), 0)
    assert counted["clerk"] == {**none, "drafts": 2, "returned": 1, "initiated": 7}
    for name, counts in counted.items():
        for tab in inbox.TABS:
            assert district.page(name, tab).total == counts[tab] == len(district.page(name, tab).rows)


def test_the_fingerprint_changes_with_what_the_counts_say(district):
    session = district.session
    seen = [district.mark("one")]
    visit = factories.create_waiting(session, case=district.case())
    seen.append(district.mark("one"))
    assert district.mark("one") == seen[-1]

    seat = session.query(factories.Seat).filter_by(visit_id=visit.id).one()
    seat.person_id = district.people["one"].id
    session.flush()
    seen.append(district.mark("one"))
    seat.state, seat.decided_by, seat.decided_at = "done", district.people["one"].id, AT
    session.flush()
    seen.append(district.mark("one"))

    assert len(set(seen)) == 4


def test_the_fingerprint_of_the_initiator_changes_when_the_case_moves(district):
    case = district.case()
    before = district.mark("clerk")
    case.changed_at = AT
    district.session.flush()

    assert district.mark("clerk") != before


def test_somebody_elses_work_leaves_the_fingerprint_alone(district):
    before = district.mark("other")
    factories.create_waiting(district.session, case=district.case())

    assert district.mark("other") == before
