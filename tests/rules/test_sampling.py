"""Can a draw be repeated, is it large enough, and is nobody preferred?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.sampling import draw

CODES = [f"37011720211010{number:05}" for number in range(477)]


def drawn(seed, codes, share=Decimal(10)):
    return [code for code in codes if draw(seed, codes, code, share).drawn]


def test_ten_percent_of_477_projects_are_48_and_another_seed_draws_others():
    first, second = drawn("种子甲甲甲甲", CODES), drawn("种子乙乙乙乙", CODES)
    assert len(first) == len(second) == 48
    assert set(first) != set(second)
    assert drawn("种子甲甲甲甲", list(reversed(CODES)))[::-1] == first


@given(
    seed=st.text(min_size=8, max_size=64),
    codes=st.sets(st.text(min_size=1, max_size=20), min_size=1, max_size=30),
    share=st.integers(10, 100),
)
def test_ranks_are_a_permutation_and_the_share_is_never_fallen_short_of(seed, codes, share):
    places = [draw(seed, codes, code, Decimal(share)) for code in codes]
    assert sorted(place.rank for place in places) == list(range(1, len(codes) + 1))
    found = sum(place.drawn for place in places)
    assert found * 100 >= len(codes) * share > (found - 1) * 100


def test_what_is_not_among_them_cannot_be_drawn():
    with pytest.raises(ValueError, match="不在抽样范围内"):
        draw("12345678", ["甲"], "乙", Decimal(10))


def test_everybody_is_drawn_about_equally_often():
    codes, times = CODES[:20], 400
    counts = [
        sum(draw(f"第{number}次抽样", codes, code, Decimal(10)).drawn for number in range(times)) for code in codes
    ]
    assert sum(counts) == 2 * times
    assert all(15 < count < 75 for count in counts), counts
