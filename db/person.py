"""Who are the people, which posts do they hold, and how do they prove who they are?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, OpaqueId


class Person(Base):
    """A person who can log in."""

    __tablename__ = "person"

    id: Mapped[OpaqueId]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="zh_CN")
    #: argon2id; empty until the person has set one.
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[Instant | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Instant | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]


class PasswordHistory(Base):
    """Earlier passwords of a person, so that the last five are not used again."""

    __tablename__ = "password_history"

    id: Mapped[OpaqueId]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    password_hash: Mapped[str]
    set_at: Mapped[Instant]


class Post(Base):
    """A post (岗位) a person holds: a role at an organisation from one day to another (the last day included)."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="period"),
        Index("ix_post_role_organisation", "role", "organisation_id"),
    )

    id: Mapped[OpaqueId]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PostRequest(Base):
    """A change of posts that a security administrator prepares and an audit administrator countersigns."""

    __tablename__ = "post_request"
    __table_args__ = (
        CheckConstraint("action in ('grant', 'end')", name="action"),
        CheckConstraint("state in ('waiting', 'approved', 'refused')", name="state"),
        CheckConstraint("decided_by is null or decided_by <> requested_by", name="two_people"),
    )

    id: Mapped[OpaqueId]
    action: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    requested_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[str | None]


class LoginSession(Base):
    """A log-in kept at the server; the browser holds a random token of which only the hash is stored."""

    __tablename__ = "login_session"

    id: Mapped[OpaqueId]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    client: Mapped[Json | None]


class AccessToken(Base):
    """A bearer token a person made for the API; shown once, stored as a hash."""

    __tablename__ = "access_token"

    id: Mapped[OpaqueId]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    last_used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class SetupToken(Base):
    """The one-time token with which the first administrators are made on an empty installation."""

    __tablename__ = "setup_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
