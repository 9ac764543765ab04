"""Start a declaration: a new project, or a copy of one of last year's."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from service import campaigns, declarations
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current

pages = Blueprint("declarations", __name__, url_prefix="/declarations")


@pages.get("/new")
@permission("declaration.write")
def new() -> ResponseReturnValue:
    return _page()


@pages.post("/new")
@permission("declaration.write")
def create() -> ResponseReturnValue:
    sent, who = request.form, current.actor()
    names = ("project_name", "project_attribute")
    content = {name: sent[name].strip() for name in names if sent.get(name, "").strip()}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return declarations.start(
            session,
            actor=who,
            campaign_id=sent.get("campaign_id", ""),
            unit_id=sent.get("unit_id", ""),
            content=content,
            at=at,
            copy_of=sent.get("copy_of") or None,
        )

    try:
        started = current.change(action, route="declarations.start").body
    except Problems as refused:
        return _page(refused), refused.status
    flash(gettext("已建立草稿，填写的内容会自动保存。"), "success")
    return redirect(url_for("tasks.show", visit_id=started["visit_id"]), 303)


def _page(refused: Problems | None = None) -> str:
    who = current.actor()
    units = [post for post in who.posts if post.role == "UNIT_CLERK"]
    return render_template(
        "declaration/new.html",
        campaigns=campaigns.open_for(wiring.session(), actor=who, at=wiring.at()),
        units=units,
        earlier=declarations.copyable(wiring.session(), actor=who),
        sent=request.form,
        problems=refused.problems if refused else (),
        refusal=refused.detail if refused else "",
    )
