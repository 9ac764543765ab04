"""Do results of a table filled in elsewhere find their indicator, and only results that fit it?"""

import pytest

from service.rules.filled_tables import read, transfers
from tests.rules.filled_tables.tables import wide

LEVELS = ("达成年度指标", "部分达成年度指标并具有一定效果", "未达成年度指标且效果较差")


def row(nature="quantitative", target="300", unit="人次", **more):
    return {"level3_name": "培训人次", "nature": nature, "target_value": target, "measure_unit": unit, **more}


def line(**more):
    return {"name": "指标1：培训 人次", "target": "≥300人次", "actual": "312人次", "score": "20", **more}


def moved(rows, *lines):
    found, obstacles = transfers(rows, read({"indicators": list(lines)}), LEVELS)
    return [(one.field, one.before, one.after) for one in found], [one.reason for one in obstacles]


@pytest.mark.parametrize(
    ("own", "other", "values"),
    [
        (row(), line(), [("actual_value", "", "312")]),
        (row(actual_value="312.00"), line(), []),
        (row(), line(actual=wide("312"), target="300"), [("actual_value", "", "312")]),
        (row(target="1.5", unit="万人次"), line(actual="16000", target="≥1.5万人次"), [("actual_value", "", "1.6")]),
        (row(target="90", unit="万元"), line(actual="88", target="≤90万元"), [("actual_value", "", "88")]),
        (row("date", "2027-11-30", ""), line(actual="2027年11月20日"), [("actual_value", "", "2027-11-20")]),
        (
            row("qualitative", "明显", ""),
            line(actual="达成年度指标", score="8", reason="宣传不够及时，下年提前"),
            [("level", "", LEVELS[0]), ("given_score", "", "8"), ("deviation_reason", "", "宣传不够及时，下年提前")],
        ),
        (row(), line(actual="", reason="无"), []),
    ],
)
def test_a_result_goes_to_the_indicator_of_its_name_in_its_unit(own, other, values):
    assert moved([own], other) == (values, [])


@pytest.mark.parametrize(
    ("own", "lines", "reason"),
    [
        (row(), [line(name="别的指标")], "批复的绩效目标中没有这个指标"),
        (row(), [line(), line()], "表中有两行同名指标"),
        (row(), [line(target="≥200人次")], "与批复的“300人次”不同"),
        (row(), [line(target="≥300%")], "与批复的“300人次”不同"),
        (row(), [line(actual="较多")], "同一计量单位的数字"),
        (row(), [line(actual="312元")], "同一计量单位的数字"),
        (row("date", "2027-11-30", ""), [line(actual="2027年11月")], "不是完整日期"),
    ],
)
def test_what_does_not_fit_is_named_and_left(own, lines, reason):
    values, reasons = moved([own], *lines)
    assert values == []
    assert all(reason in one for one in reasons)
    assert reasons
