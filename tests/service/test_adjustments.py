"""Does an approved target change only by an approved adjustment, with the earlier version left as it was?"""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from db.campaign import Campaign
from db.project import TargetVersion
from service import adjustment_board, adjustment_sheet, revisions, subjects
from service.errors import NotAllowed, Problems
from tests import assessment_district, monitoring_district
from tests.district import Explained

WHOLE = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip
REASON = "因上级下达转移支付资金增加，培训规模扩大，相应调整年度资金、总体目标和数量指标。"


@pytest.fixture
def district(session):
    made = assessment_district.create(session, amount="100")
    made.base.walk(made.declaration, *WHOLE)
    made.base.at = datetime(2027, 6, 1, 1, 0, tzinfo=UTC)
    return made


def versions(district):
    statement = select(TargetVersion).order_by(TargetVersion.version)
    return list(district.session.scalars(statement.execution_options(populate_existing=True)))


def application(district, case, **changes):
    """A sound application (F12): more money and more people trained."""
    start = subjects.of_case(district.session, case).start()
    rows = [{**row} for row in start["indicators"]]
    rows[0]["target_value"] = "400"
    content = {**start, **assessment_district.money("120"), "indicators": rows}
    content |= {"annual_goal": "完成职业技能培训400人次，合格率达到95%以上。"}
    return {**content, "adjust_kind": "budget_change", "reason": REASON, "documents": district.file(case), **changes}


def submit(district, case, **changes):
    form = {"target_adjustment": application(district, case, **changes)}
    return district.decide(case, "draft", "submit", form=form, params={"warnings": Explained()})


def refused(district, case, **changes):
    form = {"target_adjustment": application(district, case, **changes)}
    return district.refused(case, "draft", "submit", form=form, params={"warnings": Explained()})


def approved(district, case, *nodes):
    answer = None
    for node in nodes or WHOLE[1:]:
        asked = district.base._sound(case.id, node, "approve")
        answer = district.decide(case, node, **{"reason": None, **asked})
    return answer


def test_a_new_version_comes_into_force_on_approval_only_and_the_original_stays(district):
    before = versions(district)[0].content
    case = district.adjust()
    assert case.number == "绩调〔2027〕0001"
    submit(district, case)
    approved(district, case, *WHOLE[1:-1])
    assert len(versions(district)) == 1
    answer = approved(district, case, "performance_chief_review")
    assert (answer["stage"], answer["finished"]) == ("adjusted", True)

    first, second = versions(district)
    assert first.content == before
    assert (second.version, second.library_no) == (2, f"{first.library_no}-2")
    assert (second.content["amount_total"], second.content["annual_goal"][:13]) == ("120", "完成职业技能培训400人次")
    assert second.content["basis"] == before["basis"]
    assert (first.redisclose_since, second.redisclose_since) == (None, second.admitted_at)
    assert district.project.amount_total == Decimal(120)
    district.base.sound(case.id)
    district.base.sound(district.declaration)


def test_every_difference_to_what_is_in_force_stands_in_the_application(district):
    case = district.adjust()
    submit(district, case)
    kept = revisions.one(district.session, district.base.case(case.id).form_revision_id)
    found = {row["item"]: (row["before"], row["after"]) for row in kept.content["differences"]}
    assert found["年度资金总额"] == ("100.00", "120.00")
    assert found["调整后绩效指标“培训人次”的指标值"] == ("300", "400")
    assert "年度总体目标" in found
    assert "项目名称" not in found


def test_a_refused_adjustment_changes_nothing(district):
    case = district.adjust()
    submit(district, case)
    approved(district, case, "unit_sign")
    sound = district.base._sound(case.id, "department_review", "reject")
    answer = district.decide(case, "department_review", "reject", **sound)
    assert answer["stage"] == "rejected"
    assert len(versions(district)) == 1
    assert district.project.amount_total == Decimal(100)


def test_an_application_gives_its_reasons_and_changes_something(district):
    case = district.adjust()
    found = refused(district, case, reason="经费变化", documents=[], adjust_kind=None)
    for text in ("“调整理由”", "“依据文件”没有填写", "“调整类型”没有填写"):
        assert any(text in message for message in found), (text, found)
    same = subjects.of_case(district.session, case).start()
    found = refused(district, case, **same, adjust_kind="policy_change")
    assert any("没有调整内容，不能提交" in message for message in found), found
    found = refused(district, case, **assessment_district.money("100"))
    assert any("年度资金总额仍为100万元" in message for message in found), found
    found = refused(district, case, **assessment_district.money("90"), adjust_kind="midyear_addition")
    assert any("年中追加”后的年度资金总额应大于调整前的100万元" in message for message in found), found


