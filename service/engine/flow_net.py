"""What does a diagram say about tokens: which places may hold one at the same time, and which paths lie aside?

A diagram is read as a net. Every node is a place ("a token is here"), and so is every flow into a join ("a token has come
along this flow"). Two places are *concurrent* if some run can have a token on both (Kovalyov's relation, exact for sound
free-choice nets). What a move withdraws and what it keeps follows from this relation alone: loops need no special care.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin

from service.engine.specs import EndJoin, InclusiveGateway, ParallelGateway, ProcessSpec

Place = str | tuple[str, str]
SPLIT = ".BoundaryEventSplit"
JOIN = ".BoundaryEventJoin"


class _Pairs:
    """A symmetric relation that remembers which pairs are new."""

    def __init__(self) -> None:
        self.relation: dict[Place, set[Place]] = {}
        self.fresh: list[tuple[Place, Place]] = []

    def add(self, one: Place, other: Place) -> None:
        if other not in self.relation.setdefault(one, set()):
            self.relation[one].add(other)
            self.relation.setdefault(other, set()).add(one)
            self.fresh += {(one, other), (other, one)}


class FlowNet:
    """The net of one process; computed once per release and never changed.

    ``nodes`` are the specifications by name. ``host`` gives the step a boundary event sits on, ``side`` the step whose
    non-interrupting event leads to a node. ``unsafe`` names places where two tokens may meet: such a diagram is not
    released.
    """

    def __init__(self, spec: ProcessSpec) -> None:
        self.start: str = spec.start.name
        self.nodes: dict[str, Any] = {
            name: node for name, node in spec.task_specs.items() if not isinstance(node, BoundaryEventJoin)
        }
        self.host: dict[str, str] = {
            event: name.removesuffix(SPLIT)
            for name, node in self.nodes.items()
            if isinstance(node, BoundaryEventSplit)
            for event in node._outputs
            if isinstance(self.nodes[event], BoundaryEvent)
        }
        self.side, merging = self._side_paths()
        self._concurrent: dict[Place, set[Place]] = {}
        self._gathered = {name: [self.flows_into(name)] for name in self.nodes if self.is_join(name)}
        self._relate_places()
        meeting = {place for place, others in self._concurrent.items() if place in others}
        self.unsafe: tuple[str, ...] = tuple(sorted({title(place) for place in meeting} | merging))
        self._later = self._order()

    def outputs(self, name: str) -> list[str]:
        """Return the nodes a token may go to next."""
        return [output for output in self.nodes[name]._outputs if output in self.nodes]

    def is_join(self, name: str) -> bool:
        """Return whether a node waits for tokens on several flows; the end of the process waits for all."""
        node = self.nodes[name]
        return isinstance(node, EndJoin) or (isinstance(node, UnstructuredJoin) and len(node._inputs) > 1)

    def needs_every_flow(self, name: str) -> bool:
        """Return whether a node waits for a token on each of its several flows."""
        node = self.nodes[name]
        return isinstance(node, ParallelGateway) and len(node._inputs) > 1

    def flows_into(self, join: str) -> list[tuple[str, str]]:
        """Return the flows into a node."""
        return [(source, join) for source in self.nodes[join]._inputs if source in self.nodes]

    def together(self, one: Place, other: Place) -> bool:
        """Return whether two places may hold a token at the same time."""
        return other in self._concurrent.get(one, ())

    def comes_later(self, node: str, than: str) -> bool:
        """Return whether a node lies at or behind another, loops not followed back."""
        return node in self._later[than]

    def side_host(self, place: Place) -> str | None:
        """Return the step beside which a place lies, ``None`` for a place on the main paths."""
        return self.side.get(place if isinstance(place, str) else place[0])

    def can_bring(self, places: Iterable[Place], flow: tuple[str, str], beside: Place | None = None) -> bool:
        """Return whether a token on one of the places can still come along a flow, while another rests on ``beside``.

        Only places concurrent with it are walked then: otherwise a sibling would seem to come round by an outer loop.
        """
        seen: set[Place] = set()
        todo = list(places)
        while todo:
            place = todo.pop()
            if place in seen or (beside is not None and not self.together(place, beside)):
                continue
            if place == flow:
                return True
            seen.add(place)
            node = node_of(place)
            todo += [self._entry(node, output) for output in self.outputs(node)]
        return False

    def bringing(self, flows: Iterable[tuple[str, str]]) -> dict[Place, set[Place]]:
        """Return for each flow the places from which a token can still come along it, the flow itself included."""
        before: dict[Place, list[Place]] = {}
        joins = [flow for name in self._gathered for flow in self.flows_into(name)]
        places: list[Place] = [*self.nodes, *joins]
        for place in places:
            for output in self.outputs(node_of(place)):
                before.setdefault(self._entry(node_of(place), output), []).append(place)
        found: dict[Place, set[Place]] = {}
        for flow in flows:
            todo: list[Place] = [flow]
            seen = found[flow] = set(todo)
            while todo:
                fresh = [place for place in before.get(todo.pop(), ()) if place not in seen]
                seen.update(fresh)
                todo += fresh
        return found

    def transitions(self) -> Iterator[tuple[list[Place], list[Place]]]:
        """Yield every way tokens move: the places one firing empties, and those it fills."""
        for name, node in self.nodes.items():
            if isinstance(node, EndJoin) or name == "End":
                continue
            after = [self._entry(name, output) for output in self.outputs(name)]
            forks = isinstance(node, ParallelGateway | InclusiveGateway) and len(after) > 1
            for before in self._gathered.get(name, [[name]]):
                if forks:
                    yield [*before], after
                else:
                    # Events on a step are alternatives to it: while its token is with them it is nowhere else.
                    yield from (([*before], [place]) for place in after)

    def _entry(self, source: str, target: str) -> Place:
        return (source, target) if self.is_join(target) else target

    def _reach(self, starts: Iterable[str], *, through_side: bool) -> set[str]:
        seen: set[str] = set()
        todo = list(starts)
        while todo:
            name = todo.pop()
            aside = name in self.host and not self.nodes[name].cancel_activity
            if name not in seen and (through_side or not aside):
                seen.add(name)
                todo += [output for output in self.outputs(name) if not isinstance(self.nodes[output], EndJoin)]
        return seen

    def _side_paths(self) -> tuple[dict[str, str], set[str]]:
        """Return the side nodes with their outermost host, and the main nodes a side path runs into."""
        main = self._reach([self.start], through_side=False)
        side: dict[str, str] = {}
        merging: set[str] = set()
        for event, host in self.host.items():
            if not self.nodes[event].cancel_activity:
                reached = self._reach([event], through_side=True)
                merging |= reached & main
                for name in reached - main:
                    side.setdefault(name, host)
        for name, host in list(side.items()):
            while host in side:
                host = side[host]
            side[name] = host
        return side, merging

    def _relate_places(self) -> None:
        """Find the concurrent places. An inclusive join takes the flows that can carry tokens together, not all of them;
        which those are is known only from the relation, so it is computed until nothing changes.
        """
        for _ in range(len(self._gathered) + 1):
            self._concurrent = self._concurrency()
            gathered = {name: self._gathered_flows(name) for name in self._gathered}
            if gathered == self._gathered:
                return
            self._gathered = gathered

    def _gathered_flows(self, join: str) -> list[list[tuple[str, str]]]:
        flows = self.flows_into(join)
        if not isinstance(self.nodes[join], InclusiveGateway):
            return [flows]
        groups = [[flow for flow in flows if flow == one or self.together(flow, one)] for one in flows]
        return [group for index, group in enumerate(groups) if group not in groups[:index]]

    def _concurrency(self) -> dict[Place, set[Place]]:
        """Return the relation: branches of a fork are concurrent, and so is what tokens on concurrent places lead to."""
        pairs = _Pairs()
        consumers: dict[Place, list[tuple[list[Place], list[Place]]]] = {}
        for before, after in self.transitions():
            for place in before:
                consumers.setdefault(place, []).append((before, after))
            for one, other in combinations(after, 2):
                pairs.add(one, other)
        while pairs.fresh:
            moving, resting = pairs.fresh.pop()
            for before, after in consumers.get(moving, ()):
                if pairs.relation[resting].issuperset(before):
                    for place in after:
                        pairs.add(place, resting)
        return pairs.relation

    def _order(self) -> dict[str, set[str]]:
        dominators = self._dominators()
        later: dict[str, set[str]] = {}
        for name in self.nodes:
            seen, todo = {name}, [name]
            while todo:
                node = todo.pop()
                for output in self.outputs(node):
                    # A flow to a node that every path has already passed leads back.
                    if output not in seen and output not in dominators[node]:
                        seen.add(output)
                        todo.append(output)
            later[name] = seen
        return later

    def _dominators(self) -> dict[str, set[str]]:
        """Return for every node the nodes each path to it passes, itself included."""
        incoming: dict[str, list[str]] = {name: [] for name in self.nodes}
        for name in self.nodes:
            for output in self.outputs(name):
                incoming[output].append(name)
        found: dict[str, set[str]] = {name: set(self.nodes) for name in self.nodes}
        found[self.start] = {self.start}
        changed = True
        while changed:
            changed = False
            for name, sources in incoming.items():
                if name == self.start or not sources:
                    continue
                passed = set.intersection(*(found[source] for source in sources)) | {name}
                changed |= passed != found[name]
                found[name] = passed
        return found


def node_of(place: Place) -> str:
    """Return the node at which a token rests or which it has come to."""
    return place[1] if isinstance(place, tuple) else place


def title(place: Place) -> str:
    """Return how a message names a place."""
    return place if isinstance(place, str) else f"{place[0]} → {place[1]}"


def flow_net(spec: ProcessSpec) -> FlowNet:
    """Return the net of a process."""
    return FlowNet(spec)
