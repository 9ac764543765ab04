"""What is sealed, how far, and what did the last checks of all histories find?"""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, JsonList


class SealedLeaf(Base):
    """A leaf of the tree over all events: its place, and the hash the event had when it was sealed. INSERT only."""

    __tablename__ = "sealed_leaf"
    __table_args__ = (UniqueConstraint("source", "key"),)

    #: Place in the tree, from 0 without gaps.
    leaf: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    #: event | security
    source: Mapped[str]
    #: case id and sequence number with a colon between, or the id of the security event.
    key: Mapped[str]
    hash: Mapped[str]


class SealCheckpoint(Base):
    """A signed root of the tree (C2SP tlog-checkpoint). INSERT only."""

    __tablename__ = "seal_checkpoint"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[Instant]
    #: sha256 | sm3
    algorithm: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[str]
    #: Roots of the full subtrees, largest first, so that the next checkpoint need not read all leaves again.
    peaks: Mapped[JsonList]
    note: Mapped[str]


class VerificationRun(Base):
    """What a check of all histories found. INSERT only."""

    __tablename__ = "verification_run"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[Instant]
    finished_at: Mapped[Instant]
    cases: Mapped[int]
    events: Mapped[int]
    inconsistent: Mapped[int]
    unverifiable: Mapped[int]
    #: Verdicts that are not 一致, at most some hundred.
    found: Mapped[JsonList]
