"""How the running system is watched: timers of processes, steps nobody can take, cases that stand still, messages given up."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import Seat, Visit
from db.event import Event, Outbox
from db.person import Post
from service import incidents, operation_state, stuck_cases, timers
from service.errors import NotAllowed, NotFound
from tests import factories
from tests.district import District
from tests.service.test_publishing import district, published  # noqa: F401 - a fixture
from tests.service.test_release_diff import SHIPPED


def with_a_wait() -> bytes:
    """The shipped process with two days of waiting between the unit's signature and the department."""
    flow = b'<bpmn:sequenceFlow id="to_department" sourceRef="unit_sign" targetRef="department_review" />'
    wait = (
        b'<bpmn:intermediateCatchEvent id="notice_period" name="\xe5\x85\xac\xe7\xa4\xba"><bpmn:timerEventDefinition>'
        b'<bpmn:timeDuration>"P2D"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'
        b'<bpmn:sequenceFlow id="to_department" sourceRef="notice_period" targetRef="department_review" />'
        b'<bpmn:sequenceFlow id="to_notice" sourceRef="unit_sign" targetRef="notice_period" />'
    )
    shape = (
        b'<bpmndi:BPMNShape id="notice_period_shape" bpmnElement="notice_period"><dc:Bounds x="10" y="10" width="36" '
        b'height="36" /></bpmndi:BPMNShape><bpmndi:BPMNEdge id="to_notice_edge" bpmnElement="to_notice"><di:waypoint '
        b'x="10" y="10" /><di:waypoint x="20" y="20" /></bpmndi:BPMNEdge></bpmndi:BPMNPlane>'
    )
    lane = b"<bpmn:flowNodeRef>unit_sign</bpmn:flowNodeRef>"
    text = SHIPPED.replace(flow, wait).replace(b"</bpmndi:BPMNPlane>", shape)
    return text.replace(lane, lane + b"<bpmn:flowNodeRef>notice_period</bpmn:flowNodeRef>")


def state(district: District):  # noqa: F811
    return operation_state.now(district.session, actor=district.actor("SYS_ADMIN"), at=district.at)


def stuck(district: District):  # noqa: F811
    found = stuck_cases.found(district.session, actor=district.actor("SYS_ADMIN"), at=district.at)
    return [(line.kind, line.node_name) for line in found]


def test_a_drawn_timer_goes_off_in_its_time_and_once(session: Session, district: District):  # noqa: F811
    published(district, with_a_wait())
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    assert district.open_visits(case_id) == {}
    assert (state(district).process_timers, state(district).process_timers_due, stuck(district)) == (1, 0, [])
    timers.fire(session, district.later(days=1))
    session.commit()
    assert district.open_visits(case_id) == {}
    district.later(days=1, hours=1)
    assert (state(district).process_timers_due, stuck(district)) == (1, [("timer_late", "")])
    timers.fire(session, district.at)
    timers.fire(session, district.at)
    session.commit()
    assert list(district.open_visits(case_id)) == ["department_review"]
    event = session.get_one(Event, (case_id, district.case(case_id).seq))
    assert (event.kind, event.verb, event.actor) == ("timer_fired", "tick", None)
    assert (district.case(case_id).wake_at, state(district).process_timers) == (None, 0)
    district.sound(case_id)


def test_a_suspended_case_waits_for_its_timer_until_it_goes_on(session: Session, district: District):  # noqa: F811
    published(district, with_a_wait())
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.case(case_id).suspended_at = district.at
    session.flush()
    timers.fire(session, district.later(days=3))
    assert district.open_visits(case_id) == {}
    district.case(case_id).suspended_at = None
    session.flush()
    timers.fire(session, district.at)
    assert list(district.open_visits(case_id)) == ["department_review"]


@pytest.fixture
def stranded(session: Session, district: District) -> Visit:  # noqa: F811
    """A step reached while nobody held its post."""
    post = session.scalars(select(Post).where(Post.role == "DEPT_REVIEWER")).one()
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    first, post.valid_from = post.valid_from, (district.at + timedelta(days=5)).date()
    session.commit()
    district.walk(case_id, "unit_sign")
    post.valid_from = first
    session.commit()
    return district.open_visits(case_id)["department_review"]


