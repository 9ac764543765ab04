"""Do returns keep their meaning in shapes a district may draw: forks in forks, blocks in a row, choices, parts, waits?"""

from datetime import timedelta

import pytest

from service import tasks, timers
from service.engine import compile_release
from service.engine.lint_release import release_problems
from tests.district import create_district
from tests.engine.diagrams import END, OUTCOMES, START, definitions, flow, flows, process_element
from tests.engine.diagrams import user_task as drawn

ANSWERS = OUTCOMES.replace("</jh:outcomes>", '<jh:outcome verb="return" label="退回"/></jh:outcomes>')
DRAFT = OUTCOMES.replace('verb="approve" label="同意"', 'verb="submit" label="报送"')
PLACES = {
    "unit_sign": ("UNIT_LEADER", "project.unit"),
    "department_review": ("DEPT_REVIEWER", "project.department"),
    "fund_review": ("FUND_REVIEWER", "project.fund_section"),
    "fund_chief_review": ("FUND_CHIEF", "project.fund_section"),
    "budget_review": ("BUDGET_REVIEWER", "bureau.budget_section"),
    "performance_review": ("PERF_OFFICER", "bureau.performance_section"),
    "performance_chief_review": ("PERF_CHIEF", "bureau.performance_section"),
    "arbitration": ("BUREAU_LEADER", "bureau.leaders"),
}
LEADER, DEPARTMENT, FUND, FUND_CHIEF, BUDGET, PERFORMANCE, CHIEF, BUREAU = PLACES


def step(node, attributes=""):
    role, organisation = PLACES[node]
    form = "" if node in ("unit_sign", "arbitration") else 'jh:form="target_review"'
    own = f'jh:role="{role}" jh:organisation="{organisation}" jh:stage="dept_review" jh:returnTargets="any_visited"'
    return drawn(
        node, f'jh:resubmit="replay" jh:maxReturns="9" jh:addSign="any" {form} {attributes}', ANSWERS, step=own
    )


def fork(*names):
    return "".join(f'<bpmn:parallelGateway id="{name}"/>' for name in names)


def drawing(inner, *arrows, beside=""):
    own = 'jh:role="UNIT_CLERK" jh:organisation="project.unit" jh:stage="draft" jh:form="project_target"'
    first = START + drawn("draft", 'jh:returnTargets="none"', DRAFT, step=own) + inner + END
    return definitions(process_element(first + flows(("s", "draft"), *arrows), "target_declaration") + beside)


NESTED = drawing(
    fork("f1", "j1", "f2", "j2") + "".join(map(step, (LEADER, DEPARTMENT, FUND, FUND_CHIEF, CHIEF))),
    ("draft", "f1"), ("f1", LEADER), ("f1", "f2"), ("f2", DEPARTMENT), ("f2", FUND), (DEPARTMENT, "j2"), (FUND, "j2"),
    ("j2", FUND_CHIEF), (FUND_CHIEF, "j1"), (LEADER, "j1"), ("j1", CHIEF), (CHIEF, "e"),
)  # fmt: skip
IN_A_ROW = drawing(
    fork("f1", "j1", "f2", "j2") + "".join(map(step, (LEADER, DEPARTMENT, FUND, BUDGET, PERFORMANCE, CHIEF))),
    ("draft", "f1"), ("f1", LEADER), ("f1", DEPARTMENT), (LEADER, "j1"), (DEPARTMENT, "j1"), ("j1", FUND),
    (FUND, "f2"), ("f2", BUDGET), ("f2", PERFORMANCE), (BUDGET, "j2"), (PERFORMANCE, "j2"), ("j2", CHIEF), (CHIEF, "e"),
)  # fmt: skip
CHOICE = drawing(
    '<bpmn:exclusiveGateway id="x" default="x_fund_review"/><bpmn:exclusiveGateway id="m"/>'
    + fork("f", "j") + "".join(map(step, (DEPARTMENT, FUND, BUDGET, PERFORMANCE, CHIEF)))
    + flow("x", DEPARTMENT, "number(draft.amount_total) &gt; 1"),
    ("draft", "x"), ("x", FUND), (DEPARTMENT, "m"), (FUND, "m"), ("m", "f"), ("f", BUDGET), ("f", PERFORMANCE),
    (BUDGET, "j"), (PERFORMANCE, "j"), ("j", CHIEF), (CHIEF, "e"),
)  # fmt: skip
PART = drawing(
    '<bpmn:callActivity id="part" name="会审" calledElement="joint"/>' + step(LEADER) + step(CHIEF),
    ("draft", LEADER), (LEADER, "part"), ("part", CHIEF), (CHIEF, "e"),
    beside=process_element(
        '<bpmn:startEvent id="ps"/><bpmn:endEvent id="pe" jh:stage="joint_signoff"/>' + fork("f", "j") + step(BUDGET) + step(PERFORMANCE)
        + flows(("ps", "f"), ("f", BUDGET), ("f", PERFORMANCE), (BUDGET, "j"), (PERFORMANCE, "j"), ("j", "pe")),
        "joint",
    ),
)  # fmt: skip
WAIT = drawing(
    '<bpmn:intermediateCatchEvent id="wait" name="公示"><bpmn:timerEventDefinition id="t">'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"P3D"</bpmn:timeDuration></bpmn:timerEventDefinition>'
    "</bpmn:intermediateCatchEvent>" + fork("f", "j") + "".join(map(step, (LEADER, DEPARTMENT, CHIEF))),
    ("draft", LEADER), (LEADER, "f"), ("f", "wait"), ("f", DEPARTMENT), ("wait", "j"), (DEPARTMENT, "j"), ("j", CHIEF),
    (CHIEF, "e"),
)  # fmt: skip


