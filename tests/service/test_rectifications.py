"""Is what went wrong put right: notice, reply with evidence, review, and the leader after two rounds?"""

import pytest
from sqlalchemy import select

from db.monitoring import Rectification
from tests import monitoring_district
from tests.service.random_worlds import Monitoring


@pytest.fixture
def district(session):
    return monitoring_district.create(session)


def kept(district):
    return district.session.scalars(select(Rectification).execution_options(populate_existing=True)).one()


def test_a_red_light_opens_a_rectification_with_its_issues(district):
    case = district.red()
    monitored = district.case("performance_monitoring")
    assert (monitored.stage, case.stage, case.number) == ("monitored_red", "notice_drafting", "绩整〔2027〕0001")
    assert kept(district).source_case_id == monitored.id
    (issue,) = district.draft(case)["issues"]
    assert issue["description"].startswith("预算执行缓慢：截至7月执行1万元，调整后预算38.5万元")
    district.base.sound(monitored.id)
    district.base.sound(case.id)


def test_the_next_season_s_red_light_opens_another_beside_one_that_still_runs(district):
    first = district.red()
    season = Monitoring(district, district.at).another_season()
    district.season = season
    second = district.red()
    assert second.id != first.id
    assert second.number == "绩整〔2027〕0002"
    for case in (first, second):
        assert district.base.case(case.id).finished_at is None
        district.base.sound(case.id)
    causes = district.session.scalars(select(Rectification.source_case_id)).all()
    assert len(set(causes)) == 2


def test_a_rectification_is_issued_answered_and_closed(district):
    case = district.issued()
    assert (kept(district).notice_no, case.stage) == ("财绩整〔2027〕0001", "responding")
    district.answered(case)
    district.reviewed(case, "fund_review", fund_budget_advice="cut", advice_amount="3.5")
    answer = district.reviewed(case, "final_review")
    assert (answer["stage"], answer["finished"]) == ("rectified", True)
    district.base.sound(case.id)


def test_a_notice_needs_issues_and_gives_the_unit_five_working_days(district):
    case = district.red()
    sent = {**district.draft(case), "issues": [], "due_date": "2027-08-25"}
    found = district.refused(case, "draft_notice", "submit", form={"rectification_notice": sent})
    assert any("“存在问题”没有填写" in message for message in found)
    assert any("至少给单位5个工作日，不得早于2027-08-30" in message for message in found), found


def test_each_issue_needs_a_measure_and_the_reply_evidence(district):
    case = district.red()
    issues = [*district.draft(case)["issues"], {"description": "绩效台账不完整", "severity": "general"}]
    district.notice(case, issues=issues)
    district.decide(case, "approve_notice")
    assert [row["issue"] for row in district.content(case)["measures"]] == [row["description"] for row in issues]
    one = [{"action": "倒排工期按月调度", "responsible": "王某某", "finish_date": "2027-09-20"}]
    reply = {
        "measures": one,
        "result": "已完成合同签订和首批支付，累计执行率达到序时进度。",
        "is_completed": "completed",
    }
    found = district.refused(case, "respond", "submit", form={"rectification_notice": reply})
    assert any("第2行“整改措施”没有填写" in message for message in found), found
    assert any("“佐证材料”没有填写" in message for message in found)


def test_two_failed_rounds_go_to_the_leader(district):
    case = district.issued()
    district.answered(case)
    district.reviewed(case, "fund_review", "return", opinion="佐证材料不足，请补充支付凭证")
    district.answered(case)
    review = {"opinion": "仍未整改到位，退回", "fund_budget_advice": "suspend"}
    back = {"to": "respond", "resubmit": "replay"}
    found = district.refused(case, "fund_review", "return", form={"rectification_review": review}, params=back)
    assert any("单位已整改2轮仍未通过，不能再退回" in message for message in found), found
    district.reviewed(case, "fund_review", fund_budget_advice="suspend")
    district.reviewed(case, "final_review", "reject", opinion="两轮整改未到位，提请局领导处理")
    assert district.base.case(case.id).stage == "escalated"
    answer = district.reviewed(case, "leader_decision", fund_budget_advice="suspend")
    assert answer["stage"] == "disposed"
    assert kept(district).disposal == {"fund_budget_advice": "suspend"}
    district.base.sound(case.id)


def test_the_notice_cannot_be_changed_once_it_is_issued(district):
    case = district.issued()
    sent = {"issues": [{"description": "改写的问题", "severity": "general"}]}
    found = district.refused(case, "respond", "submit", form={"rectification_notice": sent})
    assert any("“存在问题”在本环节只能查看，不能修改" in message for message in found), found


def test_the_officer_who_wrote_the_notice_is_not_the_one_who_approves_it(district):
    case = district.red()
    district.notice(case)
    found = district.refused(case, "approve_notice", role="PERF_OFFICER")
    assert "没有相应单位的该岗位" in found[0]
