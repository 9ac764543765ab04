"""Does every case of the score rules give the points the documents say, and its working with them?"""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from service.rules import scoring
from service.rules.scoring import Result, rule_set
from service.rules.scoring.rounding import half_up

LINEAR = rule_set("LINEAR_2020")
THRESHOLD = rule_set("THRESHOLD_2021")
MET = "达成年度指标"


def points(operator, target, actual, weight="10", rules=LINEAR, **known):
    number = None if actual is None else Decimal(str(actual))
    return str(scoring.quantity_score(operator, Decimal(str(target)), number, Decimal(weight), rules, **known).points)


@pytest.mark.parametrize(
    ("case", "got"),
    [
        (("ge", 500, 520), "10.00"),
        (("gt", 90, 88), "9.78"),
        (("ge", 500, None), "0.00"),
        (("ge", 500, -3), "0.00"),
        (("eq", 0, 1), "0.00"),
        (("eq", 0, 0), "10.00"),
        (("eq", 12, 13), "10.00"),
        (("le", 5, 5), "10.00"),
        (("le", 5, 9.99), "0.02"),
        (("lt", 5, 11), "0.00"),
        (("le", 5, 0), "10.00"),
        (("le", -3, -5), "10.00"),
        (("le", -3, -2), "0.00"),
        (("ge", -3, -2), "10.00"),
        (("ge", 0, 0), "10.00"),
    ],
)
def test_linear_quantities(case, got):
    assert points(*case) == got


def test_an_upper_limit_may_be_scored_by_ratio():
    assert points("le", 5, 10, rules=LINEAR.with_reverse_mode("ratio")) == "5.00"
    assert points("le", 5, 6, rules=THRESHOLD.with_reverse_mode("deviation")) == "5.83", "knows the ratio only"
    with pytest.raises(ValueError, match="没有反向指标计算方式“别的”"):
        LINEAR.with_reverse_mode("别的")


@pytest.mark.parametrize(
    ("case", "got"),
    [
        (("ge", 100, 60), "0.00"),
        (("ge", 100, 61), "0.25"),
        (("ge", 100, 100), "10.00"),
        (("le", 5, 8.4), "0.00"),
        (("eq", 0, 1), "0.00"),
    ],
)
def test_threshold_quantities(case, got):
    assert points(*case, rules=THRESHOLD) == got


@pytest.mark.parametrize(("actual", "got"), [(90, "10.00"), (89.99, "8.00"), (60, "5.00"), (59.9, "0.00")])
def test_satisfaction_goes_by_steps_where_the_rule_set_has_them(actual, got):
    assert points("ge", 95, actual, rules=THRESHOLD, satisfaction=True) == got
    assert points("ge", 95, 95, rules=LINEAR, satisfaction=True) == "10.00"


@pytest.mark.parametrize(
    ("case", "cause", "got"),
    [
        (("ge", 100, 150), "target_too_low", "8.00"),
        (("ge", 100, 150), "external", "10.00"),
        (("ge", 100, 129), "target_too_low", "10.00"),
        (("ge", 100, 130), "target_too_low", "10.00"),
        (("ge", 100, 300), "target_too_low", "0.00"),
        (("le", 5, 2.78), "target_too_low", "8.56"),
        (("le", 5, 3.6), "target_too_low", "10.00"),
    ],
)
def test_only_a_target_set_too_low_costs_points(case, cause, got):
    assert points(*case, over_cause=cause) == got


def test_an_unknown_operator_is_refused():
    with pytest.raises(ValueError, match="没有比较符号“about”"):
        points("about", 1, 1)


@pytest.mark.parametrize(
    ("budget", "executed", "rules", "finished", "got"),
    [
        ("200", "190", LINEAR, False, "9.50"),
        ("200", "210", LINEAR, False, "10.00"),
        ("0", "10", LINEAR, False, "0.00"),
        ("-1", "10", LINEAR, True, "0.00"),
        ("100", "-5", LINEAR, False, "0.00"),
        ("100", "59.99", THRESHOLD, False, "0.00"),
        ("100", "60", THRESHOLD, False, "5.00"),
        ("100", "130", THRESHOLD, True, "10.00"),
        ("0", "0", THRESHOLD, True, "0.00"),
    ],
)
def test_execution(budget, executed, rules, finished, got):
    score = scoring.execution_score(Decimal(budget), Decimal(executed), rules, finished=finished)
    assert str(score.points) == got


def test_execution_may_have_another_weight():
    score = scoring.execution_score(Decimal(3), Decimal(2), LINEAR, weight=Decimal(20))
    assert str(score.points) == "13.33"


@pytest.mark.parametrize(
    ("done", "got"),
    [
        (date(2021, 11, 30), "10.00"),
        (date(2021, 12, 15), "9.55"),
        (date(2023, 1, 1), "0.00"),
        (None, "0.00"),
    ],
)
def test_deadlines(done, got):
    score = scoring.deadline_score(date(2021, 1, 1), date(2021, 11, 30), done, Decimal(10), LINEAR)
    assert str(score.points) == got


def test_a_deadline_on_the_first_day_counts_one_planned_day():
    day = date(2021, 1, 1)
    assert str(scoring.deadline_score(day, day, date(2021, 1, 2), Decimal(10), LINEAR).points) == "0.00"


@pytest.mark.parametrize(
    ("level", "score", "fits"),
    [
        (MET, "7.99", False),
        (MET, "8", True),
        (MET, "10.01", False),
        ("部分达成年度指标并具有一定效果", "7.99", True),
        ("部分达成年度指标并具有一定效果", "5.99", False),
        ("未达成年度指标且效果较差", "0", True),
        ("未达成年度指标且效果较差", "-1", False),
        ("还行", "5", False),
    ],
)
def test_levels_have_bands(level, score, fits):
    assert scoring.level_fits(level, Decimal(score), Decimal(10), LINEAR) is fits
    assert (scoring.level_score(level, Decimal(score), Decimal(10), LINEAR).problem == "") is fits


