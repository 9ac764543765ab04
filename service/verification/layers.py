"""Which layer of a case's history no longer holds? Sequence, chain, releases, forms, attachments, execution."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.form import Blob
from service import history, releases, replay, revisions
from service.engine import EngineError, Release
from service.errors import NotFound
from service.replay import Releases, Run
from service.verification.folders import Folder
from service.verification.verdict import Fault


class Stored:
    """What is stored once and used by many cases, each read and checked once a run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._releases = Releases(session, releases.reread)
        self._faults: dict[str, tuple[str, bool]] = {}
        self._blobs: dict[str, bool | None] = {}

    @property
    def releases(self) -> Releases:
        """The releases by hash, as they are stored now."""
        return self._releases

    def release(self, release_hash: str) -> Release:
        """The release of a hash.

        Raises:
            NotFound, ReleaseDamaged, EngineError: it is gone, was changed, or cannot be compiled.
        """
        return self._releases[release_hash]

    def release_fault(self, release_hash: str) -> tuple[str, bool]:
        """What is wrong with a stored release (empty if nothing), and whether that is certain."""
        if release_hash not in self._faults:
            self._faults[release_hash] = self._judge(release_hash)
        return self._faults[release_hash]

    def blob(self, digest: str) -> bool | None:
        """Whether a file's content has its hash; None if it is gone."""
        if digest not in self._blobs:
            content = self._session.scalars(select(Blob.content).where(Blob.sha256 == digest)).first()
            self._blobs[digest] = None if content is None else sha256(content).hexdigest() == digest
        return self._blobs[digest]

    def _judge(self, release_hash: str) -> tuple[str, bool]:
        try:
            found = self._releases[release_hash]
        except NotFound as fault:
            return fault.detail, False
        except releases.ReleaseDamaged as fault:
            return str(fault), True
        except (EngineError, ValueError, KeyError) as fault:
            return f"流程版本 {release_hash[:16]} 不能读取：{fault}", True
        return ("", True) if found.hash == release_hash else (f"流程版本 {release_hash[:16]} 被改动", True)


def sequence_and_chain(folder: Folder) -> Iterator[Fault]:
    """Numbers from 1 without gaps, each event chained to the one before and true to its hash, the head the last."""
    before = history.GENESIS
    for number, event in enumerate(folder.events, 1):
        if event.seq != number:
            yield Fault(layer="sequence", seq=number, message=f"第 {number} 个事件缺失")
            return
        if event.prev_hash != before:
            yield Fault(layer="chain", seq=number, message="与前一个事件不相接")
            return
        if history.event_hash(event) != event.hash:
            yield Fault(layer="chain", seq=number, message="内容与其校验值不一致：事件被改动")
            return
        before = event.hash
    yield from _head(folder)


def _head(folder: Folder) -> Iterator[Fault]:
    case, count = folder.case, len(folder.events)
    if case is None:
        yield Fault(layer="sequence", seq=1, message="业务件已不存在，只剩事件")
    elif case.seq > count:
        yield Fault(layer="sequence", seq=count + 1, message=f"第 {count + 1} 个事件缺失：链头记录到第 {case.seq} 个")
    elif case.seq < count:
        yield Fault(layer="sequence", seq=case.seq + 1, message=f"多出的事件：链头只记录到第 {case.seq} 个")
    elif not count:
        yield Fault(layer="sequence", seq=1, message="业务件没有任何事件")
    elif case.head_hash != folder.events[-1].hash:
        yield Fault(layer="chain", seq=count, message="业务件记录的链头与最后一个事件不一致")


def release_hashes(folder: Folder, stored: Stored) -> Iterator[Fault]:
    """The releases and forms in force then are still those that were published."""
    told = set()
    for event in folder.events:
        message, certain = stored.release_fault(event.release_hash)
        if message and event.release_hash not in told:
            told.add(event.release_hash)
            yield Fault(layer="release", seq=event.seq, message=message, certain=certain)


def form_hashes(folder: Folder, named: Mapping[str, int]) -> Iterator[Fault]:
    """Every kept form has its hash and was named by an event; every form an event names is kept.

    Args:
        named: hashes the events name, with the event that named each first.
    """
    kept = set()
    for revision in folder.revisions:
        seq = named.get(revision.hash)
        kept.add(revision.hash)
        if not revisions.has_hash(revision.content, revision.hash):
            yield Fault(layer="form", seq=seq, message=f"{revision.form_code} 第 {revision.revision} 版的内容被改动")
        elif seq is None:
            yield Fault(layer="form", seq=None, message=f"{revision.form_code} 第 {revision.revision} 版没有事件提到")
    for hash_, seq in named.items():
        if hash_ not in kept:
            yield Fault(layer="form", seq=seq, message=f"事件所依据的表单 {hash_[:16]} 已不存在")


def attachment_hashes(folder: Folder, stored: Stored) -> Iterator[Fault]:
    """Every file's content has its hash."""
    for attachment in folder.attachments:
        sound = stored.blob(attachment.sha256)
        if sound is None:
            yield Fault(layer="attachment", seq=None, message=f"附件“{attachment.filename}”的内容已不存在")
        elif not sound:
            yield Fault(layer="attachment", seq=None, message=f"附件“{attachment.filename}”的内容被改动")


def execution(folder: Folder, stored: Stored) -> tuple[str, list[Fault]]:
    """Every command repeated on the stored release reaches the recorded digest; the last state is the case's.

    Returns:
        The digest of the last state, and the first difference, if there is one.
    """
    run = Run(stored.releases)
    for event in folder.events:
        if stored.release_fault(event.release_hash)[0]:
            fault = Fault(layer="execution", seq=event.seq, message="流程版本不可用，不能重新执行", certain=False)
            return "", [fault]
        if different := _repeated(run, event):
            return "", [Fault(layer="execution", seq=event.seq, message=different)]
    case = folder.case
    if case is not None and (run.snapshot != case.snapshot or run.digest != case.engine_digest):
        message = "业务件的现有流程状态与重新执行的结果不一致"
        return run.digest, [Fault(layer="execution", seq=None, message=message)]
    return run.digest, []


def _repeated(run: replay.Run, event: Any) -> str:
    try:
        return run.repeat(event)
    except (EngineError, NotFound, KeyError, ValueError, TypeError) as fault:
        return f"不能重新执行：{fault}"


def broken(faults: Sequence[Fault]) -> bool:
    """Whether the events themselves are in doubt, so that what follows from them says nothing."""
    return any(fault.layer in ("sequence", "chain") for fault in faults)
