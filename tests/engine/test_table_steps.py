"""A step that asks a decision table: its answer routes the case, stands in the result, and is checked beforehand."""

import re

import pytest

from service.engine import Complete, EngineError, Migrate, Start, apply, compile_release, digest, replay
from service.engine.check import check_file
from service.engine.conditions import telling_values
from service.engine.dmn import read_model
from service.engine.lint_release import PolicyData, release_problems
from service.engine.outline import read_outline
from service.engine.release import ReleaseError
from service.simulation import random_walks
from tests.engine.cases import Run
from tests.engine.diagrams import END, OUTCOMES, START, flows, process, user_task
from tests.engine.dmn.models import column, decision, definitions, literal, result, rule, table
from tests.engine.models import choice

SUBMIT = OUTCOMES.replace("approve", "submit")
ROWS = [rule(["< 300"], ['"plain"', "3"], rule_id="r1"), rule([">= 300"], ['"legal"', "5"], rule_id="r2")]
LEVELS = definitions(
    decision(
        "审核层级",
        table([column("amount", "number", label="金额")], [result("route", "string"), result("days", "number")], ROWS),
        decision_id="level",
    )
)
AMOUNT = {"amount": "number(draft.amount)"}
FORMS = {"f": {"amount": True, "note": False}}


def asking(node_id="ask", chosen="levels.dmn#level", inputs=AMOUNT):
    given = "".join(f'<jh:input name="{name}" value="{value}"/>' for name, value in inputs.items())
    held = f"<bpmn:extensionElements><jh:inputs>{given}</jh:inputs></bpmn:extensionElements>" if given else ""
    named = f'jh:decision="{chosen}"' if chosen else ""
    return f'<bpmn:businessRuleTask id="{node_id}" name="判定层级" {named}>{held}</bpmn:businessRuleTask>'


def routed(condition="ask.route == 'legal'", step=None, extra=""):
    """draft → table → legal review or none."""
    return process(
        START + user_task("draft", 'jh:form="f"', SUBMIT) + (step or asking()) + choice("g") + user_task("legal") + END
        + flows(("s", "draft"), ("draft", "ask"), ("ask", "g"), ("g", "legal", condition.replace("<", "&lt;")),
                ("g", "e", None, "g_else"), ("legal", "e")) + extra
    )  # fmt: skip


def released(text=None, tables=LEVELS):
    return compile_release({"p.bpmn": text or routed(), "levels.dmn": tables}, "p")


@pytest.mark.parametrize(("amount", "opened", "row"), [("299.99", [], 1), ("300", ["legal"], 2)])
def test_the_answer_of_the_table_routes_the_case(amount, opened, row):
    run = Run(released())
    assert run.do("draft", "submit", amount=amount) == opened
    (asked,) = run.result.asked
    assert asked.to_json() == {
        "node": "ask", "name": "判定层级", "table": "levels.dmn", "decision": "level", "inputs": {"amount": amount},
        "result": {"route": "legal" if opened else "plain", "days": "5" if opened else "3"},
        "matched": [{"table": "审核层级", "rows": [row]}],
    }  # fmt: skip
    assert ("draft", "ask") in run.result.flows
    assert run.result.data["ask"]["route"] == asked.result["route"]


def test_a_replay_asks_again_and_comes_to_the_same_state():
    run = Run(released())
    run.do("draft", "submit", amount="500")
    last = list(replay(run.log, run.release))[-1]
    assert (last.digest, last.asked) == (digest(run.result.snapshot), run.result.asked)


def test_the_table_belongs_to_the_release():
    other = LEVELS.replace(b"300", b"600")
    assert released().hash != released(tables=other).hash
    run = Run(released(tables=other))
    assert run.do("draft", "submit", amount="500") == []


def test_a_case_that_moves_to_another_release_asks_its_table():
    run, target = Run(released()), released(tables=LEVELS.replace(b"300", b"600"))
    run.give(Migrate(target.hash), target)
    assert run.do("draft", "submit", amount="500") == []


def test_one_result_without_a_usable_name_is_called_result():
    single = definitions(
        decision(
            "审核层级", table([column("amount", "number")], [result()], [(["-"], ['"legal"'])]), decision_id="level"
        )
    )
    run = Run(released(routed("ask.result == 'legal'"), single))
    assert run.do("draft", "submit", amount="1") == ["legal"]


def test_an_expression_may_be_asked_as_well_as_a_table():
    computed = definitions(
        decision("审核层级", literal('if amount > 100 then "legal" else "plain"'), decision_id="level")
    )
    run = Run(released(routed("ask.result == 'legal'"), computed))
    assert run.do("draft", "submit", amount="101") == ["legal"]


GAPS = LEVELS.replace(b"&gt;= 300", b"&gt;= 400")


@pytest.mark.parametrize(
    ("tables", "facts", "said"),
    [
        (GAPS, {"amount": "350"}, "步骤“判定层级”查不出结论：决策表“审核层级”没有一行与输入相符（amount=350）"),
        (LEVELS, {"amount": "很多"}, "步骤“判定层级”的输入“amount”算不出来"),
        (LEVELS, {}, "没有一行与输入相符（amount=空）"),
    ],
)
def test_what_the_table_cannot_answer_stops_the_decision_and_is_said(tables, facts, said):
    run = Run(released(tables=tables))
    before = run.result.snapshot
    with pytest.raises(EngineError, match=re.escape(said)):
        run.do("draft", "submit", **facts)
    assert run.names() == ["draft"]
    assert run.result.snapshot == before


