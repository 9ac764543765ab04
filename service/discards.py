"""How is a case given up that came to nothing? Its process is stopped and its open tasks close; the history stays."""

from sqlalchemy.orm import Session

from service import dockets
from service.acts import Act
from service.advance import Advance, cancel_visit
from service.dockets import Docket
from service.engine import Cancel
from service.history import Entry


def give_up(session: Session, docket: Docket, act: Act) -> int:
    """End a case as discarded; says the event's number. The caller has asked whether it may be, and commits."""
    advance = Advance(docket, act.at)
    advance.apply(Cancel())
    docket.case.finished_at = act.at
    visits = docket.open_visits()
    for visit in visits:
        cancel_visit(docket, visit, "discarded", act.at)
    docket.put(condition=None, resubmission=None)
    advance.settle(session, reason_code="discarded")
    entry = Entry(
        kind="case_discarded",
        verb="discard",
        actor=act.actor.person_id,
        visit=visits[0].id if visits else None,
        node=visits[0].node_id if visits else None,
        command=advance.command(),
        changes=docket.changes,
        client=act.client,
        simulated=act.simulated,
    )
    return dockets.write(session, docket, entry, at=act.at)
