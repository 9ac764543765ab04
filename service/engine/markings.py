"""Which sets of places can tokens stand on? Played out on the net, bounded, to find dead ends and ways around a step.

Conditions are not read: every branch of a choice counts as possible, and an inclusive fork may take any of its flows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from service.engine.flow_net import FlowNet, Place, node_of
from service.engine.specs import EndJoin, InclusiveGateway, ParallelGateway

Marking = frozenset[Place]
#: Parallel branches have exponentially many markings; beyond this many nothing is claimed.
MOST_MARKINGS = 10_000
_MOST_SUBSETS = 5


@dataclass(frozen=True)
class Walk:
    """What was found: whether these are all markings, those nothing leads out of, and whether a wanted one came up."""

    complete: bool
    dead: tuple[Marking, ...]
    found: bool


def walk(net: FlowNet, blocked: Collection[str] = (), wanted: Callable[[Marking], bool] | None = None) -> Walk:
    """Play every order of tokens from the start of a process.

    ``blocked`` nodes keep their token for ever. The walk ends early at a marking ``wanted`` accepts.
    """
    firings = _Firings(net, blocked)
    first: Marking = frozenset([net.start])
    seen, todo, dead = {first}, [first], list[Marking]()
    while todo:
        marking = todo.pop()
        if wanted is not None and wanted(marking):
            return Walk(complete=False, dead=tuple(dead), found=True)
        following = set(firings.after(marking))
        if not following:
            dead.append(marking)
        fresh = following - seen
        seen |= fresh
        todo += fresh
        if len(seen) > MOST_MARKINGS:
            return Walk(complete=False, dead=tuple(dead), found=False)
    return Walk(complete=True, dead=tuple(dead), found=False)


def stuck_joins(net: FlowNet, dead: Iterable[Marking]) -> dict[str, Marking]:
    """Return the joins at which a token waits for ever, each with a set of places that holds the tokens then.

    Tokens at the end of the process are no dead end: that is how it ends.
    """
    found: dict[str, Marking] = {}
    for marking in dead:
        for place in marking:
            if isinstance(place, tuple) and net.needs_every_flow(place[1]):
                found.setdefault(place[1], marking)
    return found


def can_bypass(net: FlowNet, target: str, steps: Collection[str]) -> bool | None:
    """Return whether a token can reach a node while none ever passes one of the steps; ``None`` if undecided."""
    result = walk(net, steps, lambda marking: any(node_of(place) == target for place in marking))
    return True if result.found else False if result.complete else None


class _Firings:
    """What each node of a net does with tokens."""

    def __init__(self, net: FlowNet, blocked: Collection[str]) -> None:
        self._net = net
        acting = [
            name
            for name, node in net.nodes.items()
            if name not in blocked and name != "End" and not isinstance(node, EndJoin)
        ]
        self._after = {name: self._fillings(name) for name in acting}
        self._inclusive = {name for name in acting if net.is_join(name) and not net.needs_every_flow(name)}
        # Asked at every marking: without it the work would grow with the drawing, not only with the markings.
        self._bringing = net.bringing(flow for name in self._inclusive for flow in net.flows_into(name))

    def after(self, marking: Marking) -> Iterator[Marking]:
        """Yield every marking one firing leads to."""
        for name in sorted({node_of(place) for place in marking} & self._after.keys()):
            taken = self._taken(name, marking)
            if taken:
                for filled in self._after[name]:
                    yield (marking - taken) | filled

    def _taken(self, name: str, marking: Marking) -> Marking:
        """Return the places a node empties when it fires now, nothing if it has to wait."""
        if not self._net.is_join(name):
            return frozenset([name])
        flows: Marking = frozenset(self._net.flows_into(name))
        arrived = flows & marking
        if name not in self._inclusive:
            return flows if arrived == flows else frozenset()
        others = marking - arrived
        waits = any(not self._bringing[flow].isdisjoint(others) for flow in flows - arrived)
        return frozenset() if waits else arrived

    def _fillings(self, name: str) -> list[Marking]:
        net, node = self._net, self._net.nodes[name]
        places: list[Place] = [(name, out) if net.is_join(out) else out for out in net.outputs(name)]
        if isinstance(node, ParallelGateway):
            return [frozenset(places)]
        single: list[Marking] = [frozenset([place]) for place in places]
        if not isinstance(node, InclusiveGateway) or len(places) < 2:
            return single
        sizes = range(2, len(places) + 1) if len(places) <= _MOST_SUBSETS else (len(places),)
        return [*single, *(frozenset(some) for size in sizes for some in combinations(places, size))]
