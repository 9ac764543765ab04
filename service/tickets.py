"""Where does the link in a mail or a chat message lead? A ticket: for one person, once, for three days, and no log-in."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db.event import Outbox
from service import notices
from service.errors import Gone, NotFound
from service.notices import GREATEST_ID, NoticeRow
from service.people import Actor

#: From the writing of the message: a weekend long.
VALID = timedelta(days=3)
_BYTES = 18
_LONGEST_NUMBER = 18
UNKNOWN = "这个链接不是发给您的，或不完整。请从“待办”或“通知”中打开。"
USED = "这个链接已经用过，只能打开一次。请从“待办”或“通知”中打开。"
LATE = "这个链接已过期（有效期 3 天）。请从“待办”或“通知”中打开。"


def issue(secret: str, number: int, person_id: str) -> str:
    """The ticket of a message: its number, and a sign that only this installation can write for this person.

    The same message sent again carries the same ticket. Whoever opens it still has to log in as that person.

    Args:
        number: of the outbox row.
    """
    key = hashlib.sha256(f"ticket {secret}".encode()).digest()
    sign = hmac.digest(key, f"{number} {person_id}".encode(), hashlib.sha256)[:_BYTES]
    return f"{number}.{urlsafe_b64encode(sign).decode()}"


def use(session: Session, secret: str, ticket: str, *, actor: Actor, at: datetime) -> NoticeRow:
    """Open a ticket: the notice it is about, read from now on; the ticket cannot be opened again.

    Raises:
        NotFound: it is not the actor's, or nobody's.
        Gone: it was opened before, or is older than three days.
    """
    number = ticket.partition(".")[0]
    known = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER
    if not known or not hmac.compare_digest(issue(secret, int(number), actor.person_id).encode(), ticket.encode()):
        raise NotFound(UNKNOWN)
    row = session.get(Outbox, int(number), with_for_update=True)
    notice_id = int(row.payload.get("notice", 0)) if row is not None else 0
    found = notices.one(session, actor.person_id, notice_id) if 0 < notice_id <= GREATEST_ID else None
    if row is None or at >= row.created_at + VALID or found is None:
        raise Gone(LATE)
    if row.opened_at is not None:
        raise Gone(USED)
    row.opened_at = at
    notices.mark_read(session, actor.person_id, at=at, notice_id=notice_id)
    return found
