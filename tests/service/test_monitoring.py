"""Is a project's monitoring opened, filled in, judged and closed, and its red light turned into a rectification?"""

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from db.case import CaseFile
from db.monitoring import Rectification
from service import campaigns, launches, tasks
from service.web import task_form
from tests import monitoring_district


@pytest.fixture
def district(session):
    return monitoring_district.create(session)


def rows(district, number=0, **changes):
    """A report whose row of this number is changed."""
    found = district.report()["indicators"]
    found[number] |= changes
    return found


def test_a_season_opens_one_case_a_project_and_never_two(district):
    case = district.launch()
    assert case.number == "绩监〔2027〕0001"
    assert (case.stage, case.title) == ("filling", district.project.name)
    launches.launch_due(district.session, district.later())
    district.session.commit()
    own = select(func.count()).where(CaseFile.process_id == "performance_monitoring")
    assert district.session.scalar(own) == 1
    found = launches.progress(district.session, district.season.id)
    assert (found.expected, found.opened, found.submitted, found.finished, found.share) == (1, 1, 0, 0, 100.0)


def test_the_form_is_filled_from_the_approved_target(district):
    district.figures(executed="25", carry_over="2")
    case = district.launch()
    page = tasks.page(
        district.session, district.visit(case, "fill").id, actor=district.actor("UNIT_CLERK"), at=district.at
    )
    content, known = page.form["content"], page.form["context"]
    assert [row["level3_name"] for row in content["indicators"]] == [
        row["level3_name"] for row in district.target["indicators"]
    ]
    assert content["annual_goal"] == district.target["annual_goal"]
    assert (known["executed_to_date"], known["annual_budget"], known["carry_over"]) == ("25", "38.5", "2")
    assert page.form["mode"] == "edit"


def test_a_sound_project_is_closed_green(district):
    district.figures()
    case = district.launch()
    district.submit(case)
    district.sign(case)
    answer = district.check(case)
    assert (answer["stage"], answer["finished"]) == ("monitored", True)
    content = district.content(case)
    assert (content["execution_light"], content["project_light"]) == ("green", "green")
    assert all(row["light"] in ("green", "blue") for row in content["indicators"])
    district.base.sound(case.id)
    assert district.session.scalars(select(Rectification)).all() == []


def test_without_figures_of_the_treasury_nothing_is_submitted(district):
    case = district.launch()
    found = district.refused(case, "fill", "submit", form={"monitoring_report": district.report()})
    assert any("国库科还没有导入本项目截至7月的执行数" in message for message in found)


def test_what_is_behind_needs_a_cause_a_reason_and_measures(district):
    district.figures()
    case = district.launch()
    behind = rows(district, value_to_date="10", possibility="possible")
    found = district.refused(case, "fill", "submit", form={"monitoring_report": district.report(indicators=behind)})
    assert any("请在五类偏差原因中至少填写一类" in message for message in found)
    assert any("“原因说明”没有填写" in message for message in found)
    assert any("“拟采取措施”没有填写" in message for message in found)
    told = {
        "reason_funding": "资金下达较晚",
        "reason_text": "上级资金六月底才下达，七月开班",
        "measures": "八月起每周开班",
    }
    district.submit(case, indicators=rows(district, value_to_date="10", possibility="possible", **told))
    assert district.content(case)["project_light"] == "red"


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"value_to_date": "300人"}, "计量单位应为“人次”，现写作“人”"),
        ({"value_to_date": "很多"}, "“本期完成值”不是数字"),
        ({"value_to_date": None}, "“本期完成值”没有填写"),
        ({"possibility": "sure"}, "没有这个选项"),
        ({"full_year_forecast_value": "200"}, "全年预计完成值200小于本期已完成的300"),
    ],
)
def test_nonsense_in_a_row_is_named(district, changes, said):
    district.figures()
    case = district.launch()
    sent = district.report(indicators=rows(district, **changes))
    found = district.refused(case, "fill", "submit", form={"monitoring_report": sent})
    assert any(said in message for message in found), found


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"full_year_forecast": "20"}, "小于已执行的25万元"),
        ({"full_year_forecast": "39"}, "超过调整后预算数与上年结转之和38.5万元"),
        ({"goal_progress": "正常推进"}, "不得少于20字"),
        ({"executed_to_date": "38"}, "由系统填写"),
        ({"project_light": "red"}, "由系统填写"),
    ],
)
def test_nonsense_in_the_form_is_named(district, changes, said):
    district.figures()
    case = district.launch()
    found = district.refused(case, "fill", "submit", form={"monitoring_report": district.report(**changes)})
    assert any(said in message for message in found), found


def test_the_targets_own_unit_may_be_written_and_rows_can_neither_be_added_nor_lost(district):
    district.figures()
    case = district.launch()
    sent = rows(district, value_to_date="290人次")
    district.submit(case, indicators=[*sent, {"level3_name": "多出的一行", "value_to_date": "1"}])
    kept = district.content(case)["indicators"]
    assert len(kept) == len(sent)
    assert (kept[0]["value_to_date"], kept[0]["target_value"]) == (
        "290",
        district.target["indicators"][0]["target_value"],
    )


