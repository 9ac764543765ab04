"""Pages on which the system administrator keeps the organisations of the district."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import organisations, posts
from service import request as wiring
from service.errors import Problems
from service.organisations import FIELDS, OrganisationRow
from service.people import day
from service.permission import permission
from service.rules.roles import ORGANISATION_KINDS
from service.web import current

pages = Blueprint("organisations", __name__, url_prefix="/organisations")


@pages.get("")
@permission("organisation.read")
def index() -> ResponseReturnValue:
    session = wiring.session()
    kind, q = request.args.get("kind") or None, request.args.get("q", "").strip()
    return render_template(
        "organisations/index.html",
        rows=organisations.rows(session, kind=kind, q=q),
        counts=organisations.counts(session),
        kinds=ORGANISATION_KINDS,
        kind=kind,
        q=q,
    )


@pages.get("/new")
@permission("organisation.manage")
def new() -> ResponseReturnValue:
    return _form(None, request.args)


@pages.post("/new")
@permission("organisation.manage")
def create() -> ResponseReturnValue:
    who, client, values = current.actor(), current.client(), _values()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"id": organisations.create(session, values, by=who.person_id, at=at, client=client)}

    try:
        answer = current.change(action, route="organisations.create")
    except Problems as error:
        return _form(None, values, error), error.status
    flash(_("单位已建立。"))
    return redirect(url_for("organisations.show", organisation_id=answer.body["id"]), 303)


@pages.get("/<organisation_id>")
@permission("organisation.read")
def show(organisation_id: str) -> ResponseReturnValue:
    row = organisations.one(wiring.session(), organisation_id)
    return _form(row, row.to_json())


@pages.post("/<organisation_id>")
@permission("organisation.manage")
def edit(organisation_id: str) -> ResponseReturnValue:
    who, client, values = current.actor(), current.client(), _values()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        organisations.edit(session, organisation_id, values, by=who.person_id, at=at, client=client)
        return {"id": organisation_id}

    try:
        current.change(action, route="organisations.edit")
    except Problems as error:
        return _form(organisations.one(wiring.session(), organisation_id), values, error), error.status
    flash(_("已保存。"))
    return redirect(url_for("organisations.show", organisation_id=organisation_id), 303)


@pages.post("/<organisation_id>/active")
@permission("organisation.manage")
def set_active(organisation_id: str) -> ResponseReturnValue:
    who, client, active = current.actor(), current.client(), request.form.get("active") == "1"

    def action(session: Session, at: datetime) -> dict[str, Any]:
        organisations.set_active(session, organisation_id, active, by=who.person_id, at=at, client=client)
        return {"id": organisation_id, "active": active}

    try:
        current.change(action, route="organisations.set_active")
    except Problems as error:
        row = organisations.one(wiring.session(), organisation_id)
        return _form(row, row.to_json(), error), error.status
    flash(_("单位已启用。") if active else _("单位已停用。"))
    return redirect(url_for("organisations.show", organisation_id=organisation_id), 303)


def _values() -> dict[str, Any]:
    sent = {name: request.form[name] for name in FIELDS if name in request.form}
    return {**sent, "finance_own": "finance_own" in request.form}


def _form(row: OrganisationRow | None, values: Any, error: Problems | None = None) -> str:
    session = wiring.session()
    return render_template(
        "organisations/form.html",
        row=row,
        values=values,
        problems=error.problems if error else (),
        kinds=[(code, names[0]) for code, names in ORGANISATION_KINDS.items()],
        departments=_options(session, "department"),
        sections=_options(session, "fund_section"),
        posts=posts.held(session, organisation_id=row.id) if row else [],
        today=day(current.at()),
    )


def _options(session: Session, kind: str) -> list[tuple[str, str]]:
    return [(row.id, f"{row.code} {row.name}") for row in organisations.rows(session, kind=kind, active=True)]
