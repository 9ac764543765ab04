"""Every table case of the standard's published second compliance level has its like here: 17 tables, 3 inputs each.

The shapes are those of the published cases (columns, policies, lists of values, defaults, written under each version of
the standard); the matter is ours: whether a district admits a project, and on which terms.
"""

from decimal import Decimal

import pytest

from service.engine.dmn import decide, read_model
from tests.engine.dmn.models import column, decision, definitions, input_data, result, rule, table

VERSIONS = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}
AMOUNT = column("amount", "number")
RISK = column("risk", "string", '"high", "low", "medium"')
FUNDED = column("funded", "boolean")
STATUS = '"admit", "reject"'
INPUTS = [input_data("amount", "number"), input_data("risk", "string"), input_data("funded", "boolean")]
THREE = [AMOUNT, RISK, FUNDED]

SINGLE_UNIQUE = [
    ([">=50", '"medium","low"', "true"], ['"admit"']),
    (["<50", '"medium","low"', "true"], ['"reject"']),
    (["-", '"high"', "true"], ['"reject"']),
    (["-", "-", "false"], ['"reject"']),
]
SINGLE_OVERLAP = [
    ([">=50", '"medium","low"', "true"], ['"admit"']),
    (["<50", "-", "-"], ['"reject"']),
    (["-", '"high"', "-"], ['"reject"']),
    (["-", "-", "false"], ['"reject"']),
]
OTHERWISE = [([">=50", '"medium","low"', "true"], ['"admit"']), (["-", "-", "-"], ['"reject"'])]
PAIR = [result("status", "string", STATUS, '"reject"'), result("terms", "string", '"best", "plain"', '"plain"')]
PAIR_UNIQUE = [
    ([">=50", '"low"', "true"], ['"admit"', '"best"']),
    ([">=50", '"medium"', "true"], ['"admit"', '"plain"']),
    (["<50", '"medium","low"', "true"], ['"reject"', '"plain"']),
    (["-", '"high"', "true"], ['"reject"', '"plain"']),
    (["-", "-", "false"], ['"reject"', '"plain"']),
]
PAIR_ORDERED = [
    ([">=50", '"medium"', "true"], ['"admit"', '"best"']),
    ([">=20", '"medium"', "true"], ['"admit"', '"plain"']),
    (["<20", '"low"', "true"], ['"reject"', '"plain"']),
]
MIXED = [result("yes/no", "string", STATUS), result("terms", "string")]
MIXED_RULES = [
    ([">=50", '"medium","low"', "true"], ['"admit"', '"basic"']),
    (["<50", "-", "-"], ['"reject"', '"plain"']),
    (["-", '"high"', "-"], ['"admit"', '"plain"']),
]
STEPS = [([">1"], ["98.83"]), ([">2"], ["150.21"]), ([">3"], ["205.43"]), ([">4"], ["64.32"])]
BONUS = [([">1"], ["100"]), ([">2"], ["200"]), ([">3"], ["300"]), ([">5"], ["500"])]


def three(amount, risk, funded=True):
    return {"amount": amount, "risk": risk, "funded": funded}


def pair(status, terms):
    return {"status": status, "terms": terms}


def mixed(status, terms):
    return {"yes/no": status, "terms": terms}


def amount(value):
    return {"amount": value}


def years(value):
    return {"years": value}


