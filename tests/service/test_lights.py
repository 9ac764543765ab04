"""Do the light tables judge as MR1 to MR9 say, and does the demo year come out as recorded?"""

from collections import defaultdict
from decimal import Decimal

import pytest

from db import demo
from service import lights
from service.engine.dmn import decide
from service.rules.monitoring import IndicatorReport, completion, report_of

TABLES = lights.shipped()


@pytest.fixture(scope="module")
def year():
    """Every project's recorded row, its recorded indicators, and the lights found."""
    targets = {(row["project_code"], row["seq"]): row for row in demo.rows("indicators")}
    reported = defaultdict(list)
    for row in demo.rows("monitoring_indicators"):
        reported[row["project_code"]].append(row)
    found = {}
    for project in demo.rows("monitoring"):
        rows = reported[project["project_code"]]
        reports = [
            report_of(
                targets[row["project_code"], row["seq"]], value=row["jan_jul_value"], possibility=row["possibility"]
            )
            for row in rows
        ]
        money = {"executed": Decimal(project["jan_jul_executed"]), "annual_budget": Decimal(project["initial_budget"])}
        found[project["project_code"]] = (project, rows, lights.judge(TABLES, month=7, indicators=reports, **money))
    return found


def test_the_tables_are_sound():
    assert TABLES.problems == ()


def test_every_light_of_all_477_projects_is_as_recorded(year):
    differing = []
    for code, (project, _, found) in year.items():
        own = (found.execution.color, found.target.color, found.project.color)
        recorded = tuple(project[name] for name in ("execution_light", "target_light", "overall_light"))
        rate = f"{found.rate * 100:.2f}"
        if own != recorded or abs(Decimal(rate) - Decimal(project["jan_jul_rate"])) > Decimal("0.01"):
            differing.append((code, own, recorded))
        assert (found.project.color == "red") == (project["needs_rectification"] == "1")
    assert len(year) == 477
    assert differing == []


def test_every_light_of_all_3022_indicators_is_as_recorded(year):
    pairs = [
        (code, row["seq"], light.color, row["light"])
        for code, (_, rows, found) in year.items()
        for row, light in zip(rows, found.indicators, strict=True)
    ]
    assert len(pairs) == 3022
    assert [pair for pair in pairs if pair[2] != pair[3]] == []


def test_every_light_names_the_rule_it_comes_from(year):
    silent = [code for code, (*_, found) in year.items() if not all(light.why for light in found.indicators)]
    assert silent == []
    assert all(found.project.why.startswith("MR") for *_, found in year.values())


def indicator(target, value, operator="ge", unit="个", nature="quantitative", **more):
    return IndicatorReport(nature=nature, operator=operator, target=target, value=value, measure_unit=unit, **more)


@pytest.mark.parametrize(
    "executed, light",
    [("34.99", "red"), ("35", "yellow"), ("46.66", "yellow"), ("46.67", "green"), ("58.34", "green"), ("100", "green")],
)
def test_execution_is_compared_with_the_months_gone(executed, light):
    found = lights.judge(TABLES, month=7, executed=Decimal(executed), annual_budget=Decimal(100), indicators=[])
    assert found.execution.color == light


def test_a_project_without_a_budget_gets_no_warning_for_execution():
    found = lights.judge(TABLES, month=7, executed=Decimal(0), annual_budget=Decimal(0), indicators=[])
    assert (found.rate, found.execution.color, found.project.color) == (None, "green", "green")


