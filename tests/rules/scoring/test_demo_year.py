"""Does the demo year score as its file says?"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from db import demo
from service.rules.scoring import Result, project_score, rule_set
from service.rules.scoring.rounding import half_up

#: Where the file says otherwise, and why. Nothing else may differ.
EXPLAINED = {
    ("3701172021203001011", "execution_rate"): (
        "95.62",
        "95.63",
        "22.95÷24 是 95.625%：文件按浮点数舍成95.62，四舍五入为95.63；得分9.56两边相同",
    ),
}


@pytest.fixture(scope="module")
def year():
    """Every project's recorded row and its computed score."""
    results = defaultdict(list)
    for row in demo.rows("self_evaluation_indicators"):
        results[row["project_code"]].append(row)
    recorded = {row["project_code"]: row for row in demo.rows("self_evaluation")}
    rules = rule_set("LINEAR_2020")
    found = {}
    for project in demo.projects():
        code = project["project_code"]
        rows = list(zip(project["indicators"], results[code], strict=True))
        facts = [_result(project, indicator, row) for indicator, row in rows]
        budget, executed = (Decimal(recorded[code][name]) for name in ("annual_budget", "executed"))
        found[code] = (recorded[code], results[code], project_score(budget, executed, facts, rules))
    return found


def _result(project, indicator, row):
    assert indicator["seq"] == row["seq"]
    qualitative = indicator["operator"] == "qual"
    return Result(
        name=indicator["level3_name"],
        operator=indicator["operator"],
        target=indicator["target_value"],
        actual=row["actual_value"],
        weight=Decimal(indicator["weight_classic_2020"]),
        level2=indicator["level2_code"],
        start=date.fromisoformat(project["start_date"]),
        level=row["actual_value"] if qualitative else "",
        given=Decimal(row["score"]) if qualitative else None,
    )


def test_all_477_projects_come_out_as_recorded_but_for_the_explained(year):
    differing = {}
    for code, (recorded, rows, found) in year.items():
        got = {
            "execution_score": str(found.execution.points),
            "execution_rate": str(half_up(found.execution.completion * 100, 2)),
            "total": str(found.total),
            "grade": found.grade,
        }
        differing |= {(code, name): (recorded[name], value) for name, value in got.items() if recorded[name] != value}
        for row, score in zip(rows, found.indicators, strict=True):
            if row["score"] != str(score.points):
                differing[code, row["seq"]] = (row["score"], str(score.points))
    assert len(year) == 477
    assert differing == {place: (file, ours) for place, (file, ours, _) in EXPLAINED.items()}


def test_no_qualitative_score_of_the_year_leaves_its_band(year):
    assert [score.problem for _, _, found in year.values() for score in found.indicators if score.problem] == []


def test_whoever_lost_points_explained_it(year):
    silent = [
        (code, row["seq"])
        for code, (_, rows, found) in year.items()
        for row, score in zip(rows, found.indicators, strict=True)
        if score.explain and not row["explanation"]
    ]
    assert silent == []


def test_the_grades_are_spread_as_the_readme_says(year):
    grades = [found.grade for _, _, found in year.values()]
    mean = half_up(sum(Fraction(found.total) for _, _, found in year.values()) / len(year), 2)
    assert {grade: grades.count(grade) for grade in "优良中差"} == {"优": 412, "良": 15, "中": 43, "差": 7}
    assert str(mean) == "94.84"
