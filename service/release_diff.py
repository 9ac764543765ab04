"""What does a new version of a process change? Said in sentences an administrator and an approver read, with the ids to colour."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.engine import ReleaseError, UserStep
from service.engine.outline import Flow, Node, Outline, read_outline
from service.errors import BadRequest
from service.release_words import FIELDS, WITHDRAWAL_WORDS, node_title, shown, step_title

START = "开始"
_LARGEST = 8 * 2**20


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: its kind, a Chinese sentence, the element ids on the old and the new diagram, and both values."""

    kind: str
    sentence: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    before: str = ""
    after: str = ""

    def to_json(self) -> dict[str, Any]:
        """The change as plain JSON."""
        return {**vars(self), "old": list(self.old), "new": list(self.new)}


def compare(old: bytes, new: bytes, *, names: tuple[str, str] = ("", "")) -> tuple[Change, ...]:
    """Compare two versions of a process given as BPMN documents; nothing is returned if they mean the same.

    What only moves shapes about is no change. Elements are matched by id: an element with a new id counts as removed
    and added.

    Raises:
        ReleaseError: one of them is no BPMN diagram with a process.
    """
    return tuple(changes(read_outline(old, names[0]), read_outline(new, names[1])))


def compare_files(old: Path, new: Path) -> tuple[Change, ...]:
    """Compare two files.

    Raises:
        BadRequest: one of them cannot be read, or holds no process.
    """
    try:
        return compare(_text(old), _text(new), names=(old.name, new.name))
    except OSError as fault:
        raise BadRequest(f"文件“{fault.filename}”不存在或没有读取权限。") from fault
    except ReleaseError as fault:
        raise BadRequest(str(fault)) from fault


def _text(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LARGEST)


def changes(old: Outline, new: Outline) -> Iterator[Change]:
    """The differences in the order a reader wants them: process, steps, order, what steps say, flow, events."""
    yield from _process(old, new)
    yield from _added_and_removed(old, new)
    yield from _reordered(old, new)
    for step_id, before in old.steps.items():
        if step_id in new.steps:
            yield from _step(old, new, before, new.steps[step_id])
    yield from _nodes(old, new)
    yield from _flows(old, new)


def change_note(found: tuple[Change, ...]) -> str:
    """The differences as the text of a change note (版本说明); a sentence of its own if nothing changed."""
    if not found:
        return "内容没有变化。"
    return "\n".join(f"{number}. {change.sentence}。" for number, change in enumerate(found, 1))


def _process(old: Outline, new: Outline) -> Iterator[Change]:
    for kind, what, before, after in (
        ("process.renamed", "流程名称", old.title, new.title),
        ("process.basis", "流程的政策依据", old.policy, new.policy),
        ("process.id", "流程编号", old.process_id, new.process_id),
        ("process.withdrawal", "撤件时限", *(_withdrawal(one) for one in (old, new))),
    ):
        if before != after:
            yield Change(kind=kind, sentence=_became(what, before, after), before=before, after=after)


def _withdrawal(outline: Outline) -> str:
    return WITHDRAWAL_WORDS.get(outline.withdrawal, outline.withdrawal)


def _became(what: str, before: str, after: str) -> str:
    return f"{what}由“{before or '无'}”改为“{after or '无'}”"


def _added_and_removed(old: Outline, new: Outline) -> Iterator[Change]:
    for step_id, step in new.steps.items():
        if step_id not in old.steps:
            sentence = f"{_after(new, step_id, new.steps)}新增 {step_title(step)}"
            yield Change(kind="step.added", sentence=sentence, new=(step_id,), after=step_title(step))
    for step_id, step in old.steps.items():
        if step_id not in new.steps:
            place = _after(old, step_id, old.steps).strip()
            sentence = f"删去 {step_title(step)}（原在{place}）"
            yield Change(kind="step.removed", sentence=sentence, old=(step_id,), before=step_title(step))


def _after(outline: Outline, step_id: str, among: Mapping[str, UserStep]) -> str:
    earlier = outline.earlier(step_id, among)
    names = "、".join(step_title(outline.steps[name]) for name in earlier)
    return f"{names or START} 之后"


def _reordered(old: Outline, new: Outline) -> Iterator[Change]:
    kept = {step_id: step for step_id, step in new.steps.items() if step_id in old.steps}
    for step_id, step in kept.items():
        before, after = old.earlier(step_id, kept), new.earlier(step_id, kept)
        if set(before) != set(after):
            places = [_places(old, before), _places(new, after)]
            sentence = f"{step_title(step)} 原在 {places[0]} 之后，现在在 {places[1]} 之后"
            ids = (step_id,)
            yield Change(kind="step.moved", sentence=sentence, old=ids, new=ids, before=places[0], after=places[1])


def _places(outline: Outline, names: tuple[str, ...]) -> str:
    return "、".join(step_title(outline.steps[name]) for name in names) or START


def _step(old: Outline, new: Outline, before: UserStep, after: UserStep) -> Iterator[Change]:
    ids = (before.node_id,)
    for kind, what, read in FIELDS:
        values = shown(read(before)), shown(read(after))
        if values[0] != values[1]:
            title = step_title(before) if kind in ("step.renamed", "step.reassigned") else step_title(after)
            sentence = _became(f"{title} 的{what}", *values)
            yield Change(kind=kind, sentence=sentence, old=ids, new=ids, before=values[0], after=values[1])
    avoided = old.distinct.get(before.node_id, ()), new.distinct.get(after.node_id, ())
    if set(avoided[0]) != set(avoided[1]):
        texts = ["、".join(names) or "其他所有步骤" for names in avoided]
        sentence = _became(f"{step_title(after)} 的回避步骤", *texts)
        yield Change(kind="step.distinct", sentence=sentence, old=ids, new=ids, before=texts[0], after=texts[1])
    yield from _outcomes(before, after)


