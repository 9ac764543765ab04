"""How does a command at a seat become an event? The members every such event has, in one place."""

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import dockets
from service.acts import Act
from service.advance import Advance
from service.dockets import Docket
from service.history import Entry


def record(
    session: Session,
    docket: Docket,
    act: Act,
    *,
    kind: str,
    verb: str,
    visit: Visit | None = None,
    seat: Seat | None = None,
    on_behalf_of: str | None = None,
    reason: str | None = None,
    advance: Advance | None = None,
) -> int:
    """Write the event of a command with every changed row; returns its sequence number. The caller commits."""
    entry = Entry(
        kind=kind,
        verb=verb,
        actor=act.actor.person_id,
        on_behalf_of=on_behalf_of,
        post={"role": seat.role, "organisation": seat.organisation_id} if seat else None,
        visit=visit.id if visit else None,
        seat=seat.id if seat else None,
        node=visit.node_id if visit else None,
        form_hash=docket.case.form_hash,
        command=advance.command() if advance else None,
        changes=docket.changes,
        reason=reason,
        client=act.client,
        simulated=act.simulated,
    )
    return dockets.write(session, docket, entry, at=act.at)
