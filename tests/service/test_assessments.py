"""Is a new major project assessed beside its target, and does the conclusion decide whether it enters the library?"""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from service import assessments, cases, ex_ante, ex_ante_board, ex_ante_sheet, tasks
from service.errors import NotAllowed, NotFound, Problems
from tests import assessment_district
from tests.assessment_district import experts, materials, opinion

FORWARD = ("unit_sign", "department_review", "fund_review", "fund_chief_review")
LAST = ("budget_review", "performance_review")


@pytest.fixture
def district(session):
    return assessment_district.create(session)


def board(district, role="PERF_OFFICER"):
    return ex_ante_board.board(district.session, actor=district.base.actor(role), fiscal_year=2027)


def test_target_budget_and_assessment_are_drafted_sent_and_reviewed_together(district):
    base, declaration = district.base, district.declaration
    with pytest.raises(Problems) as refused:
        base.walk(declaration, "draft")
    assert "Q21" in {problem.rule for problem in refused.value.problems}
    base.session.rollback()

    case = district.begin()
    assert case.number == "事评〔2027〕0001"
    district.submit(case)
    base.walk(declaration, "draft", *FORWARD, *LAST)
    with pytest.raises(Problems) as early:
        base.walk(declaration, "performance_chief_review")
    assert "事前绩效评估还没有结论" in early.value.problems[0].message
    base.session.rollback()

    district.up_to(case, "")
    answer = district.reviewed(case, "performance_conclusion")
    assert (answer["stage"], answer["finished"]) == ("supported", True)
    project = district.project
    assert (project.ex_ante_conclusion, project.ex_ante_score, project.ex_ante_amount) == (
        "support",
        Decimal("90"),
        Decimal("300"),
    )
    assert base.walk(declaration, "performance_chief_review")["stage"] == "in_library"
    base.sound(case.id)
    base.sound(declaration)


def test_what_is_not_supported_is_blocked_until_it_is_adjusted_and_supported(district):
    base, declaration = district.base, district.declaration
    case = district.begin()
    district.submit(case, score="11", suggested_amount="0")
    base.walk(declaration, "draft", *FORWARD, *LAST)
    district.decide(case, "unit_sign")
    for node in ("department_review", "materials_check", "expert_review"):
        district.reviewed(case, node)
    refuse = opinion("not_support", score="52")
    district.reviewed(case, "fund_opinion", form=refuse)
    assert district.reviewed(case, "performance_conclusion", form=refuse)["stage"] == "not_supported"
    with pytest.raises(Problems) as blocked:
        base.walk(declaration, "performance_chief_review")
    assert "不予支持" in blocked.value.problems[0].message
    base.session.rollback()

    base.decide(declaration, "performance_chief_review", "return")
    again = district.begin()
    district.submit(again, score="15", suggested_amount="260")
    district.up_to(again, "fund_opinion")
    adjust = opinion("support_after_adjustment", score="78", amount="250")
    district.reviewed(again, "fund_opinion", form=adjust)
    assert district.reviewed(again, "performance_conclusion", form=adjust)["stage"] == "supported_adjusted"
    with pytest.raises(Problems) as excess:
        base.walk(declaration, "draft")
    assert any("超过事前绩效评估的建议预算数250万元" in problem.message for problem in excess.value.problems)
    base.session.rollback()

    base.started[-1]["declared"] |= assessment_district.money("250")
    base.walk(declaration, "draft", *FORWARD, *LAST)
    assert base.walk(declaration, "performance_chief_review")["stage"] == "in_library"
    # The first assessment is not proved by what the second concluded, and neither by hand.
    for one in (case.id, again.id, declaration):
        base.sound(one)
    found = board(district)
    assert (found.sums.share, found.sums.cut, found.missing) == (Decimal(100), Decimal(50), [])


def test_a_department_that_does_not_recommend_it_ends_the_assessment(district):
    case = district.begin()
    district.submit(case)
    district.decide(case, "unit_sign")
    form = {"opinion": "与部门规划重复，不予推荐"}
    assert district.reviewed(case, "department_review", "reject", form=form)["stage"] == "not_supported"
    assert (district.project.ex_ante_conclusion, district.project.ex_ante_score) == ("not_support", None)
    district.base.sound(case.id)


