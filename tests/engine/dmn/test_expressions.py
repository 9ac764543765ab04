"""Expressions around tables: what the standard's language says, as far as tables and their neighbours need it."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from service.engine.dmn import Undecided, read_model
from service.engine.dmn.temporal import Months
from tests.engine.dmn.models import decision, definitions, literal, valued


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10+5", 15),
        ("-10--5", -5),
        ("(-10)+(-5)", -15),
        ("(10+20)-(-5+3)", 32),
        ("-10*-5", 50),
        ("10 + 20 / -5 - 3", 3),
        ("10 + 20 / (-5 - 3)", Decimal("7.5")),
        ("10**-5", Decimal("0.00001")),
        ("5+2**5+3", 40),
        ("-3**2", 9),
        ("1.2*10**3", 1200),
        ("0.1+0.2", Decimal("0.3")),
        (".872", Decimal("0.872")),
        ('"Hello " + "甲"', "Hello 甲"),
        ("true and false", False),
        ("null and false", False),
        ("null or true", True),
        ("not(false)", True),
        ("1 = 1.0", True),
        ("1 != 2", True),
        ('"a" < "b"', True),
        ("5 between 1 and 5", True),
        ("5 in (1..5]", True),
        ("5 in [1..5)", False),
        ("5 in (1, 5)", True),
        ("5 in > 4", True),
        ('"b" in ("a", "b")', True),
        ("1 instance of number", True),
        ('"1" instance of number', False),
        ('if 1 > 2 then "a" else "b"', "b"),
        ('if 1 > 2 then "a" else if true then "c" else "b"', "c"),
        ("for i in 1..3 return i * 2", [2, 4, 6]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for a in [1, 2], b in [10, 20] return a + b", [11, 21, 12, 22]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][a = 3].b", [4]),
        ("{a: 1, b: a + 1}.b", 2),
        ("(function(x, y) x + y) = null", False),
        ("{f: function(x) x * 2, y: f(4)}.y", 8),
        ("sum(1, 2, 3)", 6),
        ("sum([1, 2, 3])", 6),
        ("max(3, 1) + min([2, 5])", 5),
        ("count([1, 2])", 2),
        ("mean(1, 2)", Decimal("1.5")),
        ("median(1, 5, 3)", 3),
        ("decimal(1/3, 2)", Decimal("0.33")),
        ("decimal(2.5, 0)", 2),
        ("floor(-1.2)", -2),
        ("ceiling(1.2)", 2),
        ("round half up(2.5, 0)", 3),
        ("modulo(-7, 3)", 2),
        ("abs(-4)", 4),
        ("sqrt(16)", 4),
        ("odd(3) and even(4)", True),
        ("list contains([1, null], null)", True),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 2, 1])", [1, 2]),
        ("flatten([[1], [2, [3]]])", [1, 2, 3]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 1)", [2, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("sort([3, 1, 2], function(x, y) x < y)", [1, 2, 3]),
        ('get value({a: 1}, "a")', 1),
        ('substring("预算绩效", 3)', "绩效"),
        ('substring(string: "abc", start position: -2, length: 1)', "b"),
        ('upper case("ab") + lower case("CD")', "ABcd"),
        ('string length("预算")', 2),
        ('contains("预算", "算")', True),
        ('starts with("预算", "预") and ends with("预算", "算")', True),
        ('substring before("a-b", "-") + substring after("a-b", "-")', "ab"),
        ('string join(["a", "b"], ",")', "a,b"),
        ("string(1.50)", "1.5"),
        ('string(date("2026-03-01"))', "2026-03-01"),
        ('number("1,000.5", ",", ".")', Decimal("1000.5")),
        ('date("2026-03-01")', date(2026, 3, 1)),
        ("date(2026, 3, 1).month", 3),
        ('date("2026-01-31") + duration("P1M")', date(2026, 2, 28)),
        ('date("2026-03-01") - date("2026-02-01")', timedelta(days=28)),
        ('date and time("2026-03-01T08:00:00") + duration("PT90M")', datetime.fromisoformat("2026-03-01T09:30")),
        ('date and time(date("2026-03-01"), time("08:00:00"))', datetime.fromisoformat("2026-03-01T08:00")),
        ('time("08:30:00").minute', 30),
        ('time("08:30:00") + duration("PT1H")', time(9, 30)),
        ('duration("P1DT2H").hours', 2),
        ('years and months duration(date("2024-05-01"), date("2026-03-31"))', Months(22)),
        ('duration("P1Y") * 2', Months(24)),
        ('duration("P1D") / duration("PT12H")', 2),
        ('day of week(date("2026-03-02"))', "Monday"),
        ("1 // 说明\n + 2", 3),
        ("is defined(null)", False),
    ],
)
def test_an_expression_comes_to(text, expected):
    assert valued(text).value == expected


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("(10+20)/0", "30 / 0 算不出来"),
        ("10 + null", "数字和空值不能用 + 计算"),
        ('1 + "a"', "数字和文字不能用 + 计算"),
        ('1 < "a"', "数字和文字不能比较"),
        ('-"a"', "没有相反数"),
        ('date("2026-03-01").colour', "没有“colour”"),
        ("upper case(3)", "参数不对"),
        ("remove([1], 5)", "没有这个位置"),
        ('number("drei")', "不是数字"),
        ("10**10000", "算不出来"),
    ],
)
def test_what_has_no_answer_is_null_by_the_standard_and_noted(text, note):
    answer = valued(text)
    assert answer.value is None
    assert any(note in found for found in answer.notes)


@pytest.mark.parametrize(("text", "value"), [("A and B", None), ("A or B", True)])
def test_logic_knows_three_values(text, value):
    assert valued(text, A=None, B=True).value is value


@pytest.mark.parametrize(
    ("text", "inputs", "expected"),
    [
        ('"Hello " + Full Name', {"Full Name": "甲"}, "Hello 甲"),
        ("Years  of\n Service + 1", {"Years of Service": 2}, 3),
        ("项目 金额 * 2", {"项目 金额": 2}, 4),
        ("`a-b` + 1", {"a-b": 1}, 2),
        ("loan.rate * 2", {"loan": {"rate": Decimal("0.5")}}, 1),
        ("rows.weight", {"rows": [{"weight": 1}, {"weight": 2}]}, [1, 2]),
        ("a-b", {"a": 5, "b": 3}, 2),
    ],
)
def test_names_may_hold_spaces(text, inputs, expected):
    assert valued(text, **inputs).value == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "表达式是空的"),
        ("1 +", "末尾处"),
        ("f(1)", "没有函数“f”"),
        ("now()", "请把日期作为输入给出"),
        ("a b c(", "没有函数“a b c”"),
        ("x" * 10_001, "超过"),
        ("1+" * 2_000 + "1", "超过"),
        ("(" * 200 + "1" + ")" * 200, "嵌套超过"),
        ("if a then b", "这里应为 else"),
        ("[1, 2", "这里应为 ]"),
        ("f: 1", "多出了"),
        ("sum(1, list: 2)", "参数"),
    ],
)
def test_what_is_not_understood_is_told_with_the_place(text, said):
    model = read_model(definitions(decision("值", literal(text))))
    assert said in model.problems[0].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("missing + 1", "缺少输入“missing”"),
        ("a.missing", "缺少“missing”"),
        ("a(1)", "没有函数"),
        ("[1..null]", "区间的一端是空值"),
        ("substring(1)", "参数个数不对"),
        ("for i in 1..100000 return i", "循环超过"),
        ("{f: function(x) f(x), y: f(1)}.y", "层层调用"),
        ('string join(for i in 1..5000 return "一二三四五六")', "文字超过"),
    ],
)
def test_what_cannot_be_worked_out_is_said(text, said):
    with pytest.raises(Undecided, match=said):
        valued(text, a={"b": 1})


@pytest.mark.parametrize("text", ["distinct values(rows)", "for a in rows return list contains(rows, a)"])
def test_comparing_long_lists_ends_early(text):
    with pytest.raises(Undecided, match="已停止"):
        valued(text, rows=list(range(9_000)))


def test_and_between_what_is_not_true_or_false_is_noted():
    answer = valued('"a" or "b"')
    assert answer.value is None
    assert "or 只能连接真假值，“a”是文字" in answer.notes
