"""Is a project's self-evaluation scored by the rules, reviewed, checked again where it must be, and settled?"""

from decimal import Decimal

import pytest
from sqlalchemy import select

from db.monitoring import Rectification
from service import launches, tasks
from service.subjects import evaluation, evaluation_check
from tests import evaluation_district


@pytest.fixture
def district(session):
    return evaluation_district.create(session)


def messages(district, case, rows=(), **changes):
    content = {**district.evaluation(case, **dict(rows)), **changes}
    return district.refused(case, "fill", "submit", form={"self_evaluation": content})


def test_a_season_opens_one_case_a_project_filled_in_from_the_target(district):
    district.figures(executed="36.5")
    case = district.launch()
    assert (case.number, case.stage) == ("绩评〔2027〕0001", "filling")
    launches.launch_due(district.session, district.later())
    page = tasks.page(
        district.session, district.visit(case, "fill").id, actor=district.actor("UNIT_CLERK"), at=district.at
    )
    content, known = page.form["content"], page.form["context"]
    assert [row["level3_name"] for row in content["indicators"]] == [
        row["level3_name"] for row in district.target["indicators"]
    ]
    assert (known["annual_budget"], known["executed"], known["execution_weight"]) == ("38.5", "36.5", "10")
    assert district.project.name in content["report_overview"]
    assert "财预〔2020〕10号" in content["report_organisation"]


def test_scores_are_computed_shown_with_their_formula_and_never_typed(district):
    district.figures(executed="34.65")
    case = district.launch()
    district.submit(case)
    content = district.content(case)
    assert (content["execution_rate"], content["execution_score"]) == ("90", "9.00")
    assert content["execution_worked"] == "10×34.65÷38.5=9.00"
    assert [row["score"] for row in content["indicators"]] == [
        format(Decimal(row["weight"]).quantize(Decimal("0.01")), "f") for row in content["indicators"]
    ]
    assert (content["total_score"], content["grade"]) == ("99.00", "优")


def test_a_typed_score_is_refused(district):
    district.figures()
    case = district.launch()
    assert any("“自评总分”由系统填写" in text for text in messages(district, case, total_score="100"))


def test_a_shortfall_must_be_explained_and_costs_points(district):
    district.figures(executed="38.5")
    case = district.launch()
    target = Decimal(district.target["indicators"][0]["target_value"])
    weight = Decimal(district.target["indicators"][0]["weight"])
    short = {"r1": {"actual_value": format(target / 2, "f")}}
    found = messages(district, case, short)
    assert any("请填写偏差原因分析及改进措施" in text for text in found), found
    short["r1"]["deviation_reason"] = "报名不足，下半年增开班次补足"
    district.submit(case, short)
    assert Decimal(district.content(case)["indicators"][0]["score"]) == weight / 2


def test_what_goes_far_beyond_its_target_needs_a_cause_and_a_low_target_costs_points(district):
    district.figures(executed="38.5")
    case = district.launch()
    target = Decimal(district.target["indicators"][0]["target_value"])
    beyond = {"r1": {"actual_value": format(target * 2, "f"), "deviation_reason": "年初按最低需求设定，实际报名踊跃"}}
    found = messages(district, case, beyond)
    assert any("请选择超额完成原因" in text for text in found), found
    beyond["r1"]["over_cause"] = "target_too_low"
    district.submit(case, beyond)
    row = district.content(case)["indicators"][0]
    # 200 %, 70 points above 130 %: 30 % of the points stay.
    assert Decimal(row["score"]) == (Decimal(row["weight"]) * Decimal("0.3")).quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"actual_value": "-3"}, "实际完成值-3为负数"),
        ({"actual_value": "很多"}, "“实际完成值”不是数字"),
        ({"actual_value": None}, "“实际完成值”没有填写"),
        ({"evidence_note": None}, "须上传佐证并写明对应哪份附件"),
    ],
)
def test_nonsense_in_a_row_is_named(district, changes, said):
    district.figures()
    case = district.launch()
    found = messages(district, case, {"r1": changes})
    assert any(said in text for text in found), found


def test_nothing_is_submitted_without_figures_evidence_or_words(district):
    case = district.launch()
    found = messages(district, case, evidence=[], analysis_equity="公平")
    assert any("国库科还没有导入本项目全年执行数" in text for text in found), found
    assert any("“公平性分析”不得少于20字" in text for text in found), found
    district.figures()
    assert any("请上传佐证材料" in text for text in messages(district, case, evidence=[]))


