"""Does a review come to the grade and the decision the rule gives?"""

from decimal import Decimal

import pytest

from service.rules.review import MAXIMA, GradeBands, conclude, verb_problem


def scored(*points, **beside):
    return {
        "items": [{"code": code, "score": str(score)} for code, score in zip(MAXIMA, points, strict=True)],
        **beside,
    }


def rated(grade, *ratings):
    given = [*ratings, *["优"] * (8 - len(ratings))]
    return {
        "items": [{"code": code, "rating": rating} for code, rating in zip(MAXIMA, given, strict=True)],
        "overall_grade": grade,
    }


@pytest.mark.parametrize(
    ("points", "total", "grade", "decision"),
    [
        ((10, 10, 15, 15, 15, 15, 10, 10), "100", "优", "approve"),
        ((0, 10, 15, 15, 15, 15, 10, 10), "90", "优", "approve"),
        ((0, "9.9", 15, 15, 15, 15, 10, 10), "89.9", "良", "consult"),
        ((0, 0, 15, 15, 15, 15, 10, 10), "80", "良", "consult"),
        ((0, 0, 15, 15, 15, 15, 0, 0), "60", "中", "return"),
        ((0, 0, 15, 15, 15, "14.9", 0, 0), "59.9", "差", "reject"),
    ],
)
def test_the_total_gives_the_grade_and_the_grade_the_decision(points, total, grade, decision):
    found = conclude(scored(*points), mode="quantitative")
    assert (found.total_score, found.overall_grade, found.decision) == (Decimal(total), grade, decision)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("grade", "decision"), [("优", "approve"), ("良", "consult"), ("中", "return"), ("差", "reject")]
)
def test_the_reviewers_grade_gives_the_decision(grade, decision):
    found = conclude(rated(grade, "良", "中"), mode="qualitative")
    assert (found.total_score, found.overall_grade, found.decision, found.cap_reason) == (None, grade, decision, "")


def test_one_poor_item_caps_the_grade_and_says_why():
    found = conclude(rated("良", "优", "差"), mode="qualitative")
    assert (found.overall_grade, found.decision) == ("中", "return")
    assert found.cap_reason == "C2评为“差”，综合评定最高为“中”"
    assert "现为“良”" in found.problems[0].message
    assert conclude(rated("差", "差"), mode="qualitative").overall_grade == "差"
    assert conclude(rated("中", "差"), mode="qualitative").problems == ()


def test_a_total_or_grade_that_contradicts_the_scores_is_a_problem():
    full = (10, 10, 15, 15, 15, 15, 10, 10)
    found = conclude(scored(*full, total_score="99", overall_grade="良"), mode="quantitative")
    assert [problem.field for problem in found.problems] == ["total_score", "overall_grade"]
    assert conclude(scored(*full, total_score="100.0", grade_by_score="优"), mode="quantitative").problems == ()


def test_a_score_above_its_maximum_is_a_problem_and_concludes_nothing():
    found = conclude(scored("10.1", 10, 15, 15, 15, 15, 10, 10), mode="quantitative")
    assert found.overall_grade is None
    assert (found.problems[0].field, found.problems[0].message) == (
        "items[0].score",
        "C1得分10.1应在0～10之间，请改正",
    )


def test_an_unfinished_review_stays_open():
    for review, mode in (({}, "qualitative"), ({"items": [{"code": "C1", "score": "9"}]}, "quantitative")):
        found = conclude(review, mode=mode)
        assert (found.overall_grade, found.decision, found.problems) == (None, None, ())


def test_bands_are_data():
    found = conclude(scored(0, 0, 15, 15, 15, 15, 10, 10), mode="quantitative", bands=GradeBands(excellent=Decimal(80)))
    assert found.overall_grade == "优"


def test_the_verb_must_follow_the_grade_where_the_step_offers_it():
    good = conclude(rated("良"), mode="qualitative")
    every = ("approve", "consult", "return", "reject")
    assert verb_problem(good, "consult", every) is None
    assert "处理决定应为“会商修改”，现为“同意”" in verb_problem(good, "approve", every).message
    assert verb_problem(good, "approve", ("approve", "return", "reject")) is None
    assert verb_problem(conclude({}, mode="qualitative"), "approve", every) is None


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="mixed"):
        conclude({}, mode="mixed")
