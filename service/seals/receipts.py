"""How can somebody outside prove that an event happened as told? A receipt: the event, its leaf, proof and signed root."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import Event
from db.seal import SealCheckpoint, SealedLeaf
from service import history
from service.errors import NotFound
from service.seals import keys, sealing
from service.seals.tree import inclusion
from service.seals.verifier import leaf_hash


def receipt(session: Session, case_id: str, seq: int, *, data: Path) -> dict[str, Any]:
    """The receipt of one event, to be checked with the stand-alone verifier.

    Raises:
        NotFound: there is no such event, or it has not been sealed yet (at most a minute).
    """
    found = receipts(session, case_id, data=data, only=seq)
    if not found:
        raise NotFound("这个事件还没有封存（最迟一分钟内封存），请稍后再下载回执。")
    return found[0]


def receipts(session: Session, case_id: str, *, data: Path, only: int | None = None) -> list[dict[str, Any]]:
    """The receipts of all sealed events of a case, in order; [] if none is sealed yet.

    Args:
        only: of this event alone.
    """
    checkpoint = sealing.newest(session)
    if checkpoint is None:
        return []
    events = {f"{event.case_id}:{event.seq}": event for event in history.of_case(session, case_id)}
    wanted = {key for key, event in events.items() if only in (None, event.seq)}
    statement = select(SealedLeaf.leaf, SealedLeaf.key, SealedLeaf.hash).where(
        SealedLeaf.source == "event", SealedLeaf.key.in_(wanted), SealedLeaf.leaf < checkpoint.size
    )
    rows = session.execute(statement.order_by(SealedLeaf.leaf)).all()
    hashes = _hashes(session, checkpoint) if rows else []
    public_key = keys.public_key(data) or ""
    return [_receipt(row, events[row.key], checkpoint, hashes, public_key) for row in rows]


def _hashes(session: Session, checkpoint: SealCheckpoint) -> list[bytes]:
    statement = select(SealedLeaf.source, SealedLeaf.key, SealedLeaf.hash).where(SealedLeaf.leaf < checkpoint.size)
    rows = session.execute(statement.order_by(SealedLeaf.leaf))
    return [leaf_hash(checkpoint.algorithm, *row) for row in rows]


def _receipt(
    row: Any, event: Event, checkpoint: SealCheckpoint, hashes: list[bytes], public_key: str
) -> dict[str, Any]:
    return {
        "source": "event",
        "key": row.key,
        "leaf": row.leaf,
        "hash": row.hash,
        "event": history.canonical_event(event).decode(),
        "proof": [one.hex() for one in inclusion(checkpoint.algorithm, hashes, row.leaf)],
        "checkpoint": checkpoint.note,
        "public_key": public_key,
    }
