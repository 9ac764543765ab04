"""Walks a shipped process: decisions in order, the end or the open steps, the effects, and the arrows gone along."""

from datetime import UTC, datetime, timedelta

from service import engine, releases
from service.engine.outline import read_outline

AT = datetime(2027, 8, 23, tzinfo=UTC)


def check(process_id, walks):
    """Every walk comes to what it names, with its effects; together they leave no arrow out."""
    text, forms, tables = releases.shipped_bundle(process_id)
    release = releases.compiled(process_id, text, forms, tables)
    walked = set()
    for name, (decisions, facts, expected, effects) in walks.items():
        result, found, flows = walk(release, decisions, facts)
        reached = {task.node_id for task in engine.open_tasks(result.snapshot, release)}
        assert (result.reached[-1] if isinstance(expected, str) else reached) == expected, name
        assert result.completed is isinstance(expected, str), name
        assert found == effects, name
        walked |= flows
    assert {flow.id for flow in read_outline(text).flows.values() if (flow.source, flow.target) not in walked} == set()


def walk(release, decisions, facts):
    """Decide in this order; ``facts`` are what a step's form tells the flow."""
    result = engine.apply(None, release, engine.Start(), at=AT)
    effects, flows = [], set(result.flows)
    for number, (node, verb) in enumerate(decisions, 1):
        tasks = {task.node_id: task.task for task in engine.open_tasks(result.snapshot, release)}
        command = engine.Complete(tasks[node], {"outcome": verb, **facts.get(node, {})})
        result = engine.apply(result.snapshot, release, command, at=AT + timedelta(minutes=number))
        effects += [effect.name for effect in result.effects]
        flows |= set(result.flows)
    return result, effects, flows