@pytest.mark.parametrize(
    "report, light",
    [
        (indicator("120", "41"), "red"),
        (indicator("120", "42"), "yellow"),
        (indicator("120", "56"), "green"),
        (indicator("120", "84"), "blue"),
        (indicator("120", "83.9", operator="eq"), "green"),
        (indicator("100", "97", unit="%"), "green"),
        (indicator("100", "96.9", unit="%"), "yellow"),
        (indicator("100", "89.99", unit="‰", operator="gt"), "red"),
        (indicator("5", "5", operator="le", unit="%"), "green"),
        (indicator("5", "5", operator="lt"), "red"),
        (indicator("5", "5.01", operator="le"), "red"),
        (indicator("0", "0", operator="eq", unit="起"), "green"),
        (indicator("0", "1", operator="eq", unit="起"), "red"),
        (indicator("0", "0", operator="ge", unit="%"), "green"),
        (indicator("-2", "-3", operator="ge"), "red"),
        (indicator("明显改善", "部分达成年度指标", nature="qualitative", operator="qual"), "yellow"),
        (indicator("明显改善", "未达成", nature="qualitative", operator="qual"), "red"),
        (indicator("2021-11-30", "进行中", nature="date", operator="date"), "green"),
        (indicator("2021-11-30", "未启动", nature="date", operator="date"), "red"),
        (indicator("120", ""), None),
        (indicator("120", "很多"), None),
        (indicator("2021-11-30", "2021-06-30", nature="date", operator="date"), None),
    ],
)
def test_an_indicator_is_judged_by_its_kind(report, light):
    (found,) = lights.judge(
        TABLES, month=7, executed=Decimal(60), annual_budget=Decimal(100), indicators=[report]
    ).indicators
    assert found.color == light


@pytest.mark.parametrize(
    "planned, value, light", [(8, "0", "green"), (7, "59", "red"), (7, "100", "green"), (None, "0", "red")]
)
def test_the_planned_month_goes_before_the_twelfth_part(planned, value, light):
    """A school repaired in the holidays is not late in July."""
    report = indicator("100", value, planned_month=planned)
    found = lights.judge(TABLES, month=7, executed=Decimal(60), annual_budget=Decimal(100), indicators=[report])
    assert found.indicators[0].color == light


def test_what_is_impossible_turns_the_project_red():
    report = indicator("100", "99", unit="%", possibility="impossible")
    found = lights.judge(TABLES, month=7, executed=Decimal(60), annual_budget=Decimal(100), indicators=[report])
    assert (found.indicators[0].color, found.project.color, found.project.why[:3]) == ("green", "red", "MR8")


def test_warnings_stand_beside_the_lights():
    report = indicator("100", "90", possibility="possible")
    judged = {"month": 8, "executed": Decimal(55), "annual_budget": Decimal(100), "indicators": [report]}
    quiet, strict = lights.judge(TABLES, **judged), lights.judge(TABLES, **judged, red_line=True)
    assert [warning[:3] for warning in quiet.warnings] == ["MR7", "MR8"]
    assert [warning[:3] for warning in strict.warnings] == ["MR2", "MR7", "MR8"]
    assert quiet.project == strict.project


@pytest.mark.parametrize(
    "month, share, warns",
    [(3, "0.1", False), (4, "0.24", True), (6, "0.4", False), (8, "0.59", True), (12, "0.79", True)],
)
def test_the_red_line_rises_with_the_year(month, share, warns):
    given = {"month": month, "executed": Decimal(share), "annual_budget": 1, "red_line": True}
    assert decide(TABLES, "red_line_warning", given).value is warns


def test_rates_say_nothing_of_how_much_is_done():
    half, rate = indicator("100", "50", weight=Decimal(10)), indicator("98", "98", unit="%", weight=Decimal(40))
    over, down = indicator("10", "30", weight=Decimal(30)), indicator("5", "1", operator="le", weight=Decimal(10))
    assert completion([half, rate, over, down]) == Decimal("0.875")
    assert completion([rate, down]) is None


@pytest.mark.parametrize(
    "light, disposal, days, late",
    [("red", None, 10, False), ("red", "", 11, True), ("red", "continue", 90, False), ("yellow", None, 90, False)],
)
def test_a_red_project_without_a_choice_is_late_after_ten_working_days(light, disposal, days, late):
    assert lights.overdue(TABLES, light=light, disposal=disposal, working_days=days) is late
