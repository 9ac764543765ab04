"""A running case goes on under another release: what is kept, what is added, what is refused."""

from datetime import timedelta
from itertools import pairwise

import pytest

from service.engine import EngineError, Message, Migrate, MigrationRefused, apply, replay
from tests.engine.cases import BEGIN, Run, released
from tests.engine.diagrams import END, OUTCOMES, START, definitions, flows, process, process_element, user_task
from tests.engine.models import APPROVAL, DEADLINE, EVENTS, INCLUSIVE, parallel, reminder, steps, timer

TWICE = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"


def line(*names, extra=""):
    ends = ("s", *names, "e")
    return process(START + steps(*names) + extra + END + flows(*pairwise(ends)))


def branches(*paths):
    """a, then the paths at once (each a row of steps), then z."""
    arrows = [("s", "a"), ("a", "f"), ("j", "z"), ("z", "e")]
    for path in paths:
        arrows += pairwise(("f", *path, "j"))
    names = [name for path in paths for name in path]
    return process(START + steps("a", *names, "z") + parallel("f", "j") + END + flows(*arrows))


def calling(inside, *outside):
    ends, inner = ("s", *outside, "e"), ("qs", *inside, "qe")
    own = [name for name in outside if name != "c"]
    call = '<bpmn:callActivity id="c" calledElement="q"/>'
    called = '<bpmn:startEvent id="qs"/>' + steps(*inside) + '<bpmn:endEvent id="qe" jh:stage="in_library"/>'
    return definitions(
        process_element(START + steps(*own) + call + END + flows(*pairwise(ends)))
        + process_element(called + flows(*pairwise(inner)), "q")
    )


class Case(Run):
    def migrate(self, text, **moves):
        release = released(text)
        return self.give(Migrate(release.hash, moves), target=release)

    def path(self):
        """Decide one step after the other; return the way to the end."""
        way = []
        while not self.result.completed:
            way.append(self.names()[0])
            self.do(way[-1])
        return way

    def refused(self, text, *reasons, **moves):
        before = self.result
        with pytest.raises(MigrationRefused) as caught:
            self.migrate(text, **moves)
        assert self.result is before
        for reason in reasons:
            assert any(reason in problem for problem in caught.value.problems), caught.value.problems


def case(text, *done):
    run = Case(released(text))
    for step in done:
        run.do(step)
    return run


def test_an_open_step_keeps_its_id_and_the_step_added_behind_it_comes():
    run = case(line("draft", "dept", "fund"), "draft", "dept")
    fund = run.task("fund")
    assert run.migrate(line("draft", "dept", "fund", "legal")) == ["fund"]
    assert run.task("fund") == fund
    assert (run.result.opened, run.result.closed, run.result.notes) == ((), (), ())
    assert run.path() == ["fund", "legal"]


def test_a_step_added_before_the_open_one_is_passed_over_unless_the_token_is_moved_there():
    longer = line("draft", "dept", "legal", "fund")
    run = case(line("draft", "dept", "fund"), "draft", "dept")
    run.migrate(longer)
    assert run.path() == ["fund"]
    run = case(line("draft", "dept", "fund"), "draft", "dept")
    fund = run.task("fund")
    assert run.migrate(longer, fund="legal") == ["legal"]
    assert [(task.task, task.how) for task in run.result.closed] == [(fund, "cancelled")]
    assert run.result.notes == ("“办理fund”的办理移到“办理legal”",)
    assert run.data("legal").keys() == {"draft", "dept"}
    assert run.path() == ["legal", "fund"]


def test_an_open_step_that_is_gone_needs_another_place():
    run = case(line("draft", "dept", "fund", "z"), "draft", "dept")
    run.refused(line("draft", "dept", "z"), "“办理fund”在新版本中不存在")
    run.migrate(line("draft", "dept", "z"), fund="z")
    assert run.path() == ["z"]


def test_a_finished_step_that_is_gone_does_not_matter():
    run = case(line("draft", "dept", "fund"), "draft", "dept")
    assert run.migrate(line("draft", "fund")) == ["fund"]
    assert set(run.data("fund")) == {"draft", "dept"}
    assert run.path() == ["fund"]