def test_a_score_outside_its_band_is_said_with_the_band():
    problem = scoring.level_score(MET, Decimal(7), Decimal(10), LINEAR).problem
    assert problem == "得分7不在“达成年度指标”的范围（分值的80%（含）至100%（含），即8～10分）内，请改正得分或档次"
    assert "没有得分" in scoring.level_score(MET, None, Decimal(10), LINEAR).problem


def test_every_score_says_how_it_came_about():
    score = scoring.quantity_score("ge", Decimal(90), Decimal(88), Decimal(15), LINEAR)
    assert (score.formula, score.worked) == ("分值×实际完成值÷指标值", "15×88÷90=14.67")
    assert score.explain == "扣0.33分"
    assert score.source.startswith("财预〔2020〕10号")
    over = scoring.quantity_score("ge", Decimal(100), Decimal(150), Decimal(15), LINEAR)
    assert (over.points, over.explain) == (Decimal("15.00"), "完成率150%，达到130%")
    saved = scoring.quantity_score("le", Decimal(100), Decimal(70), Decimal(10), LINEAR)
    assert saved.explain == "比指标值节约30%"
    assert scoring.quantity_score("le", Decimal(100), Decimal("70.1"), Decimal(10), LINEAR).explain == ""


def test_a_half_is_never_lost_in_a_third():
    assert half_up(Fraction(1, 200), 2) == Decimal("0.01")
    # The share is two thirds, which never ends as a decimal; two thirds of 0.0075 is exactly half a hundredth.
    assert points("le", 300, 400, "0.0075") == "0.01"


@pytest.mark.parametrize(
    ("total", "grade"),
    [("100", "优"), ("89.995", "优"), ("89.994", "良"), ("80", "良"), ("79.99", "中"), ("60", "中"), ("0", "差")],
)
def test_grades_are_read_from_the_rounded_total(total, grade):
    assert scoring.grade_of(Decimal(total), LINEAR) == grade


def test_the_same_facts_score_differently_under_the_other_rule_set():
    results = [
        Result(name="购置台套", operator="ge", target="40", actual="34", weight=Decimal(80)),
        Result(name="满意度", operator="ge", target="90", actual="86", weight=Decimal(10), level2="sat"),
    ]
    linear = scoring.project_score(Decimal(300), Decimal(246), results, LINEAR)
    threshold = scoring.project_score(Decimal(300), Decimal(246), results, THRESHOLD)
    assert (str(linear.total), linear.grade) == ("85.76", "良")
    assert (str(threshold.total), threshold.grade) == ("65.00", "中")
    assert threshold.to_json()["rule_set"] == "THRESHOLD_2021"


@pytest.mark.parametrize(("operator", "target"), [("date", "年底"), ("ge", "若干")])
def test_a_target_that_cannot_be_read_is_named(operator, target):
    with pytest.raises(ValueError, match="“培训”的指标值"):
        scoring.indicator_score(
            Result(name="培训", operator=operator, target=target, actual="1", weight=Decimal(9)), LINEAR
        )


def test_rule_sets_survive_being_saved():
    for rules in scoring.shipped().values():
        assert scoring.read(json.loads(json.dumps(rules.to_json()))) == rules


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"completion_floor": "1"}, "completion_floor"),
        ({"completion_floor": "NaN"}, "completion_floor"),
        ({"execution": "guess"}, "execution"),
        ({"reverse_modes": []}, "reverse_modes"),
        ({"grades": {"excellent": "80", "good": "90", "fair": "60"}}, "grades"),
        ({"grades": {"superb": "80"}}, "grades"),
        ({"bands": [{"level": "好"}]}, "bands"),
        ({"execution_steps": [{"from": "0.6", "share": "0.5"}, {"from": "0.8", "share": "0.7"}]}, "execution_steps"),
        ({"complation_floor": "0"}, "complation_floor"),
    ],
)
def test_an_edited_rule_set_that_cannot_be_is_refused_by_name(change, named):
    with pytest.raises(ValueError, match=named):
        scoring.read({**LINEAR.to_json(), **change})


def test_a_rule_set_without_a_parameter_is_refused():
    values = LINEAR.to_json()
    del values["bands"]
    with pytest.raises(ValueError, match="bands"):
        scoring.read(values)
    with pytest.raises(ValueError, match="没有评分规则“OLD”"):
        rule_set("OLD")


@pytest.mark.parametrize(
    ("scores", "mean", "discuss"),
    [([80, 85, 86, 89, 92], "86.67", False), ([70, 84, 98], "84.00", True), ([60, 85, 86, 89, 92], "86.67", True)],
)
def test_experts_scores_come_together(scores, mean, discuss):
    found = scoring.panel_score([Decimal(score) for score in scores])
    assert (str(found.points), found.discuss) == (mean, discuss)


def test_no_expert_gives_no_score():
    assert scoring.panel_score([]) is None


def test_the_points_of_a_missing_satisfaction_group_move_to_benefit():
    groups = ["output", "benefit", "benefit", "benefit"]
    weights = [Decimal(50), Decimal(10), Decimal(10), Decimal(10)]
    moved = scoring.without_satisfaction(groups, weights)
    assert [str(weight) for weight in moved] == ["50", "13.34", "13.33", "13.33"]
    assert scoring.without_satisfaction(["output", "satisfaction"], weights[:2]) == weights[:2]
    with pytest.raises(ValueError, match="不能为负"):
        scoring.shared(Decimal(10), [Decimal(-1)])
