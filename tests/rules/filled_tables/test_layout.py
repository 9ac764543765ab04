"""Are sheets in the usual layouts read cell by cell, and faults placed where a person will look?"""

import pytest

from service.rules.filled_tables import check, codes, find_tables
from service.workbooks.grid import address, extract
from tests.rules.filled_tables.sheets import (
    OFFICIAL,
    OFFICIAL_MERGED,
    SIGNS,
    SIGNS_MERGED,
    TWENTY,
    TWENTY_MERGED,
    with_cell,
    workbook,
)


def read(rows, merged=()):
    (sheet,) = extract(workbook(("自评表", rows, merged)))
    return next(iter(find_tables(sheet, sheet.name, address)), None)


def faults(table, severity="error"):
    return [(own.code, own.cell) for own in check(table) if own.severity == severity]


def test_the_official_form_is_read_and_right():
    table = read(OFFICIAL, OFFICIAL_MERGED)
    assert faults(table) == []
    assert (table.year, table.project, table.unit, table.money_unit) == (2022, "示例培训项目", "示例实施单位", "万元")
    assert [row.label for row in table.money] == ["年度资金总额", "其中：当年财政拨款", "上年结转资金", "其他资金"]
    assert (table.money[0].adjusted, table.money[0].rate) == ("96", "0.9375")
    used = [row.name for row in table.indicators if row.is_used]
    assert used == ["指标1：培训人次", "培训合格率", "完成时间", "就业率", "学员满意度"]
    assert (table.indicators[3].level1, table.indicators[3].level2) == ("产出指标（50分）", "质量指标")
    assert (table.total_weight, table.total_score) == ("100", "99.055")


@pytest.mark.parametrize(
    ("cell", "value", "fault"),
    [
        ("D6", 110, ("MONEY_TOTAL_NE_PARTS", "D6")),
        ("F7", 60, ("MONEY_TOTAL_NE_PARTS", "F6")),
        ("H6", 0.95, ("EXEC_RATE_WRONG", "H6")),
        ("H6", None, ("EXEC_RATE_MISSING", "H6")),
        ("I6", 9, ("EXEC_SCORE_WRONG", "I6")),
        ("I6", None, ("EXEC_SCORE_MISSING", "I6")),
        ("F13", 25, ("WEIGHTS_NE_100", "F20")),
        ("G20", 98, ("SCORES_NE_TOTAL", "G20")),
        ("G20", None, ("TOTAL_SCORE_MISSING", "G20")),
        ("G18", 31, ("SCORE_GT_WEIGHT", "G18")),
        ("H16", None, ("SCORE_LOST_NO_REASON", "H16")),
        ("G17", None, ("SCORE_MISSING", "G17")),
        ("E19", None, ("ACTUAL_MISSING", "E19")),
    ],
)
def test_a_fault_is_named_with_its_cell(cell, value, fault):
    assert fault in faults(read(with_cell(OFFICIAL, cell, value), OFFICIAL_MERGED))


def test_sign_and_unit_in_columns_of_their_own():
    table = read(SIGNS, SIGNS_MERGED)
    assert codes(check(table), "error") == [
        "EXEC_SCORE_MISSING",
        "TOTAL_SCORE_MISSING",
        "SCORE_MISSING",
        "ACTUAL_MISSING",
    ]
    assert [row.label for row in table.money] == ["总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金"]
    assert (table.money[0].initial, table.money[0].adjusted) == ("238.93", "251.89")
    assert ("EXEC_SCORE_MISSING", "H6") in faults(table)
    assert ("TOTAL_SCORE_MISSING", "J16") in faults(table)
    assert (table.indicators[1].operator, table.indicators[1].target, table.indicators[1].unit) == ("≤", "10", "次")
    assert (table.year, table.unit) == (2023, "示例单位")


def test_twenty_points_for_execution_and_no_weights():
    table = read(TWENTY, TWENTY_MERGED)
    assert faults(table) == []
    assert (table.money[0].label, table.money[0].adjusted) == ("年度财政资金总额", "285.84")
    assert [row.weight for row in table.indicators] == [None, None, None]
    assert faults(read(with_cell(TWENTY, "F5", 19), TWENTY_MERGED)) == [
        ("EXEC_SCORE_WRONG", "F5"),
        ("SCORES_NE_TOTAL", "F10"),
    ]


def test_a_score_merged_over_two_lines_counts_once():
    rows = with_cell(with_cell(OFFICIAL, "F17", None), "G17", None)
    rows = with_cell(with_cell(with_cell(rows, "F16", 30), "G16", 30), "G20", 99.375)
    assert faults(read(rows, [*OFFICIAL_MERGED, "F16:F17", "G16:G17"])) == []


def test_a_table_cut_off_in_its_lines_still_has_what_was_read():
    table = read(OFFICIAL[:16], [])
    assert len(table.indicators) == 4
    assert table.total_score is None


@pytest.mark.parametrize(
    "rows", [[["说明"]], [["一级指标", "三级指标"]], [["项目名称", "甲"], ["年初预算数", "执行率"]]]
)
def test_a_sheet_without_such_a_table_is_none(rows):
    assert read(rows) is None


def test_several_tables_on_one_sheet_are_read_one_by_one():
    (sheet,) = extract(workbook(("自评表", [*OFFICIAL, [], *SIGNS, [], *TWENTY], [])))
    tables = find_tables(sheet, sheet.name, address)
    assert [(table.id, table.year, len(table.money)) for table in tables] == [
        ("自评表", 2022, 4),
        ("自评表 (2)", 2023, 5),
        ("自评表 (3)", 2020, 1),
    ]
    assert [codes(check(table), "error")[:1] for table in tables] == [[], ["EXEC_SCORE_MISSING"], []]


def test_amounts_in_yuan_are_read_in_yuan():
    rows = with_cell(OFFICIAL, "A5", "项目资金（元）")
    table = read(with_cell(rows, "D6", "0.01万元"), OFFICIAL_MERGED)
    assert table.money_unit == "元"
    assert faults(table) == []
