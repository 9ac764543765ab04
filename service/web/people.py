"""Pages on which the system administrator keeps people and their accounts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import passwords, personnel, post_requests, posts
from service import request as wiring
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.web import current

pages = Blueprint("people", __name__, url_prefix="/people")
FIELDS = ("username", "name", "phone", "email", "locale")


@pages.get("")
@permission("person.read")
def index() -> ResponseReturnValue:
    q, state = request.args.get("q", "").strip(), request.args.get("state", "")
    active = {"active": True, "disabled": False}.get(state)
    number = request.args.get("page", 1, type=int)
    found = personnel.page(wiring.session(), q=q, active=active, page=min(max(number, 1), 10_000))
    return render_template("people/index.html", found=found, q=q, state=state, at=current.at())


@pages.get("/new")
@permission("person.manage")
def new() -> ResponseReturnValue:
    return render_template("people/new.html", values={}, problems=())


@pages.post("/new")
@permission("person.manage")
def create() -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    values = {name: request.form.get(name, "") for name in FIELDS}
    secret = passwords.start_password()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        stored = passwords.hashed(secret)
        return {"id": personnel.create(session, values, password_hash=stored, by=who.person_id, at=at, client=client)}

    try:
        answer = current.change(action, route="people.create")
    except Problems as error:
        return render_template("people/new.html", values=values, problems=error.problems), error.status
    return _person_page(answer.body["id"], secret=secret if not answer.replayed else "")


@pages.get("/<person_id>")
@permission("person.read")
def show(person_id: str) -> ResponseReturnValue:
    return _person_page(person_id)


@pages.post("/<person_id>")
@permission("person.manage")
def edit(person_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    values = {name: request.form[name] for name in FIELDS[1:] if name in request.form}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.edit(session, person_id, values, by=who.person_id, at=at, client=client)
        return {"id": person_id}

    return _act(person_id, action, "people.edit", _("已保存。"))


@pages.post("/<person_id>/active")
@permission("person.manage")
def set_active(person_id: str) -> ResponseReturnValue:
    who, client, active = current.actor(), current.client(), request.form.get("active") == "1"

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.set_active(session, person_id, active, by=who.person_id, at=at, client=client)
        return {"id": person_id, "active": active}

    return _act(person_id, action, "people.set_active", _("账户已启用。") if active else _("账户已停用。"))


@pages.post("/<person_id>/unlock")
@permission("person.manage")
def unlock(person_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.unlock(session, person_id, by=who.person_id, at=at, client=client)
        return {"id": person_id}

    return _act(person_id, action, "people.unlock", _("账户已解除锁定。"))


@pages.post("/<person_id>/password")
@permission("person.manage")
def reset_password(person_id: str) -> ResponseReturnValue:
    who, client, secret = current.actor(), current.client(), passwords.start_password()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        stored = passwords.hashed(secret)
        passwords.reset(session, person_id, password_hash=stored, by=who.person_id, at=at, client=client)
        return {"id": person_id}

    answer = current.change(action, route="people.reset_password")
    return _person_page(person_id, secret=secret if not answer.replayed else "")


def _act(
    person_id: str, action: Callable[[Session, datetime], dict[str, Any]], route: str, done: str
) -> ResponseReturnValue:
    try:
        current.change(action, route=route)
    except Problems as error:
        return _person_page(person_id, error=error), error.status
    flash(done)
    return redirect(url_for("people.show", person_id=person_id), 303)


def _person_page(person_id: str, *, error: Problems | None = None, secret: str | None = None) -> str:
    session = wiring.session()
    return render_template(
        "people/show.html",
        person=personnel.one(session, person_id),
        posts=posts.held(session, person_id=person_id),
        requests=post_requests.requests(session, person_id=person_id),
        problems=error.problems if error else (),
        values=request.form if error else None,
        secret=secret,
        today=day(current.at()),
        at=current.at(),
    )
