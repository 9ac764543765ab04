"""Joins inside loops: the library's fire early, keep stale decisions and lose opinions; ours do not."""

from itertools import permutations, product

import pytest

from tests.engine.cases import Run, released
from tests.engine.diagrams import END, START, flows, process
from tests.engine.models import APPROVAL, choice, gates, parallel, steps


def loop(tag, branches):
    """draft → branches → again? → draft or z."""
    if tag == "parallel":
        gateways, outgoing = parallel("f", "j"), [("f", branch) for branch in branches]
    else:
        gateways = '<bpmn:inclusiveGateway id="f" default="f_else"/><bpmn:inclusiveGateway id="j"/>'
        outgoing = [("f", branch, "1 == 1") for branch in branches[:-1]] + [("f", branches[-1], "1 == 1")]
        outgoing.append(("f", "j", None, "f_else"))
    return process(
        START
        + steps("draft", *branches, "z")
        + gateways
        + choice("g")
        + END
        + flows(
            ("s", "draft"),
            ("draft", "f"),
            *outgoing,
            *((branch, "j") for branch in branches),
            ("j", "g"),
            ("g", "draft", f"{branches[0]}.again == True"),
            ("g", "z", None, "g_else"),
            ("z", "e"),
        )
    )


@pytest.mark.parametrize("tag", ["parallel", "inclusive"])
@pytest.mark.parametrize("branches", ["ab", "abc"])
def test_a_join_waits_for_every_branch_in_every_round(tag, branches):
    release = released(loop(tag, branches))
    for orders in product(permutations(branches), repeat=2 if branches == "abc" else 3):
        run = Run(release)
        for round_, order in enumerate(orders):
            run.do("draft", no=round_)
            for position, branch in enumerate(order):
                left = sorted(set(order[position:]))
                assert run.names() == left
                run.do(branch, again=round_ < len(orders) - 1, no=round_)
        assert run.names() == ["z"]
        assert {run.data("z")[name]["no"] for name in ("draft", *branches)} == {len(orders) - 1}


@pytest.mark.parametrize("tag", ["parallel", "inclusive"])
def test_a_join_waits_again_after_the_case_was_returned(tag):
    run = Run(released(loop(tag, "abc")))
    for first, second in permutations("abc", 2):
        run.do("draft")
        run.do(first, again=True)
        run.do(second, again=True)
        run.move("draft")
    run.do("draft")
    run.do("a")
    run.do("b")
    assert run.names() == ["c"]
    assert run.do("c") == ["z"]


@pytest.mark.parametrize("order", [("performance", "budget"), ("budget", "performance")])
def test_an_old_rejection_does_not_win_over_the_new_decision_of_the_other_branch(order):
    run = Run(released(APPROVAL))

    def round_(performance):
        run.do("draft")
        run.do("department")
        for step in order:
            run.do(step, ok=performance if step == "performance" else True)

    round_(performance=False)
    assert run.names() == ["draft"]
    round_(performance=True)
    assert run.names() == ["confirm"]
    assert run.data("confirm")["performance"]["ok"] is True


def test_lists_decided_on_two_branches_both_arrive_whole():
    run = Run(released(loop("parallel", "ab")))
    run.do("draft", rows=[1, 2])
    run.do("a", rows=[5, 5])
    run.do("b", rows=[])
    assert {name: run.data("z")[name]["rows"] for name in ("draft", "a", "b")} == {
        "draft": [1, 2],
        "a": [5, 5],
        "b": [],
    }
    run.move("draft")
    run.do("draft", rows=[3])
    run.do("b", rows=[7])
    run.do("a", rows=[])
    assert {name: run.data("z")[name]["rows"] for name in ("draft", "a", "b")} == {"draft": [3], "a": [], "b": [7]}


def test_a_fact_that_is_decided_no_more_does_not_come_back():
    run = Run(released(loop("parallel", "ab")))
    run.do("draft")
    run.do("a", again=True, remark="old")
    run.do("b")
    run.do("draft")
    run.do("a")
    run.do("b")
    assert run.data("z")["a"] == {"outcome": "approve"}


def test_a_decision_of_true_is_not_taken_for_the_number_one():
    run = Run(released(loop("parallel", "ab")))
    run.do("draft", fact=1)
    run.do("a", again=True)
    run.do("b")
    run.do("draft", fact=True)
    run.do("a")
    run.do("b")
    assert run.data("z")["draft"]["fact"] is True


def test_nested_blocks_keep_the_latest_decision_of_each_step():
    text = process(
        START
        + steps("d", "a", "b", "c", "z")
        + parallel("f", "f2", "j2", "j")
        + END
        + flows(
            ("s", "d"),
            ("d", "f"),
            ("f", "f2"),
            ("f", "c"),
            ("f2", "a"),
            ("f2", "b"),
            ("a", "j2"),
            ("b", "j2"),
            ("j2", "j"),
            ("c", "j"),
            ("j", "z"),
            ("z", "e"),
        )
    )
    run = Run(released(text))
    run.do("d")
    for step in "abc":
        run.do(step, no=1)
    run.move("c")
    run.do("c", no=2)
    run.move("a")
    run.do("a", no=3)
    assert {name: run.data("z")[name]["no"] for name in "abc"} == {"a": 3, "b": 1, "c": 2}


def test_what_one_branch_merely_inherited_does_not_win_over_what_its_sibling_decided():
    """p1 and p2 part inside a branch that knows p1's decision of the round before; q parted earlier and does not."""
    text = process(
        START
        + steps("d", "p0", "p1", "p2", "q", "z")
        + parallel("f", "f2", "j")
        + END
        + flows(
            ("s", "d"),
            ("d", "f"),
            ("f", "p0"),
            ("f", "q"),
            ("p0", "f2"),
            ("f2", "p1"),
            ("f2", "p2"),
            ("p1", "j"),
            ("p2", "j"),
            ("q", "j"),
            ("j", "z"),
            ("z", "e"),
        )
    )
    run = Run(released(text))
    run.do("d")
    run.do("q")
    run.do("p0")
    run.do("p1", no=1)
    assert run.move("p0") == ["p0"]
    run.do("p0")
    run.do("p1", no=2)
    run.do("p2")
    assert run.data("z")["p1"]["no"] == 2


def test_an_inclusive_gateway_without_a_condition_that_holds_takes_its_default():
    inner = (
        START
        + steps("d", "a", "b", "z")
        + gates("inclusive", "f", default=' default="f_else"')
        + gates("inclusive", "j")
        + END
    )
    arrows = flows(
        ("s", "d"),
        ("d", "f"),
        ("f", "a", "d.a == True"),
        ("f", "b", None, "f_else"),
        ("a", "j"),
        ("b", "j"),
        ("j", "z"),
        ("z", "e"),
    )
    release = released(process(inner + arrows))
    for fact, step in ((True, "a"), (False, "b")):
        run = Run(release)
        run.do("d", a=fact)
        assert run.names() == [step]
        assert run.do(step) == ["z"]