YEARS = [column("years", "number")]
ONE = [result()]
VALUED = [result(allowed=STATUS)]
CASES = {
    "unique": (
        (THREE, VALUED, SINGLE_UNIQUE, "UNIQUE"),
        [(three(50, "medium"), "admit"), (three(49, "medium"), "reject"), (three(50, "high"), "reject")],
    ),
    "any": (
        (THREE, VALUED, SINGLE_OVERLAP, "ANY"),
        [(three(50, "medium"), "admit"), (three(49, "medium"), "reject"), (three(49, "high", False), "reject")],
    ),
    "priority of overlapping rows": (
        (THREE, VALUED, SINGLE_OVERLAP, "PRIORITY"),
        [(three(50, "medium"), "admit"), (three(49, "medium"), "reject"), (three(50, "high"), "reject")],
    ),
    "priority over a last row for the rest": (
        (THREE, VALUED, OTHERWISE, "PRIORITY"),
        [(three(50, "medium"), "admit"), (three(49, "medium"), "reject"), (three(50, "high"), "reject")],
    ),
    "two results, unique": (
        (THREE, PAIR, PAIR_UNIQUE, "UNIQUE"),
        [
            (three(50, "medium"), pair("admit", "plain")),
            (three(49, "medium"), pair("reject", "plain")),
            (three(50, "high"), pair("reject", "plain")),
        ],
    ),
    "two results, first": (
        (THREE, PAIR, PAIR_ORDERED, "FIRST"),
        [
            (three(51, "medium"), pair("admit", "best")),
            (three(21, "medium"), pair("admit", "plain")),
            (three(10, "low"), pair("reject", "plain")),
        ],
    ),
    "two results, in the order of rules": (
        (THREE, PAIR, PAIR_ORDERED, "RULE ORDER"),
        [
            (three(51, "medium"), [pair("admit", "best"), pair("admit", "plain")]),
            (three(21, "medium"), [pair("admit", "plain")]),
            (three(10, "low"), [pair("reject", "plain")]),
        ],
    ),
    "two results, in the order of results": (
        (THREE, MIXED, MIXED_RULES, "OUTPUT ORDER"),
        [
            (three(49, "high"), [mixed("admit", "plain"), mixed("reject", "plain")]),
            (three(51, "low"), [mixed("admit", "basic")]),
            (three(10, "low"), [mixed("reject", "plain")]),
        ],
    ),
    "first of one column": (
        (YEARS, ONE, [([">18"], ['"long"']), ([">12"], ['"middle"']), (["-"], ['"short"'])], "FIRST"),
        [(years(19), "long"), (years(13), "middle"), (years(5), "short")],
    ),
    "rule order of one column": (
        ([AMOUNT], ONE, [([">=50"], ['"best"']), ([">=20"], ['"plain"']), (["<20"], ['"plain"'])], "RULE ORDER"),
        [(amount(51), ["best", "plain"]), (amount(21), ["plain"]), (amount(10), ["plain"])],
    ),
    "output order of one column": (
        (
            [AMOUNT],
            VALUED,
            [([">=50"], ['"admit"']), (["<50"], ['"reject"']), ([">=0"], ['"admit"'])],
            "OUTPUT ORDER",
        ),
        [(amount(49), ["admit", "reject"]), (amount(51), ["admit", "admit"]), (amount(10), ["admit", "reject"])],
    ),
    "collect the smallest": (
        (YEARS, ONE, STEPS, "COLLECT", "MIN"),
        [(years(5), Decimal("64.32")), (years(3), Decimal("98.83")), (years(4), Decimal("98.83"))],
    ),
    "collect the sum": (
        (YEARS, ONE, BONUS, "COLLECT", "SUM"),
        [(years(6), 1100), (years(3), 300), (years(2), 100)],
    ),
    "collect the number": (
        (YEARS, ONE, BONUS, "COLLECT", "COUNT"),
        [(years(6), 4), (years(2), 1), (years(3), 2)],
    ),
    "two results, any": (
        (THREE, PAIR, [*PAIR_UNIQUE, ([">=60", '"low"', "true"], ['"admit"', '"best"'])], "ANY"),
        [
            (three(60, "low"), pair("admit", "best")),
            (three(49, "high"), pair("reject", "plain")),
            (three(60, "medium"), pair("admit", "plain")),
        ],
    ),
    "two results, priority": (
        (THREE, MIXED, MIXED_RULES, "PRIORITY"),
        [
            (three(49, "high"), mixed("admit", "plain")),
            (three(51, "low"), mixed("admit", "basic")),
            (three(10, "low"), mixed("reject", "plain")),
        ],
    ),
    "two results, collected": (
        (THREE, MIXED, MIXED_RULES, "COLLECT"),
        [
            (three(49, "high"), [mixed("reject", "plain"), mixed("admit", "plain")]),
            (three(51, "low"), [mixed("admit", "basic")]),
            (three(10, "low"), [mixed("reject", "plain")]),
        ],
    ),
}
ALL = [
    pytest.param(parts, inputs, expected, id=f"{name} {number}")
    for name, (parts, asked) in CASES.items()
    for number, (inputs, expected) in enumerate(asked, 1)
]


def test_there_are_as_many_as_published():
    assert len(ALL) == 51


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("parts", "inputs", "expected"), ALL)
def test_a_table_answers_as_the_standard_says(parts, inputs, expected, version):
    logic = table(*parts)
    text = definitions(decision("Approval Status", logic), *INPUTS, input_data("years"), namespace=VERSIONS[version])
    answer = decide(read_model(text), "Approval Status", inputs)
    assert answer.decided
    assert answer.rows
    assert answer.value == expected


def test_tables_written_with_a_prefix_and_prefixed_types_read_the_same():
    plain = definitions(decision("d", table([column("amount", "feel:number")], ONE, [rule([">= 1"], ["true"])])))
    text = plain.decode().replace('xmlns="', 'xmlns:semantic="').replace("</", "</semantic:")
    for tag in ("definitions", "decisionTable", "decision ", "variable", "inputExpression", "inputEntry"):
        text = text.replace(f"<{tag}", f"<semantic:{tag}")
    for tag in ("outputEntry", "output/", "output>", "rule", "text", "input>"):
        text = text.replace(f"<{tag}", f"<semantic:{tag}")
    assert decide(read_model(text.encode()), None, {"amount": 1}).value is True
