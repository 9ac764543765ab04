"""Do events, leaves, roots, signatures and the copies outside the database agree? Every difference is named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Text, and_, cast, func, select
from sqlalchemy.orm import Session

from db.event import Event, SecurityEvent
from db.seal import SealCheckpoint, SealedLeaf
from service import security_log
from service.seals import copies, keys
from service.seals.copies import CopyUnreadable, Leaf
from service.seals.tree import Tree
from service.seals.verifier import NotGenuine, leaf_hash, opened

_BATCH = 10_000


@dataclass(frozen=True)
class SealFault:
    """One difference: which event (``case:seq`` or number of a security event; empty for the seals themselves)."""

    source: str
    key: str
    message: str

    @property
    def case_id(self) -> str | None:
        """The case of the event, if it is one of a case."""
        return self.key.rpartition(":")[0] if self.source == "event" else None

    @property
    def seq(self) -> int | None:
        """The event's sequence number, if it is one of a case."""
        return int(self.key.rpartition(":")[2]) if self.source == "event" else None


@dataclass
class SealReport:
    """What comparing found."""

    leaves: int = 0
    checkpoints: int = 0
    copied: int = 0
    #: Why something could not be compared (Chinese); the rest was.
    unreadable: list[str] = field(default_factory=list)
    faults: list[SealFault] = field(default_factory=list)

    def add(self, source: str, key: str, message: str) -> None:
        """Note a difference."""
        self.faults.append(SealFault(source, key, message))


def compare(session: Session, data: Path | None, *, case_id: str | None = None) -> SealReport:
    """Compare everything that was ever sealed.

    Args:
        data: the data folder with key and copies; None compares inside the database alone, which its administrator
            could have rewritten as a whole.
        case_id: compare only the events of this case with their leaves; tree, signatures and copies are checked whole.

    Returns:
        Differences in no particular order; an empty list if all agrees. Nothing sealed yet is no difference.
    """
    report = SealReport()
    key = keys.public_key(data) if data is not None else None
    try:
        _leaves_and_copies(session, report, copies.leaves(data) if data is not None else iter(()))
        _checkpoints(session, report, _all_notes(session, data), key)
    except CopyUnreadable as fault:
        report.unreadable.append(str(fault))
    _events(session, report, case_id)
    if case_id is None:
        _security(session, report)
    return report


def _leaves_and_copies(session: Session, report: SealReport, copied: Iterator[Leaf]) -> None:
    outside = next(copied, None)
    for number, leaf in enumerate(_stored(session)):
        report.leaves += 1
        if leaf.leaf != number:
            report.add("", "", f"第 {number} 个叶缺失：封存记录被删除")
            break
        if outside is not None and outside.leaf == number:
            report.copied += 1
            if (outside.source, outside.key, outside.hash) != (leaf.source, leaf.key, leaf.hash):
                report.add(outside.source, outside.key, "封存记录与库外副本不一致：封存后被改写")
            outside = next(copied, None)
    if outside is not None:
        _lost(session, report, [outside, *copied])


def _lost(session: Session, report: SealReport, leaves: list[Leaf]) -> None:
    """Leaves that exist only outside: their removal is told once, each event is compared with the copy instead."""
    report.add("", "", f"库内缺少 {len(leaves)} 个叶，库外副本仍在：封存记录被删除")
    for start in range(0, len(leaves), _BATCH):
        part = {leaf.key: leaf for leaf in leaves[start : start + _BATCH] if leaf.source == "event"}
        key = func.concat(Event.case_id, ":", cast(Event.seq, Text))
        cases = {place.rpartition(":")[0] for place in part}
        statement = select(key, Event.hash).where(Event.case_id.in_(cases))
        found = dict(session.execute(statement).tuples().all())
        for place, leaf in part.items():
            if found.get(place) != leaf.hash:
                report.add("event", place, "事件与库外封存副本不一致：封存后被改动或删除")


