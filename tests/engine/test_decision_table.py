"""Decision tables say clearly what they decide and what they cannot."""

from decimal import Decimal

import pytest

from service.engine.decision_table import DecisionTable, DecisionTableError


def table(rows, policy="UNIQUE", attributes="", kind="number", outputs=("level",)):
    columns = "".join(f'<output id="o{n}" name="{name}"/>' for n, name in enumerate(outputs))
    rules = "".join(
        "<rule>"
        + f"<inputEntry><text><![CDATA[{test}]]></text></inputEntry>"
        + "".join(f"<outputEntry><text><![CDATA[{value}]]></text></outputEntry>" for value in values)
        + "</rule>"
        for test, *values in rows
    )
    return DecisionTable(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="d" name="级别">'
        f'<decisionTable hitPolicy="{policy}" {attributes}><input label="金额"><inputExpression typeRef="{kind}">'
        f"<text>amount</text></inputExpression></input>{columns}{rules}</decisionTable></decision></definitions>".encode()
    )


def ask(rows, amount, **options):
    return table(rows, **options).decide({"amount": amount})


def test_a_unique_table_answers_with_the_row():
    decision = ask([("< 200", "'小'"), ("[200..500)", "'中'"), (">= 500", "'大'")], Decimal("499.99"))
    assert decision.values == {"level": "中"}
    assert decision.rows == (2,)


def test_overlapping_rows_of_a_unique_table_are_an_error():
    with pytest.raises(DecisionTableError, match="第1、2行同时相符"):
        ask([("< 200", "1"), ("< 300", "2")], 100)


def test_first_takes_the_first_row():
    assert ask([("< 200", "1"), ("-", "2")], 100, policy="FIRST").rows == (1,)


def test_any_needs_agreeing_rows():
    assert ask([("< 200", "1"), ("-", "1")], 100, policy="ANY").rows == (1, 2)
    with pytest.raises(DecisionTableError, match="结果不同"):
        ask([("< 200", "1"), ("-", "2")], 100, policy="ANY")


def test_rule_order_lists_all_answers():
    assert ask([("-", "2"), ("-", "1")], 1, policy="RULE ORDER").values == {"level": [2, 1]}


@pytest.mark.parametrize(("name", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)])
def test_collect_aggregates(name, expected):
    rows = [("-", "3"), ("-", "1"), ("-", "2")]
    assert ask(rows, 1, policy="COLLECT", attributes=f'aggregation="{name}"').values == {"level": expected}


@pytest.mark.parametrize(
    ("test", "value", "kind", "hit"),
    [
        ("1, 2, 3", 2, "number", True),
        ("not(3)", 3, "number", False),
        ("not(3)", 4, "number", True),
        ("[1..5]", 5, "number", True),
        ("[1..5)", 5, "number", False),
        ("(1..5]", 1, "number", False),
        ("'甲', '乙'", "乙", "string", True),
        ("'甲,乙'", "甲", "string", False),
        ("True", True, "boolean", True),
        ("!= 3", 3, "number", False),
    ],
)
def test_cells_that_stock_tables_misread(test, value, kind, hit):
    rows = [(test, "1"), ("-", "2")]
    assert ask(rows, value, policy="FIRST", kind=kind).rows == ((1,) if hit else (2,))


@pytest.mark.parametrize(
    "cell", ["__import__('os')", ">= ", "1,,2", "[1..]", "not()", "> > 3", "a.b(", "[x for x in y]", "=> 3"]
)
def test_a_cell_that_is_not_understood_is_refused_when_the_table_is_read(cell):
    with pytest.raises(DecisionTableError, match="第1行"):
        table([(cell, "1")])


@pytest.mark.parametrize("value", [None, "300", True])
def test_missing_and_mistyped_inputs_are_said(value):
    with pytest.raises(DecisionTableError, match="金额"):
        ask([("-", "1")], value)
    with pytest.raises(DecisionTableError, match="缺少输入“金额”"):
        table([("-", "1")]).decide({})


def test_no_matching_row_is_said():
    with pytest.raises(DecisionTableError, match="没有一行"):
        ask([("< 200", "1")], 300)


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER", "NONSENSE"])
def test_unsupported_policies_are_refused(policy):
    with pytest.raises(DecisionTableError, match="不支持命中策略"):
        table([("-", "1")], policy=policy)


def test_an_empty_result_cell_is_refused():
    with pytest.raises(DecisionTableError, match="第1行“level”列"):
        table([("-", "")])
