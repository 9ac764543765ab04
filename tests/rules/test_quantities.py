"""Are numbers, units and days read as people mean them?"""

from datetime import date
from decimal import Decimal

import pytest

from service.rules.quantities import base, day_of, number_of, plain, quantities


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,860.50", "1860.50"), ("\uff13\uff18", "38"), (38, "38"), (0.1, "0.1"), ("38万元", None), ("", None), (None, None),
     (True, None), ("NaN", None), ("1e5", "100000"), ("9" * 41, None),
     ("1e999999", None)],
)  # fmt: skip
def test_a_cell_holds_a_number_or_none(text, number):
    assert number_of(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "day"),
    [("2021-11-30", date(2021, 11, 30)), ("2021/1/5", date(2021, 1, 5)), ("2021年11月底前", date(2021, 11, 30)),
     ("2021年2月", date(2021, 2, 28)), ("2021.06.15", date(2021, 6, 15)), ("2021年11月20日前", date(2021, 11, 20)),
     ("2021年9月上旬", date(2021, 9, 10)), ("2021-02-30", None), ("2021-13", None), ("年底", None), ("2021", None)],
)  # fmt: skip
def test_a_day_is_read_from_the_forms_people_write(text, day):
    assert day_of(text) == day


def test_units_lose_their_multiplier():
    assert base(Decimal("1.2"), "万亩") == (Decimal(12000), "亩")
    assert base(Decimal(2), "亿元") == (Decimal(200000000), "元")
    assert base(Decimal(3), "千米") == (Decimal(3), "千米")
    assert base(Decimal(3), "人") == (Decimal(3), "人")


def test_numbers_of_a_text_are_found_in_base_units():
    found = quantities("治理1.2万亩，PM2.5下降3%，接警5,000件，新建5G基站36座")
    assert [(plain(q.value), q.after[:1]) for q in found] == [("12000", "亩"), ("3", "%"), ("5000", "件"), ("36", "座")]