def _stored(session: Session) -> Iterator[Any]:
    statement = select(SealedLeaf.leaf, SealedLeaf.source, SealedLeaf.key, SealedLeaf.hash).order_by(SealedLeaf.leaf)
    with session.execute(statement.execution_options(yield_per=_BATCH)) as rows:
        yield from rows


@dataclass(frozen=True)
class _Note:
    algorithm: str
    size: int
    note: str
    where: str


def _all_notes(session: Session, data: Path | None) -> list[_Note]:
    columns = (SealCheckpoint.algorithm, SealCheckpoint.size, SealCheckpoint.note)
    stored = session.execute(select(*columns).order_by(SealCheckpoint.id))
    found = [_Note(row.algorithm, row.size, row.note, "库内检查点") for row in stored]
    outside = copies.checkpoints(data) if data is not None else iter(())
    return found + [_Note(one["algorithm"], one["size"], one["note"], "库外检查点") for one in outside]


def _checkpoints(session: Session, report: SealReport, notes: list[_Note], key: str | None) -> None:
    report.checkpoints = len(notes)
    if notes and key is None:
        report.unreadable.append("没有封存公钥，不能核对检查点的签名")
    for algorithm in sorted({note.algorithm for note in notes}):
        own = [note for note in notes if note.algorithm == algorithm]
        roots = _roots(session, algorithm, {note.size for note in own})
        for note in own:
            if message := _wrong(note, roots, key):
                report.add("", "", f"{note.where}（{note.size} 个叶）{message}")


def _wrong(note: _Note, roots: dict[int, bytes], key: str | None) -> str:
    try:
        signed = opened(note.note, key) if key is not None else None
    except NotGenuine as fault:
        return f"不可信：{fault}"
    if note.size not in roots:
        return "签名时的叶比现在多：封存记录被删除"
    if signed is None:
        return ""
    if (signed.size, signed.algorithm) != (note.size, note.algorithm):
        return "的记录与其签名内容不一致"
    return "" if signed.root == roots[note.size] else "的根与现有叶不一致：封存记录被改写"


def _roots(session: Session, algorithm: str, sizes: set[int]) -> dict[int, bytes]:
    tree = Tree(algorithm)
    roots = {0: tree.root()} if 0 in sizes else {}
    for leaf in _stored(session):
        tree.append(leaf_hash(algorithm, leaf.source, leaf.key, leaf.hash))
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return roots


def _events(session: Session, report: SealReport, case_id: str | None) -> None:
    key = func.concat(Event.case_id, ":", cast(Event.seq, Text))
    statement = select(SealedLeaf.key, Event.hash).outerjoin(Event, key == SealedLeaf.key)
    statement = statement.where(SealedLeaf.source == "event", Event.hash.is_distinct_from(SealedLeaf.hash))
    if case_id is not None:
        wanted = and_(Event.case_id == case_id, key == SealedLeaf.key)
        statement = select(SealedLeaf.key, Event.hash).outerjoin(Event, wanted)
        statement = statement.where(SealedLeaf.source == "event", SealedLeaf.key.startswith(f"{case_id}:"))
        statement = statement.where(Event.hash.is_distinct_from(SealedLeaf.hash))
    for place, hash_ in session.execute(statement):
        report.add(
            "event", place, "事件在封存后被删除" if hash_ is None else "事件的校验值与封存时不一致：封存后被改动"
        )


def _security(session: Session, report: SealReport) -> None:
    number = cast(SecurityEvent.id, Text)
    statement = select(SealedLeaf.key, SecurityEvent.hash).outerjoin(SecurityEvent, number == SealedLeaf.key)
    statement = statement.where(SealedLeaf.source == "security", SecurityEvent.hash.is_distinct_from(SealedLeaf.hash))
    for key, hash_ in session.execute(statement):
        report.add("security", key, "安全日志在封存后被删除" if hash_ is None else "安全日志在封存后被改动")
    lines = session.execute(select(SecurityEvent.__table__).execution_options(yield_per=_BATCH))
    for line in lines:
        if security_log.row_hash(line._asdict()) != line.hash:
            report.add("security", str(line.id), "安全日志的内容与其校验值不一致")
