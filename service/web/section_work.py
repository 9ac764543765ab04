"""The page on which a chief sees who has what in the section, hands tasks on, and takes over what a leaver leaves."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import bulk, commands, handovers, section_work
from service import request as wiring
from service.bulk import Errand
from service.errors import Problems, Refused
from service.permission import permission
from service.web import current

pages = Blueprint("section_work", __name__, url_prefix="/section-work")


@pages.get("")
@permission("task.hand_over")
def index() -> ResponseReturnValue:
    """Who has how many open tasks, and the tasks of the one that was chosen."""
    return _page()


@pages.post("")
@permission("task.hand_over")
def act() -> ResponseReturnValue:
    """Hand the ticked tasks on, look at what a handover would do, or hand over everything."""
    how, chosen = request.form.get("how", ""), request.form.getlist("task")
    problems = _problems(how, chosen)
    if problems:
        return _page(problems), 422
    try:
        if how == "some":
            return render_template("section_work/result.html", answer=_reassigned(chosen), handed=False, tried=False)
        answer = _tried() if how == "try" else current.change(_handover(), route="handovers.hand_over").body
        return render_template("section_work/result.html", answer=answer, handed=True, tried=how == "try")
    except Problems as error:
        return _page(list(error.problems)), error.status
    except Refused as refused:
        return _page([_problem("", refused.detail)]), refused.status


def _reassigned(chosen: list[str]) -> dict[str, Any]:
    who, client = current.actor(), current.client()
    seats = dict(one.split(":", 1) for one in chosen)
    sent: dict[str, Any] = {
        "reason": request.form.get("reason", ""),
        "params": {"person": request.form.get("taker", "")},
    }

    def action(session: Session, at: datetime) -> dict[str, Any]:
        errand = Errand(verb="transfer", actor=who, at=at, seats=seats, client=client, **sent)
        return bulk.carry_out(session, list(seats), errand)

    return current.change(action, route="bulk.carry_out").body


def _handover() -> commands.Action:
    who, client, sent = current.actor(), current.client(), request.form
    asked: dict[str, Any] = {
        "leaver_id": sent.get("person", ""),
        "to_id": sent.get("taker") or None,
        "reason": sent.get("reason", ""),
    }

    def action(session: Session, at: datetime) -> dict[str, Any]:
        answer = handovers.hand_over(session, actor=who, at=at, client=client, **asked)
        return {**answer, "named": handovers.named(session, answer)}

    return action


def _tried() -> dict[str, Any]:
    """What handing over everything would do; nothing is kept."""
    tried, who = _handover(), current.actor()
    wiring.session().rollback()  # its connection goes back to the pool while the command runs on its own
    route = "handovers.hand_over"
    return commands.preview(current.sessions(), tried, actor=who, route=route, client=current.client())


def _problems(how: str, chosen: list[str]) -> list[Problem]:
    found = []
    if how == "some" and not chosen:
        found.append(_problem("task", _("没有选中任何一件，请先勾选要改派的事项")))
    if how == "some" and not request.form.get("taker"):
        found.append(_problem("taker", _("请选择接办人")))
    if how == "some" and any(":" not in one for one in chosen):
        found.append(_problem("task", _("页面已过期，请刷新后再勾选")))
    return found


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_("移交、改派规则"))


def _page(problems: list[Problem] | None = None) -> str:
    session, who, at, asked = wiring.session(), current.actor(), wiring.at(), request.values
    holders = section_work.holders(session, actor=who, at=at)
    person, role, place = (asked.get(name, "") for name in ("person", "role", "place"))
    mine = [
        one
        for one in holders
        if (
            one.person_id == person if person else (None, role, place) == (one.person_id, one.role, one.organisation_id)
        )
    ]
    of_post = {"role": role, "organisation_id": place}
    return render_template(
        "section_work/index.html",
        holders=holders,
        chosen=mine,
        person=person,
        tasks=section_work.tasks_of(session, actor=who, at=at, person_id=person or None, **of_post) if mine else [],
        takers=[one for one in section_work.takers(session, mine, at=at) if one["person_id"] != person],
        problems=problems or [],
        ticked=request.form.getlist("task"),
        taker=asked.get("taker", ""),
        reason=request.form.get("reason", ""),
        most=section_work.MOST,
    )
