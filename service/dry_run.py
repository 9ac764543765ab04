"""What would a changed process have done to the cases of a period? Their recorded decisions, made again under it, in memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from service import access, labels, recorded_cases
from service.engine import Release
from service.people import Actor
from service.recorded_cases import Action, RecordedCase
from service.rehearsal import BACKWARD, NotPossible, Passed, Rehearsal
from service.release_words import step_title

Verdict = Literal["same", "differs", "cannot_run"]
Progress = Callable[[int, int], None]
_FORWARD = ("submit", "approve")
_MOST_ASSUMED = 50


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """One case under both versions. ``reason`` is the first difference or why it cannot run; empty if nothing differs.

    ``assumed`` are the decisions nobody made: at steps the history does not know, the way forward is taken.
    """

    case_id: str
    number: str
    title: str
    verdict: Verdict
    reason: str
    before: tuple[Passed, ...]
    after: tuple[Passed, ...]
    assumed: tuple[str, ...] = ()
    stage_before: str = ""
    stage_after: str = ""

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON, both paths in full."""
        paths = {name: [entry.to_json() for entry in getattr(self, name)] for name in ("before", "after")}
        return {**vars(self), **paths, "assumed": list(self.assumed)}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The cases with the same first difference, or with the same reason why they cannot run."""

    verdict: Verdict
    reason: str
    cases: tuple[CaseResult, ...]


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What came of it: numbers, and the cases that are not the same, in groups, the largest first."""

    same: int
    differ: int
    cannot_run: int
    groups: tuple[Group, ...]

    def to_json(self) -> dict[str, Any]:
        """The dry run as plain JSON."""
        groups = [
            {
                "verdict": group.verdict,
                "reason": group.reason,
                "count": len(group.cases),
                "cases": [case.to_json() for case in group.cases],
            }
            for group in self.groups
        ]
        return {"same": self.same, "differ": self.differ, "cannot_run": self.cannot_run, "groups": groups}


def of_period(
    session: Session,
    release: Release,
    *,
    actor: Actor,
    first: date,
    last: date,
    progress: Progress | None = None,
) -> DryRun:
    """Run a version over the cases of its process begun from ``first`` to ``last``; nothing is written.

    Args:
        progress: told (done, all) after every case.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
    """
    if not access.allowed(actor, "process.approve"):
        access.require(actor, "process.prepare")
    return judge(release, recorded_cases.started_between(session, release.process_id, first, last), progress)


def one(release: Release, case: RecordedCase) -> CaseResult:
    """Run a version over one recorded case; pure."""
    return _Replay(release, case).result()


def judge(release: Release, cases: Sequence[RecordedCase], progress: Progress | None = None) -> DryRun:
    """Run a version over recorded cases; pure."""
    results = []
    for number, case in enumerate(cases, 1):
        results.append(one(release, case))
        if progress is not None:
            progress(number, len(cases))
    return counted(results)


def counted(results: Sequence[CaseResult]) -> DryRun:
    """What came of the cases together: numbers and groups."""
    numbers = {
        verdict: sum(result.verdict == verdict for result in results) for verdict in ("same", "differs", "cannot_run")
    }
    return DryRun(
        same=numbers["same"],
        differ=numbers["differs"],
        cannot_run=numbers["cannot_run"],
        groups=_groups(result for result in results if result.verdict != "same"),
    )


def _groups(results: Iterable[CaseResult]) -> tuple[Group, ...]:
    found: dict[tuple[Verdict, str], list[CaseResult]] = {}
    for result in results:
        found.setdefault((result.verdict, result.reason), []).append(result)
    groups = [Group(verdict=key[0], reason=key[1], cases=tuple(cases)) for key, cases in found.items()]
    return tuple(sorted(groups, key=lambda group: (-len(group.cases), group.reason)))