def test_the_adjusted_target_obeys_the_quality_rules(district):
    case = district.adjust()
    rows = subjects.of_case(district.session, case).start()["indicators"]
    rows = [{**row, "weight": "1"} if number == 0 else row for number, row in enumerate(rows)]
    found = refused(district, case, indicators=rows)
    assert any("权重" in message for message in found), found


def test_money_may_be_added_in_the_middle_of_the_year(district):
    case = district.adjust()
    submit(district, case, adjust_kind="midyear_addition")
    assert approved(district, case)["stage"] == "adjusted"


def test_not_after_the_districts_last_day_nor_once_the_year_is_evaluated(district):
    case = district.adjust()
    district.base.at = datetime(2027, 12, 1, 1, 0, tzinfo=UTC)
    found = refused(district, case)
    assert any("2027年度的绩效目标调整已于2027-11-30截止" in message for message in found), found
    district.decide(case, "draft", "discard")
    with pytest.raises(Problems) as late:
        district.adjust()
    assert "已于2027-11-30截止" in late.value.problems[0].message


def test_not_once_self_evaluation_has_begun(district):
    campaign = district.base.campaign
    district.session.add(
        Campaign(
            id="self",
            process_id="self_evaluation",
            fiscal_year=2027,
            title="2027年度绩效自评",
            indicator_template=campaign.indicator_template,
            rule_set=campaign.rule_set,
            parameters={},
            opens_on=date(2027, 5, 1),
            closes_on=date(2027, 5, 31),
            state="open",
            process_release_id=campaign.process_release_id,
            created_at=district.base.at,
        )
    )
    district.session.commit()
    with pytest.raises(Problems) as late:
        district.adjust()
    assert "绩效自评已经开始" in late.value.problems[0].message


def test_only_the_units_clerk_adjusts_an_approved_target_one_at_a_time(session, district):
    with pytest.raises(NotAllowed):
        district.adjust("PERF_OFFICER")
    district.adjust()
    with pytest.raises(Problems) as twice:
        district.adjust()
    assert "正在办理" in twice.value.problems[0].message


def test_a_target_that_is_not_approved_yet_cannot_be_adjusted(session):
    district = assessment_district.create(session, amount="100")
    with pytest.raises(Problems) as early:
        district.adjust()
    assert "还没有批准的绩效目标" in early.value.problems[0].message


def test_a_second_adjustment_goes_from_the_first(district):
    case = district.adjust()
    submit(district, case)
    approved(district, case)
    again = district.adjust()
    submit(district, again, **assessment_district.money("150"))
    assert approved(district, again)["stage"] == "adjusted"
    assert [one.content["amount_total"] for one in versions(district)] == ["100", "120", "150"]
    assert versions(district)[2].library_no == f"{versions(district)[0].library_no}-3"
    district.base.sound(case.id)


def test_monitoring_reads_the_version_in_force_when_it_begins(session):
    monitored = monitoring_district.create(session)
    base = monitored.base
    district = assessment_district.AssessedDistrict(base, "38.5")
    base.at = datetime(2027, 6, 1, 1, 0, tzinfo=UTC)
    case = district.adjust()
    submit(district, case)
    approved(district, case)
    base.at = monitoring_district.AT
    launched = monitored.launch()
    subject = subjects.of_case(session, launched)
    assert subject.rows()[0]["target_value"] == "400"
    assert subject.library_no.endswith("-2")
    assert subject.form_context()["initial_budget"] == "38.50"


def test_the_board_counts_what_was_adjusted_and_what_to_disclose_anew(district):
    case = district.adjust()
    submit(district, case)

    def board():
        actor = district.base.actor("PERF_OFFICER")
        return adjustment_board.board(district.session, actor=actor, fiscal_year=2027)

    assert (board().adjusted, board().rows[0].stage, board().redisclose) == (0, "unit_signing", [])
    approved(district, case)
    found = board()
    assert (found.projects, found.adjusted, found.share) == (1, 1, Decimal(100))
    assert found.months == [("2027-06", 1)]
    (row,) = found.redisclose
    assert (row.before, row.after, row.change, row.version) == (Decimal(100), Decimal(120), Decimal(20), 2)
    sheet = openpyxl.load_workbook(BytesIO(adjustment_sheet.write(found))).worksheets[0]
    assert [cell.value for cell in list(sheet.iter_rows())[2]][5] == "预算调整"
