"""Do people keep sentences for themselves and their section, and is it counted where they were needed?"""

from datetime import timedelta

import pytest

from service import phrases
from service.errors import NotAllowed, NotFound, Problems
from tests.district import create_district

OFTEN = "年度目标不清晰，请写明受益人群"


@pytest.fixture
def district(session):
    return create_district(session)


def add(district, role, text, *, shared=False):
    return phrases.add(district.session, text, shared=shared, actor=district.actor(role), at=district.later())["id"]


def seen(district, role):
    return [(row.text, bool(row.section), row.own) for row in phrases.of_person(district.session, district.actor(role))]


def test_a_chiefs_phrases_are_the_sections_and_ones_own_are_ones_own(district):
    add(district, "PERF_CHIEF", OFTEN, shared=True)
    mine = add(district, "PERF_OFFICER", "  指标缺少  量化值 ")
    assert seen(district, "PERF_OFFICER") == [("指标缺少 量化值", False, True), (OFTEN, True, False)]
    assert seen(district, "PERF_CHIEF") == [(OFTEN, True, True)]
    assert seen(district, "FUND_REVIEWER") == []
    with pytest.raises(NotAllowed):
        add(district, "PERF_OFFICER", "大家都用得上的话", shared=True)
    with pytest.raises(NotFound):
        phrases.remove(district.session, mine, actor=district.actor("PERF_CHIEF"), at=district.at)
    phrases.remove(district.session, mine, actor=district.actor("PERF_OFFICER"), at=district.at)
    assert seen(district, "PERF_OFFICER") == [(OFTEN, True, False)]


@pytest.mark.parametrize("text, why", [("同意", "4 至 200"), ("长" * 201, "4 至 200"), (OFTEN, "已有这条")])
def test_what_cannot_be_kept_says_why(district, text, why):
    add(district, "PERF_OFFICER", OFTEN)
    with pytest.raises(Problems) as refused:
        add(district, "PERF_OFFICER", text)
    (problem,) = refused.value.problems
    assert problem.field == "text"
    assert why in problem.message


def test_uses_are_counted_by_unit_from_what_was_decided(district):
    add(district, "DEPT_REVIEWER", OFTEN)
    add(district, "DEPT_REVIEWER", "从来没有用过的话")
    begun = district.later()
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    raised = [{"field": "annual_goal", "message": f"{OFTEN}。", "severity": "error"}]
    district.decide(
        case_id, "department_review", "return", params={"to": "draft"}, findings=raised, reason=f"请修改：{OFTEN}"
    )
    rows = phrases.of_person(district.session, district.actor("DEPT_REVIEWER"))
    found = [phrases.uses(district.session, rows, since=begun)[row.id] for row in rows]
    assert [one.uses for one in found][1] == 0
    assert found[0].uses >= 1
    assert (found[0].units, found[0].most[0][0]) == (1, district.bodies["unit"].name)
    later = phrases.uses(district.session, rows, since=district.at + timedelta(days=1))
    assert [one.uses for one in later.values()] == [0, 0]