def _outcomes(before: UserStep, after: UserStep) -> Iterator[Change]:
    ids = (after.node_id,)
    old = {outcome.verb: outcome.label for outcome in before.outcomes}
    new = {outcome.verb: outcome.label for outcome in after.outcomes}
    for verb in dict.fromkeys([*old, *new]):
        if verb not in old:
            sentence = f"{step_title(after)} 增加处理结果“{new[verb]}”"
        elif verb not in new:
            sentence = f"{step_title(after)} 取消处理结果“{old[verb]}”"
        elif old[verb] != new[verb]:
            sentence = f"{step_title(after)} 的处理结果“{old[verb]}”改称“{new[verb]}”"
        else:
            continue
        yield Change(
            kind="step.outcomes", sentence=sentence, old=ids, new=ids, before=old.get(verb, ""), after=new.get(verb, "")
        )


def _nodes(old: Outline, new: Outline) -> Iterator[Change]:
    before = {name: node for name, node in old.nodes.items() if name not in old.steps}
    after = {name: node for name, node in new.nodes.items() if name not in new.steps}
    for name in dict.fromkeys([*before, *after]):
        found = _node(before.get(name), after.get(name))
        if found:
            yield Change(
                kind="node.changed"
                if name in before and name in after
                else "node.added"
                if name in after
                else "node.removed",
                sentence=found,
                old=(name,) if name in before else (),
                new=(name,) if name in after else (),
            )


def _node(before: Node | None, after: Node | None) -> str:
    if before is None and after is not None:
        return f"新增{node_title(after)}"
    if after is None and before is not None:
        return f"删去{node_title(before)}"
    if before is None or after is None or before == after:
        return ""
    if before.kind != after.kind:
        return f"{node_title(before)}改为{node_title(after)}"
    if before.detail != after.detail:
        return _became(f"{node_title(after)}的内容", before.detail, after.detail)
    return _became(f"{node_title(after)}的名称", before.name, after.name)


def _flows(old: Outline, new: Outline) -> Iterator[Change]:
    pairs = dict(_matched(old, new))
    for flow_id, flow in old.flows.items():
        other = new.flows.get(pairs.get(flow_id, ""))
        if other is not None:
            yield from _flow(old, new, flow, other)
    for flow_id, flow in new.flows.items():
        # Where a new gateway leads is said only where it is a condition; the rest follows from what is said of steps.
        if flow_id not in pairs.values() and _branches(new, flow) and (flow.source in old.nodes or flow.condition):
            yield Change(kind="branch.added", sentence=f"{_way(new, flow)}是新增的去向{_when(flow)}", new=(flow_id,))
    for flow_id, flow in old.flows.items():
        if flow_id not in pairs and _branches(old, flow) and (flow.source in new.nodes or flow.condition):
            yield Change(kind="branch.removed", sentence=f"取消去向：{_way(old, flow)}{_when(flow)}", old=(flow_id,))


def _matched(old: Outline, new: Outline) -> Iterator[tuple[str, str]]:
    """Pair the arrows of both versions: by id, else by both ends."""
    ends = {(flow.source, flow.target): flow.id for flow in new.flows.values() if flow.id not in old.flows}
    for flow in old.flows.values():
        other = flow.id if flow.id in new.flows else ends.get((flow.source, flow.target))
        if other is not None:
            yield flow.id, other


def _flow(old: Outline, new: Outline, before: Flow, after: Flow) -> Iterator[Change]:
    ids: dict[str, Any] = {"old": (before.id,), "new": (after.id,)}
    gone = before.target not in new.nodes or before.source not in new.nodes
    fresh = after.target not in old.nodes or after.source not in old.nodes
    if (before.source, before.target) != (after.source, after.target) and _branches(new, after) and not (gone or fresh):
        yield Change(kind="flow.moved", sentence=f"{_way(old, before)}改接为{_way(new, after)}", **ids)
    texts = _condition(before), _condition(after)
    if texts[0] != texts[1]:
        sentence = f"{_way(new, after)}的条件由 {texts[0]} 改为 {texts[1]}"
        yield Change(kind="condition.changed", sentence=sentence, before=texts[0], after=texts[1], **ids)


def _condition(flow: Flow) -> str:
    return flow.condition or ("“其他情况”" if flow.default else "“无条件”")


def _when(flow: Flow) -> str:
    return f"，条件为 {_condition(flow)}" if flow.condition else ""


def _branches(outline: Outline, flow: Flow) -> bool:
    source = outline.nodes.get(flow.source)
    return source is not None and source.kind.endswith("Gateway")


def _way(outline: Outline, flow: Flow) -> str:
    return f"从{_title(outline, flow.source)}到{_title(outline, flow.target)}的连线"


def _title(outline: Outline, node_id: str) -> str:
    if node_id in outline.steps:
        return step_title(outline.steps[node_id])
    return node_title(outline.nodes[node_id]) if node_id in outline.nodes else f"“{node_id}”"
