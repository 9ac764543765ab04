"""What stands against a change that is being drawn, and what does another tool's file bring along?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from db.studio import ProcessDraft
from service import policies, release_check, releases, simulation
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


def problems_of(session: Session, draft: ProcessDraft, bpmn: bytes | None = None) -> list[Mapping[str, str]]:
    """What stands against a draft, or against ``bpmn`` in its place; read in a bounded process of its own.

    Only a drawing without errors is run with the draft's scenarios.
    """
    text = draft.bpmn if bpmn is None else bpmn
    problems = bounded(draft, text)
    if any(problem["severity"] == "error" for problem in problems):
        return problems
    try:
        known = releases.definitions(session, draft.forms)
        release = releases.compiled(draft.process_id, text, known, draft.decisions)
    except ReleaseError as fault:
        return [*problems, *(problem.to_json() for problem in fault.problems)]
    before = releases.bundle(session, draft.based_on).release if draft.based_on else None
    changed = meaning_problems(before, release) if before is not None else ()
    cited = policies.problems(session, release, draft.effective_from or day(draft.saved_at))
    return [*problems, *(problem.to_json() for problem in changed), *cited, *_failed(release, draft.scenarios)]


def bounded(draft: ProcessDraft, bpmn: bytes) -> list[Mapping[str, str]]:
    """What the bounded process finds in a drawing and the draft's tables. Nothing of a draft is read outside it before."""
    files = [(f"{draft.process_id}.bpmn", bpmn)]
    files += [(name, table.encode()) for name, table in sorted(draft.decisions.items())]
    return [problem for found in release_check.remembered(files) for problem in found.problems]


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
