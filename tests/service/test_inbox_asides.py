"""Does a line say how a vote goes, why it came back, what the rules warn of, how long it lies, and one's own mark?"""

from datetime import timedelta

import pytest

from db.form import FormRevision
from service import case_marks, inbox, inbox_asides
from service.case_marks import Mark
from service.errors import NotFound, Problems
from tests.district import create_district

REVIEW = "department_review"


@pytest.fixture
def district(session):
    made = create_district(session)
    made.add("DEPT_REVIEWER", "FIRST")
    made.redraw(department_review={"countersign": "all"})
    return made


@pytest.fixture
def case_id(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    return case_id


def asides(district, role, *columns):
    actor = district.actor(role)
    rows = inbox.page(district.session, actor=actor, at=district.at, tab="todo").rows
    found = inbox_asides.of_rows(district.session, rows, columns, actor=actor, at=district.at)
    return next(iter(found.values()))


def test_a_line_says_how_the_vote_goes_and_why_it_came_back(district, case_id):
    assert asides(district, "FIRST").progress == (0, 2)
    district.decide(case_id, REVIEW, role="DEPT_REVIEWER")
    assert asides(district, "FIRST").progress == (1, 2)
    assert asides(district, "FIRST").returned == ""
    district.decide(case_id, REVIEW, "return", role="FIRST", params={"to": "draft"})
    district.walk(case_id, "draft", "unit_sign")
    again = asides(district, "FIRST")
    assert again.progress == (0, 2)
    assert len(again.returned) >= 5


def test_working_time_and_warnings_are_asked_for_only_where_they_are_shown(district, case_id):
    plain = asides(district, "FIRST")
    assert (plain.stay, plain.risks) == (None, ())
    revision = district.session.query(FormRevision).filter_by(case_id=case_id).one()
    warning = {"rule": "Q17", "message": "指标值比上年降低", "severity": "warning", "field": "", "source": "Q17"}
    revision.checks = [warning, {**warning, "severity": "info"}]
    district.later(days=3)
    district.session.flush()
    seen = asides(district, "FIRST", "stay", "risk")
    assert seen.risks == (("Q17", "指标值比上年降低"),)
    assert seen.stay is not None
    assert seen.stay[0] in (2, 3)


def test_a_mark_is_ones_own(district, case_id):
    mark = Mark(star=True, colour="red", note="等补充附件")
    kept = case_marks.put(district.session, case_id, mark, actor=district.actor("FIRST"), at=district.at)
    assert "只有您自己" in kept["message"]
    assert asides(district, "FIRST").mark == mark
    assert asides(district, "DEPT_REVIEWER").mark is None
    case_marks.put(district.session, case_id, Mark(), actor=district.actor("FIRST"), at=district.at)
    assert asides(district, "FIRST").mark is None


def test_what_cannot_be_marked_says_why(district, case_id):
    actor, at = district.actor("FIRST"), district.at + timedelta(minutes=1)
    with pytest.raises(Problems) as refused:
        case_marks.put(district.session, case_id, Mark(colour="gold", note="长" * 201), actor=actor, at=at)
    assert [problem.field for problem in refused.value.problems] == ["colour", "note"]
    with pytest.raises(NotFound):
        case_marks.put(district.session, "nothing", Mark(star=True), actor=actor, at=at)
