"""Does every change of posts take two administrators, and keep the three apart?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from db.event import SecurityEvent
from db.person import Post, PostRequest
from service import people, post_requests, posts
from service.errors import NotAllowed, Problems, Stale
from service.rules.roles import ADMINISTRATORS, GRANTABLE, ROLES, appointment_problems
from tests.factories import create_administrators, create_organisation, create_person, create_post, create_unit

NOW = datetime.now(UTC)
TODAY = people.day(NOW)


def ask(session, person, organisation, role="UNIT_CLERK", by="SEC_ADMIN", admins=None, **values):
    wanted = {"valid_from": TODAY, "valid_to": None, "reason": "任命文件〔2026〕1号", **values}
    return post_requests.request_grant(
        session, person_id=person.id, role=role, organisation_id=organisation.id, by=admins[by].id, at=NOW, **wanted
    )


def test_a_granted_post_holds_at_once_and_not_before(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    assert people.actor(session, person.id, at=NOW).posts == ()
    post_requests.decide(session, wanted, approve=True, reason="", by=admins["AUDIT_ADMIN"].id, at=NOW)
    assert people.actor(session, person.id, at=NOW).holds("UNIT_CLERK")
    log = session.execute(select(SecurityEvent.kind).order_by(SecurityEvent.id)).scalars().all()
    assert log == ["post_requested", "post_approved"]


def test_nobody_countersigns_the_own_request(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    with pytest.raises(NotAllowed):
        post_requests.decide(session, wanted, approve=True, reason="", by=admins["SEC_ADMIN"].id, at=NOW)


def test_the_database_too_refuses_one_person_as_both(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE post_request SET decided_by = requested_by WHERE id = :id"), {"id": wanted})


def test_nobody_countersigns_the_own_appointment(session):
    admins, other = create_administrators(session), create_person(session)
    centre = create_organisation(session, kind="information_centre")
    wanted = ask(session, other, centre, role="AUDIT_ADMIN", admins=admins)
    with pytest.raises(NotAllowed):
        post_requests.decide(session, wanted, approve=True, reason="", by=other.id, at=NOW)


def test_a_request_is_decided_once(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    decider = admins["AUDIT_ADMIN"].id
    post_requests.decide(session, wanted, approve=False, reason="材料不齐", by=decider, at=NOW)
    with pytest.raises(Stale):
        post_requests.decide(session, wanted, approve=True, reason="", by=decider, at=NOW)
    assert session.execute(select(Post).where(Post.person_id == person.id)).first() is None


def test_a_refusal_needs_a_reason(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    with pytest.raises(Problems):
        post_requests.decide(session, wanted, approve=False, reason=" ", by=admins["AUDIT_ADMIN"].id, at=NOW)


def test_two_waiting_requests_cannot_make_one_person_two_administrators(session):
    admins, person = create_administrators(session), create_person(session)
    centre = create_organisation(session, kind="information_centre")
    ask(session, person, centre, role="SYS_ADMIN", admins=admins)
    with pytest.raises(Problems) as refused:
        ask(session, person, centre, role="AUDIT_ADMIN", admins=admins)
    assert [problem.rule for problem in refused.value.problems] == ["SD8"]


def test_an_administrator_gets_no_business_post_and_the_other_way_round(session):
    admins, unit = create_administrators(session), create_unit(session)
    centre = create_organisation(session, kind="information_centre")
    with pytest.raises(Problems) as refused:
        ask(session, admins["SYS_ADMIN"], unit, admins=admins)
    assert [problem.rule for problem in refused.value.problems] == ["SD7"]
    clerk = create_person(session)
    create_post(session, role="UNIT_CLERK", organisation=unit, person=clerk)
    with pytest.raises(Problems) as refused:
        ask(session, clerk, centre, role="SYS_ADMIN", admins=admins)
    assert [problem.rule for problem in refused.value.problems] == ["SD7"]


def test_the_grant_is_checked_again_when_it_is_countersigned(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    wanted = ask(session, person, unit, admins=admins)
    centre = create_organisation(session, kind="information_centre")
    create_post(session, role="SYS_ADMIN", organisation=centre, person=person)
    with pytest.raises(Problems):
        post_requests.decide(session, wanted, approve=True, reason="", by=admins["AUDIT_ADMIN"].id, at=NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)},
        {"valid_from": date(2020, 1, 1), "valid_to": date(2020, 12, 31)},
        {"reason": ""},
    ],
    ids=["ends before it begins", "is over", "has no reason"],
)
def test_a_post_that_cannot_be_granted_is_said_to_be_so(session, values):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    with pytest.raises(Problems):
        ask(session, person, unit, admins=admins, **values)


def test_a_role_exists_at_its_kind_of_organisation_only():
    for code in GRANTABLE:
        kind = ROLES[code].organisation_kind
        assert appointment_problems(code, kind, ()) == []
        other = "department" if kind != "department" else "budget_unit"
        assert [problem.field for problem in appointment_problems(code, other, ())] == ["organisation_id"]


def test_there_are_twenty_five_roles_and_each_administrator_excludes_all_others():
    assert len(ROLES) == 25
    for administrator in ADMINISTRATORS:
        for code in GRANTABLE:
            if code != administrator:
                assert appointment_problems(administrator, "information_centre", {code}), (administrator, code)
                assert appointment_problems(code, ROLES[code].organisation_kind, {administrator})


def test_an_ended_post_gives_no_rights_after_its_last_day(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    post = create_post(session, role="UNIT_CLERK", organisation=unit, person=person)
    wanted = post_requests.request_end(
        session, post.id, last_day=TODAY - timedelta(days=1), reason="调离", by=admins["SEC_ADMIN"].id, at=NOW
    )
    assert people.actor(session, person.id, at=NOW).holds("UNIT_CLERK")
    post_requests.decide(session, wanted, approve=True, reason="", by=admins["AUDIT_ADMIN"].id, at=NOW)
    assert people.actor(session, person.id, at=NOW).posts == ()
    assert [row.state(TODAY) for row in posts.held(session, person_id=person.id)] == ["past"]


def test_a_post_that_never_began_is_taken_away_and_its_request_stays(session):
    admins, person, unit = create_administrators(session), create_person(session), create_unit(session)
    post = create_post(
        session, role="UNIT_CLERK", organisation=unit, person=person, valid_from=TODAY + timedelta(days=9)
    )
    wanted = post_requests.request_end(
        session, post.id, last_day=TODAY, reason="任命撤销", by=admins["SEC_ADMIN"].id, at=NOW
    )
    post_requests.decide(session, wanted, approve=True, reason="", by=admins["AUDIT_ADMIN"].id, at=NOW)
    session.flush()
    assert posts.held(session, person_id=person.id) == []
    assert session.get(PostRequest, wanted).state == "approved"