class _Replay:
    """One case decided again under another version."""

    def __init__(self, release: Release, case: RecordedCase) -> None:
        self._release = release
        self._case = case
        self._assumed: list[str] = []
        self._place = ""

    def result(self) -> CaseResult:
        """Decide everything again and compare."""
        run, fault = None, ""
        try:
            run = Rehearsal(self._release)
            for index, action in enumerate(self._case.actions):
                self._place = action.step
                self._repeat(run, action, self._case.actions[index:])
            self._finish(run)
        except NotPossible as refusal:
            fault = f"{self._title(self._place) if self._place else '开始'}办理时：{refusal}"
        return self._compared(run, fault)

    def _repeat(self, run: Rehearsal, action: Action, rest: Sequence[Action]) -> None:
        if action.step not in self._release.steps:
            return  # the version has no such step: the next one recorded is looked for instead
        if action.to and action.verb not in BACKWARD:
            self._put(run, action)
            return
        self._go_on(run, action.step, {item.step for item in rest})
        if action.step not in run.open:
            return
        if action.to:
            self._put(run, action)
        else:
            run.decide(action.step, action.verb, action.facts)

    def _put(self, run: Rehearsal, action: Action) -> None:
        if action.to not in self._release.steps:
            raise NotPossible(f"曾转到步骤“{action.to}”，新版本没有这个步骤")
        run.go_back(action.step, action.verb, action.to)

    def _go_on(self, run: Rehearsal, wanted: str, decided: set[str]) -> None:
        """Take the way forward at open steps the history knows no decision of, until the wanted step is open."""
        while wanted not in run.open and len(self._assumed) < _MOST_ASSUMED:
            unknown = next((step for step in run.open if step not in decided), None)
            if unknown is None:
                return
            self._assume(run, unknown)

    def _finish(self, run: Rehearsal) -> None:
        """A case that ended goes on to its end; where it stood open it may stand."""
        while self._case.finished and not run.completed and len(self._assumed) < _MOST_ASSUMED:
            if not run.open:
                run.wait()
                continue
            self._assume(run, run.open[0])

    def _assume(self, run: Rehearsal, step: str) -> None:
        verb = next((verb for verb in _FORWARD if self._release.steps[step].outcome(verb)), None)
        if verb is None:
            raise NotPossible(f"步骤{run.title(step)}没有向前的处理结果，不知道怎样继续")
        self._assumed.append(step)
        run.decide(step, verb)

    def _compared(self, run: Rehearsal | None, fault: str) -> CaseResult:
        before = self._case.path
        after = tuple(run.path) if run is not None else ()
        stage = self._stage(run) if run is not None else ""
        reason = fault or self._difference(before, after) or self._other_end(run, stage)
        return CaseResult(
            case_id=self._case.case_id,
            number=self._case.number,
            title=self._case.title,
            verdict="cannot_run" if fault else "differs" if reason else "same",
            reason=reason,
            before=before,
            after=after,
            assumed=tuple(self._assumed),
            stage_before=self._case.stage,
            stage_after=stage,
        )

    def _difference(self, before: Sequence[Passed], after: Sequence[Passed]) -> str:
        """Say the first step at which the paths part, "" if they do not."""
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            if old != new:
                place = f"{self._title(before[index - 1].step)}之后" if index else "开始时"
                return f"{place}：原来到 {self._title(old.step if old else '')}，现在到 {self._title(new.step if new else '')}"
        return ""

    def _other_end(self, run: Rehearsal | None, stage: str) -> str:
        if run is None:
            return ""
        if run.completed != self._case.finished or (run.completed and stage != self._case.stage):
            names = [labels.stage(end) if end else "尚未办结" for end in (self._case.stage, stage)]
            return f"结果不同：原来是 {names[0]}，现在是 {names[1]}"
        if not run.completed and tuple(sorted(run.open)) != self._case.open:
            names = ["、".join(self._title(step) for step in steps) for steps in (self._case.open, sorted(run.open))]
            return f"正在办理的步骤不同：原来是 {names[0]}，现在是 {names[1]}"
        return ""

    def _stage(self, run: Rehearsal) -> str:
        ends = [self._release.ends[name].stage for name in run.ends if name in self._release.ends]
        return ends[-1] if run.completed and ends else ""

    def _title(self, step: str) -> str:
        if not step:
            return "办结"
        known = self._release.steps.get(step)
        return step_title(known) if known is not None else f"“{step}”"
