"""A snapshot holds the present, not the history: it stays small, and nothing that can still matter is forgotten."""

import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from SpiffWorkflow.util.task import TaskState

from service.engine import Complete, EngineError, Message, Tick, apply, compile_release
from service.engine.codec import dump, load
from service.engine.determinism import CommandRun
from service.engine.machine import _message
from service.engine.workflow import Workflow, run_task
from tests.engine.cases import BEGIN, Run, released
from tests.engine.diagrams import END, START, flows, process, simple, user_task
from tests.engine.models import APPROVAL, DEADLINE, EVENTS, INCLUSIVE, UNSTRUCTURED, choice, steps
from tests.engine.random_models import Maker, diagram

NAME = "target_declaration"
ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED
MODELS = {"approval": APPROVAL, "deadline": DEADLINE, "events": EVENTS, "inclusive": INCLUSIVE, **UNSTRUCTURED}


class Whole:
    """The same instance kept in memory with all its history, never written down."""

    def __init__(self, release, facts):
        self.last_id = self.revision = 0
        with self.command(BEGIN):
            self.workflow = Workflow(release)
            self.workflow._steps_left = 100_000
            self.workflow.task_tree.data["case"] = facts
            self.workflow.run_to_rest()

    def command(self, at):
        whole = self

        class Command(CommandRun):
            def __exit__(self, *fault):
                super().__exit__(*fault)
                whole.last_id, whole.revision = self.last_id, self.revision

        return Command(at, self.last_id, self.revision)

    def open(self):
        return order(self.workflow.human_tasks())

    def complete(self, position, decision, at):
        task = self.open()[position]
        with self.command(at):
            task.data[task.task_spec.bpmn_id] = decision
            run_task(task)
            self.workflow.run_to_rest()

    def tick(self, at):
        with self.command(at):
            self.workflow.run_to_rest()

    def tasks(self):
        return sum(len(scope.tasks) for scope in (self.workflow, *self.workflow.subprocesses.values()))


def text(value):
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def order(tasks):
    return sorted(tasks, key=lambda task: (task.workflow.spec.name, task.task_spec.name, text(task.data)))


def future(workflow):
    """Everything that decides what can still happen: active tasks with their data, timers, the end."""
    tasks = [
        (
            task.workflow.spec.name,
            task.task_spec.name,
            task._state,
            text(task.data),
            task.internal_data.get("event_value"),
        )
        for scope in workflow.scopes()
        for task in scope.tasks.values()
        if task._state & ACTIVE
    ]
    return sorted(tasks, key=str), workflow.completed, workflow.due()


class Walk:
    """Random decisions and waiting, on a whole instance and on one loaded anew for each command."""

    def __init__(self, rnd, document):
        self.rnd = rnd
        facts = {"people": ["p", "q", "r"]}
        self.whole = Whole(released(document), facts)
        self.run = Run(released(document), facts)
        self.most = 0

    def go(self, steps):
        for number in range(steps):
            self.compare()
            if self.run.result.completed:
                return
            self.run.at += timedelta(hours=self.rnd.choice([1, 1, 5, 30]))
            names = {task.task_spec.name for task in self.whole.workflow.event_manager.tasks.values()}
            if "wait" in names and self.rnd.random() < 0.4:
                self.message(number)
            elif not self.whole.open() or self.rnd.random() < 0.15:
                self.whole.tick(self.run.at)
                self.run.give(Tick())
            else:
                self.decide(number)

    def decide(self, number):
        tasks = order(self.run.workflow().human_tasks())
        position = self.rnd.randrange(len(tasks))
        facts = {name: self.rnd.random() < 0.5 for name in ("ok", "again", "a", "b")}
        decision = {"outcome": "approve", "no": number, "value": self.rnd.randrange(4), **facts}
        self.whole.complete(position, decision, self.run.at)
        self.run.give(Complete(tasks[position].id, decision))

    def message(self, number):
        with self.whole.command(self.run.at):
            _message(self.whole.workflow, Message("reply", {"no": number}))
            self.whole.workflow.run_to_rest()
        self.run.give(Message("reply", {"no": number}))

    def compare(self):
        workflow = self.run.workflow()
        assert future(workflow) == future(self.whole.workflow)
        self.most = max(self.most, sum(len(scope.tasks) for scope in (workflow, *workflow.subprocesses.values())))


