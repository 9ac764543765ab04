"""What stands against a change that is being drawn, and what does another tool's file bring along?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from db.studio import ProcessDraft
from forms.definition import canonical
from service import policies, release_check, releases, simulation, vacancies
from service.engine import Release, ReleaseError
from service.engine.lint_foreign import cleaned_text
from service.engine.lint_identity import meaning_problems
from service.errors import BadRequest
from service.people import day
from service.scenarios import Scenario


def import_diagram(filename: str, text: bytes) -> tuple[bytes, list[Mapping[str, str]]]:
    """A diagram of another tool as the editor may open it: without anything foreign, and what was found and kept out.

    Raises:
        BadRequest: it cannot be read as BPMN; the sentence says why.
    """
    (found,) = release_check.check_texts([(filename, text)])
    if found.status == "unreadable":
        raise BadRequest("；".join(problem["message"] for problem in found.problems))
    try:
        return cleaned_text(text, filename), list(found.problems)
    except ReleaseError as fault:
        raise BadRequest(str(fault)) from fault


def files_of(session: Session, draft: ProcessDraft) -> dict[str, bytes]:
    """The parts of a draft as files by name, sound or not: diagram, decision tables, forms, annexes."""
    pinned = releases.definitions(session, draft.forms)
    raw = {**{code: definition.raw for code, definition in pinned.items()}, **draft.form_changes}
    return {
        f"{draft.process_id}.bpmn": draft.bpmn,
        **{name: table.encode() for name, table in sorted(draft.decisions.items())},
        **{f"{code}.json": canonical(definition) for code, definition in sorted(raw.items())},
        **releases.annexes(draft),
    }


def problems_of(session: Session, draft: ProcessDraft, bpmn: bytes | None = None) -> list[Mapping[str, str]]:
    """What stands against a draft, or against ``bpmn`` in its place, each with the ``file`` it is in.

    All files are read in a bounded process of their own. Only a draft without errors is run with its scenarios.
    """
    text = draft.bpmn if bpmn is None else bpmn
    problems = bounded(session, draft, text)
    if any(problem["severity"] == "error" for problem in problems):
        return problems
    try:
        known = releases.definitions_of(session, draft)
        release = releases.compiled(draft.process_id, text, known, draft.decisions)
    except ReleaseError as fault:
        return [*problems, *(problem.to_json() for problem in fault.problems)]
    before = releases.bundle(session, draft.based_on).release if draft.based_on else None
    changed = meaning_problems(before, release) if before is not None else ()
    when = draft.effective_from or day(draft.saved_at)
    cited = [*policies.problems(session, release, when), *vacancies.problems(session, release, when)]
    return [*problems, *(problem.to_json() for problem in changed), *cited, *_failed(release, draft.scenarios)]


def bounded(session: Session, draft: ProcessDraft, bpmn: bytes) -> list[Mapping[str, str]]:
    """What the bounded process finds in a drawing and the draft's tables and forms, each with the ``file`` it is in.

    Nothing of a draft is read outside that process before.
    """
    files = {**files_of(session, draft), f"{draft.process_id}.bpmn": bpmn}
    checked = [(name, content) for name, content in files.items() if name not in releases.annexes(draft)]
    found = release_check.remembered(checked)
    return [{**problem, "file": one.file} for one in found for problem in one.problems]


def _failed(release: Release, documents: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for scenario in read_scenarios(documents):
        outcome = simulation.play(release, scenario)
        if outcome.problem:
            yield {
                "code": "scenario.failed",
                "severity": "error",
                "element_id": outcome.place,
                "message": f"情景“{outcome.name}”没有通过：{outcome.problem}。",
                "remedy": "请改正流程；如果确要这样走，请到“模拟”页更新这个情景的预期。",
            }


def read_scenarios(documents: Sequence[Mapping[str, Any]]) -> list[Scenario]:
    """The stored scenarios of a draft.

    Raises:
        BadRequest: one of them cannot be read.
    """
    try:
        return [Scenario.from_json(document) for document in documents]
    except ValueError as fault:
        raise BadRequest(str(fault)) from fault
