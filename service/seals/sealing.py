"""What has not been sealed yet? Gives every new event its leaf, and signs the root of the tree."""

import base64
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, exists, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from db.event import Event, SecurityEvent
from db.seal import SealCheckpoint, SealedLeaf
from service.people import day
from service.seals.keys import Signer
from service.seals.tree import Tree
from service.seals.verifier import leaf_hash

#: Held by the one sealer; any number of schedulers may try.
_LOCK = 0x6A68_5345_414C
MOST_AT_ONCE = 50_000
_BATCH = 10_000


def seal(session: Session, signer: Signer, *, at: datetime, algorithm: str = "sha256") -> SealCheckpoint | None:
    """Give every visible event without one its leaf and sign the new root; one sealer at a time.

    Events whose commit comes late get the next free leaves of a later turn: places follow the sealing, not the events.

    Args:
        algorithm: of the tree's hashes; another one than before gives a tree of its own over the same leaves.

    Returns:
        The new checkpoint; None if nothing is new and this day has one, or another sealer is at work.
    """
    if not session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
        return None
    last = newest(session, algorithm)
    _take_leaves(session, at)
    tree = _tree(session, last, algorithm)
    if last is not None and last.size == tree.size and day(last.at) == day(at):
        return None
    made = SealCheckpoint(
        at=at,
        algorithm=algorithm,
        size=tree.size,
        root=tree.root().hex(),
        peaks=[peak.hex() for peak in tree.peaks],
        note=signer.signed(body(signer, tree, at)),
    )
    session.add(made)
    session.flush()
    return made


def newest(session: Session, algorithm: str | None = None) -> SealCheckpoint | None:
    """The newest checkpoint (of an algorithm); None before the first."""
    statement = select(SealCheckpoint).order_by(SealCheckpoint.id.desc()).limit(1)
    if algorithm is not None:
        statement = statement.where(SealCheckpoint.algorithm == algorithm)
    return session.scalars(statement).first()


def body(signer: Signer, tree: Tree, at: datetime) -> str:
    """What is signed: origin, size, root, instant; a line each."""
    root = base64.b64encode(tree.root()).decode()
    return f"{signer.name}/{tree.algorithm}\n{tree.size}\n{root}\nat {at.isoformat()}\n"


def waiting(session: Session) -> int:
    """How many events have no leaf yet."""
    return session.execute(select(func.count()).select_from(_unsealed())).scalar_one()


def _unsealed() -> Any:
    key = func.concat(Event.case_id, ":", cast(Event.seq, Text))
    number = cast(SecurityEvent.id, Text)
    events = select(
        literal("event").label("source"), key.label("key"), Event.hash, Event.at, Event.seq.label("place")
    ).where(~_leaf("event", key))
    security = select(literal("security"), number, SecurityEvent.hash, SecurityEvent.at, SecurityEvent.id).where(
        ~_leaf("security", number)
    )
    return union_all(events, security).subquery()


def _leaf(source: str, key: Any) -> Any:
    return exists().where(SealedLeaf.source == source, SealedLeaf.key == key)


def _take_leaves(session: Session, at: datetime) -> None:
    found = _unsealed()
    first = session.execute(select(func.coalesce(func.max(SealedLeaf.leaf) + 1, 0))).scalar_one()
    place = func.row_number().over(order_by=(found.c.at, found.c.key, found.c.place)) + (first - 1)
    rows = select(place, literal(at), found.c.source, found.c.key, found.c.hash).order_by(place).limit(MOST_AT_ONCE)
    statement = insert(SealedLeaf).from_select(["leaf", "at", "source", "key", "hash"], rows)
    session.execute(statement)


def _tree(session: Session, last: SealCheckpoint | None, algorithm: str) -> Tree:
    tree = Tree(algorithm, last.size, [bytes.fromhex(one) for one in last.peaks]) if last else Tree(algorithm)
    statement = select(SealedLeaf.source, SealedLeaf.key, SealedLeaf.hash).where(SealedLeaf.leaf >= tree.size)
    rows = session.execute(statement.order_by(SealedLeaf.leaf).execution_options(yield_per=_BATCH))
    for source, key, hash_ in rows:
        tree.append(leaf_hash(algorithm, source, key, hash_))
    return tree
