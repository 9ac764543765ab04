"""Whatever rounding a district uses, does a right table stay without alarm, and a wrong one not?"""

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from service.rules.filled_tables import check, codes, read
from service.rules.scoring import shared
from service.rules.scoring.rounding import down, half_up
from tests.rules.filled_tables.tables import head, of, table

AMOUNTS = st.decimals("0.5", 100_000, places=2)
ROUND = st.sampled_from([half_up, down])
PARTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


@st.composite
def filled(draw):
    """A table filled in by the book, in one of the usual ways of writing, and what its rate is."""
    budget = draw(AMOUNTS)
    executed = (budget * draw(st.decimals(0, 1, places=4))).quantize(Decimal("0.01"))
    weight = draw(st.sampled_from([Decimal(10), Decimal(20)]))
    true = Fraction(executed) / Fraction(budget)
    shown = draw(ROUND)(true * 100, draw(st.integers(0, 2)))
    way = draw(st.sampled_from(["{}%", "{}", "fraction"]))
    rate = str(shown / 100) if way == "fraction" else way.format(shown)
    behind = draw(st.sampled_from([true, Fraction(shown) / 100]))
    score = draw(ROUND)(behind * Fraction(weight), draw(st.integers(1, 2)))
    weights = shared(100 - weight, [Decimal(part) for part in draw(PARTS)])
    points = [str(own) for own in weights]
    total = ("100", str(100 - weight + score))
    return table(
        "X", [head(str(budget), str(budget), str(executed), rate, str(score), str(weight))], of(points), total
    ), true


@given(filled())
def test_a_table_filled_in_by_the_book_draws_no_alarm(made):
    assert codes(check(read(made[0])), "error") == []


@given(filled(), st.sampled_from([-30, -12, -3, 3, 12, 30]))
def test_a_rate_three_points_off_is_always_found(made, off):
    given_, true = made
    wrong = half_up(true * 100 + off, 2)
    assume(0 < wrong <= 100 and given_["money"][0]["adjusted"] > "")
    # An amount of a few hundred yuan in 万元 is itself too coarse to tell.
    assume(Decimal(given_["money"][0]["adjusted"]) >= 1)
    given_["money"][0]["rate"] = f"{wrong}%"
    assert "EXEC_RATE_WRONG" in codes(check(read(given_)), "error")


@given(filled(), st.sampled_from(["-1.5", "-0.5", "0.5", "1.5"]))
def test_a_total_half_a_point_off_is_always_found(made, off):
    given_, _ = made
    lines = given_["indicators"]
    assume(len(lines) <= 6)
    given_["totals"]["score"] = str(Decimal(given_["totals"]["score"]) + Decimal(off))
    assert "SCORES_NE_TOTAL" in codes(check(read(given_)), "error")


@given(filled(), st.data())
def test_a_point_too_many_or_too_few_is_always_found_in_its_line(made, data):
    given_, _ = made
    number = data.draw(st.integers(0, len(given_["indicators"]) - 1))
    row = given_["indicators"][number]
    more = data.draw(st.booleans())
    row["score"] = str(Decimal(row["weight"]) + (1 if more else -1))
    code, cell = ("SCORE_GT_WEIGHT", "score") if more else ("SCORE_LOST_NO_REASON", "reason")
    errors = [own for own in check(read(given_)) if own.severity == "error"]
    found = [(own.code, own.path) for own in errors if own.path.startswith("indicators")]
    assert (code, f"indicators[{number}].{cell}") in found
    assert {own for own, _ in found} <= {code}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=4,
    )
)
def test_whatever_stands_in_a_cell_nothing_breaks(cell):
    row = dict.fromkeys(("label", "initial", "adjusted", "executed", "weight", "rate", "score"), cell)
    line = dict.fromkeys(("level1", "name", "operator", "target", "unit", "actual", "weight", "score", "reason"), cell)
    check(
        read(
            {
                "id": cell,
                "year": cell,
                "money": [row, row],
                "indicators": [line],
                "totals": {"weight": cell, "score": cell},
            }
        )
    )
