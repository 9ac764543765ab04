"""Which stories must a version of a process tell? Who decides what, in which order, and the path that is to come of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.release_diff import Change

#: Letting time pass until the next timer goes off: the one entry of a story nobody decides.
WAIT = "wait"
LONGEST = 200
MOST = 100
_LONGEST_TEXT = 200
_MOST_FACTS = 50

Facts = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decides what: a step, a verb, what the form says, and where a return goes ("" for the first step it may).

    ``wait`` as verb lets time pass; its step is empty.
    """

    step: str
    verb: str
    facts: Facts = field(default_factory=dict)
    to: str = ""

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON."""
        return {"step": self.step, "verb": self.verb, "facts": dict(self.facts), "to": self.to}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A story with its expected path: the steps in the order they are decided, and the stage it ends in ("" : still running)."""

    name: str
    decisions: tuple[Decision, ...]
    expected: tuple[str, ...]
    ends_in: str = ""
    facts: Facts = field(default_factory=dict)

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Scenario":
        """The scenario of a stored document.

        Raises:
            ValueError: it is none; the sentence says what is missing.
        """
        try:
            return Scenario(
                name=_text(document["name"], "名称") or _missing("名称"),
                decisions=read_decisions(document["decisions"]),
                expected=tuple(_text(step, "预期路径") for step in _list(document["expected"], "预期路径")),
                ends_in=_text(document.get("ends_in", ""), "结束阶段"),
                facts=read_facts(document.get("facts", {})),
            )
        except (KeyError, TypeError) as fault:
            raise ValueError(f"情景须写明名称、逐步的决定和预期路径（{fault}）。") from fault

    def to_json(self) -> dict[str, Any]:
        """The scenario as plain JSON; ``from_json`` gives it back."""
        return {
            "name": self.name,
            "facts": dict(self.facts),
            "decisions": [decision.to_json() for decision in self.decisions],
            "expected": list(self.expected),
            "ends_in": self.ends_in,
        }


def changes(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """What is different between the scenarios of two versions, in sentences."""
    before, after = ({one["name"]: one for one in documents} for documents in (old, new))
    for name in after:
        if name not in before:
            yield Change(kind="scenario.added", sentence=f"新增情景“{name}”", after=name)
        elif before[name] != after[name]:
            yield Change(kind="scenario.changed", sentence=f"情景“{name}”的决定或预期有改动", before=name, after=name)
    for name in before:
        if name not in after:
            yield Change(kind="scenario.removed", sentence=f"删去情景“{name}”", before=name)


def read_decisions(documents: Any) -> tuple[Decision, ...]:
    """The decisions of a story as a program or a page sends them.

    Raises:
        ValueError: they are none, or more than 200; the sentence says which.
    """
    given = _list(documents, "逐步的决定")
    if len(given) > LONGEST:
        raise ValueError(f"一个情景最多 {LONGEST} 个决定。")
    return tuple(_decision(number, document) for number, document in enumerate(given, 1))


def read_facts(document: Any) -> Facts:
    """Facts of a form or of the case by name: texts, whole numbers, yes or no.

    Raises:
        ValueError: something else is among them.
    """
    if not isinstance(document, Mapping) or len(document) > _MOST_FACTS:
        raise ValueError(f"填写的内容须是名称和值，最多 {_MOST_FACTS} 项。")
    for name, value in document.items():
        if value is not None and not isinstance(value, str | int | bool):
            raise ValueError(f"“{name}”的值须是文字、整数或是否；带小数的金额请写成文字。")
        _text(value if isinstance(value, str) else "", f"“{name}”")
        _text(name, "名称")
    return dict(document)


def _decision(number: int, document: Any) -> Decision:
    if not isinstance(document, Mapping) or "verb" not in document:
        raise ValueError(f"第 {number} 个决定须写明步骤和处理结果。")
    unknown = sorted(set(document) - {"step", "verb", "facts", "to"})
    if unknown:
        raise ValueError(f"第 {number} 个决定有不认识的内容“{'、'.join(map(str, unknown))}”。")
    return Decision(
        step=_text(document.get("step", ""), "步骤"),
        verb=_text(document["verb"], "处理结果"),
        facts=read_facts(document.get("facts", {})),
        to=_text(document.get("to", ""), "退回到"),
    )


def _list(value: Any, what: str) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"情景的{what}须是一列。")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError(f"情景的{what}须是不超过 {_LONGEST_TEXT} 个字的文字。")
    return value.strip()


def _missing(what: str) -> str:
    raise ValueError(f"情景须写明{what}。")
