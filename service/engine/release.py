"""What one published process says, as plain data: its steps, their outcomes, its ends.

These classes carry no engine object that a caller could misuse; the use cases read them to know who decides,
by when and on which legal basis. ``service.engine.compiler.compile_release`` builds them from diagram text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from service.engine.dmn import Model
    from service.engine.flow_net import FlowNet
    from service.engine.specs import ProcessSpec

Verb = Literal["submit", "approve", "consult", "return", "reject", "abstain"]
Resubmit = Literal["replay", "direct", "ask"]
Countersign = Literal["first", "all", "sequential", "ratio"]
AddSign = Literal["none", "scope", "any"]
Withdrawal = Literal["undecided", "consent"]
TransferScope = Literal["none", "roster", "any"]
Severity = Literal["error", "warning", "info"]

#: The name under which conditions read the facts a case began with.
CASE = "case"

VERBS: tuple[Verb, ...] = ("submit", "approve", "consult", "return", "reject", "abstain")
RESUBMITS: tuple[Resubmit, ...] = ("replay", "direct", "ask")
COUNTERSIGNS: tuple[Countersign, ...] = ("first", "all", "sequential", "ratio")
ADD_SIGNS: tuple[AddSign, ...] = ("none", "scope", "any")
TRANSFER_SCOPES: tuple[TransferScope, ...] = ("none", "roster", "any")
WITHDRAWALS: tuple[Withdrawal, ...] = ("undecided", "consent")
RETURN_WORDS = ("none", "previous", "initiator", "any_visited")


class EngineError(Exception):
    """Anything the engine refuses or cannot do; the message is Chinese and meant for people."""


@dataclass(frozen=True, kw_only=True)
class LintProblem:
    """One fault found in a diagram: what is wrong with which element, and how to mend it (both Chinese)."""

    code: str
    severity: Severity
    element_id: str
    message: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the problem as plain JSON, for the editor and the publishing page."""
        return {
            "code": self.code,
            "severity": self.severity,
            "element_id": self.element_id,
            "message": self.message,
            "remedy": self.remedy,
        }


class ReleaseError(EngineError):
    """The bundle cannot be released; ``problems`` holds every fault that was found, not only the first."""

    def __init__(self, problems: tuple[LintProblem, ...]) -> None:
        self.problems = problems
        errors = [problem for problem in problems if problem.severity == "error"] or list(problems)
        super().__init__("；".join(f"{problem.message}{problem.remedy}" for problem in errors))


@dataclass(frozen=True)
class Outcome:
    """A decision a person may take at a step: the verb the system knows and the words the button shows."""

    verb: Verb
    label: str


@dataclass(frozen=True)
class UserStep:
    """One step a person decides.

    ``due_days`` counts working days, ``None`` when only the campaign's closing date binds. ``return_targets`` is one
    of the four words or a tuple of step ids. ``distinct_from`` names the steps whose deciders may not decide here;
    by default every other step.

    ``countersign`` says whose word counts where several decide: the first (或签), all (会签), all in order (顺签), or
    ``share`` percent of the weights (票签); with ``veto`` one "no" is enough; with ``collect_all`` everybody is heard even
    when the result is certain. ``weights`` are the weights of people who also hold a post of these roles in the same body,
    1 for everybody else. ``add_sign`` and ``transfer_scope`` say who may be asked to join or to take over: nobody,
    people in the step's own post, or anybody who decides. ``recall_hours`` is 0 where a decision cannot be taken back.

    ``copy_at_open``, ``copy_at_pass`` and ``copy_at_return`` name the roles whose people are shown the case (抄送) when the
    step opens, when it is decided on the way forward, and when it sends the case back.
    """

    node_id: str
    name: str
    lane: str
    role: str
    organisation_rule: str
    stage: str
    form: str = ""
    reads: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    due_days: int | None = None
    policy_document: str = ""
    policy_article: str = ""
    return_targets: str | tuple[str, ...] = "none"
    resubmit: Resubmit = "replay"
    max_returns: int = 3
    opinion_required: bool = False
    irreversible: bool = False
    distinct_from: tuple[str, ...] = ()
    countersign: Countersign = "first"
    share: int = 100
    weights: tuple[tuple[str, int], ...] = ()
    veto: bool = False
    collect_all: bool = False
    add_sign: AddSign = "scope"
    transfer_scope: TransferScope = "roster"
    recall_hours: int = 24
    batch_allowed: bool = False
    copy_at_open: tuple[str, ...] = ()
    copy_at_pass: tuple[str, ...] = ()
    copy_at_return: tuple[str, ...] = ()

    def outcome(self, verb: str) -> Outcome | None:
        """Return the outcome drawn for this verb, ``None`` if the step does not offer it."""
        return next((outcome for outcome in self.outcomes if outcome.verb == verb), None)


@dataclass(frozen=True)
class TableStep:
    """A step that asks a decision table of the bundle; nobody works on it.

    ``file`` and ``decision`` name the table; both are empty while none was chosen. ``inputs`` pairs every value the
    table is given with the expression it comes from. What the table answers stands under the step's own id, as
    decisions of people do. ``policy_document`` and ``policy_article`` are what the table rests on.
    """

    node_id: str
    name: str
    file: str = ""
    decision: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    policy_document: str = ""
    policy_article: str = ""


@dataclass(frozen=True)
class EndEvent:
    """An end of the process, the stage the case is in when it has been reached, and the roles that then get a copy."""

    node_id: str
    name: str
    stage: str
    copy_to: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Release:
    """One immutable version of a process: policy as data, plus the specs the engine runs.

    ``hash`` is the SHA-256 (hex) of the canonical bundle: equal text gives an equal hash on every machine.
    ``specs`` holds the process itself and everything it calls; nothing outside ``service.engine`` touches it.
    ``withdrawal`` says until when the initiator may take a case back: ``undecided``, before any reviewer has decided, or
    ``consent``, also later if everybody who has it in hand agrees.
    ``unsafe`` names places where two tokens may meet; a released process has none.
    """

    process_id: str
    title: str
    hash: str
    steps: Mapping[str, UserStep]
    ends: Mapping[str, EndEvent]
    specs: Mapping[str, ProcessSpec] = field(repr=False)
    flow_nets: Mapping[str, FlowNet] = field(repr=False)
    effects: tuple[str, ...] = ()
    policy_document: str = ""
    policy_article: str = ""
    withdrawal: str = "undecided"
    warnings: tuple[LintProblem, ...] = ()
    #: Steps that ask a decision table, by id, and the tables of the bundle by file name.
    table_steps: Mapping[str, TableStep] = field(default_factory=dict)
    tables: Mapping[str, Model] = field(default_factory=dict, repr=False)
    #: What sentences call the elements, by id.
    titles: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def deciding(self) -> frozenset[str]:
        """Return the ids under which decisions stand: of people's steps and of those that ask a table."""
        return frozenset(self.steps) | frozenset(self.table_steps)

    @property
    def spec(self) -> ProcessSpec:
        """Return the specification of the process itself."""
        return self.specs[self.process_id]

    @property
    def flow_net(self) -> FlowNet:
        """Return which places of the main process may hold a token at the same time."""
        return self.flow_nets[self.process_id]

    @property
    def unsafe(self) -> tuple[str, ...]:
        """Return the places where two tokens may meet, in every process of the bundle."""
        return tuple(place for net in self.flow_nets.values() for place in net.unsafe)