def found(text, tables=LEVELS, name="levels.dmn"):
    given = {} if tables is None else {name: read_model(tables)}
    facts = PolicyData(facts=FORMS, amounts={"f": frozenset({"amount"})})
    return {p.code: p for p in check_file(text, "p.bpmn", forms=frozenset({"f"}), data=facts, tables=lambda: given)}


def levels(results, policy="UNIQUE"):
    cells = ["1"] * len(results)
    return definitions(
        decision("审核层级", table([column("amount")], results, [(["-"], cells)], policy), decision_id="level")
    )


FAULTS = {
    "table.missing": (routed(step=asking(chosen="")), LEVELS, "没有选定决策表"),
    "table.unknown": (routed(), None, "“levels.dmn”不在流程包中"),
    "table.input": (routed(step=asking(inputs={})), LEVELS, "没有说明决策表“审核层级”的输入“amount”从哪里来"),
    "table.input_unused": (routed(step=asking(inputs={**AMOUNT, "colour": "1"})), LEVELS, "“colour”，决策表"),
    "table.expression": (routed(step=asking(inputs={"amount": "number(nobody.amount)"})), LEVELS, "提到“nobody”"),
    "table.result": (
        routed("ask.a == 1"), levels([result("a", "number"), result("b")], "RULE ORDER"), "列出多行、多列结果"),
    "condition.fact": (routed("ask.rout == 'legal'"), LEVELS, "所查的决策表没有这个结果"),
    "condition.amount": (routed("ask.days > 3"), LEVELS, "number(ask.days)"),
    "condition.optional": (routed(step=asking(inputs={"amount": "draft.note"})), LEVELS, "draft.note"),
    "condition.not_before": (routed(step=asking(inputs={"amount": "number(legal.amount)"})), LEVELS, "不会经过"),
}  # fmt: skip


@pytest.mark.parametrize("code", FAULTS)
def test_lint_finds(code):
    text, tables, said = FAULTS[code]
    problem = found(text, tables)[code]
    assert problem.element_id in ("ask", "g")
    assert said in problem.message + problem.remedy


def test_an_amount_must_be_read_as_a_number():
    assert found(routed(step=asking(inputs={"amount": "draft.amount"})))["condition.amount"].element_id == "ask"


def test_an_unknown_decision_of_the_file_is_named_with_those_it_has():
    problem = found(routed(step=asking(chosen="levels.dmn#height")))["table.unknown"]
    assert "“height”不在文件“levels.dmn”中" in problem.message
    assert "审核层级（level）" in problem.remedy


def test_a_sound_step_has_nothing_against_it():
    problems = found(routed())
    assert [code for code, one in problems.items() if one.severity == "error"] == []
    assert list(release_problems(released(), PolicyData(facts=FORMS))) != [], "deadline and basis are still asked for"


def test_a_bundle_without_the_table_is_no_release():
    with pytest.raises(ReleaseError, match=r"决策表文件“levels\.dmn”不在流程包中"):
        compile_release({"p.bpmn": routed()}, "p")


def test_inputs_belong_to_a_step_that_asks():
    misplaced = user_task("draft", inner=OUTCOMES.replace("<jh:outcomes>", "<jh:inputs/><jh:outcomes>"))
    text = process(START + misplaced + END + flows(("s", "draft"), ("draft", "e")))
    assert "jh.place" in {problem.code for problem in check_file(text, "p.bpmn")}


def test_walks_try_values_on_every_side_of_the_tables_tests():
    release = released()
    assert set(telling_values(release)["draft", "amount"]) == {299, 300, 301}
    walks = random_walks(release, read_outline(routed()))
    assert (walks.stuck, walks.coverage.missed) == ((), ())


def test_an_endless_table_is_given_up():
    text = "count(for a in 1..900, b in 1..900, c in 1..900 return a)"
    endless = definitions(decision("审核层级", literal(text), decision_id="level"))
    run = Run(released(routed("ask.result == 'legal'"), endless))
    with pytest.raises(EngineError, match="查不出结论"):
        run.do("draft", "submit", amount="1")


def test_parallel_branches_keep_what_each_tables_said():
    """Two tables asked side by side, read after the join."""
    from tests.engine.models import parallel

    other = asking("other", inputs={"amount": "number(b.amount)"})
    text = process(
        START + parallel("f", "j") + user_task("draft") + user_task("b") + asking() + other + choice("g") + user_task("legal")
        + END
        + flows(("s", "f"), ("f", "draft"), ("f", "b"), ("draft", "ask"), ("b", "other"), ("ask", "j"), ("other", "j"),
                ("j", "g"), ("g", "legal", "ask.route == 'plain' and other.route == 'legal'"), ("g", "e", None, "g_else"),
                ("legal", "e"))
    )  # fmt: skip
    run = Run(released(text))
    run.do("b", amount="900")
    assert run.do("draft", amount="1") == ["legal"]
    assert apply(None, run.release, Start(), at=run.at).asked == ()
    assert isinstance(run.log[-1][0], Complete)
