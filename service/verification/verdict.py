"""What did checking a history come to, and how is it told?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

CONSISTENT, INCONSISTENT, UNVERIFIABLE = "consistent", "inconsistent", "unverifiable"
#: The three answers in words.
STATES: Mapping[str, str] = MappingProxyType({CONSISTENT: "一致", INCONSISTENT: "不一致", UNVERIFIABLE: "无法验证"})
#: What is checked, in the order in which a difference is told.
LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "seal": "封存",
        "sequence": "序号",
        "chain": "事件链",
        "release": "流程版本",
        "form": "表单",
        "attachment": "附件",
        "execution": "重新执行",
        "projection": "现有数据",
    }
)
#: Layers that follow from the events; where the events themselves are in doubt, those are told first.
_DERIVED = ("form", "attachment", "projection")
_NOWHERE = 1 << 31


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One difference, or one thing that could not be checked.

    ``seq`` is the first event concerned; None where no event is. ``certain`` is False for what could not be checked.
    """

    layer: str
    seq: int | None
    message: str
    certain: bool = True

    def to_json(self) -> dict[str, Any]:
        """The difference for commands and the API."""
        return {**vars(self), "layer_label": LAYERS[self.layer]}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What checking a case came to; faults come with the earliest event first."""

    case_id: str
    number: str
    events: int
    #: Events sealed in the tree.
    sealed: int
    #: SHA-256 of the engine's state as re-executed; empty if that was not possible.
    digest: str
    head_hash: str
    faults: tuple[Fault, ...]

    @property
    def state(self) -> str:
        """consistent, inconsistent or unverifiable."""
        if any(fault.certain for fault in self.faults):
            return INCONSISTENT
        return UNVERIFIABLE if self.faults else CONSISTENT

    @property
    def label(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def first(self) -> Fault | None:
        """The difference at the earliest event; None if there is none."""
        return self.faults[0] if self.faults else None

    def to_json(self) -> dict[str, Any]:
        """The verdict for commands and the API."""
        faults = [fault.to_json() for fault in self.faults]
        return {**vars(self), "state": self.state, "label": self.label, "faults": faults}


def ordered(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Differences before doubts, the events' own before those of what follows from them, then by event and layer."""
    layers = list(LAYERS)

    def place(fault: Fault) -> tuple[bool, bool, int, int]:
        return (not fault.certain, fault.layer in _DERIVED, fault.seq or _NOWHERE, layers.index(fault.layer))

    return tuple(sorted(dict.fromkeys(faults), key=place))
