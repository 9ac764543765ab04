"""The page on which the running system is watched: what stands still, what is due, what waits to be sent, what is in force."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import incidents, operation_state, policies, process_overview, stuck_cases
from service import request as wiring
from service.permission import permission
from service.web import current

pages = Blueprint("operations", __name__, url_prefix="/operations")
#: What the use case calls the kinds of standstill; the page shows them by `word`.
WORDS = (
    lazy_gettext("没有任何在办环节"),
    lazy_gettext("规定的时间已过，流程没有继续"),
    lazy_gettext("办理岗位无人任职"),
    lazy_gettext("办理人已停用"),
    lazy_gettext("没有可以办理的席位"),
    lazy_gettext("逾期超过 10 个工作日"),
)


@pages.get("")
@permission("incident.read")
def index() -> ResponseReturnValue:
    session, who, at = wiring.session(), current.actor(), current.at()
    return render_template(
        "operations/index.html",
        state=operation_state.now(session, actor=who, at=at),
        stuck=stuck_cases.found(session, actor=who, at=at),
        incidents=incidents.listed(session, actor=who),
        lost=incidents.lost_messages(session, actor=who),
        processes=process_overview.overview(session, at=at),
        ending=policies.ending(session, at=at),
    )


@pages.post("/incidents/<visit_id>")
@permission("incident.retry")
def retry(visit_id: str) -> ResponseReturnValue:
    """Look again who may decide at a step nobody could take."""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return incidents.retry(session, visit_id, actor=who, at=at, client=client)

    current.change(action, route="operations.retry")
    flash(_("已恢复办理，事项已送到现任职人员。"), "success")
    return redirect(url_for("operations.index"), 303)


@pages.post("/messages/<int:message_id>")
@permission("incident.retry")
def send_again(message_id: int) -> ResponseReturnValue:
    """Put a message that was given up back into the queue."""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        incidents.send_again(session, message_id, actor=who, at=at, client=client)
        return {}

    current.change(action, route="operations.send_again")
    flash(_("已重新排队发送。"), "success")
    return redirect(url_for("operations.index"), 303)
