"""Which step comes before which on the way forward? Arrows drawn back to an earlier step do not count."""

from __future__ import annotations

from service.engine.release import Release

_known: dict[str, dict[str, frozenset[str]]] = {}
_MOST_KEPT = 128


def comes_before(release: Release, node: str, other: str) -> bool:
    """Return whether a token can go forward from ``node`` to ``other``; False for a node and itself."""
    after = _known.get(release.hash)
    if after is None:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        after = _known[release.hash] = _reachable(release)
    return other in after.get(node, frozenset())


def _reachable(release: Release) -> dict[str, frozenset[str]]:
    """Return, for every node, the nodes after it once arrows back to an ancestor are left out."""
    specs = release.spec.task_specs
    onward = {name: [child.name for child in spec.outputs] for name, spec in specs.items()}
    forward = _without_back_arrows(onward, release.spec.start.name)
    return {name: frozenset(_walk(forward, name)) for name in onward}


def _without_back_arrows(onward: dict[str, list[str]], start: str) -> dict[str, list[str]]:
    forward: dict[str, list[str]] = {name: [] for name in onward}
    state: dict[str, int] = {}
    stack = [(start, iter(onward[start]))]
    state[start] = 1
    while stack:
        name, rest = stack[-1]
        child = next(rest, None)
        if child is None:
            state[name] = 2
            stack.pop()
        elif state.get(child) != 1:
            forward[name].append(child)
            if child not in state:
                state[child] = 1
                stack.append((child, iter(onward[child])))
    return forward


def _walk(forward: dict[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    level = list(forward.get(start, ()))
    while level:
        name = level.pop()
        if name not in seen:
            seen.add(name)
            level += forward.get(name, ())
    return seen - {start}
