"""Do computed columns follow their row, feed sums, and stay out of what is kept?"""

import json
from pathlib import Path

import pytest

import forms

REVIEW = json.loads(Path("forms/self_evaluation_review.json").read_text())
CURRENT = {
    "scores": [
        {"row_id": "r1", "item": "预算执行率", "weight": "10", "self_score": "9.50"},
        {"row_id": "r2", "item": "培训人次", "weight": "15", "self_score": "15"},
    ],
    "sampled": "no",
}


def accepted(**cells):
    rows = [{"row_id": "r1"}, {"row_id": "r2", **cells}]
    return forms.accept(
        forms.parse(REVIEW),
        {"scores": rows, "opinion": "已核对，同意"},
        node="fund_review",
        context={"verb": "approve", "decision": "approve", "self_total": "24.50"},
        current=CURRENT,
    )


def test_a_computed_column_reads_its_row_and_is_summed_up():
    content, problems = accepted(checked_score="12.25", check_reason="佐证不足，核减")
    assert problems == []
    assert all("final_score" not in row for row in content["scores"])
    whole = forms.compute(forms.parse(REVIEW), content, {"excellent": "20", "good": "10", "fair": "5"})
    assert [row["final_score"] for row in whole["scores"]] == ["9.50", "12.25"]
    assert (whole["checked_total"], whole["checked_grade"]) == ("21.75", "优")


@pytest.mark.parametrize(
    "cells, said",
    [
        ({"checked_score": "15.01", "check_reason": "核增说明文字"}, "核定得分15.01分超过该项分值15分"),
        ({"checked_score": "12"}, "“核减（增）理由”没有填写"),
    ],
)
def test_rules_calculate_with_the_cells_the_system_gave(cells, said):
    _, problems = accepted(**cells)
    assert any(said in problem.message for problem in problems), problems


def test_a_computed_cell_cannot_be_sent():
    content, _ = accepted(final_score="99")
    assert all("final_score" not in row for row in content["scores"])


@pytest.mark.parametrize("mode", ["edit", "read", "print"])
def test_a_computed_cell_is_shown_and_summed_wherever_the_form_is(mode):
    content, _ = accepted(checked_score="12.25", check_reason="佐证不足，核减")
    view = forms.view(forms.parse(REVIEW), content, context={"excellent": "20"}, mode=mode, node="fund_review")
    (table,) = [block for block in view.blocks if getattr(block, "totals", ())]
    cells = [[cell.text for cell in row.cells if cell.column == "final_score"] for row in table.rows]
    assert cells == [["9.50"], ["12.25"]]
    assert [cell.text for cell in table.totals if cell.column == "final_score"] == ["21.75"]
