"""An independent model of what commands and moves mean: a game with tokens on the tree of blocks a process is made of.

It knows no graph, no engine and no history. A state says for every active block where its token is; ``place`` is the whole
definition of return, recall and jump: walk down the tree to the target, keep what runs beside it, forget what does not, and
count the other branches of a parallel block that is not active as done.

What a token knows maps a step's id to ``(number of the decision, its value)``; where tokens meet, the later decision wins.
"""

from dataclasses import dataclass, field

HOUR = 3600
REMINDER, ESCALATION = 10 * HOUR, 25 * HOUR


def latest(*known):
    merged = {}
    for one in known:
        for step, decision in one.items():
            if step not in merged or decision[0] > merged[step][0]:
                merged[step] = decision
    return merged


@dataclass
class Passed:
    """The token has left the block, knowing this."""

    known: dict


@dataclass
class AtStep:
    """The token is on a step: on its event path if ``escalated``; ``left`` people have still to decide."""

    step: object
    known: dict
    escalated: bool
    left: int
    due: float | None = None
    reminded: bool = False
    decided: dict = field(default_factory=dict)
    inside: object = None


class Block:
    children = ()

    def ids(self):
        return [name for child in self.children for name in child.ids()]

    def index(self, target):
        return next(i for i, child in enumerate(self.children) if target in child.ids())

    def behind(self, host, target):
        """Does ``host`` come at or after ``target`` (and not beside it)?"""
        return False


class Step(Block):
    """A step for one or several people, with a reminder beside it or an escalation instead of it; or a called process."""

    def __init__(self, name, timer=None, people=1, body=None):
        self.name, self.timer, self.people, self.body = name, timer, people, body

    def ids(self):
        return [self.name, *([f"{self.name}_esc"] if self.timer == "esc" else [])]

    def enter(self, world, known, escalated=False):
        state = AtStep(self, known, escalated, 1 if escalated else self.people)
        if not escalated and self.timer:
            state.due = world.now + (REMINDER if self.timer == "nag" else ESCALATION)
        if self.body is not None:
            state.inside = Scope(self.body, self.name)
            state.inside.state = self.body.enter(world, known)
        return state

    def tokens(self, state):
        return [state]

    def step(self, world, state, change):
        return change(world, state)

    def place(self, world, state, target, known):
        return self.enter(world, known, target.endswith("_esc"))

    def behind(self, host, target):
        return host == self.name == target

    def withdrawn(self, state, target):
        return [state]


class Sequence(Block):
    def __init__(self, *children):
        self.children = children

    def enter(self, world, known, first=0):
        for i, child in enumerate(self.children[first:], first):
            state = child.enter(world, known)
            if not isinstance(state, Passed):
                return (i, state)
            known = state.known
        return Passed(known)

    def tokens(self, state):
        return self.children[state[0]].tokens(state[1])

    def step(self, world, state, change):
        i, inner = state
        inner = self.children[i].step(world, inner, change)
        return self.left(world, i, inner) if isinstance(inner, Passed) else (i, inner)

    def left(self, world, i, inner):
        return self.enter(world, inner.known, i + 1)

    def place(self, world, state, target, known):
        i = self.index(target)
        inner = state[1] if active(state) and state[0] == i else None
        return (i, self.children[i].place(world, inner, target, known))

    def withdrawn(self, state, target):
        i = self.index(target)
        child = self.children[state[0]]
        return child.withdrawn(state[1], target) if state[0] == i else child.tokens(state[1])

    def behind(self, host, target):
        i = self.index(target)
        if host in self.children[i].ids():
            return self.children[i].behind(host, target)
        return any(host in child.ids() for child in self.children[i + 1 :])


class Choice(Sequence):
    """One of several branches, by the value of an earlier decision; the last without one."""

    def __init__(self, name, reads, *children):
        super().__init__(*children)
        self.name, self.reads = name, reads

    def enter(self, world, known, first=0):
        value = known.get(self.reads, (0, None))[1]
        i = value if value is not None and value < len(self.children) else len(self.children) - 1
        state = self.children[i].enter(world, known)
        return state if isinstance(state, Passed) else (i, state)

    def left(self, world, i, inner):
        return inner

    def behind(self, host, target):
        child = self.children[self.index(target)]
        return host in child.ids() and child.behind(host, target)


class Loop(Sequence):
    """Again as long as the last step inside says 1."""

    def __init__(self, name, reads, body):
        super().__init__(body)
        self.name, self.reads = name, reads

    def enter(self, world, known, first=0):
        return (0, self.children[0].enter(world, known))

    def left(self, world, i, inner):
        return self.enter(world, inner.known) if inner.known.get(self.reads, (0, 0))[1] == 1 else inner


class Empty(Block):
    def enter(self, world, known):
        return Passed(known)


