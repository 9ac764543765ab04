"""What does a change's record of tests say? Note, lint, scenarios, random walks and a dry run, put down when it is submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.studio import ProcessDraft
from forms.problem import Problem
from service import annex_diff, bundle_diff, draft_check, dry_run, recorded_cases, release_diff, releases, simulation
from service.dry_run import DryRun
from service.engine import Release
from service.engine.outline import read_outline
from service.people import day

SOURCE = "P19 · 流程变更发布"
#: Processes without seasons are tried on the cases of so many days.
_YEAR = timedelta(days=365)
_MOST_GROUPS = 5
_MOST_WARNINGS = 20
_MOST_STUCK = 5


@dataclass(frozen=True)
class Record:
    """What the system puts down beside a change, by field of its form, and what stands against submitting it."""

    fields: Mapping[str, Any]
    problems: tuple[Problem, ...]


def of_draft(session: Session, draft: ProcessDraft, *, at: datetime, made: Mapping[str, Any]) -> Record:
    """Check, compare and try a draft as it was last saved; one that is not sound is not run.

    The form's field ``compared_version`` is the version the note compares with, 0 for a process that is new.

    Args:
        made: the record as it was made before; it stands while neither the draft nor that version is another.
    """
    found = draft_check.problems_of(session, draft)
    errors = [_problem(f"{one['message']}{one['remedy']}") for one in found if one["severity"] == "error"]
    if errors:
        return Record({}, tuple(errors))
    before = releases.newest(session, draft.process_id)
    compared = before.version if before else 0
    if (made.get("draft_version"), made.get("compared_version")) == (draft.version, compared):
        return Record({}, ())
    release = releases.of_row(session, draft)
    walked, stuck = _walks(release, draft)
    fields = {
        "draft_version": draft.version,
        "compared_version": compared,
        "change_note": note(session, draft),
        "check_result": _checked(found),
        "scenario_result": _scenarios(release, draft),
        "walk_result": walked,
        "dry_run_result": _dry_run(session, release, at),
    }
    return Record(fields, stuck)


def note(session: Session, draft: ProcessDraft) -> str:
    """What is different from the version published last (版本说明): a version brought back differs from that one, too."""
    before = releases.newest(session, draft.process_id)
    if before is None:
        return "第一版。"
    found = bundle_diff.compare(releases.files_of(session, before), draft_check.files_of(session, draft))
    return release_diff.change_note((*found, *annex_diff.changes(before, draft)))


def _checked(found: Sequence[Mapping[str, str]]) -> str:
    if not found:
        return "检查通过，没有问题。"
    told = [f"{number}. {one['message']}{one['remedy']}" for number, one in enumerate(found[:_MOST_WARNINGS], 1)]
    return "\n".join([f"检查通过，没有错误；有 {len(found)} 条提醒：", *told])


def _scenarios(release: Release, draft: ProcessDraft) -> str:
    kept = draft_check.read_scenarios(draft.scenarios)
    if not kept:
        return "没有保存情景。"
    # None has failed: a failing one is an error.
    covered = simulation.coverage(read_outline(draft.bpmn), [simulation.play(release, one) for one in kept])
    return f"{len(kept)} 个情景全部通过，走到连线的 {covered.percent}%。"


def _walks(release: Release, draft: ProcessDraft) -> tuple[str, tuple[Problem, ...]]:
    found = simulation.random_walks(release, read_outline(draft.bpmn))
    stuck = tuple(_problem(f"{one.name}走不到头：{one.problem}。") for one in found.stuck[:_MOST_STUCK])
    return f"随机走查 {found.count} 次，全部走到办结，走到连线的 {found.coverage.percent}%。", stuck


def _dry_run(session: Session, release: Release, at: datetime) -> str:
    title, first, last = _period(session, release.process_id, day(at))
    cases = recorded_cases.started_between(session, release.process_id, first, last)
    if not cases:
        return f"{title}（{first}至{last}）没有业务件，无法试运行。"
    return f"{title}（{first}至{last}）{_counted(dry_run.judge(release, cases), len(cases))}"


def _counted(result: DryRun, total: int) -> str:
    head = (
        f"共 {total} 件：{result.same} 件走法相同，{result.differ} 件走法不同，{result.cannot_run} 件不能按新版本办理。"
    )
    groups = [f"· {len(group.cases)} 件：{group.reason}" for group in result.groups[:_MOST_GROUPS]]
    left = len(result.groups) - len(groups)
    return "\n".join([head, *groups, *([f"· 另有 {left} 种情况"] if left else [])])


def _period(session: Session, process_id: str, today: date) -> tuple[str, date, date]:
    """What a change is tried on: the newest season that has opened, else the last year."""
    opened = select(Campaign).where(Campaign.process_id == process_id, Campaign.opens_on <= today)
    season = session.scalars(opened.order_by(Campaign.opens_on.desc(), Campaign.id).limit(1)).first()
    if season is None:
        return "近一年", today - _YEAR, today
    return season.title, season.opens_on, min(season.closes_on, today)


def _problem(message: str) -> Problem:
    return Problem(field="bpmn", message=message, severity="error", source=SOURCE)
