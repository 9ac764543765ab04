"""Do the rows of a table contradict each other or leave cases out? Said with row, column and an example before anyone asks."""

import pytest

from service.engine.dmn import coverage_problems, read_model
from tests.engine.dmn.models import column, decision, definitions, result, table

SCORE = column("score", "number", label="得分")
NEW = column("is_new", "boolean", label="新增")
KIND = column("kind", "string", '"甲","乙"', label="类别")
GRADE = result("grade", "string", label="等级")


def found(columns, rules, policy="UNIQUE", outputs=(GRADE,)):
    text = definitions(decision("等级", table(columns, list(outputs), rules, policy)))
    return [(problem.code, problem.message) for problem in coverage_problems(read_model(text))]


def row(*cells):
    return list(cells[:-1]), [cells[-1]]


SOUND = [row(">= 90", '"优"'), row("[80..90)", '"良"'), row("[60..80)", '"中"'), row("< 60", '"差"')]


def test_rows_that_meet_nowhere_and_leave_nothing_out_are_sound():
    assert found([SCORE], SOUND) == []


def test_two_rows_for_one_case_under_unique_are_named_with_an_example():
    ((code, message),) = found([SCORE], [row(">= 90", '"优"'), row("[80..90]", '"良"'), row("< 80", '"中"')])
    assert code == "dmn.overlap"
    assert message == "决策表“等级”第1行与第2行重叠：“得分”为 90时两行都相符，而命中策略 UNIQUE 只允许一行相符。"


def test_what_no_row_covers_is_named():
    ((code, message),) = found([SCORE], [row("> 90", '"优"'), row("[60..90)", '"良"')])
    assert code == "dmn.gap"
    assert "没有覆盖：“得分”小于 60或为 90时没有一行相符" in message


def test_a_default_result_covers_the_rest():
    outputs = [result("grade", "string", default='"无"', label="等级")]
    assert found([SCORE], [row("> 90", '"优"')], outputs=outputs) == []


def test_gaps_and_overlaps_are_found_across_columns():
    rules = [row("true", ">= 300", '"严"'), row("false", "-", '"宽"'), row("-", "> 500", '"审"')]
    problems = found([NEW, SCORE], rules)
    assert [code for code, _ in problems] == ["dmn.overlap", "dmn.overlap", "dmn.gap"]
    assert "第1行与第3行重叠：“新增”为 true、“得分”大于 500时" in problems[0][1]
    assert "“新增”为 true、“得分”小于 300" in problems[2][1]


def test_only_allowed_values_need_a_row():
    assert found([KIND], [row('"甲"', '"1"'), row('"乙"', '"2"')]) == []
    ((code, message),) = found(
        [column("kind", "string", label="类别")], [row('"甲"', '"1"'), row('not("甲","乙")', '"2"')]
    )
    assert (code, "“类别”为“乙”" in message) == ("dmn.gap", True)


def test_any_allows_meeting_rows_only_with_one_result():
    assert found([SCORE], [row(">= 0", '"同"'), row("< 5", '"同"')], "ANY") == []
    ((code, message),) = found([SCORE], [row(">= 0", '"甲"'), row("< 5", '"乙"')], "ANY")
    assert (code, "结果不同" in message) == ("dmn.overlap", True)


def test_a_row_that_never_has_its_turn_is_pointed_out():
    rules = [row("< 80", '"甲"'), row("< 60", '"乙"'), row("-", '"丙"')]
    ((code, message),) = found([SCORE], rules, "FIRST")
    assert code == "dmn.unreachable"
    assert "第2行永远轮不到" in message


def test_cells_of_the_wrong_type_are_named_by_row_and_column():
    problems = found([SCORE], [row('"优"', '"优"'), row("-", "5")], "FIRST")
    assert [code for code, _ in problems] == ["dmn.misfit", "dmn.misfit"]
    assert "第1行“得分”列：这一列是数字" in problems[0][1]
    assert "第2行“等级”列：结果应为文字，得到的是数字" in problems[1][1]


def test_a_result_outside_the_list_is_named():
    outputs = [result("grade", "string", '"优","良"', label="等级")]
    ((code, message),) = found([SCORE], [row("-", '"中"')], outputs=outputs)
    assert code == "dmn.misfit"
    assert "不在允许的值" in message


def test_days_and_months_are_told_apart():
    day = column("ends", "date", label="截止")
    rules = [row('< date("2027-03-31")', '"早"'), row('> date("2027-03-31")', '"晚"')]
    ((code, message),) = found([day], rules)
    assert (code, "2027-03-31" in message) == ("dmn.gap", True)


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_where_several_rows_are_wanted_neither_overlap_nor_gap_is_wrong(policy):
    assert found([SCORE], [row("> 5", '"甲"'), row("> 3", '"乙"')], policy) == []


def test_cells_that_rest_on_other_names_are_not_judged():
    assert found([SCORE], [row("> limit", '"甲"'), row("> 3", '"乙"')]) == []


def test_a_large_table_is_judged_in_bounded_work():
    columns = [column(f"c{place}", "number", label=f"列{place}") for place in range(8)]
    rules = [row(*[f"[{number * 2}..{number * 2 + 1}]"] * 8, '"甲"') for number in range(60)]
    codes = {code for code, _ in found(columns, rules)}
    assert codes == {"dmn.gap"}
