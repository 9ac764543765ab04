"""What changed since I last looked, since the last round, since last year, since the beginning; by whom and when?"""

import pytest

from service import comparisons, tasks
from service.errors import BadRequest
from tests.district import create_district, declaration
from tests.service.test_tasks import FORWARD


@pytest.fixture
def district(session):
    return create_district(session)


def page(district, case_id, node, role, **asked):
    visit = district.latest(case_id, node)
    return tasks.page(district.session, visit.id, actor=district.actor(role), at=district.later(), **asked)


def resubmit(district, case_id, **content):
    declared = next(one["declared"] for one in district.started if one["case_id"] == case_id)
    filled = {**declared, **content}
    district.decide(case_id, "draft", "submit", form={"project_target": filled})


def said(comparison):
    return {one.change.label: (one.change.old, one.change.new, one.round) for one in comparison.changes}


@pytest.fixture
def reworked(district):
    """Seen by the department, returned, changed twice: in the second round and in the third."""
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:2])
    page(district, case_id, "department_review", "DEPT_REVIEWER")
    district.decide(case_id, "department_review", "return", params={"to": "draft"})
    resubmit(district, case_id, basis="鲁财绩〔2026〕1号")
    district.decide(case_id, "unit_sign", "return", params={"to": "draft"})
    resubmit(district, case_id, basis="鲁财绩〔2026〕1号", annual_goal="完成培训 1200 人次，合格率不低于95%。")
    district.walk(case_id, "unit_sign")
    return case_id


def test_each_change_has_its_old_and_new_value_and_the_round_it_came_in(district, reworked):
    seen = page(district, reworked, "department_review", "DEPT_REVIEWER").comparison
    assert seen.label == "自我上次查看"
    assert {round_ for _, _, round_ in said(seen).values()} == {2, 3}
    assert all(one.person == district.people["UNIT_CLERK"].name and one.at for one in seen.changes)
    assert len(seen.changes) == 2
    assert [base for base, _ in seen.bases] == ["seen", "round", "original"]


def test_looking_twice_loses_no_change(district, reworked):
    page(district, reworked, "department_review", "DEPT_REVIEWER")
    again = page(district, reworked, "department_review", "DEPT_REVIEWER").comparison
    assert len(again.changes) == 2


def test_the_last_round_and_the_first_declaration_are_other_bases(district, reworked):
    last = page(district, reworked, "department_review", "DEPT_REVIEWER", base="round").comparison
    assert {round_ for _, _, round_ in said(last).values()} == {3}
    first = page(district, reworked, "department_review", "DEPT_REVIEWER", base="original").comparison
    assert len(first.changes) == 2


def test_who_sees_a_case_first_is_told_of_no_change(district, reworked):
    district.walk(reworked, "department_review")
    seen = page(district, reworked, "fund_review", "FUND_REVIEWER").comparison
    assert seen.changes == ()
    assert "seen" not in dict(seen.bases)


def test_last_years_target_of_the_same_project_is_a_base(district, monkeypatch):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:2])
    last_year = {**declaration(), "amount_total": "30.00"}
    monkeypatch.setattr(comparisons.case_parts, "previous", lambda *_: last_year)
    found = page(district, case_id, "department_review", "DEPT_REVIEWER", base="year").comparison
    amounts = [one.change for one in found.changes if one.change.path == "amount_total"]
    assert [change.old for change in amounts] == ["30.00"]
    assert all(one.person == "" and one.round is None for one in found.changes)


def test_an_unknown_base_is_refused(district):
    case_id = district.start()["case_id"]
    with pytest.raises(BadRequest, match="没有“moon”"):
        page(district, case_id, "draft", "UNIT_CLERK", base="moon")


def test_a_first_draft_has_nothing_to_be_compared_with(district):
    case_id = district.start()["case_id"]
    found = page(district, case_id, "draft", "UNIT_CLERK").comparison
    assert (found.bases, found.changes) == ((), ())
