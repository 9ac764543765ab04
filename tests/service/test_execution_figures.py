"""Are the treasury's figures taken from files and programs, row by row, and never twice?"""

from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from db.monitoring import ExecutionFigure
from service import execution_figures
from service.errors import NotAllowed, Problems
from service.workbooks import WorkbookRefused
from tests import monitoring_district

HEAD = ["项目代码", "项目名称", "调整后预算数", "上年结转", "1-7月执行数"]


@pytest.fixture
def district(session):
    return monitoring_district.create(session)


def book(*rows, head=HEAD):
    made = Workbook()
    sheet = made.active
    sheet.append(["2027年1至7月预算执行情况"])
    sheet.append(head)
    for row in rows:
        sheet.append(list(row))
    written = BytesIO()
    made.save(written)
    return written.getvalue()


def sound(district, executed="20"):
    project = district.project
    return [project.project_code, project.name, 38.5, 0, Decimal(executed)]


def upload(district, content, filename="执行数.xlsx", role="TREASURY"):
    return execution_figures.upload(
        district.session, actor=district.actor(role), at=district.later(), campaign_id=district.season.id,
        filename=filename, content=content,
    )  # fmt: skip


def confirm(district, import_id):
    return execution_figures.confirm(district.session, import_id, actor=district.actor("TREASURY"), at=district.later())


def figures(district):
    rows = district.session.scalars(select(ExecutionFigure).execution_options(populate_existing=True))
    return [(row.annual_budget, row.carry_over, row.executed) for row in rows]


def test_a_workbook_is_checked_then_imported(district):
    checked = upload(district, book(sound(district), ["合计", None, 38.5, 0, 20]))
    assert checked["counts"] == {"rows": 1, "good": 1, "faulty": 0, "errors": 0, "warnings": 0, "infos": 0}
    assert figures(district) == []
    assert confirm(district, checked["import_id"])["imported"] == 1
    assert figures(district) == [(Decimal("38.5"), Decimal(0), Decimal(20))]


def test_the_same_file_is_recognised_and_nothing_is_doubled(district):
    content = book(sound(district))
    first = upload(district, content)
    confirm(district, first["import_id"])
    again = upload(district, content)
    assert again["import_id"] == first["import_id"]
    assert "同一文件已由" in again["earlier"]
    with pytest.raises(Problems) as refused:
        confirm(district, first["import_id"])
    assert "没有重复导入" in refused.value.problems[0].message
    assert len(figures(district)) == 1


def test_a_later_file_replaces_the_figures(district):
    confirm(district, upload(district, book(sound(district)))["import_id"])
    confirm(district, upload(district, book(sound(district, "21.5")))["import_id"])
    assert figures(district) == [(Decimal("38.5"), Decimal(0), Decimal("21.5"))]


def test_every_broken_row_is_named_with_its_cell_and_the_good_ones_remain(district):
    code = district.project.project_code
    rows = [
        ["370117202799999901", "没有的项目", 10, 0, 1],
        sound(district),
        [code, None, 38.5, 0, 1],
        [None, None, 10, None, "很多"],
    ]
    checked = upload(district, book(*rows))
    assert (checked["counts"]["good"], checked["counts"]["faulty"]) == (1, 3)
    kept = execution_figures.one(district.session, checked["import_id"], actor=district.actor("TREASURY"))
    told = [(found["row"], found["cell"], found["message"]) for found in kept.result["problems"]]
    assert (3, "A3", "项目代码“370117202799999901”不在本批次的项目库中，请核对") in told
    assert (5, "A5", f"项目代码“{code}”与第4行重复，请只保留一行") in told
    assert (6, "E6", "“执行数”应为数字，现为“很多”") in told
    assert confirm(district, checked["import_id"])["imported"] == 1


@pytest.mark.parametrize(
    "cells, said",
    [
        ([38.5, 2, 40.51], "“执行数”40.51万元超过调整后预算数与上年结转之和40.5万元"),
        ([38.5, 0, -1], "“执行数”-1万元不在合理范围内"),
        ([None, 0, 1], "“调整后预算数”没有填写"),
    ],
)
def test_money_that_cannot_be_is_refused(district, cells, said):
    checked = upload(district, book([district.project.project_code, None, *cells]))
    kept = execution_figures.one(district.session, checked["import_id"], actor=district.actor("TREASURY"))
    assert said in "".join(found["message"] for found in kept.result["problems"])
    with pytest.raises(Problems):
        confirm(district, checked["import_id"])


def test_a_csv_file_in_yuan_of_any_usual_encoding_is_read(district):
    text = f'项目代码,调整后预算数（元）,执行数（元）\n{district.project.project_code},"385,000",200000\n'
    for encoding in ("utf-8-sig", "gb18030"):
        checked = upload(district, (text + " " * (encoding == "gb18030")).encode(encoding), "执行数.csv")
        assert checked["counts"]["good"] == 1
    confirm(district, checked["import_id"])
    assert figures(district) == [(Decimal("38.5"), Decimal(0), Decimal(20))]


@pytest.mark.parametrize(
    "content, name", [(b"PK\x03\x04 broken", "a.xlsx"), (b"\xff\xfe\x00", "a.csv"), (b"a,b\n1,2", "a.csv")]
)
def test_what_is_no_table_of_figures_is_refused(district, content, name):
    with pytest.raises(WorkbookRefused):
        upload(district, content, name)


def test_only_the_treasury_section_brings_figures(district):
    with pytest.raises(NotAllowed):
        upload(district, book(sound(district)), role="PERF_OFFICER")


def test_a_program_sends_all_rows_or_none(district):
    code = district.project.project_code
    asked = {"actor": district.actor("TREASURY"), "at": district.later()}
    rows = [{"project_code": code, "annual_budget": "38.5", "executed": "20"}, {"project_code": "x", "executed": "1"}]
    with pytest.raises(Problems) as refused:
        execution_figures.put(district.session, district.season.id, rows, **asked)
    assert {problem.field for problem in refused.value.problems} == {"rows[1].project_code", "rows[1].annual_budget"}
    assert figures(district) == []
    assert execution_figures.put(district.session, district.season.id, rows[:1], **asked) == {"imported": 1}
    assert figures(district) == [(Decimal("38.5"), Decimal(0), Decimal(20))]
