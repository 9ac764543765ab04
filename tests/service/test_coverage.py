"""Are the board's numbers those of the rows, and does it name who is missing first?"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.campaign import CampaignUnit
from db.project import Project
from service.coverage import STATUSES, Board, Tally, coverage
from tests import factories

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
STAGES = (
    "draft",
    "unit_signing",
    "dept_review",
    "fund_review",
    "joint_signoff",
    "arbitration",
    "in_library",
    "rejected",
)


class District:
    """Units by name in departments of their own, with a season."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.campaign = factories.create_campaign(session)
        self.units: dict[str, Any] = {}
        section = factories.create_organisation(session, kind="performance_section")
        self.officer = factories.create_person(session)
        factories.create_post(session, role="PERF_CHIEF", organisation=section, person=self.officer)

    def unit(self, name: str, *, expected: int | None = None, department: Any = None) -> Any:
        unit = factories.create_unit(self.session, name=name, department=department)
        self.session.add(CampaignUnit(campaign_id=self.campaign.id, unit_id=unit.id, expected_projects=expected))
        self.units[name] = unit
        return unit

    def declare(self, name: str, *stages: str, amount: int = 10) -> None:
        for stage in stages:
            project = factories.create_project(
                self.session, campaign=self.campaign, unit=self.units[name], amount_total=Decimal(amount)
            )
            factories.create_case(self.session, project=project, campaign=self.campaign, stage=stage)

    def board(self, who: Any = None) -> Board:
        actor = factories.actor_of(self.session, who or self.officer)
        return coverage(self.session, actor=actor, fiscal_year=2027)


@pytest.fixture
def district(session: Session) -> District:
    return District(session)


def test_every_stage_is_counted_under_its_word(district):
    district.unit("甲", expected=10)
    district.declare("甲", *STAGES)
    tally = district.board().tally

    assert (tally.expected, tally.declared, tally.submitted) == (10, 8, 7)
    counted = {name: getattr(tally, name) for name in STATUSES}
    assert counted == {"missing": 2, "drafting": 1, "reviewing": 5, "admitted": 1, "rejected": 1}
    assert tally.amount == Decimal(80)


def test_everything_in_reads_as_the_whole(district):
    for name in ("甲", "乙"):
        district.unit(name, expected=2)
        district.declare(name, "in_library", "in_library")
    board = district.board()

    assert f"{board.tally.admitted}/{board.tally.expected}" == "4/4"
    assert f"{board.units_declared}/{len(board.units)}" == "2/2"
    assert board.units_complete == 2


def test_without_a_plan_what_was_declared_is_expected(district):
    district.unit("甲")
    district.declare("甲", "draft", "in_library")
    tally = district.board().tally

    assert (tally.expected, tally.missing) == (2, 0)


def test_more_than_planned_is_never_more_than_the_whole(district):
    district.unit("甲", expected=1)
    district.declare("甲", "in_library", "in_library")

    assert district.board().tally.expected == 2


def test_a_deleted_draft_is_missing_again(district):
    district.unit("甲", expected=1)
    project = factories.create_project(
        district.session, campaign=district.campaign, unit=district.units["甲"], discarded_at=AT
    )
    factories.create_case(
        district.session, project=project, campaign=district.campaign, stage="discarded", finished_at=AT
    )

    assert district.board().tally.missing == 1


def test_who_is_missing_stands_first_departments_and_units_alike(district):
    shared = factories.create_unit(district.session).parent_id
    department = district.session.get_one(factories.Organisation, shared)
    district.unit("全了", expected=1, department=department)
    district.unit("缺一", expected=2, department=department)
    district.unit("缺三", expected=3)
    district.unit("没有计划也没有报")
    district.declare("全了", "in_library")
    district.declare("缺一", "dept_review")
    board = district.board()

    assert [[unit.name for unit in line.below] for line in board.departments] == [
        ["缺三"],
        ["缺一", "全了"],
        ["没有计划也没有报"],
    ]
    assert board.units_declared == 2


def test_sums_equal_the_rows(district):
    for number in range(6):
        district.unit(f"单位{number}", expected=number)
        district.declare(f"单位{number}", *STAGES[number : number + 3], amount=number + 1)
    board = district.board()
    count, amount = district.session.execute(select(func.count(), func.sum(Project.amount_total))).one()

    assert (board.tally.declared, board.tally.amount) == (count, amount)
    assert sum(line.tally.expected for line in board.departments) == board.tally.expected
    for line in board.departments:
        for name in (*STATUSES, "amount"):
            assert getattr(line.tally, name) == sum(getattr(unit.tally, name) for unit in line.below)
    stages = dict(district.session.execute(text("select stage, count(*) from case_file group by stage")).tuples().all())
    assert (board.tally.drafting, board.tally.rejected) == (stages.get("draft", 0), stages.get("rejected", 0))


def test_a_department_sees_its_own_units(district):
    district.unit("自己的", expected=1)
    district.unit("别人的", expected=1)
    person = factories.create_person(district.session)
    own = district.session.get_one(factories.Organisation, district.units["自己的"].parent_id)
    factories.create_post(district.session, role="DEPT_REVIEWER", organisation=own, person=person)

    assert [unit.name for unit in district.board(person).units] == ["自己的"]


def test_a_year_without_a_season_is_an_empty_board(district):
    board = coverage(district.session, actor=factories.actor_of(district.session, district.officer), fiscal_year=2040)

    assert (board.departments, board.tally.expected, board.units_declared) == ([], 0, 0)


def test_shares_are_of_the_expected_and_nothing_of_nothing():
    tally = Tally(missing=1, drafting=2, reviewing=0, admitted=5, rejected=0)

    assert [tally.share(status) for status in STATUSES] == [12.5, 25.0, 0.0, 62.5, 0.0]
    assert Tally().share("admitted") == 0.0