def test_a_running_deadline_is_kept_even_if_the_drawn_one_changed():
    run = case(line("draft", "fund", extra=reminder("fund", '"PT50H"')), "draft")
    due = run.result.due
    run.at += timedelta(hours=7)
    run.migrate(line("draft", "fund", "legal", extra=reminder("fund", '"PT90H"')))
    assert run.result.due == due
    assert run.wait(44) == ["fund", "fund_nag"]


def test_a_timer_put_on_an_open_step_counts_from_now():
    run = case(line("draft", "fund"), "draft")
    run.at += timedelta(hours=7)
    run.migrate(line("draft", "fund", extra=reminder("fund")))
    assert run.result.due == run.at + timedelta(hours=10)
    assert run.result.notes == ("“办理fund”上的事件从现在起计",)
    assert run.wait(10) == ["fund", "fund_nag"]
    run.do("fund")
    run.do("fund_nag")
    assert run.result.completed


def test_a_second_timer_is_added_beside_the_first():
    other = '<bpmn:boundaryEvent id="late" attachedToRef="fund"><bpmn:timerEventDefinition><bpmn:timeDuration>"PT30H"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
    run = case(line("draft", "fund", extra=reminder("fund")), "draft")
    due = run.result.due
    run.migrate(line("draft", "fund", extra=reminder("fund") + other + steps("x") + flows(("late", "x"), ("x", "e"))))
    assert run.result.due == due
    assert run.wait(31) == ["fund_nag", "x"]


def test_a_timer_taken_off_an_open_step_rings_no_more():
    run = case(line("draft", "fund", extra=reminder("fund")), "draft")
    run.migrate(line("draft", "fund"))
    assert run.result.due is None
    assert run.result.notes == ("“办理fund”上的事件不再等待",)
    assert run.wait(99) == ["fund"]
    run.do("fund")
    assert run.result.completed


def test_a_reminder_that_is_open_cannot_vanish():
    run = case(line("draft", "fund", extra=reminder("fund")), "draft")
    run.wait(11)
    run.refused(line("draft", "fund"), "“办理fund_nag”在新版本中不存在")


def test_moving_a_token_takes_its_timer_with_it_and_arms_the_new_one():
    run = case(line("draft", "dept", "fund", extra=reminder("fund")), "draft", "dept")
    run.at += timedelta(hours=3)
    run.migrate(
        line("draft", "dept", "legal", "fund", extra=reminder("fund") + reminder("legal", '"PT2H"')), fund="legal"
    )
    assert run.result.due == run.at + timedelta(hours=2)
    assert run.wait(3) == ["legal", "legal_nag"]


def test_a_third_branch_is_opened_while_the_others_are_under_way():
    for done in ((), ("b",)):
        run = case(branches(["b"], ["c"]), "a", *done)
        run.migrate(branches(["b"], ["c"], ["d"]))
        assert run.names() == sorted({"b", "c", "d"} - set(done))
        for step in run.names()[:-1]:
            run.do(step)
            assert "z" not in run.names()
        assert run.path()[-1] == "z"


def test_a_step_added_to_an_open_branch_is_waited_for():
    run = case(branches(["b"], ["c"]), "a", "b")
    run.migrate(branches(["b"], ["c", "c2"]))
    assert run.path() == ["c", "c2", "z"]


def test_a_running_branch_cannot_be_taken_away():
    run = case(branches(["b"], ["c"], ["d"]), "a")
    run.refused(branches(["b"], ["c"]), "“办理d”在新版本中不存在")
    run = case(branches(["b"], ["c"], ["d"]), "a", "d")
    run.refused(branches(["b"], ["c"]), "“办理d”正在等待汇合")


def test_branches_cannot_become_a_row():
    run = case(branches(["b"], ["c"]), "a")
    run.refused(line("a", "b", "c", "z"), "不会同时进行")


def test_a_branch_whose_fork_was_jumped_over_cannot_be_waited_for():
    run = case(branches(["b"], ["c"]), "a", "b", "c")
    run.move("b")
    run.refused(branches(["b"], ["c"], ["d"]), "等待的“办理d”")
    run.migrate(branches(["b", "b2"], ["c"]))
    assert run.path() == ["b", "b2", "z"]


def test_a_move_must_lead_to_a_step_and_come_from_an_open_one():
    run = case(branches(["b"], ["c"]), "a")
    run.refused(branches(["b"], ["c"]), "没有“nowhere”", b="nowhere")
    run.refused(branches(["b"], ["c"]), "“办理z”现在没有人办理", z="b")
    run.refused(branches(["b"], ["c"]), "不会同时进行", b="z")


