"""Does running a case again give what its history says? The engine's commands repeated, digests and chain compared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import Event
from db.release import ProcessRelease
from service import engine, history, releases
from service.engine import EngineError, Migrate, Release, Result
from service.errors import NotFound
from service.releases import Bundle
from service.sweeping import swept

#: What carrying out an effect leaves in the event; a replay compares instead of carrying it out again.
EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "admit_target": "target_admitted",
        "open_rectification": "rectification_opened",
        "issue_notice": "notice_issued",
        "record_escalation": "escalation_recorded",
        "record_evaluation": "evaluation_recorded",
        "publish_release": "release_published",
        "bring_into_force": "release_in_force",
        "record_ex_ante": "ex_ante_concluded",
        "adjust_target": "target_adjusted",
        "open_target_syncs": "target_syncs_opened",
        "admit_synced_target": "target_admitted",
        "issue_budget_reply": "budget_replied",
        "admit_overall_target": "overall_target_admitted",
    }
)
#: What asking a decision table leaves in the event; a replay asks it again.
TABLE_ASKED = "table_asked"
#: Events read from the database at a time.
_BATCH = 2_000
_STORED = ("id", "number", "stage", "snapshot", "engine_digest", "head_hash")


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """The first place where running again differs from the history: at which event, and what (Chinese)."""

    seq: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """What running a case again came to."""

    case_id: str
    number: str
    stage: str
    events: int
    #: SHA-256 of the engine's state after the last event, as computed now; empty for a case without events.
    digest: str
    #: Hash of the last event: the head of the chain.
    head_hash: str
    mismatch: Mismatch | None

    @property
    def sound(self) -> bool:
        """Whether history, chain and present state agree."""
        return self.mismatch is None

    def to_json(self) -> dict[str, Any]:
        """The result for commands and the API."""
        found = None if self.mismatch is None else vars(self.mismatch)
        return {**vars(self), "sound": self.sound, "mismatch": found}


def rerun(session: Session, case_id: str) -> Rerun:
    """Repeat every command of a case and compare with its history; nothing is changed.

    Raises:
        NotFound: there is no such case.
    """
    found = next(rerun_all(session, case_id=case_id), None)
    if found is None:
        raise NotFound("没有这个业务件。")
    return found


def rerun_all(session: Session, *, case_id: str | None = None) -> Iterator[Rerun]:
    """Repeat every case, one after the other in the order of their ids; one statement, however many cases.

    Events are streamed: memory holds one case's history at a time. Cost is linear in the number of events. A case
    and its events are read in the same instant, so commands that go on meanwhile do not disturb.

    Args:
        case_id: only this case.
    """
    yield from swept(_reruns(session, case_id))


def _reruns(session: Session, case_id: str | None) -> Iterator[Rerun]:
    known = Releases(session)
    stored = (getattr(CaseFile, name).label(f"file_{name}") for name in _STORED)
    statement = select(*stored, *Event.__table__.columns).outerjoin(Event, Event.case_id == CaseFile.id)
    if case_id is not None:
        statement = statement.where(CaseFile.id == case_id)
    ordered = statement.order_by(CaseFile.id, Event.seq).execution_options(yield_per=_BATCH)
    for _, rows in groupby(session.execute(ordered), key=lambda row: str(row.file_id)):
        own = list(rows)
        yield _judged(own[0], [row for row in own if row.seq is not None], known)


def by_number(session: Session, name: str) -> str:
    """The id of the case of this number (绩目〔2027〕0123) or id.

    Raises:
        NotFound: there is no such case.
    """
    statement = select(CaseFile.id).where((CaseFile.number == name) | (CaseFile.id == name))
    found = session.scalars(statement).first()
    if found is None:
        raise NotFound(f"没有编号为“{name}”的业务件。")
    return found


class Releases:
    """The releases events name by hash, each compiled once.

    Args:
        read: gives the release of an id; verification reads what is stored now instead of what the process remembers.
    """

    def __init__(self, session: Session, read: Callable[[Session, str], Bundle] = releases.bundle) -> None:
        self._session = session
        self._read = read
        self._known: dict[str, Release] = {}

    def __getitem__(self, release_hash: str) -> Release:
        if release_hash not in self._known:
            wanted = select(ProcessRelease.id).where(ProcessRelease.hash == release_hash)
            release_id = self._session.scalars(wanted).first()
            if release_id is None:
                raise NotFound(f"事件引用的流程版本 {release_hash[:16]} 不存在。")
            self._known[release_hash] = self._read(self._session, release_id).release
        return self._known[release_hash]


class Run:
    """The engine's state while a case is repeated."""

    def __init__(self, known: Releases) -> None:
        self._known = known
        self.snapshot: bytes | None = None
        self.digest = ""
        #: The arrows the last event went along, as (from, to) by node id.
        self.flows: tuple[tuple[str, str], ...] = ()
        self._release: Release | None = None

    def repeat(self, event: Any) -> str:
        """Repeat the commands of one event; says what differs, "" if nothing does."""
        documents = (event.command or {}).get("engine", ())
        results = [self._apply(document, event) for document in documents]
        self.flows = tuple(flow for result in results for flow in result.flows)
        if self.digest != event.engine_digest:
            return f"重新执行后的流程状态 {self.digest[:16]} 与记录 {event.engine_digest[:16]} 不一致"
        return _different(results, event.changes)

    def _apply(self, document: Mapping[str, Any], event: Any) -> Result:
        command = engine.command_from_json(document)
        target = self._known[command.release_hash] if isinstance(command, Migrate) else None
        release = self._release or self._known[event.release_hash]
        result = engine.apply(self.snapshot, release, command, at=event.at, target=target)
        self.snapshot, self.digest, self._release = result.snapshot, result.digest, target or release
        return result


