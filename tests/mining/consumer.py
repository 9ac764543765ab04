"""What a process-mining tool makes of our exports: run as a program of its own, for pm4py is no part of the product.

Reads a list of questions (JSON) from standard input and prints the list of answers:

    ["read", LOG.xes, LOG.jsonocel]      what it reads, and the model it discovers
    ["conform", DIAGRAM.bpmn, LOG.xes]   how well each stretch between two moves follows the diagram
    ["conform", DIAGRAM.bpmn, LOG.json]  the same for stretches [[open before, steps, open after], …]

Any warning while reading ends it, but for the library's advertisement of its faster reader.
"""

import json
import sys
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

with redirect_stdout(StringIO()):
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments
    from pm4py.objects.bpmn.obj import BPMN
    from pm4py.objects.log.obj import Event, Trace
    from pm4py.objects.petri_net import semantics

warnings.simplefilter("ignore")

#: A stretch: the steps open where it begins (None: the start of the case), those decided, those open at its end.
Stretch = tuple[tuple[str, ...] | None, tuple[str, ...], tuple[str, ...]]


def read(xes: str, ocel: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Install the optional requirement `r4pm`")
        log, objects = pm4py.read_xes(xes, show_progress_bar=False), pm4py.read_ocel2_json(ocel)
    forward = log[(log["lifecycle:transition"] == "complete") & (log["jiheng:node"] != "")]
    net, begin, end = pm4py.discover_petri_net_inductive(forward)
    fitness = pm4py.fitness_token_based_replay(forward, net, begin, end)
    return {
        "cases": int(log["case:concept:name"].nunique()),
        "events": len(log),
        "activities": sorted(set(forward["concept:name"])),
        "tree": str(pm4py.discover_process_tree_inductive(forward)),
        "discovered": {"transitions": sorted(t.label for t in net.transitions if t.label), **fitness},
        "object_events": len(objects.events),
        "objects": {kind: int(count) for kind, count in objects.objects["ocel:type"].value_counts().items()},
        "relations": len(objects.relations),
    }


def conform(diagram: str, log: str) -> dict[str, Any]:
    told = Counter(_of_json(log) if log.endswith(".json") else _of_log(log, Path(diagram).stem))
    drawing = _Drawing(diagram)
    found = {stretch: drawing.fitness(*stretch) for stretch in told}
    return {
        "stretches": sum(told.values()),
        "different": len(told),
        "decisions": sum(len(stretch[1]) * count for stretch, count in told.items()),
        "fitness": min(found.values(), default=None),
        "worst": [list(stretch) for stretch, fitness in found.items() if fitness < 1][:5],
    }


def _of_json(path: str) -> Iterator[Stretch]:
    for before, steps, after in json.loads(Path(path).read_text()):
        yield None if before is None else tuple(before), tuple(steps), tuple(after)


def _of_log(path: str, process: str) -> Iterator[Stretch]:
    """The stretches of a process's cases in a log; where nothing was decided there is nothing to follow."""
    log = pm4py.read_xes(path, show_progress_bar=False)
    for _, rows in log[log["case:jiheng:process"] == process].groupby("case:concept:name", sort=False):
        yield from _of_case(rows.to_dict("records"))


def _of_case(events: Iterable[Mapping[str, Any]]) -> Iterator[Stretch]:
    before: tuple[str, ...] | None = None
    steps: list[str] = []
    waiting: tuple[str, ...] = ()
    for event in events:
        now = tuple(event["jiheng:open"].split())
        forward = event["lifecycle:transition"] == "complete" and event["jiheng:node"]
        left = event["lifecycle:transition"] == "pi_abort"  # withdrawn or ended from outside: no end is reached
        if event["jiheng:moved_to"] or event["jiheng:kind"] == "case_migrated" or left:
            # Where a step decided by the same event would have led is not told.
            yield before, tuple(steps), waiting
            before, steps = now, []
        elif forward:
            steps.append(event["jiheng:node"])
        waiting = now
    yield before, tuple(steps), waiting


def _keep_waits(diagram: BPMN) -> None:
    """Make every drawn wait a silent step: the library leaves waits out of its net, and cuts the path there."""
    for wait in [node for node in diagram.get_nodes() if isinstance(node, BPMN.IntermediateCatchEvent)]:
        around = [flow for flow in diagram.get_flows() if wait in (flow.source, flow.target)]
        for flow in around:
            diagram.remove_flow(flow)
        diagram.remove_node(wait)
        passed = BPMN.Task(id=wait.get_id(), name=wait.get_name(), process=wait.get_process())
        diagram.add_node(passed)
        for flow in around:
            source, target = (passed if node is wait else node for node in (flow.source, flow.target))
            diagram.add_flow(BPMN.SequenceFlow(source, target, process=wait.get_process()))


class _Drawing:
    """A diagram as a Petri net over the ids of its user tasks; what no person decides is silent."""

    def __init__(self, path: str) -> None:
        diagram = pm4py.read_bpmn(path)
        _keep_waits(diagram)
        ids = {node.get_name(): node.get_id() for node in diagram.get_nodes() if isinstance(node, BPMN.UserTask)}
        self.net, self.begin, self.end = pm4py.convert_to_petri_net(diagram)
        for transition in self.net.transitions:
            transition._Transition__label = ids.get(transition.label)
        self._standing: dict[tuple[str, ...], list[Any]] = {}
        self._explore()

    def _explore(self) -> None:
        """Every marking, by the steps that can be decided in it at once."""
        seen, todo = {self._key(self.begin)}, deque([self.begin])
        while todo:
            marking = todo.popleft()
            enabled = sorted(semantics.enabled_transitions(self.net, marking), key=str)
            steps = tuple(sorted(one.label for one in enabled if one.label))
            self._standing.setdefault(steps, []).append(marking)
            for after in (semantics.execute(one, self.net, marking) for one in enabled):
                if self._key(after) not in seen:
                    seen.add(self._key(after))
                    todo.append(after)

    def _key(self, marking: Any) -> frozenset[Any]:
        return frozenset(marking.items())

    def fitness(self, before: tuple[str, ...] | None, steps: tuple[str, ...], after: tuple[str, ...]) -> float:
        """How well the steps lead from where the stretch began to where it ended: 1.0 is exactly as drawn."""
        if not steps:
            return 1.0
        trace = Trace([Event({"concept:name": step}) for step in steps])
        begins = [self.begin] if before is None else self._standing.get(tuple(sorted(before)), [])
        ends = self._standing.get(tuple(sorted(after)), []) if after else [self.end]
        found = [alignments.apply(trace, self.net, one, other) for one in begins for other in ends]
        return max((float(one["fitness"]) for one in found if one is not None), default=0.0)


with redirect_stdout(StringIO()):
    told = [{"read": read, "conform": conform}[question](*files) for question, *files in json.load(sys.stdin)]
sys.stdout.write(json.dumps(told, ensure_ascii=False))