def test_inside_and_behind_a_called_process():
    run = case(calling(["x"], "draft", "c"), "draft")
    run.migrate(calling(["x", "y"], "draft", "c", "legal"))
    assert run.path() == ["x", "y", "legal"]
    run = case(calling(["x"], "draft", "c"), "draft")
    run.refused(line("draft", "x"), "“q”在新版本中不存在", "“办理draft”之后的调用流程在新版本中不存在")


def test_a_call_that_is_gone_may_be_left_for_another_step():
    run = case(calling(["x"], "draft", "c"), "draft")
    run.migrate(line("draft", "z"), c="z")
    assert run.path() == ["z"]


def test_a_call_may_be_left_for_another_step():
    run = case(calling(["x"], "draft", "c", "z"), "draft")
    run.migrate(calling(["x"], "draft", "z", "c"), c="z")
    assert run.names() == ["z"]
    assert [(task.node_id, task.how) for task in run.result.closed] == [("x", "cancelled")]
    assert run.path() == ["z", "x"]


def test_a_step_that_became_something_else_is_refused():
    run = case(line("draft", "c"), "draft")
    run.refused(calling(["x"], "draft", "c"), "换了类型")


def test_several_people_at_one_step_go_on():
    def voting(*after):
        vote = user_task("v", inner=OUTCOMES + TWICE)
        return process(START + steps("draft", *after) + vote + END + flows(*pairwise(("s", "draft", "v", *after, "e"))))

    run = case(voting(), "draft", "v")
    run.migrate(voting("legal"))
    assert run.path() == ["v", "legal"]


def test_a_release_of_another_process_or_another_hash_is_refused():
    run = case(line("draft", "fund"), "draft")
    other = released(
        process(START + steps("draft", "fund") + END + flows(("s", "draft"), ("draft", "fund"), ("fund", "e")), "q"),
        "q",
    )
    with pytest.raises(MigrationRefused, match="另一个流程"):
        run.give(Migrate(other.hash), target=other)
    with pytest.raises(EngineError, match="没有给出版本"):
        run.give(Migrate("0" * 64), target=other)
    with pytest.raises(EngineError, match="没有给出版本"):
        apply(run.result.snapshot, run.release, Migrate(other.hash), at=BEGIN)


def test_a_history_with_a_migration_is_repeated_with_both_releases():
    old, new = line("draft", "fund"), line("draft", "fund", "legal")
    run = case(old, "draft")
    run.migrate(new)
    run.path()
    results = list(replay(run.log, [released(old), released(new)]))
    assert results[-1].digest == run.result.digest
    with pytest.raises(EngineError, match="没有给出版本"):
        list(replay(run.log, released(old)))


@pytest.mark.parametrize("text", [APPROVAL, DEADLINE, EVENTS, INCLUSIVE])
def test_going_over_to_an_equal_release_changes_nothing(text):
    run, plain = Case(released(text), {"people": ["p", "q"]}), Run(released(text), {"people": ["p", "q"]})
    for number in range(25):
        if plain.result.completed:
            break
        run.migrate(text)
        assert (run.result.notes, run.result.opened, run.result.closed) == ((), (), ())
        assert run.result.due == plain.result.due
        assert run.result.data == plain.result.data
        assert run.names() == plain.names()
        for one in (run, plain):
            if one.names():
                one.do(one.names()[number % len(one.names())], again=number < 12, ok=number > 12)
            elif one.waits_at("wait"):
                one.give(Message("reply"))
            else:
                one.wait(10)
    assert run.result.completed == plain.result.completed


def test_timers_of_a_moved_away_interrupting_kind_are_kept_apart():
    run = case(
        line(
            "draft", "fund", extra=timer("fund", interrupting=True) + steps("b") + flows(("fund_due", "b"), ("b", "e"))
        ),
        "draft",
    )
    assert run.wait(11) == ["b"]
    run.migrate(
        line(
            "draft",
            "fund",
            extra=timer("fund", '"PT1H"', interrupting=True) + steps("b") + flows(("fund_due", "b"), ("b", "e")),
        )
    )
    assert run.result.due is None
    assert run.path() == ["b"]