def test_small_ones_need_no_experts_and_the_largest_the_leader(session):
    small = assessment_district.create(session, amount="220", ex_ante_expert_threshold="250")
    case = small.begin()
    small.submit(case)
    small.up_to(case, "fund_opinion", large=False)
    assert set(small.base.open_visits(case.id)) == {"fund_opinion"}


def test_the_leader_decides_on_the_largest(session):
    large = assessment_district.create(session, amount="520")
    case = large.begin()
    large.submit(case)
    large.up_to(case, "")
    assert large.reviewed(case, "performance_conclusion")["stage"] == "arbitration"
    assert large.decide(case, "leader_decision", reason="同意评估结论")["stage"] == "supported"
    large.base.sound(case.id)


def test_the_report_is_complete_and_its_conclusion_follows_from_its_score(district):
    case = district.begin()
    found = district.refused(case, "draft", "submit", form={"ex_ante_assessment": {}})
    for text in ("“评估方法”没有填写", "“资料清单”", "“评分”", "“评估结论”没有填写", "“评估资料附件”没有填写"):
        assert any(text in message for message in found), (text, found)
    rows = [{"item": "M1", "provided": "no"}]
    wrong = assessment_district.report(
        "310", conclusion="not_support", methods=[{"method": "field", "use": "实地查看"}], materials=rows
    )
    wrong["scores"][0]["score"] = "21"
    found = district.refused(case, "draft", "submit", form={"ex_ante_assessment": wrong})
    for text in (
        "必备资料“项目（政策）实施方案”未提供",
        "不得超过20分，现为21分",
        "“建议预算数”310万元超过申请资金总额300万元",
        "与所选结论的档次不一致，请写明理由",
    ):
        assert any(text in message for message in found), (text, found)


def test_it_is_not_accepted_while_a_needed_material_is_missing(district):
    case = district.begin()
    district.submit(case)
    district.up_to(case, "materials_check")
    form = {"ex_ante_materials": materials(M3="missing")}
    found = district.refused(case, "materials_check", form=form, reason=None)
    assert any("必备资料“成本测算明细”未核对通过，不能受理" in message for message in found), found
    back = district.reviewed(case, "materials_check", "return", form=materials(M3="missing"))
    assert {visit["node_id"] for visit in back["opened"]} == {"draft"}


def test_experts_are_named_odd_in_number_impartial_and_agree_or_discuss_again(district):
    case = district.begin()
    district.submit(case)
    district.up_to(case, "expert_review")
    unit = district.base.bodies["unit"].name

    def said(sheet):
        return district.refused(case, "expert_review", form={"ex_ante_experts": sheet}, reason=None)

    assert any("3人以上的单数，现为2人" in message for message in said(experts("90", "88")))
    partial = experts("90", "88", "92")
    partial["experts"][0] |= {"employer": unit}
    partial["experts"][1] |= {"no_conflict": False, "opinion": "同意"}
    partial["experts"][2] |= {"name": "示例专家1"}
    found = said(partial)
    for text in ("该专家应当回避", "不能参加评审", "“示例专家1”重复"):
        assert any(text in message for message in found), (text, found)
    assert any("相差20分，超过15分" in message for message in said(experts("95", "75", "85")))
    district.reviewed(
        case, "expert_review", form=experts("95", "75", "85", "88", "87", rediscussion="已复议，各专家维持评分")
    )
    # The best and the worst of five do not count.
    visit = district.base.open_visits(case.id)["fund_opinion"]
    page = tasks.page(district.session, visit.id, actor=district.base.actor("FUND_CHIEF"), at=district.base.at)
    assert page.review["context"]["expert_score"] == "86.67"
    assert page.review["context"]["own_score"] == "90"


def test_an_agency_may_assess_instead_and_is_named(district):
    case = district.begin()
    district.submit(case)
    district.up_to(case, "expert_review")
    sheet = experts("82", review_by="agency")
    found = district.refused(case, "expert_review", form={"ex_ante_experts": sheet}, reason=None)
    assert any("“第三方机构名称”没有填写" in message for message in found), found
    sheet |= {"agency_name": "示例咨询公司", "chief_evaluator": "示例主评人"}
    assert district.reviewed(case, "expert_review", form=sheet)["stage"] == "fund_review"