def test_a_step_nobody_could_take_is_retried_when_somebody_can(session: Session, district: District, stranded):  # noqa: F811
    admin = district.actor("SYS_ADMIN")
    (found,) = incidents.listed(session, actor=admin)
    assert (found.visit_id, found.node_name) == (stranded.id, "初审绩效目标")
    assert "没有人" in found.why
    before = session.scalars(select(Seat.id).where(Seat.visit_id == stranded.id)).one()
    answer = incidents.retry(session, stranded.id, actor=admin, at=district.later())
    session.commit()
    assert incidents.listed(session, actor=admin) == []
    seats = {seat.id: seat.state for seat in session.scalars(select(Seat).where(Seat.visit_id == stranded.id))}
    assert (seats.pop(before), list(seats.values())) == ("cancelled", ["open"])
    assert session.get_one(Event, (answer["case_id"], answer["seq"])).kind == "incident_retried"
    district.walk(answer["case_id"], "department_review")
    district.sound(answer["case_id"])
    with pytest.raises(NotAllowed, match="不需要重试"):
        incidents.retry(session, stranded.id, actor=admin, at=district.later())


def test_nothing_is_retried_while_still_nobody_can(session: Session, district: District, stranded):  # noqa: F811
    post = session.scalars(select(Post).where(Post.role == "DEPT_REVIEWER")).one()
    post.valid_to = (district.at - timedelta(days=1)).date()
    session.commit()
    assert stuck(district) == [("nobody", "初审绩效目标")]
    with pytest.raises(NotAllowed, match="仍然不能办理"):
        incidents.retry(session, stranded.id, actor=district.actor("SYS_ADMIN"), at=district.later())
    with pytest.raises(NotAllowed):
        incidents.retry(session, stranded.id, actor=district.actor("PERF_CHIEF"), at=district.later())
    with pytest.raises(NotFound):
        incidents.retry(session, "nothing", actor=district.actor("SYS_ADMIN"), at=district.later())


def test_cases_that_stand_still_are_found_with_their_kind(session: Session, district: District):  # noqa: F811
    case_id = district.start()["case_id"]
    assert stuck(district) == []
    district.people["UNIT_CLERK"].active = False
    session.commit()
    assert stuck(district) == [("holder_gone", "填报绩效目标")]
    district.people["UNIT_CLERK"].active = True
    session.commit()
    district.walk(case_id, "draft")
    district.later(days=40)
    assert stuck(district) == [("overdue", "审签申报材料")]
    with pytest.raises(NotAllowed):
        stuck_cases.found(session, actor=district.actor("UNIT_CLERK"), at=district.at)


def test_a_message_given_up_is_sent_again(session: Session, district: District):  # noqa: F811
    row = Outbox(kind="mail", payload={}, created_at=district.at, attempts=7, sent_at=district.at, error="连接被拒绝")
    session.add(row)
    session.commit()
    admin = district.actor("SYS_ADMIN")
    (lost,) = incidents.lost_messages(session, actor=admin)
    assert (lost.why, lost.attempts) == ("连接被拒绝", 7)
    assert [queue for queue in state(district).queues if queue.kind == "mail"] == []
    incidents.send_again(session, lost.id, actor=admin, at=district.later())
    session.commit()
    assert incidents.lost_messages(session, actor=admin) == []
    (queue,) = [queue for queue in state(district).queues if queue.kind == "mail"]
    assert (queue.waiting, queue.failing) == (1, 0)
    with pytest.raises(NotFound):
        incidents.send_again(session, lost.id, actor=admin, at=district.later())


def test_a_step_whose_every_holder_has_to_stand_back_stands_still(session: Session, district: District):  # noqa: F811
    case_id = district.start()["case_id"]
    district.add("DEPT_REVIEWER", "SECOND")
    district.walk(case_id, "draft", "unit_sign")
    assert stuck(district) == []
    second = factories.create_post(
        session, role="DEPT_REVIEWER", organisation=district.bodies["department"], person=district.people["UNIT_LEADER"]
    )
    for name in ("DEPT_REVIEWER", "SECOND"):
        district.people[name].active = False
    session.commit()
    # The leader who has signed for the unit is the only reviewer left.
    assert stuck(district) == [("all_involved", "初审绩效目标")]
    second.valid_to = (district.at - timedelta(days=1)).date()
    session.commit()
    assert stuck(district) == [("nobody", "初审绩效目标")]
    district.people["SECOND"].active = True
    session.commit()
    assert stuck(district) == []