def _judged(case: Any, events: Sequence[Any], known: Releases) -> Rerun:
    run = Run(known)
    return Rerun(
        case_id=case.file_id,
        number=case.file_number,
        stage=case.file_stage,
        events=len(events),
        mismatch=_mismatch(case, events, run),
        digest=run.digest,
        head_hash=events[-1].hash if events else "",
    )


def _mismatch(case: Any, events: Sequence[Any], run: Run) -> Mismatch | None:
    broken = history.broken_at(events)
    if broken is not None:
        return Mismatch(seq=broken, message="事件链在此处断开：事件缺失、次序不对或内容被改动")
    for event in events:
        try:
            different = run.repeat(event)
        except (EngineError, NotFound) as fault:
            different = f"不能重新执行：{fault}"
        if different:
            return Mismatch(seq=event.seq, message=different)
    return _present(case, events, run)


def _present(case: Any, events: Sequence[Any], run: Run) -> Mismatch | None:
    """The case as it stands must be what its events lead to."""
    seq = len(events)
    if not events:
        return Mismatch(seq=0, message="业务件没有任何事件")
    if events[-1].hash != case.file_head_hash:
        return Mismatch(seq=seq, message="业务件记录的链头与最后一个事件不一致：末尾的事件缺失")
    if run.snapshot != case.file_snapshot or run.digest != case.file_engine_digest:
        return Mismatch(seq=seq, message="业务件的现有流程状态与重新执行的结果不一致")
    return None


def _different(results: Sequence[Result], changes: Sequence[Mapping[str, Any]]) -> str:
    """What steps, ends and effects the event recorded otherwise than they come out now."""
    open_now = {task.task: task.node_id for result in results for task in result.opened}
    for closed in (task.task for result in results for task in result.closed):
        open_now.pop(closed, None)
    recorded = {change["task"]: change["node"] for change in changes if change["type"] == "visit_opened"}
    if open_now != recorded:
        return f"打开的步骤为 {_listed(open_now)}，记录为 {_listed(recorded)}"
    effects = sorted(EFFECTS[effect.name] for result in results for effect in result.effects)
    if effects != sorted(change["type"] for change in changes if change["type"] in EFFECTS.values()):
        return "重新执行得到的效果与记录不一致"
    asked = [{"type": TABLE_ASKED, **one.to_json()} for result in results for one in result.asked]
    if asked != [dict(change) for change in changes if change["type"] == TABLE_ASKED]:
        return "重新查得的决策表结果与记录不一致"
    return ""


def _listed(opened: Mapping[int, str]) -> str:
    return "、".join(opened[task] for task in sorted(opened)) or "无"