def test_an_opinion_against_its_score_gives_a_reason(district):
    case = district.begin()
    district.submit(case)
    district.up_to(case, "fund_opinion")
    form = {"ex_ante_opinion": opinion("support", score="70", amount="300")}
    found = district.refused(case, "fund_opinion", form=form, reason=None)
    assert any("评定得分70分与所选结论的档次不一致" in message for message in found), found
    form = {"ex_ante_opinion": opinion("support", score="90", amount="280")}
    found = district.refused(case, "fund_opinion", form=form, reason=None)
    assert any("核减资金的，请选“调整后支持”" in message for message in found), found
    reasoned = opinion("support", score="70", amount="300", conclusion_reason="民生急需，区政府已决定实施")
    assert district.reviewed(case, "fund_opinion", form=reasoned)["stage"] == "conclusion"


def test_only_the_units_clerk_begins_one_at_a_time_beside_a_running_declaration(district):
    with pytest.raises(NotAllowed):
        district.begin("DEPT_REVIEWER")
    with pytest.raises(NotFound):
        assessments.start(district.session, "nothing", actor=district.base.actor("UNIT_CLERK"), at=district.base.at)
    district.begin()
    with pytest.raises(Problems) as twice:
        district.begin()
    assert "正在办理，不能重复编制" in twice.value.problems[0].message


def test_a_conclusion_is_not_recorded_by_hand_where_it_is_drawn_online(district):
    case = district.begin()
    with pytest.raises(Problems) as refused:
        ex_ante.record(
            district.session,
            district.declaration,
            actor=district.base.actor("PERF_OFFICER"),
            at=district.base.later(),
            conclusion="support",
            reason="会议纪要〔2026〕3号",
        )
    assert case.number in refused.value.problems[0].message


def test_a_deleted_draft_leaves_the_project_alone(district):
    case = district.begin()
    district.decide(case, "draft", "discard")
    assert district.base.case(case.id).stage == "discarded"
    assert district.project.discarded_at is None
    assert district.begin().number == "事评〔2027〕0002"


def test_the_board_names_who_is_missing_until_all_are_assessed(district):
    found = board(district)
    assert (found.sums.total, found.sums.share, [one.title for one in found.missing]) == (
        1,
        Decimal(0),
        [district.project.name],
    )
    case = district.begin()
    assert board(district).projects[0].status == "drafting"
    district.submit(case)
    assert board(district).projects[0].status == "reviewing"
    district.up_to(case, "")
    district.reviewed(case, "performance_conclusion")
    found = board(district)
    assert (found.sums.share, found.missing, found.departments[0].sums.counts["support"]) == (Decimal(100), [], 1)
    assert board(district, "UNIT_CLERK").sums.total == 1
    sheet = openpyxl.load_workbook(BytesIO(ex_ante_sheet.write(found)))["项目"]
    row = [cell.value for cell in list(sheet.iter_rows())[2]]
    assert (row[1], row[7]) == (district.project.name, "予以支持")


def test_a_season_has_its_own_thresholds_and_bands(session):
    district = assessment_district.create(
        session, amount="300", ex_ante_threshold="400", ex_ante_support_from="95", ex_ante_leader_threshold="300"
    )
    assert board(district).sums.total == 0
    case = district.begin()
    found = district.refused(case, "draft", "submit", form={"ex_ante_assessment": assessment_district.report("300")})
    assert any("总分90分与所选结论的档次不一致" in message for message in found), found


def test_the_case_shows_what_stands_beside_it_and_what_may_be_begun(district):
    def beside(role, case_id):
        page = cases.page(district.session, case_id, actor=district.base.actor(role), at=district.base.at)
        return page.companions

    before = beside("UNIT_CLERK", district.declaration)
    assert (before["needed"], before["begin"], before["cases"]) == (True, ["assessment"], [])
    assert beside("PERF_OFFICER", district.declaration)["begin"] == []
    case = district.begin()
    after = beside("UNIT_CLERK", district.declaration)
    assert (after["begin"], [one["number"] for one in after["cases"]]) == ([], [case.number])
    assert [one["process"] for one in beside("UNIT_CLERK", case.id)["cases"]] == ["target_declaration"]
