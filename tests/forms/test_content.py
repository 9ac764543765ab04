from forms import accept, compute, facts, load, parse, readable, unflatten, visible
from tests.forms.samples import CONTEXT, declaration, review

TARGET, REVIEW = load("project_target"), load("target_review")


def test_the_facts_of_a_declaration_are_what_the_flow_asks():
    content, _ = accept(TARGET, declaration(), node="draft", context=CONTEXT)
    assert facts(TARGET, content) == {
        "fiscal_year": 2027,
        "project_attribute": "ongoing",
        "amount_total": "38.50",
        "is_finance_own": False,
        "is_key_project": False,
        "needs_ex_ante": False,
    }


def test_the_thresholds_come_from_the_context_and_include_the_amount_itself():
    content = declaration(project_attribute="new", amount_total="500")
    assert facts(TARGET, content)["is_key_project"] is True
    assert facts(TARGET, content, {"key_threshold": "500.01"})["is_key_project"] is False
    assert facts(TARGET, declaration(project_attribute="new", amount_total="199.99"))["needs_ex_ante"] is False
    assert facts(TARGET, declaration(project_attribute="new", amount_total="200"))["needs_ex_ante"] is True


def test_scores_are_summed_exactly_and_graded_only_when_all_are_there():
    items = [{"code": f"C{number}", "score": "9.9"} for number in range(1, 9)]
    result = compute(REVIEW, {"items": items}, {"is_key_project": True})
    assert (result["total_score"], result["grade_by_score"]) == ("79.2", "中")
    partial = compute(REVIEW, {"items": items[:7]}, {"is_key_project": True})
    assert "grade_by_score" not in partial


def test_computing_nonsense_leaves_cells_out():
    assert "is_key_project" in compute(TARGET, {"amount_total": "很多", "indicators": 3, "schedule": [1]})
    assert compute(REVIEW, {"items": "?"})["review_mode"] == "qualitative"


def test_pairs_of_a_page_become_rows_whatever_their_numbers():
    pairs = [
        ("csrf_token", "x"),
        ("amount_total", " 38 "),
        ("basis", "   "),
        ("indicators-7-level3_name", "第二行"),
        ("indicators-2-level3_name", "第一行"),
        ("indicators-2-row_id", "r1"),
        ("indicators-3-level3_name", " "),
        ("indicators-3-row_id", "r2"),
        ("indicators-__i__-weight", "1"),
        ("attachments", "a1"),
        ("attachments", "a2"),
        ("attachments", ""),
    ]
    assert unflatten(TARGET, pairs) == {
        "amount_total": " 38 ",
        "indicators": [{"level3_name": "第一行", "row_id": "r1"}, {"level3_name": "第二行"}],
        "attachments": [{"id": "a1"}, {"id": "a2"}],
    }


def test_removing_every_row_is_sent_as_an_empty_table():
    assert unflatten(TARGET, [("indicators-0-row_id", "r1")]) == {"indicators": []}


def test_the_pairs_of_a_review_page_are_accepted():
    pairs = [
        (f"items-{index}-{name}", value) for index, row in enumerate(review()["items"]) for name, value in row.items()
    ]
    raw = unflatten(REVIEW, [*pairs, ("overall_grade", "优"), ("opinion", "同意")])
    assert accept(REVIEW, raw, node="fund_review")[1] == []


def test_a_question_shows_when_its_condition_holds():
    assert "midterm_goal" in visible(TARGET, declaration(end_date="2029-12-31"))
    assert "midterm_goal" not in visible(TARGET, declaration())
    assert "overall_grade" in visible(REVIEW, {})
    assert "overall_grade" not in visible(REVIEW, {}, {"is_key_project": True})


def test_what_a_step_may_not_see_is_not_told():
    raw = dict(load("target_review").raw)
    raw["permissions"] = {"check": {"*": "edit"}, "*": {"*": "read", "opinion": "hidden"}}
    definition = parse(raw)
    content = {"opinion": "同意", "overall_grade": "优"}
    assert readable(definition, content, "check") == content
    assert readable(definition, content) == {"overall_grade": "优"}
