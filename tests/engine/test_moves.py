"""Return, recall, jump: what is withdrawn, what stays, what counts as done, what is refused."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from service.engine import EngineError, Message, Move, MoveRefused, apply
from tests.engine.cases import BEGIN, Run, released
from tests.engine.diagrams import END, START, flows, process
from tests.engine.models import APPROVAL, DEADLINE, EVENTS, OVERLAPPING, choice, parallel, steps


def approval(*done):
    run = Run(released(APPROVAL))
    for step in done:
        run.do(step)
    return run


TO_SIGNOFF = ("draft", "department")


def test_return_before_the_fork_withdraws_open_and_arrived_branches_and_the_block_runs_in_full():
    run = approval(*TO_SIGNOFF, "budget")
    plan = run.plan("draft")
    assert (plan.nodes, plan.keeps, plan.restores) == (("performance",), (), ())
    assert run.move("draft") == ["draft"]
    run.do("draft")
    run.do("department")
    run.do("performance")
    assert run.names() == ["budget"]


def test_return_inside_a_branch_leaves_the_other_branch_alone():
    text = process(
        START
        + steps("a", "b1", "b2", "c", "z")
        + parallel("f", "j")
        + END
        + flows(
            ("s", "a"),
            ("a", "f"),
            ("f", "b1"),
            ("b1", "b2"),
            ("f", "c"),
            ("b2", "j"),
            ("c", "j"),
            ("j", "z"),
            ("z", "e"),
        )
    )
    run = Run(released(text))
    run.do("a")
    run.do("b1")
    other = run.task("c")
    assert run.plan("b1").keeps == (other,)
    assert run.move("b1") == ["b1", "c"]
    assert run.task("c") == other
    run.do("c")
    run.move("b1")
    assert run.names() == ["b1"]
    run.do("b1")
    assert run.do("b2") == ["z"]


def test_from_behind_the_join_into_one_branch_the_others_count_as_arrived():
    run = approval(*TO_SIGNOFF, "budget", "performance")
    plan = run.plan("budget", origin=run.task("confirm"))
    assert plan.restores == (("performance", "join"),)
    assert plan.nodes == ("confirm",)
    assert run.move("budget") == ["budget"]
    assert run.do("budget") == ["confirm"]


def test_a_second_return_into_another_branch_makes_the_join_wait_for_both():
    run = approval(*TO_SIGNOFF, "budget", "performance")
    run.move("budget")
    assert run.move("performance") == ["budget", "performance"]
    assert run.do("performance") == ["budget"]
    assert run.do("budget") == ["confirm"]


def test_jump_over_a_region_withdraws_it_with_its_arrivals():
    run = approval(*TO_SIGNOFF, "budget")
    assert run.move("library") == ["confirm"]
    run.do("confirm")
    run.do("register")
    assert run.result.completed


def test_jump_into_a_block_never_entered_counts_its_other_branches_as_done():
    run = approval("draft")
    assert run.move("budget") == ["budget"]
    assert run.do("budget") == ["confirm"]


def test_a_step_that_is_open_is_opened_anew():
    run = approval(*TO_SIGNOFF)
    budget = run.task("budget")
    assert run.move("budget") == ["budget", "performance"]
    assert run.task("budget") != budget


def test_the_branch_of_a_choice_that_was_taken_is_withdrawn():
    text = process(
        START
        + steps("a", "b", "c")
        + choice("x")
        + END
        + flows(("s", "a"), ("a", "x"), ("x", "b", "a.b == True"), ("x", "c", None, "x_else"), ("b", "e"), ("c", "e"))
    )
    run = Run(released(text))
    run.do("a")
    assert run.move("b") == ["b"]


def inclusive():
    text = process(
        START
        + steps("d", "a", "b", "z")
        + '<bpmn:inclusiveGateway id="f" default="f_else"/><bpmn:inclusiveGateway id="j"/>'
        + END
        + flows(
            ("s", "d"),
            ("d", "f"),
            ("f", "a", "d.a == True"),
            ("f", "b", None, "f_else"),
            ("a", "j"),
            ("b", "j"),
            ("j", "z"),
            ("z", "e"),
        )
    )
    run = Run(released(text))
    run.do("d", a=True)
    return run


def test_a_branch_not_taken_of_an_open_inclusive_block_cannot_be_opened_from_beside():
    run = inclusive()
    assert run.names() == ["a"]
    refused(run, "b", "nothing_to_move")
    run.do("a")
    assert run.move("b") == ["b"]
    assert run.do("b") == ["z"]


def test_an_arrival_that_stays_is_still_asked_when_the_others_go_elsewhere():
    """a arrived, c arrived and was returned; then b and c both leave the block for ends of their own."""
    ends = '<bpmn:endEvent id="e2" jh:stage="rejected"/><bpmn:endEvent id="e3" jh:stage="rejected"/>'
    text = process(
        START
        + steps("d", "a", "b", "c", "z")
        + '<bpmn:inclusiveGateway id="f" default="f_else"/><bpmn:inclusiveGateway id="j"/>'
        + choice("xb")
        + choice("xc")
        + END
        + ends
        + flows(
            ("s", "d"),
            ("d", "f"),
            ("f", "a", "1 == 1"),
            ("f", "b", "1 == 1"),
            ("f", "c", "1 == 1"),
            ("f", "j", None, "f_else"),
            ("a", "j"),
            ("b", "xb"),
            ("xb", "e2", "b.leave == True"),
            ("xb", "j", None, "xb_else"),
            ("c", "xc"),
            ("xc", "e3", "c.leave == True"),
            ("xc", "j", None, "xc_else"),
            ("j", "z"),
            ("z", "e"),
        )
    )
    run = Run(released(text))
    run.do("d")
    run.do("a")
    run.do("c")
    assert run.move("c") == ["b", "c"]
    run.do("c", leave=True)
    assert run.do("b", leave=True) == ["z"]


def test_leaving_a_called_process_withdraws_it_and_coming_back_is_a_new_call():
    run = approval(*TO_SIGNOFF, "budget", "performance", "confirm")
    first = run.scope_of("register")
    assert run.move("budget") == ["budget"]
    assert run.workflow().subprocesses == {}
    run.do("budget")
    assert run.names() == ["confirm"]
    assert run.scope_of("confirm") != first
    refused(run, "confirm", "scope_closed", scope=first)


def test_a_return_inside_a_called_process_stays_inside():
    run = approval(*TO_SIGNOFF, "budget", "performance", "confirm")
    plan = run.plan("confirm", origin=run.task("register"))
    assert plan.scope == run.scope_of("register")
    assert run.give(Move(plan.cancel, plan.place, plan.scope)) == ["confirm"]
    refused(run, "confirm", "unknown_node")


def test_a_call_as_target_is_started_anew_as_a_whole():
    run = approval(*TO_SIGNOFF, "budget", "performance", "confirm")
    scope = run.scope_of("register")
    assert run.move("library") == ["confirm"]
    assert run.scope_of("confirm") != scope


def test_the_deadline_of_a_subprocess_goes_on_while_it_is_returned_inside():
    run = Run(released(DEADLINE))
    run.do("draft")
    run.do("x")
    due = run.result.due
    scope = run.scope_of("y1")
    run.at += timedelta(hours=3)
    assert run.move("x", scope) == ["x"]
    assert run.result.due == due
    run.do("x")
    run.do("y1")
    assert run.move("y2", scope) == ["y2"]
    run.do("y2")
    assert run.result.completed


def test_the_deadline_of_a_subprocess_dies_with_it_and_starts_anew():
    run = Run(released(DEADLINE))
    run.do("draft")
    due = run.result.due
    run.at += timedelta(hours=3)
    run.move("draft")
    assert run.result.due is None
    run.do("draft")
    assert run.result.due == due + timedelta(hours=3)


def test_after_an_escalation_the_step_can_be_entered_again():
    run = Run(released(DEADLINE))
    run.do("draft")
    assert run.wait(60) == ["late"]
    assert run.move("sub") == ["x"]
    run.do("x")
    run.do("y1")
    run.do("y2")
    assert run.result.completed


def test_a_reminder_goes_with_its_step_and_stays_with_a_sibling():
    run = approval(*TO_SIGNOFF)
    assert run.wait(11) == ["budget", "budget_nag", "performance", "performance_nag"]
    assert run.move("budget") == ["budget", "performance", "performance_nag"]
    assert run.move("draft") == ["draft"]
    assert run.result.due is None


def test_a_reminder_that_is_finished_still_goes_with_its_step():
    run = approval(*TO_SIGNOFF)
    run.wait(11)
    run.do("budget_nag")
    run.move("budget")
    assert run.wait(11) == ["budget", "budget_nag", "performance", "performance_nag"]


def events():
    run = Run(released(EVENTS))
    run.do("draft")
    run.give(Message("reply"))
    run.wait(10)
    return run


def test_return_from_inside_several_runs_two_calls_deep_withdraws_them_all():
    run = events()
    run.do("q1")
    assert run.names() == ["q1", "q1", "r1"]
    assert len(run.workflow().subprocesses) == 4
    plan = run.plan("draft")
    assert sorted(plan.nodes) == ["q1", "q1", "r1"]
    assert run.move("draft") == ["draft"]
    workflow = run.workflow()
    assert workflow.subprocesses == {}
    assert len(workflow.tasks) < 16
    run.do("draft")
    run.give(Message("reply"))
    assert run.wait(10) == ["q1", "q1", "q1"]


def test_return_inside_one_of_several_runs_leaves_the_others():
    run = events()
    run.do("q1")
    outer = run.workflow().get_task_from_id(run.scope_of("r1")).workflow.parent_task_id
    assert run.plan("q1", origin=run.task("r1")).scope == outer
    assert run.move("q1", outer) == ["q1", "q1", "q1"]


def test_a_repeating_timer_is_armed_anew():
    run = events()
    run.move("draft")
    assert run.result.due == run.at + timedelta(hours=20)
    assert run.wait(21) == ["draft", "draft_nag"]


def test_a_branch_that_ended_at_its_own_end_is_opened_again():
    text = process(
        START
        + steps("a", "b")
        + parallel("f")
        + END
        + '<bpmn:endEvent id="e2" jh:stage="rejected"/>'
        + flows(("s", "f"), ("f", "a"), ("f", "b"), ("a", "e"), ("b", "e2"))
    )
    run = Run(released(text))
    run.do("a", no=1)
    assert run.move("a") == ["a", "b"]
    run.do("a", no=2)
    run.do("b")
    assert run.result.completed
    assert run.result.data["a"]["no"] == 2


def test_a_withdrawn_visit_contributes_nothing_and_what_was_decided_before_stays():
    run = approval(*TO_SIGNOFF)
    run.move("draft")
    assert set(run.data("draft")) == {"draft", "department"}
    run = approval(*TO_SIGNOFF)
    run.do("budget", no=1)
    run.do("performance", no=2)
    run.move("draft")
    assert {name: run.data("draft")[name].get("no") for name in ("budget", "performance")} == {
        "budget": 1,
        "performance": 2,
    }


def test_a_step_that_waits_for_nobody_can_be_returned_to():
    """A call or an effect is a step too; the case passes it again."""
    text = process(
        START
        + steps("a", "b")
        + '<bpmn:serviceTask id="t" jh:effect="admit_target"/>'
        + END
        + flows(("s", "a"), ("a", "t"), ("t", "b"), ("b", "e"))
    )
    run = Run(released(text))
    run.do("a")
    run.move("t")
    assert [effect.node_id for effect in run.result.effects] == ["t"]
    assert run.names() == ["b"]


def refused(run, place, code, scope=None, cancel=None):
    before = run.result.snapshot
    command = Move(cancel or (), place, scope)
    with pytest.raises(MoveRefused) as caught:
        apply(before, run.release, command, at=BEGIN) if cancel is not None else run.plan(place, scope)
    assert caught.value.code == code
    assert str(caught.value)
    assert isinstance(caught.value, EngineError)
    assert run.result.snapshot == before


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("join", "not_a_step"),
        ("fork", "not_a_step"),
        ("s", "not_a_step"),
        ("budget_due", "not_a_step"),
        ("budget_nag", "side_path"),
        ("nowhere", "unknown_node"),
        ("p.EndJoin", "unknown_node"),
        ("Start", "unknown_node"),
        ("budget.BoundaryEventSplit", "unknown_node"),
    ],
)
def test_a_place_that_is_no_step_is_refused(place, code):
    refused(approval(*TO_SIGNOFF), place, code)


def test_a_stale_plan_is_refused_and_the_right_one_carried_out():
    run = approval(*TO_SIGNOFF)
    budget, performance = run.task("budget"), run.task("performance")
    refused(run, "draft", "state_changed", cancel=(budget,))
    refused(run, "draft", "state_changed", cancel=(budget, performance, 99))
    assert run.give(Move((performance, budget), "draft")) == ["draft"]


def test_a_plan_from_a_step_that_is_closed_is_refused():
    run = approval(*TO_SIGNOFF)
    budget = run.task("budget")
    run.do("budget")
    with pytest.raises(MoveRefused) as caught:
        run.plan("draft", origin=budget)
    assert caught.value.code == "state_changed"


def test_a_diagram_on_which_tokens_may_meet_allows_no_move():
    run = approval("draft")
    net = run.release.flow_net
    unsafe = type(net).__new__(type(net))
    unsafe.__dict__.update(net.__dict__, unsafe=("budget",))
    run.release = replace(run.release, flow_nets=MappingProxyType({**run.release.flow_nets, "p": unsafe}))
    refused(run, "draft", "unsound")


def test_overlapping_joins_keep_what_the_other_branches_brought():
    run = Run(released(process(OVERLAPPING + END + flows(("z", "e")))))
    for step in ("a", "p0", "q", "p1"):
        run.do(step)
    assert run.names() == ["m", "p2"]
    run.do("m")
    run.do("p2")
    assert run.names() == ["z"]
    plan = run.plan("m")
    assert plan.restores == (("p2", "j2"),)
    run.move("m")
    assert run.do("m") == ["z"]
