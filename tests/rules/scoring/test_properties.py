"""What holds for every score, whatever the figures?"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from service.rules import scoring
from service.rules.scoring import Result, rule_set

RULES = st.sampled_from(
    [rule_set("LINEAR_2020"), rule_set("LINEAR_2020").with_reverse_mode("ratio"), rule_set("THRESHOLD_2021")]
)
OPERATORS = st.sampled_from(["ge", "gt", "eq", "le", "lt"])
NUMBERS = st.decimals(-10_000, 100_000, places=3)
POSITIVE = st.decimals("0.001", 100_000, places=3)
WEIGHTS = st.decimals("0.01", 100, places=2)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CAUSES = st.sampled_from([None, "external", "target_too_low"])


def in_bounds(score, weight):
    return 0 <= score.points <= weight and score.points == score.points.quantize(Decimal("0.01"))


@given(OPERATORS, NUMBERS, st.none() | NUMBERS, WEIGHTS, RULES, CAUSES, st.booleans())
def test_a_quantity_scores_between_nothing_and_its_weight(operator, target, actual, weight, rules, cause, satisfaction):
    score = scoring.quantity_score(operator, target, actual, weight, rules, over_cause=cause, satisfaction=satisfaction)
    assert in_bounds(score, weight)
    assert bool(score.explain) or score.points == weight


@given(OPERATORS, POSITIVE, POSITIVE, POSITIVE, WEIGHTS, RULES, st.booleans())
def test_a_better_result_never_scores_less(operator, target, one, other, weight, rules, satisfaction):
    worse, better = sorted((one, other), reverse=operator in ("le", "lt"))
    by_steps = satisfaction and operator not in ("le", "lt")
    low, high = (
        scoring.quantity_score(operator, target, actual, weight, rules, satisfaction=by_steps).points
        for actual in (worse, better)
    )
    assert low <= high


@given(st.sampled_from(["ge", "gt", "eq"]), POSITIVE, POSITIVE, WEIGHTS, RULES)
def test_a_result_on_its_target_has_all_points(operator, target, extra, weight, rules):
    for actual in (target, target + extra):
        assert scoring.quantity_score(operator, target, actual, weight, rules).points == weight


@given(NUMBERS, NUMBERS, NUMBERS, WEIGHTS, RULES, st.booleans())
def test_more_execution_never_scores_less_nor_above_the_weight(budget, one, other, weight, rules, finished):
    low, high = (
        scoring.execution_score(budget, executed, rules, finished=finished, weight=weight)
        for executed in sorted((one, other))
    )
    assert low.points <= high.points
    assert in_bounds(low, weight)
    assert in_bounds(high, weight)


@given(DAYS, DAYS, DAYS, st.integers(0, 900), WEIGHTS, RULES)
def test_an_earlier_end_never_scores_less(start, due, done, later, weight, rules):
    early = scoring.deadline_score(start, due, done, weight, rules)
    late = scoring.deadline_score(start, due, done + timedelta(days=later), weight, rules)
    assert late.points <= early.points
    assert in_bounds(early, weight)
    assert in_bounds(late, weight)


@given(st.decimals(0, 1000, places=2), st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=20))
def test_shared_points_add_up_exactly(total, parts):
    found = scoring.shared(total, parts)
    assert sum(found) == total
    assert all(part >= 0 for part in found)


@given(st.lists(st.decimals("0.01", 8, places=2), min_size=2, max_size=10))
def test_weights_without_satisfaction_add_up_to_ninety_and_only_benefit_grows(weights):
    groups = ["output" if place % 2 else "benefit" for place in range(len(weights))]
    moved = scoring.without_satisfaction(groups, weights)
    assert sum(moved) == 90
    for group, before, after in zip(groups, weights, moved, strict=True):
        assert after == before if group == "output" else after >= before


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=30), RULES)
def test_a_year_without_any_fault_scores_one_hundred(parts, rules):
    weights = scoring.shared(rules.indicator_weight, parts)
    results = [Result(name="x", operator="ge", target="3", actual="3", weight=weight) for weight in weights]
    found = scoring.project_score(Decimal(7), Decimal(7), results, rules, finished=True)
    assert (found.total, found.grade) == (100, "优")


@given(st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=15))
def test_experts_agree_on_a_score_between_their_own(scores):
    found = scoring.panel_score(scores)
    assert min(scores) <= found.points <= max(scores)
    assert len(found.counted) == (len(scores) - 2 if len(scores) >= 5 else len(scores))
