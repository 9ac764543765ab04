"""Pages on which posts are asked for by one administrator and countersigned by another."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import organisations, personnel, post_requests
from service import request as wiring
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.rules.roles import GRANTABLE, ORGANISATION_KINDS, ROLES
from service.web import current

pages = Blueprint("posts", __name__, url_prefix="/posts")
MOST_CHOICES = 5000


@pages.get("")
@permission("post.read")
def index() -> ResponseReturnValue:
    session = wiring.session()
    decided = [row for row in post_requests.requests(session, limit=100) if row.state != "waiting"]
    return render_template(
        "posts/index.html", waiting=post_requests.requests(session, state="waiting"), decided=decided, problems=()
    )


@pages.get("/new")
@permission("post.request")
def new() -> ResponseReturnValue:
    today = day(current.at()).isoformat()
    return _form({"person_id": request.args.get("person_id", ""), "valid_from": today})


@pages.post("/new")
@permission("post.request")
def create() -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    values = {name: request.form.get(name, "").strip() for name in ("person_id", "role", "organisation_id", "reason")}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        start, end = _day("valid_from"), _optional_day("valid_to")
        made = post_requests.request_grant(
            session, **values, valid_from=start, valid_to=end, by=who.person_id, at=at, client=client
        )
        return {"id": made}

    try:
        current.change(action, route="posts.request")
    except Problems as error:
        return _form(request.form, error), error.status
    flash(_("申请已提交，等待审计管理员会签。"))
    return redirect(url_for("posts.index"), 303)


@pages.post("/<post_id>/end")
@permission("post.request")
def end(post_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        made = post_requests.request_end(
            session,
            post_id,
            last_day=_day("last_day"),
            reason=request.form.get("reason", ""),
            by=who.person_id,
            at=at,
            client=client,
        )
        return {"id": made}

    current.change(action, route="posts.end")
    flash(_("申请已提交，等待审计管理员会签。"))
    return redirect(url_for("posts.index"), 303)


@pages.post("/requests/<request_id>")
@permission("post.approve")
def decide(request_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    approve, reason = request.form.get("decision") == "approve", request.form.get("reason", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        post_id = post_requests.decide(
            session, request_id, approve=approve, reason=reason, by=who.person_id, at=at, client=client
        )
        return {"id": request_id, "post_id": post_id}

    current.change(action, route="posts.decide")
    flash(_("已批准，立即生效。") if approve else _("已不予批准。"))
    return redirect(url_for("posts.index"), 303)


def _form(values: Any, error: Problems | None = None) -> str:
    session = wiring.session()
    found = personnel.page(session, active=True, size=MOST_CHOICES).rows
    places = organisations.rows(session, active=True)
    return render_template(
        "posts/new.html",
        values=values,
        problems=error.problems if error else (),
        people=[(row.id, f"{row.name}（{row.username}）") for row in found],
        organisations=[(row.id, f"{row.code} {row.name}（{row.kind_label}）") for row in places],
        roles=[(code, f"{ROLES[code].name}（{_kind(code)}）") for code in GRANTABLE],
    )


def _day(name: str) -> date:
    found = _optional_day(name)
    if found is None:
        raise Problems([_bad_day(name)])
    return found


def _optional_day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problems([_bad_day(name)]) from None


def _bad_day(name: str) -> Problem:
    return Problem(field=name, message="请填写日期，如 2027-01-01。", severity="error", source="岗位授权要求")


def _kind(role: str) -> str:
    return ORGANISATION_KINDS[ROLES[role].organisation_kind][0]