def repeated(one_by_one):
    """The department reviews three times."""
    three = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{one_by_one}"><bpmn:loopCardinality>3</bpmn:loopCardinality>'
    several = step(DEPARTMENT).replace(
        "</bpmn:userTask>", f"{three}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )
    arrows = (("draft", LEADER), (LEADER, DEPARTMENT), (DEPARTMENT, CHIEF), (CHIEF, "e"))
    return drawing(step(LEADER) + several + step(CHIEF), *arrows)


@pytest.fixture
def district(session):
    return create_district(session)


def begun(district, diagram):
    district.put_in_force(diagram)
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    return case_id


def back(district, case_id, node, to):
    return district.decide(case_id, node, "return", params={"to": to, "resubmit": "replay"})


def standing(district, case_id):
    return set(district.open_visits(case_id))


def return_targets(district, case_id, node):
    visit = district.open_visits(case_id)[node]
    role = PLACES[node][0]
    verbs = tasks.verbs(district.session, visit.id, actor=district.actor(role), at=district.at)
    return next(verb["targets"] for verb in verbs if verb["verb"] == "return")


def faults(diagram):
    release = compile_release({"target_declaration.bpmn": diagram}, "target_declaration")
    return {(one.code, one.element_id) for one in release_problems(release)}


def ended(district, case_id, *nodes):
    answer = district.walk(case_id, *nodes)
    district.sound(case_id)
    return answer["stage"]


def test_a_fork_in_a_fork_returns_within_the_inner_and_from_behind_both(district):
    case_id = begun(district, NESTED)
    assert standing(district, case_id) == {LEADER, DEPARTMENT, FUND}
    district.walk(case_id, DEPARTMENT, FUND)
    back(district, case_id, FUND_CHIEF, FUND)
    assert standing(district, case_id) == {LEADER, FUND}
    assert district.latest(case_id, DEPARTMENT).state == "decided"
    district.walk(case_id, FUND, FUND_CHIEF, LEADER)
    back(district, case_id, CHIEF, DEPARTMENT)
    assert standing(district, case_id) == {DEPARTMENT}
    assert [district.latest(case_id, node).state for node in (FUND, LEADER)] == ["decided", "decided"]
    district.walk(case_id, DEPARTMENT)
    assert ended(district, case_id, FUND_CHIEF, CHIEF) == "in_library"


def test_from_the_inner_fork_to_before_the_outer_everything_begins_again(district):
    case_id = begun(district, NESTED)
    district.walk(case_id, LEADER, FUND)
    back(district, case_id, DEPARTMENT, "draft")
    assert standing(district, case_id) == {"draft"}
    district.walk(case_id, "draft")
    assert standing(district, case_id) == {LEADER, DEPARTMENT, FUND}
    assert ended(district, case_id, DEPARTMENT, FUND, FUND_CHIEF, LEADER, CHIEF) == "in_library"


def test_from_the_second_block_into_a_branch_of_the_first(district):
    case_id = begun(district, IN_A_ROW)
    district.walk(case_id, LEADER, DEPARTMENT, FUND, BUDGET)
    back(district, case_id, PERFORMANCE, DEPARTMENT)
    assert standing(district, case_id) == {DEPARTMENT}
    assert (district.latest(case_id, LEADER).state, district.latest(case_id, BUDGET).state) == ("decided", "superseded")
    district.walk(case_id, DEPARTMENT, FUND)
    assert standing(district, case_id) == {BUDGET, PERFORMANCE}
    assert ended(district, case_id, PERFORMANCE, BUDGET, CHIEF) == "in_library"


def test_a_choice_before_a_fork_is_made_again_and_only_the_way_taken_is_offered(district):
    case_id = begun(district, CHOICE)
    district.walk(case_id, DEPARTMENT, BUDGET)
    targets = {one["node_id"] for one in return_targets(district, case_id, PERFORMANCE)}
    assert targets == {"draft", DEPARTMENT}
    back(district, case_id, PERFORMANCE, DEPARTMENT)
    assert standing(district, case_id) == {DEPARTMENT}
    district.walk(case_id, DEPARTMENT, BUDGET, PERFORMANCE)
    back(district, case_id, CHIEF, BUDGET)
    assert standing(district, case_id) == {BUDGET}
    district.walk(case_id, BUDGET)
    back(district, case_id, CHIEF, "draft")
    district.walk(case_id, "draft")
    assert standing(district, case_id) == {DEPARTMENT}
    assert ended(district, case_id, DEPARTMENT, BUDGET, PERFORMANCE, CHIEF) == "in_library"


def test_out_of_a_called_part_and_into_it_as_a_whole(district):
    case_id = begun(district, PART)
    district.walk(case_id, LEADER, BUDGET)
    back(district, case_id, PERFORMANCE, LEADER)
    assert standing(district, case_id) == {LEADER}
    district.walk(case_id, LEADER)
    assert standing(district, case_id) == {BUDGET, PERFORMANCE}
    district.walk(case_id, BUDGET, PERFORMANCE)
    back(district, case_id, CHIEF, LEADER)
    assert ended(district, case_id, LEADER, PERFORMANCE, BUDGET, CHIEF) == "in_library"


def test_a_return_while_a_wait_is_due_ends_the_wait_and_begins_it_anew(district):
    case_id = begun(district, WAIT)
    district.walk(case_id, LEADER)
    timers.fire(district.session, district.later(days=2))
    back(district, case_id, DEPARTMENT, LEADER)
    timers.fire(district.session, district.later(days=2))
    district.session.commit()
    district.walk(case_id, LEADER, DEPARTMENT)
    begun_again = district.at
    timers.fire(district.session, district.later(days=2))
    district.session.commit()
    assert standing(district, case_id) == set(), "the wait of the round before went off"
    district.at = begun_again + timedelta(days=4)
    timers.fire(district.session, district.at)
    district.session.commit()
    assert ended(district, case_id, CHIEF) == "in_library"


def test_one_after_the_other_several_times_and_back_before_them_all(district):
    case_id = begun(district, repeated("true"))
    district.walk(case_id, LEADER, DEPARTMENT)
    assert standing(district, case_id) == {DEPARTMENT}
    back(district, case_id, DEPARTMENT, LEADER)
    assert standing(district, case_id) == {LEADER}
    assert ended(district, case_id, LEADER, DEPARTMENT, DEPARTMENT, DEPARTMENT, CHIEF) == "in_library"


def test_a_step_that_would_be_open_several_times_at_once_is_not_published():
    assert ("step.several", DEPARTMENT) in faults(repeated("false"))
    assert "step.several" not in {code for code, _ in faults(repeated("true"))}
    thrice = repeated("false").partition(b"<bpmn:multiInstance")[2].partition(b"</bpmn:userTask>")[0]
    called = b'calledElement="joint"><bpmn:multiInstance' + thrice + b"</bpmn:callActivity>"
    assert ("step.several", "part") in faults(PART.replace(b'calledElement="joint"/>', called))
