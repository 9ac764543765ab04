"""Does the check find what is wrong in tables of real layouts, and keep silent about right ones?"""

import json
from importlib.resources import files

import pytest

from db import demo
from service.rules.filled_tables import ERRORS, check, codes, read
from tests.rules.filled_tables.tables import CLASSIC, FULL, RIGHT, WRONG, changed, expected, head, part, table

SAMPLE = json.loads((files(demo) / "filled_tables_sample.json").read_text("utf-8"))["tables"]


def errors(given):
    return codes(check(read(given)), "error")


def warnings(given):
    return codes(check(read(given)), "warning")


@pytest.mark.parametrize("given", SAMPLE, ids=lambda given: given["id"])
def test_the_samples_show_exactly_the_codes_they_name(given):
    assert errors(given) == given["expect"]


@pytest.mark.parametrize("given", RIGHT, ids=lambda given: given["id"])
def test_no_alarm_on_a_table_that_is_right(given):
    assert sorted(errors(given)) == expected(given)


@pytest.mark.parametrize("given", WRONG, ids=lambda given: given["id"])
def test_a_wrong_table_shows_its_faults_and_no_others(given):
    assert sorted(errors(given)) == expected(given)


def test_every_error_is_shown_by_some_table():
    assert {code for given in WRONG for code in given["expect"]} == set(ERRORS)
    assert len(RIGHT) + len(WRONG) >= 40


def test_each_fault_names_its_cell_and_what_was_found():
    given = table("X", [head("50", "50", "45", "95", "10"), part("其中:财政拨款", "40", "50", "45")], CLASSIC)
    found = {(own.code, own.path): own.message for own in check(read(given))}
    assert (
        found["MONEY_TOTAL_NE_PARTS", "money[0].initial"]
        == "资金总额不等于各项资金之和：年初预算数总额50，各项之和40万元"
    )
    assert found["EXEC_RATE_WRONG", "money[0].rate"] == "执行率计算有误：填95，应为90%"
    assert found["EXEC_SCORE_WRONG", "money[0].score"] == "执行率得分计算有误：填10，执行率90%，应得10×90%=9.00"
    assert ("MONEY_TOTAL_NE_PARTS", "money[0].adjusted") not in found


@pytest.mark.parametrize(
    ("lines", "warned"),
    [
        (changed(CLASSIC, actual_0="150"), ["SCORE_ABOVE_RULE"]),
        (changed(CLASSIC, actual_1="80%"), ["SCORE_ABOVE_RULE"]),
        (changed(CLASSIC, actual_0="400"), ["OVER_130_NO_REASON"]),
        (changed(CLASSIC, actual_0="400", reason_0="上级追加任务"), []),
        (changed(CLASSIC, actual_0="0.0312万人次"), []),
        (changed(CLASSIC, target_0="≤90万元", actual_0="90"), []),
        (changed(CLASSIC, target_0="≤90万元", actual_0="1200000元"), ["SCORE_ABOVE_RULE"]),
        (changed(CLASSIC, target_0=""), ["TARGET_MISSING"]),
        (changed(CLASSIC, score_0="满分"), ["FIGURE_UNREAD"]),
        (changed(CLASSIC, weight_0="二十"), ["FIGURE_UNREAD"]),
    ],
)
def test_what_is_only_odd_is_a_warning(lines, warned):
    given = table("X", FULL, lines)
    assert (errors(given), warnings(given)) == ([], warned)


def test_more_oddities_are_warnings():
    missing = [head("", "", "", "", "10"), part("其中:财政拨款", "90", "90", "90")]
    assert warnings(table("X", missing, CLASSIC)) == ["MONEY_TOTAL_MISSING"]
    assert warnings(table("X", [head("90", "0", "90", "/", "10")], CLASSIC)) == ["EXEC_WITHOUT_BUDGET"]
    assert warnings(table("X", FULL, CLASSIC, goal_actual="")) == ["GOAL_RESULT_MISSING"]
    assert warnings(table("X", FULL, CLASSIC, indicators_complete=False)) == ["TABLE_CUT"]
    assert warnings(table("X", FULL, changed(CLASSIC, weight_0=""))) == ["WEIGHT_MISSING"]


def test_an_amount_with_a_remark_proves_nothing():
    money = [head("100", "100", "100", "100%", "10"), part("其中:财政拨款", "80，另结转20", "80，另结转20", "80")]
    assert "MONEY_TOTAL_NE_PARTS" in errors(table("X", money, CLASSIC))
    money[1] = part("其中:财政拨款", "80，另结转20", "80，另结转20", "80，另结转20")
    assert errors(table("X", money, CLASSIC)) == []


def test_numbers_and_texts_are_read_alike_and_a_bare_table_is_fine():
    money = [head(50, 50, 47.5, 95, 9.5)]
    lines = [tuple(int(cell) if str(cell).isdigit() else cell for cell in line) for line in CLASSIC]
    assert errors(table("X", money, lines, (100, 99.5))) == []
    assert errors({"id": "X"}) == []
    assert errors({"id": "X", "money": [{}], "indicators": [{}], "totals": {}}) == []


@pytest.mark.parametrize("part_", ["money", "indicators"])
@pytest.mark.parametrize("given", ["text", [1], {"a": 1}, 3])
def test_parts_that_are_no_lists_are_refused_by_name(part_, given):
    with pytest.raises(ValueError, match=part_):
        read({part_: given})
