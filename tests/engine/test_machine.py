"""One command in, a new snapshot and what happened out."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from service.engine import (
    Cancel,
    ClosedTask,
    Command,
    Complete,
    Effect,
    EngineError,
    Message,
    Migrate,
    Move,
    OpenTask,
    Signal,
    Start,
    ThrownEvent,
    Tick,
    apply,
    comes_before,
    command_from_json,
    compile_release,
    digest,
    open_tasks,
)
from tests.engine.cases import BEGIN, Run, released
from tests.engine.diagrams import END, START, definitions, flows, process, process_element, simple, user_task

NAME = "target_declaration"
STEPS = ["unit_sign", "department_review", "fund_review", "fund_chief_review"]


@pytest.fixture(scope="module")
def release():
    return compile_release({f"{NAME}.bpmn": (Path("workflows") / f"{NAME}.bpmn").read_bytes()}, NAME)


def until_signoff(release, **facts):
    run = Run(release)
    run.do("draft", "submit", **facts)
    for step in STEPS:
        run.do(step)
    return run


def test_a_target_without_returns_enters_the_library(release):
    run = until_signoff(release)
    assert run.names() == ["budget_review", "performance_review"]
    assert run.do("budget_review") == ["performance_review"]
    assert run.do("performance_review") == ["performance_chief_review"]
    chief = run.task("performance_chief_review")
    assert run.do("performance_chief_review") == []
    result = run.result
    assert result.completed
    assert result.reached == ("target_in_library",)
    assert result.effects == (Effect("admit_target", "admit_to_library"),)
    assert result.closed == (ClosedTask(chief, "performance_chief_review", "completed"),)
    assert result.data["draft"] == {"outcome": "submit"}
    assert set(result.data) == {*STEPS, "draft", "budget_review", "performance_review", "performance_chief_review"}


@pytest.mark.parametrize("fact", ["is_key_project", "is_finance_own"])
def test_facts_of_the_draft_lead_to_the_bureau_leader(release, fact):
    run = until_signoff(release, **{fact: True})
    for step in ("performance_review", "performance_chief_review", "budget_review"):
        run.do(step)
    assert run.names() == ["arbitration"]
    run.do("arbitration", "reject")
    assert run.result.reached == ("target_rejected",)
    assert run.result.effects == ()


def test_a_decision_is_kept_under_its_own_step_only(release):
    run = until_signoff(release, is_key_project=False)
    run.do("budget_review", opinion_no=3)
    assert run.result.data["budget_review"] == {"outcome": "approve", "opinion_no": 3}
    assert run.data("performance_review") == {
        "draft": {"outcome": "submit", "is_key_project": False},
        **{step: {"outcome": "approve"} for step in STEPS},
    }


def test_opened_and_closed_tell_what_changed_and_ids_are_never_used_again(release):
    run = Run(release)
    seen = [run.result.opened[0]]
    assert seen == [OpenTask(seen[0].task, "draft")]
    for _ in range(5):
        run.do("draft", "submit")
        (closed,), (opened,) = run.result.closed, run.result.opened
        assert closed == ClosedTask(seen[-1].task, "draft", "completed")
        assert opened.node_id == "unit_sign"
        run.move("draft")
        assert run.result.closed == (ClosedTask(opened.task, "unit_sign", "cancelled"),)
        seen += [opened, *run.result.opened]
    assert len({task.task for task in seen}) == len(seen)


def test_the_same_command_on_the_same_snapshot_gives_the_same_bytes(release):
    run = until_signoff(release)
    before = run.result.snapshot
    command = Complete(run.task("budget_review"), {"outcome": "approve", "b": 1, "a": 2})
    first = apply(before, release, command, at=BEGIN)
    again = apply(before, release, replace(command, decision={"a": 2, "b": 1, "outcome": "approve"}), at=BEGIN)
    assert first == again
    assert first.digest == digest(again.snapshot)
    assert open_tasks(before, release) == tuple(
        OpenTask(run.task(name), name) for name in ("budget_review", "performance_review")
    )


def test_a_closed_step_cannot_be_decided_again(release):
    run = until_signoff(release)
    task = run.task("budget_review")
    run.do("budget_review")
    before = run.result.snapshot
    with pytest.raises(EngineError, match="已经办结或撤销"):
        run.give(Complete(task, {"outcome": "approve"}))
    with pytest.raises(EngineError, match="已经办结或撤销"):
        run.give(Complete(999, {"outcome": "approve"}))
    assert run.result.snapshot == before


@pytest.mark.parametrize(
    "decision", [{}, {"outcome": "rejct"}, {"outcome": "submit"}, {"outcome": None}, {"outcome": 1}]
)
def test_an_outcome_the_step_does_not_draw_is_refused_and_never_takes_the_default_path(release, decision):
    run = until_signoff(release)
    with pytest.raises(EngineError, match="没有处理结果"):
        run.give(Complete(run.task("budget_review"), decision))


@pytest.mark.parametrize(
    "value", [0.5, {"a": 1}, [[1]], object(), float("nan"), 2**60, "\ud800", Decimal("NaN"), b"x", {1}]
)
def test_only_flat_plain_facts_are_taken(value):
    with pytest.raises(EngineError, match="流程数据"):
        Complete(1, {"outcome": "approve", "fact": value})


def test_amounts_and_dates_become_text_so_that_a_recorded_command_reads_the_same():
    command = Complete(1, {"outcome": "approve", "amount": Decimal("12.50"), "on": BEGIN.date(), "rows": (1, 2)})
    assert command.decision == {"outcome": "approve", "amount": "12.50", "on": "2027-01-04", "rows": [1, 2]}
    assert command_from_json(command.to_json()) == command


@pytest.mark.parametrize(
    "command",
    [
        Start({"unit": "x"}),
        Complete(3, {"outcome": "approve"}),
        Tick(),
        Message("m", {"a": 1}),
        Signal("s"),
        Move((4, 2), "draft"),
        Move((), "draft", scope=7),
        Cancel(),
        Migrate("abc", {"a": "b"}),
    ],
)
def test_every_command_comes_back_from_its_json(command):
    document = command.to_json()
    assert document["type"] == command.kind
    assert Command.from_json(document) == command


@pytest.mark.parametrize(
    "document", [{}, {"type": "explode"}, {"type": "tick", "x": 1}, {"type": "complete", "task": 1}]
)
def test_an_unknown_command_is_refused(document):
    with pytest.raises(EngineError, match="命令"):
        Command.from_json(document)


def test_commands_need_a_start_and_end_with_the_case(release):
    with pytest.raises(EngineError, match="没有开始"):
        apply(None, release, Tick(), at=BEGIN)
    run = Run(release)
    with pytest.raises(EngineError, match="已经开始"):
        run.give(Start())
    run.give(Cancel())
    with pytest.raises(EngineError, match="已经结束"):
        run.give(Tick())


def test_an_instant_without_zone_is_refused(release):
    with pytest.raises(EngineError, match="时区"):
        apply(None, release, Start(), at=datetime(2027, 1, 1))  # noqa: DTZ001 - the point of the test


def test_cancel_withdraws_everything_and_reaches_no_end(release):
    run = until_signoff(release)
    tasks = {run.task("budget_review"), run.task("performance_review")}
    run.do("budget_review")
    known = run.result.data
    assert run.give(Cancel()) == []
    result = run.result
    assert result.completed
    assert (result.reached, result.effects, result.due) == ((), (), None)
    assert [(task.node_id, task.how) for task in result.closed] == [("performance_review", "cancelled")]
    assert {task.task for task in result.closed} < tasks
    assert result.data == known
    assert len(result.snapshot) < 500


def test_a_snapshot_of_another_release_is_refused(release):
    run = Run(release)
    with pytest.raises(EngineError, match="另一个版本"):
        open_tasks(run.result.snapshot, released(simple()))
    for unreadable in (run.result.snapshot[:-1], b"7", b"[1]", b"", b"null"):
        with pytest.raises(EngineError, match="无法读取"):
            open_tasks(unreadable, release)


def test_a_snapshot_in_another_format_is_refused_and_never_guessed_at():
    run = Run(released(process(START + user_task("a") + END + flows(("s", "a"), ("a", "e")))))
    assert run.result.snapshot.startswith(b"[1,")
    with pytest.raises(EngineError, match="格式是 2"):
        open_tasks(b"[2," + run.result.snapshot[3:], run.release)


def test_case_facts_are_read_as_case_and_absent_ones_are_empty():
    text = process(
        START
        + '<bpmn:exclusiveGateway id="g" default="g_b"/>'
        + user_task("a")
        + user_task("b")
        + END
        + flows(("s", "g"), ("g", "a", "case.kind == 'k' and case.more is None"), ("g", "b"), ("a", "e"), ("b", "e"))
    )
    release = released(text)
    assert Run(release, {"kind": "k"}).names() == ["a"]
    assert Run(release, {"kind": "k", "more": True}).names() == ["b"]
    assert Run(release).names() == ["b"]


def test_a_condition_that_cannot_be_computed_refuses_the_command_and_changes_nothing():
    text = process(
        START
        + user_task("a")
        + '<bpmn:exclusiveGateway id="g" default="g_e"/>'
        + user_task("b")
        + END
        + flows(("s", "a"), ("a", "g"), ("g", "b", "a.amount &gt; 5"), ("g", "e"), ("b", "e"))
    )
    run = Run(released(text))
    before = run.result.snapshot
    with pytest.raises(EngineError, match="大小关系"):
        run.do("a", amount="6")
    assert run.result.snapshot == before
    assert run.do("a", amount=6) == ["b"]


def test_a_process_that_only_turns_round_is_stopped():
    text = process(
        START
        + user_task("a")
        + '<bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="g" default="g_m"/>'
        + END
        + flows(("s", "a"), ("a", "m"), ("m", "g"), ("g", "m"), ("g", "e", "a.end == True"))
    )
    run = Run(released(text))
    with pytest.raises(EngineError, match="一直循环"):
        run.do("a")
    assert run.do("a", end=True) == []


def test_a_called_process_that_only_turns_round_is_stopped():
    inner = (
        '<bpmn:startEvent id="is"/><bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="g" default="g_m"/>'
        '<bpmn:endEvent id="ie"/>' + flows(("is", "m"), ("m", "g"), ("g", "m"), ("g", "ie", "1 == 2"))
    )
    text = process(
        START
        + user_task("a")
        + f'<bpmn:subProcess id="sub">{inner}</bpmn:subProcess>'
        + END
        + flows(("s", "a"), ("a", "sub"), ("sub", "e"))
    )
    run = Run(released(text))
    with pytest.raises(EngineError, match="一直循环"):
        run.do("a")


MESSAGE = '<bpmn:message id="m" name="reply"/><bpmn:signal id="sg" name="closing"/>'


def catching(definition, where="intermediateCatchEvent", attributes=""):
    return f'<bpmn:{where} id="w" {attributes}>{definition}</bpmn:{where}>'


def test_a_message_is_taken_once_and_kept_under_its_name():
    event = catching('<bpmn:messageEventDefinition messageRef="m"/>')
    inner = START + event + user_task("a") + END + flows(("s", "w"), ("w", "a"), ("a", "e"))
    run = Run(released(definitions(MESSAGE + process_element(inner))))
    assert run.names() == []
    with pytest.raises(EngineError, match="没有在等待“other”"):
        run.give(Message("other"))
    assert run.give(Message("reply", {"no": 7})) == ["a"]
    assert run.data("a") == {"reply": {"no": 7}}
    with pytest.raises(EngineError, match="没有在等待“reply”"):
        run.give(Message("reply"))


def test_a_message_cannot_pass_for_a_decision():
    event = catching('<bpmn:messageEventDefinition messageRef="m"/>')
    inner = START + event + user_task("a") + END + flows(("s", "w"), ("w", "a"), ("a", "e"))
    text = definitions('<bpmn:message id="m" name="a"/>' + process_element(inner))
    with pytest.raises(EngineError, match="与步骤同名"):
        Run(released(text)).give(Message("a", {"outcome": "approve"}))


def test_a_signal_ends_a_step():
    event = catching('<bpmn:signalEventDefinition signalRef="sg"/>', "boundaryEvent", 'attachedToRef="a"')
    inner = (
        START + user_task("a") + event + user_task("b") + END + flows(("s", "a"), ("a", "e"), ("w", "b"), ("b", "e"))
    )
    run = Run(released(definitions(MESSAGE + process_element(inner))))
    assert run.give(Signal("closing")) == ["b"]
    assert [task.how for task in run.result.closed] == ["cancelled"]


def test_what_nobody_inside_waits_for_is_handed_out():
    event = catching('<bpmn:messageEventDefinition messageRef="m"/>', "intermediateThrowEvent")
    inner = START + user_task("a") + event + END + flows(("s", "a"), ("a", "w"), ("w", "e"))
    run = Run(released(definitions(MESSAGE + process_element(inner))))
    run.do("a", note="x")
    thrown = ThrownEvent("MessageEventDefinition", "reply", {"a": {"outcome": "approve", "note": "x"}})
    assert run.result.thrown == (thrown,)


def test_a_terminating_end_withdraws_the_other_branches():
    text = process(
        START
        + '<bpmn:parallelGateway id="f"/>'
        + user_task("a")
        + user_task("b")
        + END
        + '<bpmn:endEvent id="stop" jh:stage="rejected"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
        + flows(("s", "f"), ("f", "a"), ("f", "b"), ("a", "e"), ("b", "stop"))
    )
    run = Run(released(text))
    run.do("b")
    assert run.result.completed
    assert run.result.reached == ("stop",)
    assert [(task.node_id, task.how) for task in run.result.closed] == [("a", "cancelled"), ("b", "completed")]


def test_the_case_ends_when_the_last_of_several_ends_is_reached():
    text = process(
        START
        + '<bpmn:parallelGateway id="f"/>'
        + user_task("a")
        + user_task("b")
        + END
        + '<bpmn:endEvent id="e2" jh:stage="rejected"/>'
        + flows(("s", "f"), ("f", "a"), ("f", "b"), ("a", "e"), ("b", "e2"))
    )
    run = Run(released(text))
    run.do("b", no=2)
    assert (run.result.reached, run.result.completed) == (("e2",), False)
    run.do("a", no=1)
    assert (run.result.reached, run.result.completed) == (("e",), True)
    assert run.result.data == {"a": {"outcome": "approve", "no": 1}, "b": {"outcome": "approve", "no": 2}}


def called(inner_name="q"):
    inner = '<bpmn:startEvent id="qs"/>' + user_task("x") + '<bpmn:endEvent id="qe" jh:stage="in_library"/>'
    return process_element(inner + flows(("qs", "x"), ("x", "qe")), inner_name)


def test_a_called_process_knows_what_was_decided_and_its_decisions_come_back():
    call = '<bpmn:callActivity id="c" calledElement="q"/>'
    text = definitions(
        process_element(
            START + user_task("a") + call + user_task("z") + END + flows(("s", "a"), ("a", "c"), ("c", "z"), ("z", "e"))
        )
        + called()
    )
    run = Run(released(text), {"unit": "u"})
    run.do("a", no=1)
    assert run.data("x") == {"case": {"unit": "u"}, "a": {"outcome": "approve", "no": 1}}
    assert run.result.data == run.data("x")
    run.do("x", no=2)
    assert run.result.reached == ()
    assert run.data("z")["x"] == {"outcome": "approve", "no": 2}
    assert comes_before(run.release, "a", "x")
    assert comes_before(run.release, "x", "z")
    assert not comes_before(run.release, "z", "x")


def test_what_comes_before_follows_the_way_forward_only(release):
    assert comes_before(release, "draft", "arbitration")
    assert not comes_before(release, "arbitration", "draft")
    assert not comes_before(release, "budget_review", "performance_review")
    assert not comes_before(release, "draft", "draft")
    assert not comes_before(release, "draft", "nowhere")


SEVERAL = (
    "<bpmn:multiInstanceLoopCharacteristics{}><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
    '<bpmn:loopDataOutputRef>votes</bpmn:loopDataOutputRef><bpmn:inputDataItem id="person"/>'
    "{}</bpmn:multiInstanceLoopCharacteristics>"
)


def voting(kind="", condition=""):
    from tests.engine.diagrams import OUTCOMES

    text = process(
        START
        + user_task("d")
        + user_task("v", inner=OUTCOMES + SEVERAL.format(kind, condition))
        + '<bpmn:exclusiveGateway id="g" default="g_e"/>'
        + END
        + flows(("s", "d"), ("d", "v"), ("v", "g"), ("g", "d", "v.again == True"), ("g", "e"))
    )
    return released(text)


def test_several_people_decide_one_step_and_it_can_be_visited_again():
    run = Run(voting(), {"people": ["p", "q", "r"]})
    for round_ in range(3):
        assert run.do("d") == ["v"] * 3
        for no in range(3):
            run.do("v", no=no, again=round_ < 2)
    assert run.result.completed
    assert [vote["no"] for vote in run.result.data["votes"]] == [0, 1, 2]
    assert run.result.data["v"]["no"] == 2


def test_one_after_the_other():
    run = Run(voting(' isSequential="true"'), {"people": ["p", "q", "r"]})
    for round_ in range(2):
        run.do("d")
        for _ in range(3):
            assert run.names() == ["v"]
            run.do("v", again=round_ == 0)
    assert run.result.completed


def test_two_of_three_are_enough_and_the_third_is_withdrawn():
    condition = "<bpmn:completionCondition>done &gt;= 2</bpmn:completionCondition>"
    run = Run(voting("", condition), {"people": ["p", "q", "r"]})
    run.do("d")
    run.do("v")
    assert run.names() == ["v", "v"]
    run.do("v")
    assert run.result.completed
    assert sorted(task.how for task in run.result.closed) == ["cancelled", "completed"]


def test_the_condition_sees_the_results_collected_so_far():
    condition = "<bpmn:completionCondition>max(votes.no) == 9</bpmn:completionCondition>"
    run = Run(voting("", condition), {"people": ["p", "q", "r"]})
    run.do("d")
    assert run.do("v", no=1) == ["v", "v"]
    assert run.do("v", no=9) == []


def test_a_list_of_people_must_exist_and_stay_small():
    run = Run(voting())
    with pytest.raises(EngineError, match="people"):
        run.do("d")
    run = Run(voting(), {"people": [str(number) for number in range(101)]})
    with pytest.raises(EngineError, match="最多"):
        run.do("d")


def test_snapshots_do_not_depend_on_the_instant_of_commands_without_timers(release):
    early = apply(None, release, Start(), at=BEGIN)
    late = apply(None, release, Start(), at=BEGIN + timedelta(days=300))
    assert early.snapshot == late.snapshot
