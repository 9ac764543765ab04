"""Does a department's budget keep to library, control number and target, through both rounds and the reply?"""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from db.budget import BudgetLine
from db.case import CaseFile
from db.project import TargetVersion
from service import budget_board, cases, department_seasons, department_sheets, exceptional_acts
from service.budgets import moved_to
from service.errors import Problems
from tests import budget_district


@pytest.fixture
def district(session):
    return budget_district.create(session)


def board(district, role="BUDGET_CHIEF"):
    season = district.seasons["library_to_budget"]
    return budget_board.board(district.session, season.id, actor=district.actor(role), at=district.at)


def test_a_season_opens_one_case_for_each_department_and_never_two(district):
    case = district.launch("library_to_budget")
    department_seasons.launch_due(district.session, district.later())
    own = select(func.count()).where(CaseFile.process_id == "library_to_budget")
    assert district.session.scalar(own) == 1
    assert (case.project_id, case.department_id) == (None, district.base.bodies["department"].id)
    assert case.number.startswith("预编〔2027〕")
    progress = department_seasons.progress(district.session, district.seasons["library_to_budget"].id)
    assert (progress.expected, progress.opened, progress.finished, progress.share) == (1, 1, 0, 100.0)
    district.base.sound(case.id)


def test_only_library_projects_can_be_chosen(district):
    case = district.launch("library_to_budget")
    amount = district.amount
    (own,) = district.rows(case, "select_projects", "requests")
    stranger = {
        "row_id": "r999",
        "project_code": "370117202799900001",
        "selected": "yes",
        "rank": 2,
        "first_amount": "9",
    }
    chosen = {**own, "selected": "yes", "rank": 1, "first_amount": str(amount)}
    district.decide(case, "select_projects", "submit", form={"department_budget": {"requests": [chosen, stranger]}})
    assert [row["project_code"] for row in district.content(case)["requests"]] == [district.project.project_code]
    line = district.line(case)
    assert (line.project_id, line.first_amount, line.rank) == (district.project.id, amount, 1)


def test_projects_left_out_need_a_reason_and_one_has_to_stay(district):
    case = district.launch("library_to_budget")
    (own,) = district.rows(case, "select_projects", "requests")
    form = {"department_budget": {"requests": [{**own, "selected": "no"}]}}
    told = district.refused(case, "select_projects", "submit", form=form)
    assert any("不列入理由" in text for text in told)
    assert "至少列入一个项目；确无项目的，请联系预算科" in told


def test_a_cut_that_targets_follow_is_not_withdrawn_and_the_page_says_so(district):
    case = district.selected()
    initiator = next(role for role, one in district.base.people.items() if one.id == case.initiator_id)
    district.control(case, str(district.amount * Decimal("0.8")))
    assert district.case("target_sync") is not None
    told = district.base.offered(case.id, "second_submission", initiator)["withdraw_case"]
    assert "已经生效" in told
    assert told in district.base.refused(case.id, "second_submission", "withdraw_case", role=initiator)


def test_no_jump_leads_over_figures_that_nobody_has_filled_in(district):
    case, base = district.selected(), district.base
    told = exceptional_acts.preview(
        base.session, case.id, actor=base.actor("PERF_CHIEF"), at=base.later(), verb="jump", place="second_submission"
    )
    assert "要填写业务表单" in told.why


def test_without_a_great_change_nothing_is_synchronised_and_the_reply_follows(district):
    case = district.selected()
    amount = district.amount
    cut = str(amount * Decimal("0.92"))
    district.control(case, cut)
    assert district.case("target_sync") is None
    district.second(case, cut)
    district.decide(case, "draft_review")
    district.later(days=60)
    district.approve(case, "2027-01-08")
    assert district.budget(case).reply_due == date(2027, 1, 28)
    district.later(days=1)
    district.reply(case, "budget_reply", late_reason=None)
    told = district.reply(case, "performance_reply")
    assert told["stage"] == "budget_replied"
    kept = district.budget(case)
    assert kept.reply_no == "财预批〔2027〕0001"
    assert district.line(case).approved_amount == Decimal(cut)
    found = board(district)
    assert (found.replied, found.total("approved_amount"), found.late) == (1, Decimal(cut), [])
    district.base.sound(case.id)


def test_a_change_of_more_than_a_tenth_forces_the_target_to_follow(district):
    case = district.selected()
    before = district.amount
    less = str(before * Decimal("0.8"))
    district.control(case, less)
    sync = district.case("target_sync")
    assert (sync.number, sync.amount, sync.project_id) == ("绩同〔2027〕0001", Decimal(less), district.project.id)
    assert district.line(case).sync_case_id == sync.id
    assert board(district).number("open_syncs") == 1
    (told,) = district.second(case, less, method="refused")
    assert "还没有同步调整（单位同步调整目标（绩同〔2027〕0001））" in told
    district.synced(case)
    versions = (
        select(TargetVersion).where(TargetVersion.project_id == district.project.id).order_by(TargetVersion.version)
    )
    first, second = district.session.scalars(versions).all()
    assert (Decimal(first.content["amount_total"]), Decimal(second.content["amount_total"])) == (before, Decimal(less))
    assert district.project.amount_total == Decimal(less)
    district.second(case, less)
    assert district.content(case)["seconds"][0]["target_version"] == 2
    district.base.sound(case.id)
    district.base.sound(sync.id)