@pytest.mark.parametrize("name", MODELS)
def test_nothing_that_matters_is_forgotten(name):
    seen = []
    for seed in range(10):
        walk = Walk(random.Random(f"{name} {seed}"), MODELS[name])
        walk.go(40)
        seen.append((walk.most, walk.whole.tasks()))
    assert max(kept for kept, _ in seen) <= 30


def test_nothing_that_matters_is_forgotten_on_random_processes():
    for seed in range(30):
        rnd = random.Random(seed)
        Walk(rnd, diagram(Maker(rnd))).go(40)


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 2000, 100))
def test_nothing_that_matters_is_forgotten_at_length(first):
    for seed in range(first, first + 100):
        rnd = random.Random(seed)
        Walk(rnd, diagram(Maker(rnd))).go(60)
        name = rnd.choice(list(MODELS))
        Walk(rnd, MODELS[name]).go(60)


@pytest.fixture(scope="module")
def target():
    return compile_release({f"{NAME}.bpmn": (Path("workflows") / f"{NAME}.bpmn").read_bytes()}, NAME)


FORWARD = ["unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review", "performance_review"]


def test_after_200_returns_the_snapshot_is_as_small_as_at_first(target):
    run = Run(target, {"project": "370117-2027-0042", "amount": "1250000.00"})
    sizes, tasks = [], []
    for _ in range(201):
        run.do("draft", "submit", is_key_project=False, is_finance_own=False)
        for step in FORWARD:
            run.do(step)
        sizes.append(len(run.result.snapshot))
        workflow = run.workflow()
        tasks.append(len(workflow.tasks))
        run.move("draft")
    assert max(sizes) <= 2_000
    assert sizes[-1] <= sizes[1] + 60
    assert max(tasks) == tasks[1]


def test_a_loop_drawn_in_the_diagram_can_be_run_through_any_number_of_times():
    text_ = process(
        START
        + steps("a", "b")
        + choice("g")
        + END
        + flows(("s", "a"), ("a", "b"), ("b", "g"), ("g", "a", "b.again == True"), ("g", "e", None, "g_else"))
    )
    run = Run(released(text_))
    for _ in range(400):
        run.do("a")
        run.do("b", again=True)
    run.do("a")
    assert len(run.result.snapshot) < 500
    assert run.do("b", again=False) == []
    assert run.result.completed


@pytest.mark.parametrize(
    "facts",
    [
        {"typename": "UUID", "value": "x"},
        {"__class__": "os.system", "py/object": "os.system"},
        {"data": None, "parent": 1, "state": 2},
        {"": "", "用途": "道路养护", "a.b": 1},
    ],
)
def test_no_name_of_a_fact_can_make_a_case_unreadable(facts):
    run = Run(released(simple()), facts)
    assert run.data("a") == {"case": facts}
    run.do("a", **facts)
    assert run.result.data == {"case": facts, "a": {"outcome": "approve", **facts}}


def test_a_later_decision_does_not_reach_into_what_was_known_before():
    run = Run(released(APPROVAL), {"rows": [1]})
    run.do("draft", rows=[1, 2])
    before = run.result
    known = orjson.loads(text(run.data("department")))
    run.do("department", rows=[3])
    run.do("budget", rows=[])
    assert run.data("performance") == known | {"department": {"outcome": "approve", "rows": [3]}}
    again = apply(before.snapshot, run.release, run.log[2][0], at=BEGIN)
    assert again.data["draft"] == {"outcome": "approve", "rows": [1, 2]}


def test_the_engine_runs_only_inside_a_command():
    with pytest.raises(EngineError, match="命令之内"):
        Workflow(released(simple()))


def test_a_loaded_instance_written_down_again_is_the_same_bytes():
    run = Run(released(EVENTS))
    run.do("draft")
    run.give(Message("reply", {"no": 1}))
    run.wait(10)
    run.do("q1")
    workflow, last_id, revision = load(run.result.snapshot, run.release)
    again = CommandRun(BEGIN, last_id, revision - 1)
    assert dump(workflow, again) == run.result.snapshot


def test_a_deep_chain_of_steps_is_no_deeper_than_a_short_one():
    names = [f"t{number}" for number in range(60)]
    chain = ["s", *names, "e"]
    text_ = process(START + "".join(map(user_task, names)) + END + flows(*pairwise(chain)))
    run = Run(released(text_))
    for name in names[:-1]:
        run.do(name)
        assert len(run.workflow().tasks) < 8
