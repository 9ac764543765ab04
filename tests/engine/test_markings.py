"""Diagrams that are sound but not made of nested blocks: after every move the tokens stand as the process itself could put them."""

import random

import pytest

from service.engine import MoveRefused
from service.engine.tokens import place_of, tokens
from tests.engine.cases import Run, released
from tests.engine.models import APPROVAL, UNSTRUCTURED


def reachable(net):
    """Every set of places tokens can stand on, found by playing all transitions."""
    rules = [(set(before), set(after)) for before, after in net.transitions()]
    first = frozenset([net.start])
    seen, todo = {first}, [first]
    while todo:
        marking = todo.pop()
        for before, after in rules:
            if marking >= before:
                reached = frozenset((marking - before) | after)
                if reached not in seen:
                    seen.add(reached)
                    todo.append(reached)
    return seen


def walk(release, legal, seed):
    rnd = random.Random(seed)
    run, net, moved = Run(release), release.flow_net, 0
    for _ in range(40):
        if run.result.completed:
            break
        if rnd.random() < 0.4:
            try:
                run.move(rnd.choice(list(release.steps)))
                moved += 1
            except MoveRefused:
                continue
        else:
            run.do(rnd.choice(run.names()), again=rnd.random() < 0.3)
        if not run.result.completed:
            marking = frozenset(place_of(net, task) for task in tokens(run.workflow()))
            assert marking in legal
    return moved


@pytest.mark.parametrize("name", UNSTRUCTURED)
def test_every_marking_after_a_move_is_one_the_process_can_reach(name):
    release = released(UNSTRUCTURED[name])
    legal = reachable(release.flow_net)
    assert sum(walk(release, legal, f"{name} {seed}") for seed in range(25)) > 50


@pytest.mark.long
@pytest.mark.parametrize("name", UNSTRUCTURED)
def test_every_marking_after_a_move_is_one_the_process_can_reach_at_length(name):
    release = released(UNSTRUCTURED[name])
    legal = reachable(release.flow_net)
    for seed in range(300):
        walk(release, legal, seed)


@pytest.mark.parametrize("name", UNSTRUCTURED)
def test_two_places_are_concurrent_exactly_if_some_marking_holds_both(name):
    net = released(UNSTRUCTURED[name]).flow_net
    legal = reachable(net)
    places = {place for marking in legal for place in marking}
    for one in places:
        for other in places - {one}:
            assert net.together(one, other) == any({one, other} <= marking for marking in legal)


def test_a_reminder_lies_beside_its_step_and_the_way_forward_follows_no_loop_back():
    net = released(APPROVAL).flow_net
    assert net.side_host("budget_nag") == "budget"
    assert net.side_host("budget") is None
    assert net.together("budget", "performance")
    assert not net.together("budget", "draft")
    assert net.comes_later("library", than="draft")
    assert not net.comes_later("draft", than="library")


@pytest.mark.parametrize("text", [APPROVAL, *UNSTRUCTURED.values()])
def test_the_places_that_bring_a_token_are_those_walking_finds(text):
    net = released(text).flow_net
    flows = [flow for name in net.nodes if net.is_join(name) for flow in net.flows_into(name)]
    found = net.bringing(flows)
    for flow in flows:
        assert found[flow] == {place for place in [*net.nodes, *flows] if net.can_bring([place], flow)}
