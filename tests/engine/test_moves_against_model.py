"""Random processes, random work, random moves: the engine agrees with the model on everything, loaded anew each time."""

import random
from datetime import timedelta

import pytest

from service.engine import Complete, Migrate, Move, MoveRefused, Tick, replay
from tests.engine.block_model import World
from tests.engine.cases import BEGIN, Run, released
from tests.engine.random_models import Maker, diagram

HOURS = [1, 1, 3, 12, 30]
VALUES = [0, 1, 1, 2, 3, 5, 6, 7]


class Walk:
    """The same commands given to the engine and to the model."""

    def __init__(self, seed):
        self.rnd = random.Random(seed)
        self.maker = Maker(self.rnd)
        self.text = diagram(self.maker)
        self.run = Run(released(self.text), {"people": ["p", "q"]})
        self.spare = released(self.text)
        self.world = World(self.maker.root, BEGIN.timestamp())
        self.moves = self.refused = self.size = 0
        self.tasks = self.compare()

    def pass_time(self):
        self.run.at += timedelta(hours=self.rnd.choice(HOURS), seconds=61)
        self.world.now = self.run.at.timestamp()

    def compare(self):
        """Check that both see the same; return what is open in both, in one order."""
        workflow = self.run.workflow()
        engine = [(t.task_spec.bpmn_id, self.known(t.data), t.id) for t in workflow.human_tasks()]
        engine.sort(key=lambda row: (row[0], sorted(row[1].items()), row[2]))
        model = sorted(self.world.open(), key=lambda one: (one.node_id, sorted(one.known.items())))
        assert [row[:2] for row in engine] == [(one.node_id, one.known) for one in model]
        assert self.run.result.completed == self.world.finished()
        due = self.run.result.due
        assert (due and due.timestamp()) == self.world.due()
        assert len(workflow.subprocesses) == len(list(self.world.top.scopes())) - 1
        self.size = max(self.size, len(self.run.result.snapshot))
        return [(row[2], one) for row, one in zip(engine, model, strict=True)]

    @staticmethod
    def known(data):
        return {
            name: (decision["number"], decision["value"]) for name, decision in data.items() if "number" in decision
        }

    def decide(self, number):
        task, one = self.rnd.choice(self.tasks)
        value = self.rnd.choice(VALUES)
        self.world.decide(one, number, value)
        self.run.give(Complete(task, {"outcome": "approve", "number": number, "value": value}))

    def tick(self):
        self.world.settle()
        self.run.give(Tick())

    def move(self):
        scope = self.rnd.choice(list(self.world.top.scopes()))
        target = self.rnd.choice(scope.root.ids())
        owner = self.owner_of(scope)
        if not self.world.move(scope, target):
            with pytest.raises(MoveRefused) as refused:
                self.run.plan(target, owner)
            assert refused.value.code == "nothing_to_move"
            self.refused += 1
            self.tick()
            return
        self.moves += 1
        plan = self.run.plan(target, owner)
        before = {task for task, _ in self.tasks}
        self.run.give(Move(plan.cancel, target, owner))
        closed = {task.task for task in self.run.result.closed}
        assert closed >= set(plan.cancel)
        assert before - set(plan.cancel) == set(plan.keeps)

    def owner_of(self, scope):
        if not scope.owner:
            return None
        workflow = self.run.workflow()
        return next(i for i in workflow.subprocesses if workflow.get_task_from_id(i).task_spec.name == scope.owner)

    def go(self, steps, migrations):
        for number in range(1, steps + 1):
            if self.world.finished():
                break
            self.pass_time()
            # As if another worker had compiled it.
            self.run.release, self.spare = self.spare, self.run.release
            dice = self.rnd.random()
            self.move() if dice < 0.3 else self.tick() if dice < 0.38 else self.decide(number)
            self.tasks = self.compare()
            if migrations and number % 3 == 0 and not self.world.finished():
                self.migrate()
        again = list(replay(self.run.log, [released(self.text), self.spare]))
        assert again[-1].digest == self.run.result.digest
        return self

    def migrate(self):
        before = self.run.result
        self.run.give(Migrate(self.spare.hash), target=self.spare)
        assert (self.run.result.opened, self.run.result.closed, self.run.result.notes) == ((), (), ())
        assert self.run.result.due == before.due
        self.tasks = self.compare()


def walks(seeds, migrations=False):
    done = [Walk(seed).go(45, migrations) for seed in seeds]
    return sum(walk.moves for walk in done), sum(walk.refused for walk in done), max(walk.size for walk in done)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_engine_and_model_agree(first):
    moves, _, _ = walks(range(first, first + 20))
    assert moves > 30


@pytest.mark.parametrize("first", range(1000, 1030, 15))
def test_engine_and_model_agree_when_the_case_migrates_to_an_equal_release(first):
    walks(range(first, first + 15), migrations=True)


@pytest.mark.long
@pytest.mark.parametrize("first", range(50_000, 52_000, 100))
def test_engine_and_model_agree_at_length(first):
    moves, refused, _ = walks(range(first, first + 100), migrations=first % 400 == 0)
    assert moves > refused > 0
