"""Hand-drawn processes with the elements that random blocks do not hold."""

from itertools import pairwise

from tests.engine.diagrams import END, OUTCOMES, START, definitions, flows, process, process_element, user_task


def gates(tag, *names, default=""):
    return "".join(f'<bpmn:{tag}Gateway id="{name}"{default}/>' for name in names)


def parallel(*names):
    return gates("parallel", *names)


def choice(name):
    return f'<bpmn:exclusiveGateway id="{name}" default="{name}_else"/>'


def steps(*names):
    return "".join(user_task(name) for name in names)


def timer(host, text='"PT10H"', kind="timeDuration", interrupting=False):
    value = f"<bpmn:{kind}>{text}</bpmn:{kind}>"
    return (
        f'<bpmn:boundaryEvent id="{host}_due" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">'
        f"<bpmn:timerEventDefinition>{value}</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def reminder(host, text='"PT10H"', kind="timeDuration"):
    """A step beside another one, opened when it takes too long."""
    path = steps(f"{host}_nag") + f'<bpmn:endEvent id="{host}_reminded" jh:stage="in_library"/>'
    return timer(host, text, kind) + path + flows((f"{host}_due", f"{host}_nag"), (f"{host}_nag", f"{host}_reminded"))


#: draft → department → budget ‖ performance (with reminders) → decide whether to go back → library (a called process)
APPROVAL = definitions(
    process_element(
        START
        + steps("draft", "department", "budget", "performance")
        + "".join(reminder(name) for name in ("department", "budget", "performance"))
        + parallel("fork", "join")
        + choice("again")
        + '<bpmn:callActivity id="library" calledElement="admission"/>'
        + END
        + flows(
            ("s", "draft"),
            ("draft", "department"),
            ("department", "fork"),
            ("fork", "budget"),
            ("fork", "performance"),
            ("budget", "join"),
            ("performance", "join"),
            ("join", "again"),
            ("again", "draft", "budget.ok == False or performance.ok == False"),
            ("again", "library", None, "again_else"),
            ("library", "e"),
        )
    )
    + process_element(
        '<bpmn:startEvent id="begin"/>'
        + steps("confirm", "register")
        + '<bpmn:endEvent id="done" jh:stage="in_library"/>'
        + flows(("begin", "confirm"), ("confirm", "register"), ("register", "done")),
        "admission",
    )
)

#: draft → a subprocess with a deadline (x → y1 ‖ y2); when it passes: late → draft
DEADLINE = process(
    START
    + steps("draft")
    + '<bpmn:subProcess id="sub"><bpmn:startEvent id="ss"/>'
    + steps("x", "y1", "y2")
    + parallel("f", "j")
    + '<bpmn:endEvent id="se"/>'
    + flows(("ss", "x"), ("x", "f"), ("f", "y1"), ("f", "y2"), ("y1", "j"), ("y2", "j"), ("j", "se"))
    + "</bpmn:subProcess>"
    + timer("sub", '"PT50H"', interrupting=True)
    + steps("late")
    + choice("again")
    + END
    + flows(
        ("s", "draft"),
        ("draft", "sub"),
        ("sub", "again"),
        ("again", "draft", "y1.again == True"),
        ("again", "e", None, "again_else"),
        ("sub_due", "late"),
        ("late", "draft"),
    )
)

_THREE = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"


def _line(process_id, *nodes):
    names = [name for name, _ in nodes]
    inner = "".join(text for _, text in nodes)
    ends = (f"{process_id}_begin", *names, f"{process_id}_end")
    frame = f'<bpmn:startEvent id="{ends[0]}"/><bpmn:endEvent id="{ends[-1]}" jh:stage="in_library"/>'
    return process_element(frame + inner + flows(*pairwise(ends)), process_id)


#: draft with a repeating reminder → wait for a message → three runs at once of q (q1 → call r (r1)) → back or end
EVENTS = definitions(
    '<bpmn:message id="m" name="reply"/>'
    + process_element(
        START
        + steps("draft")
        + reminder("draft", '"R3/PT20H"', "timeCycle")
        + '<bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
        + '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition><bpmn:timeDuration>"PT9H"</bpmn:timeDuration>'
        + "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        + f'<bpmn:callActivity id="runs" calledElement="q">{_THREE}</bpmn:callActivity>'
        + choice("again")
        + END
        + flows(
            ("s", "draft"),
            ("draft", "wait"),
            ("wait", "pause"),
            ("pause", "runs"),
            ("runs", "again"),
            ("again", "draft", "r1.again == True"),
            ("again", "e", None, "again_else"),
        )
    )
    + _line("q", ("q1", steps("q1")), ("qc", '<bpmn:callActivity id="qc" calledElement="r"/>'))
    + _line("r", ("r1", steps("r1")))
)

_PEOPLE = (
    "<bpmn:multiInstanceLoopCharacteristics{0}><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
    '<bpmn:loopDataOutputRef>{1}</bpmn:loopDataOutputRef><bpmn:inputDataItem id="{1}_person"/>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)

#: draft → any of a, b and a vote by three → back, or a second vote one after the other
INCLUSIVE = process(
    START
    + steps("draft", "a", "b")
    + user_task("vote", inner=OUTCOMES + _PEOPLE.format("", "votes"))
    + user_task("turns", inner=OUTCOMES + _PEOPLE.format(' isSequential="true"', "turns_taken"))
    + '<bpmn:inclusiveGateway id="split" default="split_else"/><bpmn:inclusiveGateway id="meet"/>'
    + choice("again")
    + END
    + flows(
        ("s", "draft"),
        ("draft", "split"),
        ("split", "a", "draft.a == True"),
        ("split", "b", "draft.b == True"),
        ("split", "vote", None, "split_else"),
        ("a", "meet"),
        ("b", "meet"),
        ("vote", "meet"),
        ("meet", "again"),
        ("again", "draft", "draft.again == True"),
        ("again", "turns", None, "again_else"),
        ("turns", "e"),
    )
)

#: a, then p ‖ q; p forks again; the joins overlap
OVERLAPPING = (
    START
    + steps("a", "p0", "q", "p1", "p2", "m", "z")
    + parallel("f", "f2", "j1", "j2")
    + flows(
        ("s", "a"),
        ("a", "f"),
        ("f", "p0"),
        ("f", "q"),
        ("p0", "f2"),
        ("f2", "p1"),
        ("f2", "p2"),
        ("p1", "j1"),
        ("q", "j1"),
        ("j1", "m"),
        ("m", "j2"),
        ("p2", "j2"),
        ("j2", "z"),
    )
)

UNSTRUCTURED = {
    "overlapping joins": process(OVERLAPPING + END + flows(("z", "e"))),
    "overlapping joins in a loop": process(
        OVERLAPPING + choice("g") + END + flows(("z", "g"), ("g", "a", "z.again == True"), ("g", "e", None, "g_else"))
    ),
    "three waves": process(
        START
        + steps("a", "p0", "q", "r", "u", "v", "w")
        + parallel("f", "x", "fx", "y", "j")
        + END
        + flows(
            ("s", "a"),
            ("a", "f"),
            ("f", "p0"),
            ("f", "q"),
            ("f", "r"),
            ("p0", "x"),
            ("q", "x"),
            ("x", "fx"),
            ("fx", "u"),
            ("fx", "v"),
            ("v", "y"),
            ("r", "y"),
            ("y", "w"),
            ("u", "j"),
            ("w", "j"),
            ("j", "e"),
        )
    ),
    "a choice inside a branch that an inclusive gateway closes": process(
        START
        + steps("a", "b", "c", "d", "k", "z")
        + parallel("f", "j")
        + choice("x")
        + '<bpmn:inclusiveGateway id="m"/>'
        + END
        + flows(
            ("s", "a"),
            ("a", "f"),
            ("f", "x"),
            ("f", "b"),
            ("x", "c", "a.again == True"),
            ("x", "d", None, "x_else"),
            ("c", "m"),
            ("d", "m"),
            ("m", "k"),
            ("k", "j"),
            ("b", "j"),
            ("j", "z"),
            ("z", "e"),
        )
    ),
}