def test_the_only_project_is_always_drawn_checked_again_and_settled_with_both_scores(district):
    district.figures(executed="38.5")
    case = district.launch()
    district.submit(case)
    district.reviewed(case)
    assert district.base.case(case.id).stage == "spot_check"
    district.check(case, "spot_check", r2="5")
    answer = district.decide(case, "finalise")
    assert (answer["stage"], answer["finished"]) == ("evaluated", True)
    (recorded,) = district.event_changes(case, "evaluation_recorded")
    weight = Decimal(district.content(case)["indicators"][0]["weight"])
    assert recorded["self_total"] == "100.00"
    assert Decimal(recorded["total"]) == Decimal(105) - weight
    assert recorded["checked_again"] is True
    district.base.sound(case.id)


def test_the_spot_check_starts_from_the_scores_of_the_fund_section(district):
    district.figures(executed="38.5")
    case = district.launch()
    district.submit(case)
    district.reviewed(case, r2="6")
    page = tasks.page(
        district.session, district.visit(case, "spot_check").id, actor=district.actor("PERF_OFFICER"), at=district.at
    )
    row = page.review["content"]["scores"][1]
    assert (row["checked_score"], row["check_reason"]) == ("6", "佐证不足，核减")
    assert page.review["content"]["scores"][0]["item"] == evaluation_check.EXECUTION
    assert "随机抽中（第1位，共1个抽1个）" in page.review["content"]["sample_reason"]


def test_a_checked_score_above_the_points_or_without_a_reason_is_refused(district):
    district.figures(executed="38.5")
    case = district.launch()
    district.submit(case)
    district.decide(case, "unit_sign")
    district.decide(case, "department_review")
    rows = [{"row_id": "r1"}, {"row_id": "r2", "checked_score": "99"}]
    found = district.refused(
        case, "fund_review", form={"self_evaluation_review": {"scores": rows, "opinion": "已核对，同意"}}, reason=None
    )
    assert any("核定得分99分超过该项分值" in text for text in found), found
    assert any("“核减（增）理由”没有填写" in text for text in found), found


def test_a_poor_result_is_put_right_by_a_rectification_that_names_what_was_lost(district):
    district.figures(executed="3.85")
    case = district.launch()
    lost = {
        f"r{number}": {
            "level": "未达成年度指标且效果较差",
            "given_score": "1",
            "deviation_reason": "未按计划实施，已重新安排",
        }
        if target["nature"] == "qualitative"
        else {
            "actual_value": "0" if target["operator"] in ("ge", "gt", "eq") else "99999",
            "deviation_reason": "未按计划实施，已重新安排",
        }
        for number, target in enumerate(district.target["indicators"][:4], 1)
        if target["nature"] != "date"
    }
    district.submit(case, lost)
    assert district.content(case)["grade"] in ("中", "差")
    district.reviewed(case)
    district.check(case, "spot_check")
    answer = district.decide(case, "finalise")
    assert answer["stage"] == "evaluated_poor"
    kept = district.session.scalars(select(Rectification)).one()
    assert (kept.source_kind, kept.source_case_id) == ("self_eval", case.id)
    notice = district.draft(district.case("rectification"))
    assert any("预算执行率" in issue["description"] for issue in notice["issues"])
    district.base.sound(case.id)


def test_a_return_by_the_spot_check_starts_over_and_forgets_the_checked_scores(district):
    district.figures(executed="38.5")
    case = district.launch()
    district.submit(case)
    district.reviewed(case, r2="6")
    district.check(case, "spot_check", verb="return")
    district.submit(case)
    assert evaluation_check.checked_scores(district.session, district.base.case(case.id)) == {}
    district.reviewed(case)
    district.check(case, "spot_check")
    district.decide(case, "finalise")
    (recorded,) = district.event_changes(case, "evaluation_recorded")
    assert recorded["total"] == recorded["self_total"] == "100.00"
    district.base.sound(case.id)


def test_the_same_facts_under_the_threshold_rules_give_other_points(session):
    district = evaluation_district.create(session, rule_set="THRESHOLD_2021")
    district.figures(executed="24")
    case = district.launch()
    district.submit(case, finished=False)
    assert district.content(case)["execution_score"] == "5.00"
    assert evaluation.of_case(session, district.base.case(case.id)).scoring.code == "THRESHOLD_2021"


def test_evidence_is_named_in_the_form_and_must_have_been_uploaded_here(district):
    district.figures(executed="38.5")
    case = district.launch()
    found = messages(district, case, evidence=[{"id": "somewhere-else-1"}])
    assert any("“佐证材料”中有1个附件不是在本业务件上传的" in text for text in found), found
    district.submit(case)
    (kept,) = district.content(case)["evidence"]
    assert kept["filename"] == "佐证材料.pdf"
