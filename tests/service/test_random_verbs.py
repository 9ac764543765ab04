"""Whatever people do in whatever order: never stuck, never twice at one step, and the history tells it all."""

from contextlib import nullcontext, suppress
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from service.errors import Problems, Refused
from tests import factories
from tests.service.random_assessments import adjusting, assessing
from tests.service.random_departments import Budgeting, Overall, Syncing, departments
from tests.service.random_verbs import Case
from tests.service.random_worlds import changing, declaring, evaluating, monitoring, rectifying

#: Every shipped process and the world its cases live in.
WORLDS = {
    "target_declaration": declaring,
    "performance_monitoring": monitoring,
    "rectification": rectifying,
    "self_evaluation": evaluating,
    "process_change": changing,
    "library_to_budget": departments(Budgeting, "library_to_budget"),
    "target_sync": departments(Syncing, "library_to_budget"),
    "overall_target": departments(Overall, "overall_target"),
    "ex_ante_assessment": assessing,
    "target_adjustment": adjusting,
}

#: Steps decided by several people together, so that every way of counting is walked.
TOGETHER = {
    "department_review": {"countersign": "all", "addSign": "any", "outcome": "abstain"},
    "fund_review": {"countersign": "sequential"},
    "budget_review": {
        "countersign": "ratio",
        "share": "50",
        "weights": "BUDGET_CHIEF:3",
        "transferScope": "any",
        "outcome": "abstain",
    },
    "performance_review": {"countersign": "all", "collectAll": "true"},
}
#: Verbs that go nowhere or end it all are used less often than the others.
SELDOM = {"cc": 1, "read": 1, "urge": 1, "discard": 1, "reject": 1, "unclaim": 2, "withdraw_case": 2}
#: Verbs that may be refused for whom they name, or for a limit on how often: the person reads why.
HINDERED = frozenset({"transfer", "delegate", "add_seat", "cc", "return"})


class Verbs(RuleBasedStateMachine):
    """Random verbs by random people on a case of a world."""

    world: ClassVar[Any]

    @initialize()
    def begin(self):
        self.case = Case(self.world)

    @rule(seed=st.integers(0, 2**32 - 1))
    def something_happens(self, seed):
        # Drawn evenly from a seed: hypothesis itself prefers what comes first in a list.
        self.steps = getattr(self, "steps", 0) + 1
        chance = Random(f"{seed} {self.steps}")
        kind = chance.choices(("offered", "closed", "exceptional"), (12, 2, 1))[0]
        getattr(self, kind)(chance)

    def offered(self, chance):
        """Rights never speak against what was offered; a person may turn out to be one who may not be chosen."""
        options = self.case.options(allowed=True)
        if not options:
            assert self.case.docket().case.finished_at or self.case.docket().case.suspended_at
            return
        verbs = sorted({option.verb for option in options})
        verb = chance.choices(verbs, [SELDOM.get(verb, 6) for verb in verbs])[0]
        with suppress(Problems) if verb in HINDERED else nullcontext():
            self.case.use(chance.choice([option for option in options if option.verb == verb]), chance.choice)

    def closed(self, chance):
        """What a page shows as closed is refused, with a reason, and changes nothing."""
        options = self.case.options(allowed=False)
        if options:
            option = chance.choice(options)
            option.listed["targets"] = option.listed["targets"] or [{"node_id": "draft"}]
            with pytest.raises(Refused):
                self.case.use(option, chance.choice)

    def exceptional(self, chance):
        """Two leaders do something out of the ordinary, if it is possible now."""
        verb = chance.choices(("jump", "suspend", "resume", "terminate"), (6, 4, 4, 1))[0]
        self.case.exception(
            verb, chance.choice(sorted(self.case.docket().bundle.release.steps)) if verb == "jump" else None
        )

    @invariant()
    def always(self):
        if hasattr(self, "case"):
            self.case.check()

    def teardown(self):
        if hasattr(self, "case"):
            self.case.check_inboxes()
            self.case.finish()
            self.case.check()
            self.world.base.sound(self.case.case_id)


def test_every_shipped_process_is_walked():
    assert set(WORLDS) == {file.stem for file in Path("workflows").glob("*.bpmn")}


@pytest.mark.parametrize("process", WORLDS)
@pytest.mark.parametrize("examples, steps", [(3, 15), pytest.param(120, 40, marks=pytest.mark.long)])
def test_no_order_of_verbs_breaks_a_case(session, process, examples, steps):
    walk(WORLDS[process](session), examples, steps)


@pytest.mark.parametrize("examples, steps", [(4, 15), pytest.param(120, 40, marks=pytest.mark.long)])
def test_no_order_of_verbs_breaks_a_case_that_several_decide(session, examples, steps):
    world = WORLDS["target_declaration"](session)
    district = world.base
    body, chief = district.bodies["budget_section"], district.people["BUDGET_REVIEWER_2"]
    factories.create_post(session, role="BUDGET_CHIEF", organisation=body, person=chief)
    district.redraw(process={"withdrawal": "consent"}, **TOGETHER)
    walk(world, examples, steps)


def walk(world, examples, steps):
    machine = type("Machine", (Verbs,), {"world": world})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(machine, settings=chosen)
