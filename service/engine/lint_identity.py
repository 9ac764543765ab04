"""Does an id still mean what it meant? Cases, opinions and statistics are kept by the ids of steps."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.release import LintProblem, Release


def meaning_problems(earlier: Release, later: Release) -> Iterator[LintProblem]:
    """Yield ids that stand for something else in the later release.

    Another kind of element, or a step whose name and role have both changed, makes the history of running cases read
    wrongly; a step that lies in another process cannot be migrated.
    """
    if earlier.process_id != later.process_id:
        message = f"流程编号由“{earlier.process_id}”变为“{later.process_id}”，不再是同一个流程。"
        yield _problem(later.process_id, message, f"请把流程编号改回“{earlier.process_id}”。")
        return
    before, after = _kinds(earlier), _kinds(later)
    for node_id in sorted(before.keys() & after.keys()):
        if before[node_id] != after[node_id]:
            message = f"编号“{node_id}”原来是另一种元素或在另一个流程中，已有事项按编号记录，含义会混淆。"
            yield _problem(node_id, message, "请给新元素换一个编号。")
    for node_id in earlier.steps.keys() & later.steps.keys():
        old, new = earlier.steps[node_id], later.steps[node_id]
        if old.role != new.role and old.name != new.name:
            message = f"编号“{node_id}”原来是“{old.name}”，现在是由另一角色办理的“{new.name}”，含义变了。"
            yield _problem(node_id, message, "如果是新的步骤，请换一个编号；如果只是改名或换人，请分两次发布。")


def _kinds(release: Release) -> dict[str, tuple[str, str]]:
    return {
        name: (process_id, type(spec).__name__)
        for process_id, net in release.flow_nets.items()
        for name, spec in net.nodes.items()
        if getattr(spec, "bpmn_id", None) == name
    }


def _problem(element_id: str, message: str, remedy: str) -> LintProblem:
    return LintProblem(code="id.meaning", severity="error", element_id=element_id, message=message, remedy=remedy)
