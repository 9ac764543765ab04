"""By which ways beside the page does a person want to be told, and what goes onto each way?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.event import Outbox
from forms.problem import Problem
from service import preferences
from service.errors import Problems

PREFERENCE = "notices"
#: What is worth a mail at once unless the person says otherwise; everything else waits for the daily digest.
AT_ONCE = ("returned", "urged")
LONGEST_MAIL = 120
SOURCE = "通知设置填写要求"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How a person wants to be told. An empty mail address means no mail."""

    mail: str = ""
    mail_kinds: tuple[str, ...] = AT_ONCE
    robot_kinds: tuple[str, ...] = ()
    digest: bool = True


def choice(session: Session, person_id: str) -> Choice:
    """How a person wants to be told; the defaults for one who never said."""
    return _read(preferences.read(session, person_id, PREFERENCE))


def choose(
    session: Session,
    person_id: str,
    *,
    mail: str,
    mail_kinds: Collection[str],
    robot_kinds: Collection[str],
    digest: bool,
    at: datetime,
) -> None:
    """Keep how a person wants to be told.

    Args:
        mail_kinds: kinds of notices mailed at once; unknown ones are left out when they are used.

    Raises:
        Problems: the mail address cannot be one.
    """
    address = mail.strip()
    if address and not _is_address(address):
        text = f"“{address}”不是邮箱地址，请填写如 name@example.cn 的地址，或留空不收邮件。"
        raise Problems([Problem(field="mail", message=text, severity="error", source=SOURCE)])
    value = {"mail": address, "mail_kinds": sorted(mail_kinds), "robot_kinds": sorted(robot_kinds), "digest": digest}
    preferences.keep(session, person_id, PREFERENCE, value, at=at)


def queue(session: Session, fresh: Sequence[Any], *, at: datetime) -> None:
    """Queue mails and calls of the robot for new notices (id, person_id, kind, facts); nothing is sent here."""
    chosen = preferences.of_all(session, {row.person_id for row in fresh}, PREFERENCE)
    rows = []
    for row in fresh:
        if row.person_id not in chosen:
            continue
        way = _read(chosen[row.person_id])
        about = {"notice": row.id, "person": row.person_id, "kind": row.kind, "facts": row.facts}
        if way.mail and row.kind in way.mail_kinds:
            rows.append(_message("mail", f"mail:{row.id}", {**about, "to": way.mail}, at))
        if row.kind in way.robot_kinds:
            rows.append(_message("webhook", f"webhook:{row.id}", about, at))
    if rows:
        session.execute(insert(Outbox).values(rows).on_conflict_do_nothing(index_elements=["key"]))


def queue_digest(session: Session, person_id: str, mail: str, facts: Mapping[str, Any], key: str, at: datetime) -> None:
    """Queue a person's daily digest for the mail; once by its key."""
    about = {"person": person_id, "kind": "digest", "facts": dict(facts), "to": mail}
    statement = insert(Outbox).values([_message("mail", key, about, at)])
    session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def _message(kind: str, key: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {"kind": kind, "key": key, "payload": payload, "created_at": at}


def _read(value: Mapping[str, Any]) -> Choice:
    return Choice(
        mail=str(value.get("mail", "")),
        mail_kinds=tuple(value.get("mail_kinds", AT_ONCE)),
        robot_kinds=tuple(value.get("robot_kinds", ())),
        digest=bool(value.get("digest", True)),
    )


def _is_address(text: str) -> bool:
    name, at_sign, host = text.partition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    return plain and len(text) <= LONGEST_MAIL and bool(name and at_sign) and "." in host.strip(".") and "@" not in host
