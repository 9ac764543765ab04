"""What has happened? The append-only log everything else can be rebuilt from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, JsonList


class Event(Base):
    """One accepted command with all its changes. INSERT only: a trigger and the role's rights refuse the rest."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_actor", "actor", "at"),)

    case_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    kind: Mapped[str]
    verb: Mapped[str]
    actor: Mapped[str | None]
    on_behalf_of: Mapped[str | None]
    #: {role, organisation} as of the decision.
    post: Mapped[Json | None]
    visit: Mapped[str | None]
    seat: Mapped[str | None]
    node: Mapped[str | None]
    round: Mapped[int]
    release_hash: Mapped[str]
    form_hash: Mapped[str | None]
    data_hash: Mapped[str | None]
    #: The engine command that was applied, so that the case can be run again.
    command: Mapped[Json | None]
    changes: Mapped[JsonList]
    reason: Mapped[str | None]
    client: Mapped[Json | None]
    simulated: Mapped[bool]
    engine_digest: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class SecurityEvent(Base):
    """Refused commands, log-ins, reads by auditors, exports, changes of people: a log of its own. INSERT only."""

    __tablename__ = "security_event"
    __table_args__ = (Index("ix_security_event_kind_at", "kind", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str]
    actor: Mapped[str | None]
    case_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    client: Mapped[Json | None]
    #: sha256 over the canonical row; leaves of the same tree as events.
    hash: Mapped[str]


class IdempotencyKey(Base):
    """The first answer to a change, so that a repeated request gets it again instead of a second effect."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    response: Mapped[Json]
    created_at: Mapped[Instant] = mapped_column(index=True)


class Outbox(Base):
    """Something to be told later: an event (written by the database with the event itself), a mail, a call of a robot.

    Told at least once: a row is taken with SKIP LOCKED and goes, or is marked as sent, only with what it led to.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_outbox_waiting", "kind", "id", postgresql_where=text("sent_at is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    #: event | mail | webhook
    kind: Mapped[str]
    #: What may be told once only; empty for events.
    key: Mapped[str | None]
    case_id: Mapped[str | None]
    payload: Mapped[Json]
    created_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    #: Not before then; empty for at once.
    next_at: Mapped[Instant | None]
    #: Why it was not sent the last time.
    error: Mapped[str | None]
    #: Sent, or given up (then `error` says why).
    sent_at: Mapped[Instant | None]
    #: When the link in it was opened, which works once.
    opened_at: Mapped[Instant | None]


class Timer(Base):
    """A due time of a visit; any scheduler may take it, once."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("visit_id", "kind"),
        Index("ix_timer_waiting", "due_at", postgresql_where=text("fired_at is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[str]
    visit_id: Mapped[str]
    kind: Mapped[str]
    due_at: Mapped[Instant]
    #: The visit's deadline it was reckoned from; a shifted deadline shifts the timer.
    deadline: Mapped[Instant]
    fired_at: Mapped[Instant | None]


class SearchText(Base):
    """What a project, or a department in cases about a whole one, can be found by: text cut into character pairs for the index."""

    __tablename__ = "search_text"
    __table_args__ = (Index("ix_search_text_bigrams", "bigrams", postgresql_using="gin"),)

    project_id: Mapped[str] = mapped_column(primary_key=True)
    #: A list of texts, not JSON: the database keeps count of its frequent elements and plans searches by them.
    bigrams: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Heartbeat(Base):
    """The last sign of life of a background process, for /health."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[Instant]
