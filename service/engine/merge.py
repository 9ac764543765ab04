"""What do several branches know together? Only what each changed since they parted is carried over.

The library merges branches deeply and in the order they arrive: a value a branch merely inherited overrides a newer one,
and lists are cut. Here values are replaced whole, and branches are compared with the data where they parted, level by
level. One comparison with the farthest common ancestor is not enough: with nested blocks, a value inherited on one inner
branch would win over a decision of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def same(left: Any, right: Any) -> bool:
    """Return whether two plain values are the same JSON; true is not one, 1 is not 1.0."""
    if left is right:
        return True
    if left != right:
        return False
    return orjson.dumps(left, option=orjson.OPT_SORT_KEYS) == orjson.dumps(right, option=orjson.OPT_SORT_KEYS)


def changes(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of ``data`` that are new or different from ``base``."""
    return {name: value for name, value in data.items() if name not in base or not same(base[name], value)}


def lineage(task: Any) -> list[Any]:
    """Return a task and everything above it, from the root down, out of called processes too."""
    chain = []
    while task is not None:
        chain.append(task)
        parent = task.parent
        if parent is None and task.workflow.parent_task_id is not None:
            parent = task.workflow.top_workflow.get_task_from_id(task.workflow.parent_task_id)
        task = parent
    return chain[::-1]


def merge_branches(branches: Sequence[Any]) -> dict[str, Any]:
    """Return the merged data of tasks on different branches, given in order of arrival.

    If two branches changed one name, the later one wins; a step writes only under its own name, so that does not happen
    to decisions. At least one branch is needed.
    """
    if len(branches) == 1:
        return dict(branches[0].data)
    return _merged([lineage(task) for task in branches], 0)


def _merged(chains: list[list[Any]], depth: int) -> dict[str, Any]:
    while True:
        groups: dict[int | None, list[list[Any]]] = {}
        for chain in chains:
            following = id(chain[depth + 1]) if len(chain) > depth + 1 else None
            # A group stands where its latest branch arrived.
            groups[following] = [*groups.pop(following, []), chain]
        if len(groups) > 1 or None in groups:
            break
        depth += 1
    base = chains[0][depth].data
    merged = dict(base)
    for following, group in groups.items():
        if following is None:
            continue
        branch = _merged(group, depth + 1)
        merged.update(changes(base, branch))
        for name in base.keys() - branch.keys():
            merged.pop(name, None)
    return merged
