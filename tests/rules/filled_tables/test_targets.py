"""Are targets and results read as people write them?"""

from datetime import date
from decimal import Decimal

import pytest

from service.rules.filled_tables import read_actual, read_target
from service.rules.filled_tables.figures import figure_of
from tests.rules.filled_tables.tables import wide


@pytest.mark.parametrize(
    ("written", "operator", "value", "unit"),
    [
        ("≥100百分比", "ge", "100", "%"),
        ("≤90万元", "le", "900000", "元"),
        (wide("=20台"), "eq", "20", "台"),
        ("≥ 95 ％", "ge", "95", "%"),
        (">=3次", "ge", "3", "次"),
        ("不低于98%", "ge", "98", "%"),
        ("98%以上", "ge", "98", "%"),
        ("小于等于5个工作日", "le", "5", "个工作日"),
        ("控制在1.2万元以内", "le", "12000", "元"),
        (wide(">0"), "gt", "0", ""),
        ("少于2起", "lt", "2", "起"),
        ("≥1.5万人次", "ge", "15000", "人次"),
        ("20000", "", "20000", ""),
        ("3", "", "3", ""),
    ],
)
def test_numbers(written, operator, value, unit):
    target = read_target(written)
    assert (target.operator, target.value, target.unit) == (operator, Decimal(value), unit)


@pytest.mark.parametrize(
    ("written", "year", "day"),
    [
        ("2022年11月底前", None, date(2022, 11, 30)),
        ("2022年2月底", None, date(2022, 2, 28)),
        (wide("2022-12-31"), None, date(2022, 12, 31)),
        ("2022.6.30前", None, date(2022, 6, 30)),
        ("11月底前", 2022, date(2022, 11, 30)),
        ("12月底之前", 2020, date(2020, 12, 31)),
    ],
)
def test_days(written, year, day):
    target = read_target(written, year=year)
    assert (target.operator, target.day) == ("date", day)


@pytest.mark.parametrize(
    "written", ["效果明显", "严格执行相关制度规定", "合规", "", None, "1-2次", "2022年和2023年各1次"]
)
def test_texts_are_qualitative(written):
    assert read_target(written).operator == "qual"


def test_sign_and_unit_may_stand_in_columns_of_their_own():
    target = read_target("100", operator="≥", unit="％")
    assert (target.operator, target.value, target.unit) == ("ge", Decimal(100), "%")
    target = read_target("1.5", operator="≤", unit="万元")
    assert (target.operator, target.value, target.unit) == ("le", Decimal(15000), "元")


@pytest.mark.parametrize(
    ("target", "written", "value"),
    [
        ("≥300人次", "312", "312"),
        ("≥300人次", "312人次", "312"),
        ("≥60%", "61%", "61"),
        ("≥60%", "61百分比", "61"),
        ("≤90万元", "89.974", "899740"),
        ("≤90万元", "899740元", "899740"),
        ("≥1.5万人次", "15200", "15200"),
        ("≥1.5万人次", "1.6", "16000"),
        ("≥300人次", "达成预期指标", None),
        ("≥300人次", "5场", None),
        ("≥300人次", "上半年150，下半年160", None),
    ],
)
def test_results_are_read_in_the_targets_unit(target, written, value):
    assert read_actual(written, read_target(target)) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("written", "unit", "value", "decimals", "percent"),
    [
        ("9.38", "", "9.38", 2, False),
        (wide("9.38分"), "", "9.38", 2, False),
        ("100.00%", "", "100", 2, True),
        ("1,250,000.00", "元", "1250000", 2, False),
        ("90万元", "元", "900000", 0, False),
        ("900000元", "万元", "90", 0, False),
        ("0.862037037037037", "", "0.862037037", 9, False),
        ("98.5（优）", "", "98.5", 1, False),
        ("-3", "", "-3", 0, False),
    ],
)
def test_figures(written, unit, value, decimals, percent):
    figure = figure_of(written, unit)
    assert (figure.value, figure.decimals, figure.percent) == (Decimal(value), decimals, percent)


@pytest.mark.parametrize(
    "written", [None, "", " ", "/", "—", "无", "达成", "80，另结转20", "1/3", "9" * 60, "1.2.3", "2022年11月"]
)
def test_what_is_no_figure(written):
    assert figure_of(written) is None
