"""What of the seals is kept outside the database? Leaf hashes and signed checkpoints, one folder a day, only appended."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.seal import SealCheckpoint, SealedLeaf
from service.people import day
from service.seals.keys import FOLDER, PUBLIC_KEY_FILE, Signer

LEAVES = "leaves.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
#: The newest signed checkpoint, for printing, mailing and witnesses.
LATEST = "latest.note"
_BATCH = 10_000


class CopyUnreadable(RuntimeError):
    """A copy outside the database cannot be read; the text names file and line."""


@dataclass(frozen=True)
class Leaf:
    """A leaf as it was copied."""

    leaf: int
    source: str
    key: str
    hash: str


def export(session: Session, data: Path, signer: Signer, *, at: datetime) -> int:
    """Append what is committed and not copied yet; returns how many leaves were.

    May run any number of times and on several machines: each folder is completed on its own.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        (folder / PUBLIC_KEY_FILE).write_text(signer.public_key + "\n", "ascii")
        today = folder / day(at).isoformat()
        today.mkdir(mode=0o700, exist_ok=True)
        written = _append(today / LEAVES, _new_leaves(session, _last(folder, LEAVES, "leaf")))
        notes = list(_new_checkpoints(session, _last(folder, CHECKPOINTS, "id")))
        _append(today / CHECKPOINTS, iter(notes))
        if notes:
            (folder / LATEST).write_text(notes[-1]["note"], "utf-8")
    return written


def leaves(data: Path) -> Iterator[Leaf]:
    """All copied leaves in their order; nothing before the first copy.

    Raises:
        CopyUnreadable: a line is damaged.
    """
    for member in _lines(data / FOLDER, LEAVES):
        yield Leaf(member["leaf"], member["source"], member["key"], member["hash"])


def checkpoints(data: Path) -> Iterator[dict[str, Any]]:
    """All copied checkpoints in their order: id, algorithm, size, note.

    Raises:
        CopyUnreadable: a line is damaged.
    """
    yield from _lines(data / FOLDER, CHECKPOINTS)


def _lines(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"*/{name}")):
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    member = json.loads(line)
                    if not isinstance(member, dict):
                        raise ValueError(line)
                except ValueError as fault:
                    raise CopyUnreadable(f"封存副本 {path} 第 {number} 行无法读取") from fault
                yield member


def _last(folder: Path, name: str, member: str) -> int:
    """The number of the last line copied, from the newest file that has one; -1 for none."""
    for path in sorted(folder.glob(f"*/{name}"), reverse=True):
        text = path.read_text("utf-8").splitlines()
        if text:
            return int(json.loads(text[-1])[member])
    return -1


def _new_leaves(session: Session, after: int) -> Iterator[dict[str, Any]]:
    statement = select(SealedLeaf.leaf, SealedLeaf.source, SealedLeaf.key, SealedLeaf.hash)
    statement = statement.where(SealedLeaf.leaf > after).order_by(SealedLeaf.leaf)
    for row in session.execute(statement.execution_options(yield_per=_BATCH)):
        yield dict(row._mapping)


def _new_checkpoints(session: Session, after: int) -> Iterator[dict[str, Any]]:
    statement = select(SealCheckpoint.id, SealCheckpoint.algorithm, SealCheckpoint.size, SealCheckpoint.note)
    for row in session.execute(statement.where(SealCheckpoint.id > after).order_by(SealCheckpoint.id)):
        yield dict(row._mapping)


def _append(path: Path, members: Iterator[dict[str, Any]]) -> int:
    count = 0
    with path.open("a", encoding="utf-8") as file:
        for count, member in enumerate(members, 1):  # noqa: B007 - the count is what is returned
            file.write(json.dumps(member, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return count


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
