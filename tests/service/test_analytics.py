"""Are the figures of the process and the questions of auditors answered from what really happened?"""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.case import Seat
from service import analytics, red_flags
from service.errors import NotAllowed
from service.rules.working_days import NATIONAL
from service.rules.working_hours import WorkingTime
from tests import factories
from tests.district import AT, District, create_district

FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def cases(district: District) -> list[str]:
    """One straight to the library, one returned twice, one waiting."""
    names = ("道路养护工程", "图书馆设备采购", "技能培训补贴")
    first, second, third = (district.start(project_name=name)["case_id"] for name in names)
    joint = ("budget_review", "performance_review", "performance_chief_review")
    district.walk(first, *FORWARD, *joint)
    for _ in range(3):
        district.walk(second, *FORWARD[:2])
        district.later(hours=3)
        district.decide(second, "department_review", "return")
    district.decide(second, "draft", "submit")
    district.walk(third, "draft")
    return [first, second, third]


def flagged(district: District, code: str) -> list[dict]:
    return red_flags.answers(district.session, code, actor=district.actor("AUDITOR"), at=district.at)


def test_steps_are_counted_and_timed_in_working_hours(district: District, cases: list[str]):
    found = analytics.analysis(district.session, actor=district.actor("AUDITOR"), at=district.at, fiscal_year=2027)

    steps = {step.node_id: step for step in found.steps}
    assert (found.cases, found.finished, found.first_pass) == (3, 1, 1.0)
    review = steps["department_review"]
    assert (review.visits, review.decided, review.returned, review.open) == (4, 4, 3, 0)
    assert review.longest == pytest.approx(182 / 60, abs=1.6)
    assert steps["unit_sign"].open == 2
    assert [(one.origin, one.place, one.count) for one in found.rework] == [("初审绩效目标", "填报绩效目标", 3)]
    assert {one.role for one in found.roles} >= {"UNIT_CLERK", "DEPT_REVIEWER"}
    assert "<bpmn" in found.xml or "definitions" in found.xml


def test_another_year_has_no_figures(district: District, cases: list[str]):
    found = analytics.analysis(district.session, actor=district.actor("AUDITOR"), at=district.at, fiscal_year=1999)
    assert (found.cases, found.first_pass, found.steps) == (0, None, ())


def test_only_auditors_see_figures_and_flags(district: District):
    for asked in (
        lambda: analytics.analysis(district.session, actor=district.actor("PERF_CHIEF"), at=district.at),
        lambda: red_flags.counts(district.session, actor=district.actor("PERF_CHIEF"), at=district.at),
        lambda: red_flags.answers(district.session, "fast", actor=district.actor("PERF_CHIEF"), at=district.at),
    ):
        with pytest.raises(NotAllowed):
            asked()


def test_percentiles_are_nearest_ranks():
    assert analytics.percentile([], 50) is None
    assert [analytics.percentile([1, 2, 3, 4], share) for share in (0, 50, 90, 100)] == [1, 2, 4, 4]


def test_flags_name_their_cases(district: District, cases: list[str]):
    first, second, _ = cases
    session = district.session
    assert {one["case_id"] for one in flagged(district, "returns")} == {second}
    assert flagged(district, "returns")[0]["detail"] == "3"
    assert flagged(district, "fast") == []
    seat = session.scalars(select(Seat).where(Seat.case_id == first, Seat.vote == "approve").limit(1)).one()
    seat.decided_at = seat.opened_at + timedelta(seconds=5)
    session.commit()
    assert [one["case_id"] for one in flagged(district, "fast")] == [first]
    assert len(flagged(district, "never_opened")) == 7 + 3 + 3
    assert flagged(district, "two_levels") == []
    session.execute(
        text("UPDATE seat SET on_behalf_of = :p WHERE role = 'FUND_CHIEF'"), {"p": district.people["FUND_REVIEWER"].id}
    )
    session.commit()
    assert [one["case_id"] for one in flagged(district, "two_levels")] == [first]
    for code in red_flags.FLAGS:
        flagged(district, code)
    counted = {
        one["code"]: one["count"] for one in red_flags.counts(session, actor=district.actor("AUDITOR"), at=district.at)
    }
    assert (counted["returns"], counted["fast"], counted["exceptional"]) == (1, 1, 0)


def test_decisions_at_night_are_flagged(district: District):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    district.at = AT.replace(hour=15)  # 23:00 in the district
    district.walk(case_id, "unit_sign")
    assert [one["case_id"] for one in flagged(district, "outside_hours")] == [case_id]


def test_a_new_version_while_a_case_is_open_is_flagged(district: District):
    case_id = district.start()["case_id"]
    factories.create_release(district.session, version=2, published_at=district.later(), title="新版")
    district.session.commit()
    (one,) = flagged(district, "changed_rules")
    assert (one["case_id"], one["detail"]) == (case_id, "新版 V2")


def test_working_hours_leave_out_nights_and_weekends():
    friday, monday = AT + timedelta(days=4), AT + timedelta(days=7)
    hours = WorkingTime(AT.date(), monday.date(), NATIONAL)
    assert hours.hours(friday, monday) == pytest.approx(7.5)
    assert hours.hours(monday, friday) == 0
    assert (hours.within(AT), hours.within(AT.replace(hour=15)), hours.within(AT - timedelta(days=9))) == (
        True,
        False,
        False,
    )


def test_figures_are_of_one_process_the_busiest_unless_another_is_asked_for(district: District):
    district.walk(district.start()["case_id"], "draft")
    actor = district.actor("AUDITOR")
    found = analytics.analysis(district.session, actor=actor, at=district.at)
    assert (found.process_id, found.cases) == ("target_declaration", 1)
    assert list(found.processes) == ["target_declaration"]
    other = analytics.analysis(district.session, actor=actor, at=district.at, process_id="performance_monitoring")
    assert (other.process_id, other.cases, other.steps) == ("performance_monitoring", 0, ())
