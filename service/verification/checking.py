"""What does checking one case, or all of them, say? The layers put together, with the seals."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.seal import SealedLeaf
from service import projections, releases
from service.engine import EngineError
from service.errors import NotFound
from service.seals import comparison
from service.seals.comparison import SealFault, SealReport
from service.sweeping import swept
from service.verification import folders, layers, rows
from service.verification.folders import Folder
from service.verification.layers import Stored
from service.verification.verdict import Fault, Verdict, ordered

#: Stands for what belongs to no case: the tree, its signatures, the security log.
DISTRICT = ""


def verify(session: Session, case_id: str, *, data: Path | None) -> Verdict:
    """Check one case in every layer; nothing is changed.

    Args:
        session: one without a transaction reads everything at one instant, so that commands going on do not disturb.
        data: the data folder with the seals' key and copies; None leaves out what is outside the database.

    Raises:
        NotFound: there is no such case and never was a sealed one.
    """
    _at_one_instant(session)
    report = comparison.compare(session, data, case_id=case_id)
    (folder,) = folders.read(session, [case_id])
    sealed = _sealed(session, [case_id])
    own = [fault for fault in report.faults if fault.case_id in (case_id, None)]
    if folder.case is None and not folder.events and not any(fault.case_id for fault in own):
        raise NotFound("没有这个业务件。")
    return _judged(folder, Stored(session), own, report.unreadable, sealed[case_id])


def verify_all(session: Session, *, data: Path | None, hashes: bool = False) -> Iterator[Verdict]:
    """Check every case in the order of ids, deleted ones that were sealed among them, then what belongs to no case.

    Cost is linear in the number of events; memory holds a hundred cases at a time. The last verdict has an empty case
    id: tree, signatures and security log.

    Args:
        hashes: only sequence, chain and seals: whether the record is the one that was written, not where it leads.
    """
    _at_one_instant(session)
    # Comparing every leaf of a large district is one long question.
    session.execute(text("SET LOCAL statement_timeout = 0"))
    yield from swept(_verdicts(session, data, hashes))


def _verdicts(session: Session, data: Path | None, hashes: bool) -> Iterator[Verdict]:
    report = comparison.compare(session, data)
    by_case: dict[str, list[SealFault]] = defaultdict(list)
    for fault in report.faults:
        by_case[fault.case_id or DISTRICT].append(fault)
    sealed = _sealed(session, None)
    stored = Stored(session)
    for folder in folders.read_all(session, events_only=hashes):
        faults = by_case.pop(folder.case_id, [])
        yield _judged(folder, stored, faults, (), sealed[folder.case_id], hashes=hashes)
    general = by_case.pop(DISTRICT, [])
    for case_id, faults in sorted(by_case.items()):
        yield _judged(Folder(case_id), stored, faults, (), sealed[case_id])
    yield _of_district(report, general)


def _judged(
    folder: Folder,
    stored: Stored,
    sealed: Sequence[SealFault],
    unreadable: Sequence[str],
    count: int,
    *,
    hashes: bool = False,
) -> Verdict:
    found = [Fault(layer="seal", seq=fault.seq, message=fault.message) for fault in sealed]
    found += [Fault(layer="seal", seq=None, message=message, certain=False) for message in unreadable]
    digest = ""
    if folder.case is not None or folder.events:
        found += layers.sequence_and_chain(folder)
        if not hashes:
            digest, followed = _followed(folder, stored, layers.broken(found))
            found += followed
    head = folder.events[-1].hash if folder.events else ""
    return Verdict(
        case_id=folder.case_id,
        number=folder.case.number if folder.case is not None else "",
        events=len(folder.events),
        sealed=count,
        digest=digest,
        head_hash=head,
        faults=ordered(found),
    )


def _followed(folder: Folder, stored: Stored, broken: bool) -> tuple[str, list[Fault]]:
    """What the events stand on, and where they lead unless they are in doubt themselves."""
    found = [*layers.release_hashes(folder, stored), *layers.attachment_hashes(folder, stored)]
    if broken:
        return "", found
    digest, different = layers.execution(folder, stored)
    return digest, [*found, *different, *_projected(folder, stored)]


def _projected(folder: Folder, stored: Stored) -> Iterator[Fault]:
    try:
        projected = projections.project(folder.events, stored.release)
    except (NotFound, releases.ReleaseDamaged, EngineError) as fault:
        yield Fault(layer="projection", seq=None, message=f"不能由事件推出现有数据：{fault}", certain=False)
        return
    except (KeyError, ValueError, TypeError) as fault:
        yield Fault(layer="projection", seq=None, message=f"事件之间互相矛盾：{fault}")
        return
    yield from layers.form_hashes(folder, projected.forms)
    yield from rows.compare(folder, projected)


def _of_district(report: SealReport, general: Sequence[SealFault]) -> Verdict:
    found = [Fault(layer="seal", seq=None, message=_named(fault)) for fault in general]
    found += [Fault(layer="seal", seq=None, message=message, certain=False) for message in report.unreadable]
    return Verdict(
        case_id=DISTRICT,
        number="封存与安全日志",
        events=0,
        sealed=report.leaves,
        digest="",
        head_hash="",
        faults=ordered(found),
    )


def _named(fault: SealFault) -> str:
    return f"{fault.message}（安全日志第 {fault.key} 条）" if fault.source == "security" else fault.message


def _sealed(session: Session, case_ids: Sequence[str] | None) -> Counter[str]:
    case_id = func.split_part(SealedLeaf.key, ":", 1)
    statement = select(case_id, func.count()).where(SealedLeaf.source == "event").group_by(case_id)
    if case_ids is not None:
        statement = statement.where(case_id.in_(case_ids))
    return Counter(dict(session.execute(statement).tuples().all()))


def _at_one_instant(session: Session) -> None:
    if not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def by_number(session: Session, name: str) -> str:
    """The id of the case of this number or id; the name itself if there is no such case (it may have been deleted)."""
    statement = select(CaseFile.id).where((CaseFile.number == name) | (CaseFile.id == name))
    return session.scalars(statement).first() or name
