"""What still has to leave the house, and did it? Sends what the outbox holds, at least once each, never in a decision.

A message is taken with SKIP LOCKED and marked in the transaction that sent it. If that transaction is lost after the
message left, it is sent again under the same number, by which receivers can tell.
"""

import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from db.event import Outbox
from service import mail, tickets, webhook
from service.config import Config
from service.mail import MailServer
from service.notices import KINDS
from service.webhook import NotDelivered, Robot

#: Messages of one transaction: few, because each may take seconds.
BATCH = 5
#: Waits between the attempts; after the last one the message is given up and its row says why.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 3600, 3600 * 4))

#: Sent messages are kept so long, for whoever asks whether one went out.
KEPT = timedelta(days=30)

logger = structlog.get_logger(__name__)
Send = Callable[[Outbox, datetime], None]


def sender(config: Config) -> Callable[[Session, datetime], None]:
    """The job that sends mails and calls the robot of an installation; without either it leaves the queue alone.

    Raises:
        BadSetting: mail server or robot cannot be used as they are set.
    """
    server, robot = mail.server(config), webhook.robot(config)
    ways: dict[str, Send] = {}
    if server is not None:
        ways["mail"] = lambda row, at: _mail(server, row, link(config, row))
    if robot is not None:
        ways["webhook"] = lambda row, at: _call(robot, row, link(config, row), at)
    return lambda session, at: send_due(session, ways, at)


def send_due(session: Session, ways: Mapping[str, Send], at: datetime) -> None:
    """Send the next messages that can be sent by these ways; those another process is at work on are left to it."""
    if not ways:
        return
    due = or_(Outbox.next_at.is_(None), Outbox.next_at <= at)
    waiting = select(Outbox).where(Outbox.kind.in_(list(ways)), Outbox.sent_at.is_(None), due)
    rows = session.scalars(waiting.order_by(Outbox.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for row in rows:
        try:
            ways[row.kind](row, at)
        except (OSError, smtplib.SMTPException, NotDelivered) as error:
            _failed(row, error, at)
        else:
            row.sent_at, row.error = at, None


def forget(session: Session, at: datetime) -> None:
    """Drop messages that were sent, or given up, long ago: they hold people's addresses."""
    session.execute(delete(Outbox).where(Outbox.sent_at < at - KEPT))


def link(config: Config, row: Outbox) -> str:
    """Where the reader of a message finds what it is about: a ticket of theirs, which opens once; "" without an address."""
    if not config.public_url:
        return ""
    if "notice" not in row.payload:
        return f"{config.public_url}/notices"
    return f"{config.public_url}/go/{tickets.issue(config.secret_key, row.id, row.payload['person'])}"


def text(payload: Mapping[str, Any], link: str) -> str:
    """The message in Chinese: what happened, to which project, by whom, and where to look.

    Args:
        link: as ``link`` gives it.
    """
    facts = payload["facts"]
    if payload["kind"] == "digest":
        line = f"【绩衡】逾期 {facts['overdue']} 件，今日到期 {facts['today']} 件，昨日以来新到 {facts['new']} 件。"
    else:
        what = "，".join(filter(None, (facts.get("node"), facts.get("what"), _by(facts), _due(facts))))
        line = f"【绩衡】{KINDS[payload['kind']]}：{facts.get('title', '')}（{facts.get('number', '')}）{what}。"
    reason = f"\n{facts['reason']}" if facts.get("reason") else ""
    return "\n".join(filter(None, (f"{line}{reason}", link)))


def _by(facts: Mapping[str, Any]) -> str:
    return f"{facts['by']}{facts.get('verb', '')}" if facts.get("by") else ""


def _due(facts: Mapping[str, Any]) -> str:
    return f"期限{facts['due']}" if facts.get("due") else ""


def _mail(server: MailServer, row: Outbox, where: str) -> None:
    said = text(row.payload, where)
    mail.send(server, row.payload["to"], said.splitlines()[0], said, number=row.id)


def _call(robot: Robot, row: Outbox, where: str, at: datetime) -> None:
    said = text(row.payload, where)
    webhook.call(robot, webhook.body(robot.shape, said, row.payload, row.id), number=row.id, at=at)


def _failed(row: Outbox, error: Exception, at: datetime) -> None:
    row.attempts += 1
    row.error = str(error)[:500] or type(error).__name__
    if row.attempts > len(WAITS):
        row.sent_at = at
        logger.error("message_given_up", message=row.id, kind=row.kind, error=row.error)
    else:
        row.next_at = at + WAITS[row.attempts - 1]
