"""Cells mean what the standard's unary tests mean, to the letter."""

from decimal import Decimal

import pytest

from service.engine.dmn import Undecided, read_model
from tests.engine.dmn.models import cell_matches, column, decision, definitions, made, result, table

NUMBER, TEXT = "number", "string"


@pytest.mark.parametrize(
    ("cell", "value", "kind", "hit"),
    [
        ("-", 1, NUMBER, True),
        ("", 1, NUMBER, True),
        ("  ", None, NUMBER, True),
        ("3", 3, NUMBER, True),
        ("3", Decimal("3.00"), NUMBER, True),
        ("0.1", Decimal("0.1"), NUMBER, True),
        (".5", Decimal("0.5"), NUMBER, True),
        ("-5", -5, NUMBER, True),
        ("< -1.5", -2, NUMBER, True),
        ("1, 2, 3", 2, NUMBER, True),
        ("1, 2, 3", 4, NUMBER, False),
        ("<1, >=60", 60, NUMBER, True),
        ("<1, >=60", 30, NUMBER, False),
        ("not(3)", 3, NUMBER, False),
        ("not(3)", 4, NUMBER, True),
        ("not(1, [3..5))", 5, NUMBER, True),
        ("not(1, [3..5))", 4, NUMBER, False),
        ("not( > 3 )", 3, NUMBER, True),
        ("[1..5]", 1, NUMBER, True),
        ("[1..5]", 5, NUMBER, True),
        ("[1..5)", 5, NUMBER, False),
        ("(1..5]", 1, NUMBER, False),
        ("(1..5)", 3, NUMBER, True),
        ("]1..5]", 1, NUMBER, False),
        ("[1..5[", 5, NUMBER, False),
        ("]1..5[", 3, NUMBER, True),
        ("]1..5[, ]6..8[", 7, NUMBER, True),
        ("[-5..-1]", -3, NUMBER, True),
        ("[.5...9]", Decimal("0.7"), NUMBER, True),
        ("[1..2], 7", 7, NUMBER, True),
        ("= 3", 3, NUMBER, True),
        ("!= 3", 3, NUMBER, False),
        ('"甲"', "甲", TEXT, True),
        ('"甲", "乙"', "乙", TEXT, True),
        ('"甲,乙"', "甲", TEXT, False),
        ('"甲,乙", "丙"', "甲,乙", TEXT, True),
        ('"a) b"', "a) b", TEXT, True),
        (r'"say \"yes\""', 'say "yes"', TEXT, True),
        (r'"\u7532"', "甲", TEXT, True),
        ('not("甲", "乙")', "丙", TEXT, True),
        ('["a".."c"]', "b", TEXT, True),
        ('"-"', "-", TEXT, True),
        ("true", True, "boolean", True),
        ("false", True, "boolean", False),
        ("not(true)", False, "boolean", True),
        ("null", None, NUMBER, True),
        ("null", 1, NUMBER, False),
        ("not(null)", 1, NUMBER, True),
        ("? > 3 and ? < 9", 5, NUMBER, True),
        ("? > 3 and ? < 9", 9, NUMBER, False),
        ("? + 1 = 4", 3, NUMBER, True),
        ('contains(?, "甲")', "甲乙", TEXT, True),
        ("[1..5] /* 说明 */", 5, NUMBER, True),
    ],
)
def test_a_cell_admits_exactly_what_it_says(cell, value, kind, hit):
    assert cell_matches(cell, value, kind) is hit


@pytest.mark.parametrize(
    ("cell", "value", "kind", "hit"),
    [
        ('date("2026-03-01")', "2026-03-01", "date", True),
        ('> date("2026-03-01")', "2026-03-02", "date", True),
        ('[date("2026-01-01")..date("2026-12-31")]', "2027-01-01", "date", False),
        ('@"2026-03-01"', "2026-03-01", "date", True),
        ('< time("09:00:00")', "08:59:59", "time", True),
        ('>= date and time("2026-03-01T08:00:00")', "2026-03-01T08:00:00", "dateTime", True),
        ('> date and time("2026-03-01T08:00:00Z")', "2026-03-01T08:30:00+01:00", "dateTime", False),
        ('>= date and time("2026-03-01T00:00:00")', "2026-03-01", "date", True),
        ('duration("P1DT2H")', "PT26H", "dayTimeDuration", True),
        ('<= duration("P1Y")', "P12M", "yearMonthDuration", True),
        ('(duration("P1D")..duration("P2D")]', "P2D", "feel:days and time duration", True),
        ('> duration("P6M")', "P5M", "feel:yearMonthDuration", False),
    ],
)
def test_dates_times_and_durations_are_compared_as_such(cell, value, kind, hit):
    assert cell_matches(cell, value, kind) is hit


