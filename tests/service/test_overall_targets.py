"""Does a department's overall target roll up to its budget and its projects, and is it frozen once approved?"""

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from db.budget import OverallTarget
from service import department_sheets, event_logs, overall_targets
from tests import budget_district
from tests.forms import samples


@pytest.fixture
def district(session):
    return budget_district.create(session)


def submit(district, case, method="decide", **changes):
    content = district.overall(**changes)
    return getattr(district, method)(
        case, "draft", "submit", role="DEPT_CLERK", form={"overall_target": content},
        params={"warnings": budget_district.declared.Explained()},
    )  # fmt: skip


def review(district, case, node):
    form = {"target_review": samples.review(overall_grade="优", opinion="目标完整")}
    return district.decide(case, node, form=form, reason=None)


def test_a_target_is_signed_reviewed_by_three_sections_and_frozen(district):
    case = district.launch("overall_target")
    submit(district, case)
    assert district.base.case(case.id).amount == district.amount + 40
    district.decide(case, "department_sign")
    review(district, case, "fund_chief_review")
    review(district, case, "performance_review")
    assert district.session.scalars(select(OverallTarget)).first() is None
    told = review(district, case, "budget_review")
    assert told["stage"] == "in_library"
    kept = district.session.scalars(select(OverallTarget)).one()
    assert (kept.library_no, kept.version, kept.tasks_total) == ("整库〔2027〕0001", 1, kept.budget_total)
    assert kept.content["tasks"][0]["linked_amount"] == str(district.amount)
    district.base.sound(case.id)
    season = district.seasons["overall_target"]
    board = overall_targets.board(district.session, season.id, actor=district.actor("PERF_CHIEF"))
    (row,) = board.departments
    assert (board.done, row.library_no, row.projects, row.library_amount) == (1, kept.library_no, 1, district.amount)
    name, content = department_sheets.overall(
        district.session, season.id, actor=district.actor("PERF_CHIEF"), at=district.at
    )
    sheet = load_workbook(io.BytesIO(content)).active
    assert (name, sheet["E3"].value) == ("2027年度部门整体绩效目标.xlsx", kept.library_no)


def test_tasks_roll_up_to_the_department_s_budget(district):
    case = district.launch("overall_target")
    told = submit(district, case, "refused", budget_basic="80")
    assert any("不得超过1%" in text for text in told)
    submit(district, case, budget_basic=str(Decimal("40.5")))


def test_tasks_link_library_projects_of_the_department_once(district):
    case = district.launch("overall_target")
    tasks = district.overall()["tasks"]
    twice = [tasks[0], {**tasks[1], "project_codes": tasks[0]["project_codes"]}]
    assert any("一个项目只关联一项任务" in text for text in submit(district, case, "refused", tasks=twice))
    wrong = [{**tasks[0], "project_codes": "370117202700000001"}, tasks[1]]
    assert any("不是本部门目标库中的项目" in text for text in submit(district, case, "refused", tasks=wrong))


def test_every_goal_has_an_indicator_and_the_weights_are_ninety(district):
    case = district.launch("overall_target")
    goals = [{"goal": "全年组织职业技能培训，促进就业创业。"}, {"goal": "提升公共就业服务水平和群众满意度。"}]
    assert any("目标2没有对应的绩效指标" in text for text in submit(district, case, "refused", goals=goals))
    rows = district.overall()["indicators"]
    lighter = [{**rows[0], "weight": "1"}, *rows[1:]]
    assert any("应为90" in text for text in submit(district, case, "refused", indicators=lighter))
    assert any(
        "至少" in text or "2" in text
        for text in submit(district, case, "refused", tasks=district.overall()["tasks"][:1])
    )


def test_a_section_sends_it_back_and_the_other_s_seat_closes(district):
    case = district.launch("overall_target")
    submit(district, case)
    district.decide(case, "department_sign")
    review(district, case, "fund_chief_review")
    form = {"target_review": samples.review(overall_grade="中", opinion="指标不够具体，请修改")}
    district.decide(
        case, "performance_review", "return", form=form, reason=None, params={"to": "draft", "resubmit": "replay"}
    )
    assert set(district.base.open_visits(case.id)) == {"draft"}
    submit(district, case)
    district.base.sound(case.id)


def test_the_event_log_of_a_year_holds_what_departments_did(district):
    case = district.launch("overall_target")
    assert case.number.encode() in event_logs.xes(district.session, fiscal_year=2027)
    assert case.number.encode() not in event_logs.xes(district.session, fiscal_year=2026)
