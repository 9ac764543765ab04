from forms import accept, compute, load
from tests.forms.samples import review

REVIEW = load("target_review")


def fields(problems):
    return [problem.field for problem in problems]


def test_a_qualitative_review_wants_eight_ratings_and_words_for_bad_ones():
    assert accept(REVIEW, review(), node="fund_review")[1] == []
    raw = review()
    raw["items"][2]["rating"] = "差"
    raw["items"].pop()
    _, problems = accept(REVIEW, raw, node="fund_review")
    assert [problem.message for problem in problems] == [
        "“目标相关性”的“说明”没有填写，请补充",
        "“条件充分性”的“审核意见”没有填写，请补充",
    ]


def test_a_key_project_is_scored_and_points_below_four_fifths_want_words():
    items = [{"code": f"C{number}", "score": "8"} for number in range(1, 9)]
    items[2] |= {"score": "15.5"}
    raw = {"items": items, "opinion": "同意"}
    content, problems = accept(REVIEW, raw, node="budget_review", context={"is_key_project": True})
    assert fields(problems) == ["items[2].score", "items[3].comment", "items[4].comment", "items[5].comment"]
    assert problems[0].message == "“目标相关性”的“得分”不得超过15分，现为15.5分，请改正"
    assert compute(REVIEW, content)["total_score"] == "71.5"
    assert "overall_grade" not in content


def test_scores_sent_for_a_qualitative_review_are_dropped():
    raw = review()
    raw["items"][0]["score"] = "10"
    content, problems = accept(REVIEW, raw, node="fund_review")
    assert problems == []
    assert "score" not in content["items"][0]


def test_an_item_that_the_review_does_not_have_is_refused():
    raw = review()
    raw["items"][0]["code"] = "C9"
    _, problems = accept(REVIEW, raw, node="fund_review")
    assert fields(problems) == ["items[0].code", "items[0].rating"]


def test_sending_back_wants_a_reason_of_five_characters():
    raw = review(opinion="退")
    _, problems = accept(REVIEW, raw, node="fund_review", context={"verb": "return"})
    assert fields(problems) == ["opinion"]
    assert accept(REVIEW, raw, node="fund_review", context={"verb": "approve"})[1] == []