@pytest.mark.parametrize(
    ("cell", "value", "hit"),
    [
        ("limit", 100, True),
        ("> limit", 101, True),
        (">= limit * 2", 199, False),
        ("[limit..case.top]", 150, True),
        ("not(limit)", 100, False),
        ("allowed", 7, True),
        ("allowed", 8, False),
        ("case.rows[2]", 6, True),
    ],
)
def test_a_cell_may_refer_to_other_inputs(cell, value, hit):
    case = {"top": 200, "rows": [5, 6]}
    assert cell_matches(cell, value, NUMBER, limit=100, allowed=[6, 7], case=case) is hit


def test_decimals_are_exact():
    rows = [(["0.3"], ['"是"']), (["-"], ['"否"'])]
    asked = table([column("a + b", NUMBER)], [result()], rows, policy="FIRST")
    assert made(decision("d", asked), a=Decimal("0.1"), b=Decimal("0.2")).value == "是"


@pytest.mark.parametrize(
    "cell",
    [
        "__import__('os')",
        ">= ",
        "1,,2",
        "1,",
        "[1..]",
        "[1..2",
        "not()",
        "> > 3",
        "a.b(",
        "=> 3",
        "= = 3",
        "== 3",
        "1 2",
        "'甲'",
        '"甲',
        "“甲”",
        "1，2",
        ">= 5 and < 9",
        "-, 3",
        "a ; b",
        "now()",
        "today() > 3",
        "unknown(3)",
        'date("2026-13-01")',
        'date("1.3.2026")',
        'duration("P1Y2D")',
        '@"irgendwann"',
        "1 < 2 < 3",
        "x instance of nonsense",
        "{a 1}",
        "[" * 60 + "1" + "]" * 60,
        "1" * 40,
        "`a",
        "\\",
    ],
)
def test_a_cell_that_is_not_understood_is_told_with_row_and_column(cell):
    asked = table([column("x", NUMBER)], [result()], [(["-"], ["1"]), ([cell], ["2"])], policy="FIRST")
    model = read_model(definitions(decision("级别", asked)))
    errors = [problem.message for problem in model.problems if problem.severity == "error"]
    assert len(errors) == 1
    assert "“级别”第2行“x”列" in errors[0]
    with pytest.raises(Undecided, match="第2行“x”列"):
        made(decision("级别", asked), x=1)


def test_full_width_signs_are_named_with_what_to_write():
    model = read_model(definitions(decision("d", table([column("x")], [result()], [(["1，2"], ["1"])]))))
    assert "“，”是全角符号，请改为半角的 ," in model.problems[0].message


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("> 3", "4"),
        ("3", "3"),
        ('"3"', 3),
        ("true", "true"),
        ('"甲"', True),
        ("[1..3]", "2"),
        ("> 3", True),
        ("not(3)", "x"),
    ],
)
def test_comparing_different_kinds_is_an_error_and_not_a_no(cell, value):
    with pytest.raises(Undecided, match=r"决策表“测试”第1行“x”列：.*不能与"):
        cell_matches(cell, value)


def test_a_null_value_is_below_and_above_nothing_and_that_is_noted():
    asked = table([column("x", NUMBER)], [result()], [(["> 3"], ["1"]), (["<= 3"], ["2"]), (["null"], ["3"])])
    answer = made(decision("d", asked), x=None)
    assert answer.value == 3
    assert any("空值" in note for note in answer.notes)


def test_work_is_bounded():
    endless = "count(for a in 1..9000, b in 1..9000 return a) > 0"
    with pytest.raises(Undecided, match=r"已停止|超过"):
        cell_matches(endless, 1)