class Parallel(Block):
    """All branches at once."""

    def __init__(self, name, *children):
        self.name, self.children = name, children

    def chosen(self, known):
        return range(len(self.children))

    def absent(self, known):
        return Passed(known)

    def enter(self, world, known):
        chosen = self.chosen(known)
        return self.joined([c.enter(world, known) if i in chosen else None for i, c in enumerate(self.children)])

    def joined(self, states):
        if any(active(state) for state in states):
            return states
        return Passed(latest(*(state.known for state in states if state is not None)))

    def tokens(self, states):
        return [t for i, state in enumerate(states) for t in held(self.children[i], state)]

    def step(self, world, states, change):
        return self.joined(
            [c.step(world, s, change) if active(s) else s for c, s in zip(self.children, states, strict=True)]
        )

    def place(self, world, states, target, known):
        k = self.index(target)
        if not active(states):
            states = [self.absent(known)] * len(self.children)
            states[k] = None
        inner = self.children[k].place(world, states[k], target, known)
        return [inner if i == k else state for i, state in enumerate(states)]

    def withdrawn(self, states, target):
        k = self.index(target)
        child, state = self.children[k], states[k]
        return child.withdrawn(state, target) if active(state) else held(child, state)

    behind = Choice.behind


class Inclusive(Parallel):
    """The branches whose bit is set in an earlier decision; the last if there is none. Branches not taken do not wait."""

    def __init__(self, name, reads, *children):
        super().__init__(name, *children)
        self.reads = reads

    def chosen(self, known):
        value = known.get(self.reads, (0, None))[1] or 0
        return [i for i in range(len(self.children) - 1) if value >> i & 1] or [len(self.children) - 1]

    def absent(self, known):
        return None


def active(state):
    return state is not None and not isinstance(state, Passed)


def held(block, state):
    """The tokens of a block, one that has passed but not left included."""
    if state is None:
        return []
    return [state] if isinstance(state, Passed) else block.tokens(state)


@dataclass
class Reminder:
    host: str
    known: dict
    open: bool = True


@dataclass
class Scope:
    """The process or a called process: one tree and the reminders beside it."""

    root: Block
    owner: str
    state: object = None
    reminders: list = field(default_factory=list)

    def finished(self):
        return isinstance(self.state, Passed) and not any(reminder.open for reminder in self.reminders)

    def result(self):
        return latest(self.state.known, *(reminder.known for reminder in self.reminders))

    def steps(self):
        """Where tokens rest on steps."""
        return [t for t in held(self.root, self.state) if isinstance(t, AtStep)]

    def scopes(self):
        yield self
        for token in self.steps():
            if token.inside is not None:
                yield from token.inside.scopes()


@dataclass
class Open:
    """A step somebody may decide."""

    node_id: str
    known: dict
    scope: Scope
    at: object


class World:
    """A whole case: what is open, what a command changes."""

    def __init__(self, root, now):
        self.now = now
        self.top = Scope(root, "")
        self.top.state = root.enter(self, {})

    def open(self):
        found = []
        for scope in self.top.scopes():
            for token in scope.steps():
                if token.inside is None:
                    name = token.step.name + ("_esc" if token.escalated else "")
                    found += [Open(name, token.known, scope, token)] * token.left
            found += [Open(f"{r.host}_nag", r.known, scope, r) for r in scope.reminders if r.open]
        return found

    def due(self):
        tokens = [token for scope in self.top.scopes() for token in scope.steps()]
        return min((t.due for t in tokens if t.due is not None and not t.reminded), default=None)

    def finished(self):
        return self.top.finished()

    def change(self, change):
        def through(scope):
            def one(world, token):
                if token.inside is not None:
                    through(token.inside)
                    if token.inside.finished():
                        return Passed(token.inside.result())
                return change(scope, token)

            if active(scope.state):
                scope.state = scope.root.step(self, scope.state, one)

        through(self.top)

    def decide(self, open_step, number, value):
        at = open_step.at
        decision = {open_step.node_id: (number, value)}
        if isinstance(at, Reminder):
            at.known, at.open = {**at.known, **decision}, False
        else:
            self.change(lambda scope, token: self._decided(token, decision) if token is at else token)
        self.settle()

    @staticmethod
    def _decided(token, decision):
        token.decided = decision
        token.left -= 1
        return token if token.left else Passed({**token.known, **decision})

    def settle(self):
        """Fire what is due, end called processes that have finished, until nothing changes any more."""

        def due(scope, token):
            if token.due is None or token.due > self.now or token.reminded:
                return token
            if token.step.timer == "esc":
                return token.step.enter(self, token.known, escalated=True)
            token.reminded = True
            scope.reminders.append(Reminder(token.step.name, token.known))
            return token

        for _ in range(5):
            self.change(due)

    def move(self, scope, target):
        """Carry out a move; return False where it must be refused because no token would be withdrawn."""
        root = scope.root
        gone = root.withdrawn(scope.state, target) if active(scope.state) else held(root, scope.state)
        if not gone:
            return False
        hosts = [token.step.name for token in gone if isinstance(token, AtStep) and not token.escalated]
        scope.reminders = [r for r in scope.reminders if r.host not in hosts and not root.behind(r.host, target)]
        scope.state = root.place(self, scope.state, target, latest(*(token.known for token in gone)))
        self.settle()
        return True
