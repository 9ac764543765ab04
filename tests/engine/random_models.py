"""Random processes of nested blocks, and the same tree of blocks as a diagram."""

from itertools import pairwise

from tests.engine.block_model import Choice, Empty, Inclusive, Loop, Parallel, Sequence, Step
from tests.engine.diagrams import OUTCOMES, definitions, flow, process_element, user_task

MOST_STEPS = 27
PEOPLE = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
    '<bpmn:inputDataItem id="{}_person"/></bpmn:multiInstanceLoopCharacteristics>'
)


class Maker:
    """Makes one random process; ``called`` are the processes its steps call."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.count = 0
        self.called = []
        self.root = self.sequence(rnd.choice([1, 2, 2, 3]), [], calls=True, least=2)

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def sequence(self, depth, known, *, calls, least=1):
        """A sequence of steps and, down to a depth, blocks; ``known`` are steps whose decision conditions may read."""
        items, known = [], list(known)
        for _ in range(self.rnd.randint(least, 3)):
            if depth and self.rnd.random() < 0.6 and self.count < MOST_STEPS:
                items += self.block(depth, known, calls)
            else:
                items.append(self.step(calls))
                if items[-1].body is None and items[-1].people == 1:
                    known.append(items[-1].name)
        return Sequence(*items)

    def step(self, calls):
        dice = self.rnd.random()
        if calls and dice < 0.12:
            step = Step(self.name("call"), self.rnd.choice([None, None, "nag"]))
            step.body = self.sequence(1, [], calls=False)
            self.called.append(step)
            return step
        if dice < 0.22:
            return Step(self.name("m"), people=2)
        return Step(self.name("t"), self.rnd.choice([None, None, None, "nag", "esc"]))

    def block(self, depth, known, calls):
        before = []
        if not known:
            before = [Step(self.name("t"))]
            known.append(before[0].name)
        kind = self.rnd.choice([Parallel, Parallel, Choice, Inclusive, Loop])
        if kind is Loop:
            ask = Step(self.name("t"))
            body = Sequence(self.sequence(depth - 1, known, calls=calls), ask)
            known.append(ask.name)
            return [*before, Loop(self.name("l"), ask.name, body)]
        children = [self.sequence(depth - 1, known, calls=calls) for _ in range(self.rnd.choice([2, 2, 3]))]
        if self.rnd.random() < 0.2:
            children[-1] = Empty()
        if kind is Parallel:
            return [*before, Parallel(self.name("p"), *children)]
        return [*before, kind(self.name("g"), self.rnd.choice(known[-2:]), *children)]


class Drawing:
    """One process of blocks as BPMN elements."""

    def __init__(self, root, process_id):
        self.nodes = [f'<bpmn:startEvent id="{process_id}_begin"/>']
        self.flows = []
        first, last = self.draw(root)
        self.connect(f"{process_id}_begin", first)
        self.end(last, f"{process_id}_done")
        self.text = process_element("".join(self.nodes + self.flows), process_id)

    def connect(self, source, target, condition=None, flow_id=None):
        self.flows.append(flow(source, target, condition, flow_id))

    def end(self, source, name):
        self.nodes.append(f'<bpmn:endEvent id="{name}" jh:stage="in_library"/>')
        self.connect(source, name)

    def draw(self, block):
        """Draw a block; return its first and its last node."""
        if isinstance(block, Step):
            return self.draw_step(block)
        if isinstance(block, Loop):
            return self.draw_loop(block)
        if type(block) is Sequence:
            ends = [self.draw(child) for child in block.children]
            for (_, last), (first, _) in pairwise(ends):
                self.connect(last, first)
            return ends[0][0], ends[-1][1]
        return self.draw_branches(block)

    def draw_step(self, step):
        name = step.name
        if step.body is not None:
            self.nodes.append(f'<bpmn:callActivity id="{name}" calledElement="P_{name}"/>')
        else:
            self.nodes.append(user_task(name, inner=OUTCOMES + (PEOPLE.format(name) if step.people > 1 else "")))
        if step.timer is None:
            return name, name
        path = f"{name}_{step.timer}"
        self.nodes += [self.timer(step), user_task(path)]
        self.connect(f"{name}_due", path)
        if step.timer == "nag":
            self.end(path, f"{name}_reminded")
            return name, name
        self.nodes.append(f'<bpmn:exclusiveGateway id="{name}_or"/>')
        self.connect(path, f"{name}_or")
        self.connect(name, f"{name}_or")
        return name, f"{name}_or"

    @staticmethod
    def timer(step):
        hours, interrupting = (10, "false") if step.timer == "nag" else (25, "true")
        definition = f'<bpmn:timerEventDefinition><bpmn:timeDuration>"PT{hours}H"</bpmn:timeDuration>'
        return (
            f'<bpmn:boundaryEvent id="{step.name}_due" attachedToRef="{step.name}" cancelActivity="{interrupting}">'
            f"{definition}</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        )

    def draw_loop(self, loop):
        begin, end = f"{loop.name}_in", f"{loop.name}_out"
        first, last = self.draw(loop.children[0])
        self.nodes.append(f'<bpmn:exclusiveGateway id="{begin}"/>')
        leave = f"{loop.name}_leave"
        self.nodes.append(
            f'<bpmn:exclusiveGateway id="{end}" default="{leave}"/><bpmn:exclusiveGateway id="{leave}_or"/>'
        )
        self.connect(begin, first)
        self.connect(last, end)
        self.connect(end, begin, f"{loop.reads}.value == 1")
        self.connect(end, f"{leave}_or", flow_id=leave)
        return begin, f"{leave}_or"

    def draw_branches(self, block):
        tags = {Parallel: "parallelGateway", Inclusive: "inclusiveGateway", Choice: "exclusiveGateway"}
        tag, split, join = tags[type(block)], f"{block.name}_split", f"{block.name}_join"
        default = "" if type(block) is Parallel else f' default="{block.name}_last"'
        self.nodes.append(f'<bpmn:{tag} id="{split}"{default}/><bpmn:{tag} id="{join}"/>')
        for i, child in enumerate(block.children):
            first, last = (join, None) if isinstance(child, Empty) else self.draw(child)
            is_last = i == len(block.children) - 1
            condition = None if type(block) is Parallel or is_last else self.condition(block, i)
            self.connect(split, first, condition, f"{block.name}_last" if is_last else None)
            if last is not None:
                self.connect(last, join)
        return split, join

    @staticmethod
    def condition(block, i):
        values = [i] if type(block) is Choice else [v for v in range(8) if v >> i & 1]
        return " or ".join(f"{block.reads}.value == {value}" for value in values)


def diagram(maker):
    """The process and all it calls as one document."""
    called = [Drawing(step.body, f"P_{step.name}").text for step in maker.called]
    return definitions(Drawing(maker.root, "p").text + "".join(called))
