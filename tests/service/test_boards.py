"""Is every number of a board, and every coverage of a year, what the database counts?"""

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from service import board_sheet, boards, year_calendar, year_coverage
from service.errors import NotFound
from tests import budget_district

#: Seconds of a visit within the office's two shifts, on days from Monday to Friday.
WORKED = """(
    select coalesce(sum(extract(epoch from least(v.closed_at, day + till) - greatest(v.opened_at, day + since))), 0)
    from generate_series(date_trunc('day', v.opened_at at time zone 'Asia/Shanghai'), v.closed_at + interval '1 day',
        interval '1 day') as local(day_at)
    cross join lateral (select day_at at time zone 'Asia/Shanghai') as started(day)
    cross join (values (interval '8.5 hours', interval '12 hours'), (interval '13.5 hours', interval '17.5 hours'))
        as shift(since, till)
    where extract(isodow from day_at) < 6 and least(v.closed_at, day + till) > greatest(v.opened_at, day + since)
)"""


@pytest.fixture
def district(session):
    """A declaration in the library after a return, a second one at its draft, a budget cut by a fifth."""
    made = budget_district.create(session)
    base = made.base
    base.at = budget_district.declared.AT.replace(day=6)
    second = base.start(project_name="公共就业服务平台运行维护项目")
    base.decide(second["case_id"], "draft", "submit")
    base.later(days=3)  # from Friday to Monday
    base.decide(
        second["case_id"], "unit_sign", "return",
        params={"to": "draft", "resubmit": "replay"},
        findings=[{"field": "annual_goal", "message": "目标不够具体，请补充数量", "severity": "error"}],
    )  # fmt: skip
    case = made.selected()
    made.control(case, str(made.amount * Decimal("0.8")))
    return made


def board(district, role="PERF_CHIEF"):
    return boards.board(district.session, district.base.campaign.id, actor=district.actor(role))


def count(district, statement, **values):
    return district.session.execute(text(statement), values).scalar_one()


def test_every_number_of_a_season_s_board_is_counted_by_the_database(district):
    found, season = board(district), district.base.campaign.id
    own = "from case_file c where c.campaign_id = :season and c.process_id = 'target_declaration'"
    assert (
        found.total("finished")
        == count(district, f"select count(*) {own} and c.finished_at is not null", season=season)
        == 1
    )
    assert (
        found.total("returned")
        == count(district, f"select count(*) {own} and c.stage = 'draft' and c.condition = 'returned'", season=season)
        == 1
    )
    assert sum(unit.total for unit in found.units) == count(district, f"select count(*) {own}", season=season) == 2
    visits = (
        f"from visit v where v.closed_at is not null and v.outcome is not null and v.case_id in (select c.id {own})"
    )
    assert sum(step.decided for step in found.steps) == count(district, f"select count(*) {visits}", season=season)
    for step in found.steps:
        assert step.decided == count(
            district, f"select count(*) {visits} and v.node_id = :node", season=season, node=step.node_id
        )
        average = f"select round(avg({WORKED})::numeric / 27000, 2) {visits} and v.node_id = :node"
        assert abs(step.average_days - count(district, average, season=season, node=step.node_id)) <= Decimal("0.01")
    assert max(step.longest_days for step in found.steps) == Decimal("1.00")
    returned = f"select count(*) {visits} and v.outcome in ('return', 'consult')"
    assert [one.number for one in found.returns] == [count(district, returned, season=season)] == [1]
    hits = (
        f"select count(distinct r.id || (h ->> 'rule')) from form_revision r, jsonb_array_elements(r.checks) h "
        f"where h ->> 'rule' <> '' and r.case_id in (select c.id {own})"
    )
    assert sum(one.number for one in found.rules) == count(district, hits, season=season)
    assert [(one.name, one.number) for one in found.remarks] == [("annual_goal", 1)]


def test_who_is_missing_is_every_unit_with_something_to_submit(district):
    (unit,) = board(district).missing
    assert (unit.code, unit.missing, unit.returned) == ("101001", 1, 1)


def test_people_see_the_board_of_what_they_may_see(district):
    assert [unit.code for unit in board(district, "UNIT_CLERK").units] == ["101001"]
    district.base.bodies["unit"].id  # noqa: B018  the unit of the only cases
    elsewhere = boards.board(
        district.session, district.seasons["library_to_budget"].id, actor=district.actor("UNIT_CLERK")
    )
    assert elsewhere.units == []


def test_an_unknown_season_has_no_board(district):
    with pytest.raises(NotFound):
        boards.board(district.session, "nothing", actor=district.actor("PERF_CHIEF"))


def test_coverage_of_a_year_is_counted_by_the_database(district):
    found = {one.code: one for one in year_coverage.ratios(district.session, 2027, actor=district.actor("PERF_CHIEF"))}
    projects = count(district, "select count(*) from project where fiscal_year = 2027 and discarded_at is null")
    approved = count(district, "select count(distinct project_id) from target_version where voided_at is null")
    assert (found["targets"].done, found["targets"].expected, found["targets"].percent) == (
        approved,
        projects,
        Decimal("50.00"),
    )
    assert (found["replies"].done, found["replies"].expected) == (0, approved)
    assert (found["overall_targets"].done, found["overall_targets"].expected) == (0, 1)
    assert found["rectifications"].percent is None


def test_the_workbook_has_the_page_s_figures(district):
    name, content = board_sheet.export(
        district.session, district.base.campaign.id, actor=district.actor("PERF_CHIEF"), at=district.at
    )
    book = load_workbook(io.BytesIO(content))
    assert name == "2027年度项目绩效目标申报看板.xlsx"
    assert book["单位进度"]["I3"].value == "2"
    steps = {row[0].value: row[1].value for row in book["环节用时"].iter_rows(min_row=3)}
    assert steps == {step.step: str(step.decided) for step in board(district).steps}


def test_the_year_shows_seasons_usual_work_and_what_falls_due(district):
    year = year_calendar.of_year(district.session, 2026, actor=district.actor("PERF_CHIEF"), at=district.at)
    titles = [one.title for one in year.seasons]
    assert titles == ["2027年度项目绩效目标申报", "2027年度项目预算编制", "2027年度部门整体绩效目标"]
    assert [(one.running, one.finished) for one in year.seasons] == [(1, 1), (1, 0), (1, 0)]
    assert all(1 <= bar.first.month <= bar.last.month <= 12 for bar in year.usual)
    assert all(bar.before + bar.span + bar.after == 12 for bar in [*year.usual, *year.seasons])
    due = count(
        district,
        "select count(*) from visit where state = 'open' and due_at is not null and due_at < '2026-12-31 16:00+00'",
    )
    assert sum(one.number for one in year.deadlines if one.campaign_id is None) == due
    assert sum(one.title.endswith("截止") for one in year.deadlines) == 3
    assert year_calendar.years(district.session, district.at) == [2026]
