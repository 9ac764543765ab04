"""Does the whole district's year go out into a workbook and come back, checked, in seconds?

Computing time of this process and of the reading one is counted: a busy machine changes nothing in it.
"""

import os

import pytest

from db import demo
from forms import accept, load
from service.rules.quality import OtherProject, QualityContext, check
from service.workbooks import write_declarations
from tests.workbooks.books import district, read

SYSTEM_FIELDS = ("project_code", "department_code", "department_name", "unit_code", "unit_name", "ex_ante_conclusion")


@pytest.mark.parametrize("template", ["CLASSIC_2020", "COST_2021"])
def test_all_projects_come_back_equal_and_without_a_problem(template):
    contents = district(template)
    reading = read(write_declarations(contents, template=template, measure_units=demo.measure_units()), template)
    assert len(reading.rows) == 477
    assert sum(len(row.content["indicators"]) for row in reading.rows) == 3022
    assert [row.content for row in reading.rows] == contents
    assert reading.placed() == []


def test_official_forms_of_many_projects_come_back_equal():
    contents = district()[::12]
    reading = read(write_declarations(contents, template="CLASSIC_2020", layout="form"))
    assert [row.content for row in reading.rows] == contents
    assert reading.placed() == []


def test_reading_and_checking_all_of_them_takes_less_than_five_seconds():
    data = write_declarations(district(), template="CLASSIC_2020")
    form = load("project_target")
    started = _computed()
    rows = read(data).rows
    others = [OtherProject(**_other(row.content)) for row in rows]
    season = QualityContext(measure_units=demo.measure_units(), others=others)
    placed = []
    for row in rows:
        known = {name: row.content[name] for name in SYSTEM_FIELDS if name in row.content}
        accepted, problems = accept(
            form, row.content, node="draft", context=known | {"indicator_template": "CLASSIC_2020"}
        )
        placed += row.place([*problems, *check(accepted, season)])
    seconds = _computed() - started
    assert len(rows) == 477
    assert [item for item in placed if item.problem.severity == "error"] == []
    assert {item.problem.rule for item in placed} == {"Q15", "Q22"}
    assert all(item.cell for item in placed)
    assert seconds < 5


def _computed():
    return sum(os.times()[:4])


def _other(content):
    names = ("project_code", "department_code", "annual_goal", "basis")
    return {name: content[name] for name in names} | {"name": content["project_name"]}