def test_a_closed_season_takes_no_first_report_but_a_returned_one(district):
    district.figures()
    case = district.launch()
    district.submit(case)
    district.decide(case, "unit_sign", "return", params={"to": "fill", "resubmit": "replay"})
    officer = district.actor("PERF_OFFICER")
    campaigns.close(district.session, district.season.id, reason="集中监控结束", actor=officer, at=district.later())
    district.session.commit()
    district.submit(case)
    assert district.base.case(case.id).stage == "unit_signing"


def test_a_report_never_sent_is_refused_once_the_season_is_closed(district):
    district.figures()
    case = district.launch()
    officer = district.actor("PERF_OFFICER")
    campaigns.close(district.session, district.season.id, reason="集中监控结束", actor=officer, at=district.later())
    district.session.commit()
    found = district.refused(case, "fill", "submit", form={"monitoring_report": district.report()})
    assert any("未开放" in message for message in found)


def test_the_fund_section_records_three_checks_and_a_disposal_of_red_ones(district):
    district.figures(executed="1")
    case = district.launch()
    district.submit(case)
    district.sign(case)
    review = {"check_timely": "issue", "check_compliant": "ok", "check_effective": "ok", "opinion": "执行缓慢"}
    found = district.refused(case, "fund_review", form={"monitoring_review": review})
    assert any("“处置建议”没有填写" in message for message in found)
    assert any("“资金拨付及时性问题说明”没有填写" in message for message in found)


def test_late_units_are_listed_and_urged_at_once_but_not_twice(district):
    district.figures()
    case = district.launch()
    (late,) = launches.late_units(district.session, district.season.id, actor=district.actor("PERF_OFFICER"))
    assert (late.code, late.unfilled, late.total) == ("101001", 1, 1)
    asked = {"actor": district.actor("PERF_CHIEF"), "at": district.later()}
    first = launches.urge_late(district.session, district.season.id, **asked)
    again = launches.urge_late(district.session, district.season.id, **{**asked, "at": district.later()})
    assert (first["urged"], first["units"]) == (1, 1)
    assert (again["urged"], again["skipped"]) == (0, 1)
    district.session.commit()
    district.base.sound(case.id)
    district.submit(case)
    assert launches.late_units(district.session, district.season.id, actor=district.actor("PERF_OFFICER")) == []


def test_a_second_season_opens_its_own_cases_once_the_first_are_closed(district):
    district.figures()
    first = district.launch()
    officer = district.actor("PERF_OFFICER")
    values = {
        "process_id": "performance_monitoring",
        "phase": "additional",
        "title": "2027年1至9月二次监控",
        "fiscal_year": "2027",
        "opens_on": "2027-08-24",
        "closes_on": "2027-12-31",
        "parameters": {"month": "9"},
        "units": [district.base.bodies["unit"].id],
    }
    made = campaigns.create(district.session, values, actor=officer, at=district.later())
    campaigns.open(district.session, made["id"], actor=officer, at=district.later())
    launches.launch_due(district.session, district.later())
    assert launches.progress(district.session, made["id"]).opened == 0
    district.session.commit()
    district.submit(first)
    district.sign(first)
    district.check(first)
    launches.launch_due(district.session, district.later())
    assert launches.progress(district.session, made["id"]).opened == 1


def test_a_refused_page_shows_every_row_of_the_target_again(district):
    district.figures()
    case = district.launch()
    page = tasks.page(
        district.session, district.visit(case, "fill").id, actor=district.actor("UNIT_CLERK"), at=district.at
    )
    kept = page.form["content"]
    sent = MultiDict([("indicators-2-row_id", "r3"), ("indicators-2-value_to_date", "7场")])
    again = task_form.shown_again(page.form["definition"], kept, sent)["indicators"]
    assert [row["level3_name"] for row in again] == [row["level3_name"] for row in kept["indicators"]]
    assert [row.get("value_to_date") for row in again][:4] == [None, None, "7场", None]
    rows = [{"row_id": "r3", "value_to_date": "7场"}]
    form = {"monitoring_report": district.report(indicators=rows)}
    found = district.refused(case, "fill", "submit", form=form)
    assert any(message.startswith("第3行") and "现写作“场”" in message for message in found), found


def test_a_report_opened_for_a_season_cannot_be_deleted_with_its_project(district):
    case = district.launch()
    visit, clerk = district.visit(case, "fill"), district.actor("UNIT_CLERK")
    offered = {verb["verb"] for verb in tasks.verbs(district.session, visit.id, actor=clerk, at=district.at)}
    assert "submit" in offered
    assert "discard" not in offered
    (said,) = district.refused(case, "fill", "discard")
    assert "由批次下达" in said
    assert district.project.discarded_at is None