def test_a_synchronised_target_must_ask_for_the_control_number(district):
    case = district.selected()
    district.control(case, str(district.amount * Decimal("0.8")))
    sync = district.case("target_sync")
    content = {**budget_district.declared.declaration(), "amount_total": "100", "amount_fiscal": "100"}
    content |= {"amount_district": "100", "amount_superior": "0", "amount_other": "0"}
    told = district.sync_draft(sync, content, method="refused")
    assert any("应等于下达的控制数" in text for text in told)


def test_money_may_not_leave_its_target_in_the_second_round_either(district):
    case = district.selected()
    amount = district.amount
    district.control(case, str(amount), ceiling=str(amount * 2))
    (told,) = district.second(case, str(amount * Decimal("1.5")), method="refused")
    assert "变化50.00%，超过10%" in told


def test_control_numbers_bind_both_rounds(district):
    case = district.selected()
    amount = district.amount
    (told,) = district.control(case, str(amount), ceiling="1", method="refused")
    assert "超过部门控制数1" in told
    district.control(case, str(amount))
    (told,) = district.second(case, str(amount + 1), method="refused")
    assert "二上金额合计" in told


def test_a_season_sets_how_far_money_may_move(session):
    district = budget_district.create(session, sync_percent="30", reply_days="15")
    case = district.selected()
    district.control(case, str(district.amount * Decimal("0.8")))
    assert district.case("target_sync") is None


def test_wrong_terms_of_a_season_are_named(session):
    with pytest.raises(Problems) as refused:
        budget_district.create(session, sync_percent="0", reply_days="99")
    assert {problem.field for problem in refused.value.problems} == {"parameters.sync_percent", "parameters.reply_days"}


def test_a_late_reply_says_why_and_stands_on_the_board(district):
    case = district.selected()
    district.control(case, str(district.amount))
    district.second(case, str(district.amount))
    district.decide(case, "draft_review")
    (told,) = district.approve(case, "2028-01-01", method="refused")
    assert "晚于今天" in told
    district.approve(case, "2026-11-09")
    district.later(days=30)
    assert [line.department for line in board(district).late] == [district.base.bodies["department"].name]
    told = district.reply(case, "budget_reply", method="refused")
    assert any("逾期批复说明" in text for text in told)
    district.reply(case, "budget_reply", late_reason="人代会后机构调整，重新核定预算")


def test_the_fund_section_sends_a_first_submission_back_and_it_comes_again(district):
    case = district.launch("library_to_budget")
    district.select(case)
    district.decide(case, "fund_review", "return", params={"to": "select_projects", "resubmit": "replay"})
    district.select(case, first_amount=str(district.amount - 1))
    assert district.line(case).first_amount == district.amount - 1
    district.base.sound(case.id)


def test_every_number_of_the_board_is_counted_by_the_database(district):
    case = district.selected()
    district.control(case, str(district.amount * Decimal("0.8")))
    found = board(district)
    sums = {name: func.coalesce(func.sum(getattr(BudgetLine, name)), 0) for name in budget_board.MONEY}
    for name, total in sums.items():
        assert found.total(name) == district.session.scalar(select(total)), name
    assert found.number("selected") == district.session.scalar(select(func.count()).select_from(BudgetLine))
    cut = budget_board.projects(
        district.session, found.campaign_id, actor=district.actor("BUDGET_CHIEF"), only_cut=True
    )
    assert [one.cut for one in cut] == [district.line(case).target_amount - district.line(case).control_amount]
    assert found.departments[0].left == 0


def test_the_board_goes_into_a_workbook(district):
    case = district.selected()
    season = district.seasons["library_to_budget"]
    name, content = department_sheets.budgets(
        district.session, season.id, actor=district.actor("BUDGET_CHIEF"), at=district.at
    )
    book = load_workbook(io.BytesIO(content))
    assert (name, book.sheetnames) == ("2027年度项目预算编制.xlsx", ["部门汇总", "项目明细", "压减清单"])
    assert book["项目明细"]["D3"].value == district.project.name
    assert book["部门汇总"]["G3"].value == float(district.line(case).first_amount)


def test_only_the_department_s_own_people_and_the_bureau_see_its_budget(district):
    district.launch("library_to_budget")
    assert board(district, "UNIT_CLERK").departments == []
    assert len(board(district, "DEPT_REVIEWER").departments) == 1


def test_a_budget_is_found_by_its_number_and_its_department(district):
    case = district.launch("library_to_budget")
    for words in (case.number, "department", "项目预算编制"):
        found = cases.search(district.session, actor=district.actor("BUDGET_CHIEF"), at=district.at, q=words)
        assert case.id in [row.case_id for row in found.rows], words


@pytest.mark.parametrize(
    ("amount", "district_funds", "superior", "other"),
    [("80", "30", "40", "10"), ("45", "0", "35", "10"), ("5", "0", "0", "5"), ("120", "70", "40", "10")],
)
def test_a_cut_takes_district_funds_first(amount, district_funds, superior, other):
    content = {"amount_total": "100", "amount_district": "50", "amount_superior": "40", "amount_other": "10"}
    moved = moved_to(content, Decimal(amount))
    wanted = (amount, district_funds, superior, other)
    found = tuple(moved[name] for name in ("amount_total", "amount_district", "amount_superior", "amount_other"))
    assert tuple(map(Decimal, found)) == tuple(map(Decimal, wanted))
    assert Decimal(moved["amount_fiscal"]) == Decimal(district_funds) + Decimal(superior)
