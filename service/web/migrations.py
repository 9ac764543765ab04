"""Pages on which running cases are put under another version: planned, previewed, confirmed by a second person, taken back."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import migration_plans, migrations_of_cases, process_overview
from service import request as wiring
from service.errors import BadRequest, NotFound, Problems
from service.permission import permission
from service.web import current

pages = Blueprint("migrations", __name__, url_prefix="/processes")
#: Chosen for a step whose cases are to go on under the version they are under.
STAY = "stay"
#: Names of the use cases that pages show by `word`; the third state, 待批准, is a draft's as well.
WORDS = (lazy_gettext("已执行"), lazy_gettext("已取消"))


@pages.get("/<process_id>/migrations")
@permission("process.read")
def index(process_id: str) -> ResponseReturnValue:
    return _index(process_id, request.args)


@pages.post("/<process_id>/migrations")
@permission("process.prepare")
def prepare(process_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    release_id, moves, stay, reason = _asked(request.form)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        cases = migration_plans.cases_without(session, release_id, stay, actor=who)
        asked: dict[str, Any] = {"release_id": release_id, "moves": moves, "cases": cases, "reason": reason}
        return {"plan_id": migrations_of_cases.prepare(session, actor=who, at=at, client=client, **asked)}

    try:
        plan_id = current.change(action, route="migrations.prepare").body["plan_id"]
    except Problems as error:
        return _index(process_id, request.form, error), error.status
    flash(_("迁移计划已送批，由绩效科长批准后执行。"), "success")
    return redirect(url_for("migrations.show", plan_id=plan_id), 303)


@pages.get("/migrations/<plan_id>")
@permission("process.read")
def show(plan_id: str) -> ResponseReturnValue:
    return _show(plan_id)


@pages.post("/migrations/<plan_id>")
@permission("process.work")
def decide(plan_id: str) -> ResponseReturnValue:
    """Carry a plan out, give it up, or prepare the way back."""
    who, client, reason = current.actor(), current.client(), request.form.get("reason", "")
    decision = request.form.get("decision", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if decision == "confirm":
            found = migrations_of_cases.confirm(session, plan_id, actor=who, at=at, client=client)
            return {"plan_id": plan_id, "moved": len(found.moved), "refused": len(found.refused)}
        if decision == "drop":
            migrations_of_cases.drop(session, plan_id, actor=who, at=at, client=client)
            return {"plan_id": plan_id}
        if decision == "take_back":
            plans = migration_plans.take_back(session, plan_id, actor=who, at=at, reason=reason, client=client)
            return {"plan_id": plans[0]}
        raise BadRequest(_("请选择批准、取消或退回原版本。"))

    try:
        told = current.change(action, route="migrations.decide").body
    except Problems as error:
        return _show(plan_id, error), error.status
    if decision == "confirm":
        flash(
            _("已迁移 %(moved)s 件，未迁移 %(refused)s 件。", **{k: told[k] for k in ("moved", "refused")}), "success"
        )
    elif decision == "drop":
        flash(_("迁移计划已取消，事项没有变化。"), "success")
    else:
        flash(_("退回原版本的计划已送批，由绩效科长批准后执行。"), "success")
    return redirect(url_for("migrations.show", plan_id=told["plan_id"]), 303)


def _index(process_id: str, given: Any, error: Problems | None = None) -> str:
    session, who, at = wiring.session(), current.actor(), current.at()
    page = process_overview.one(session, process_id, at=at)
    plans = migration_plans.listed(session, actor=who, process_id=process_id)
    release_id, moves, stay, reason = _asked(given)
    if release_id and release_id not in {version.id for version in page.versions}:
        raise NotFound(_("没有这个流程版本。"))
    chosen = migration_plans.choices(session, release_id or page.shown.id, actor=who)
    found = None
    if release_id and not error:
        try:
            cases = migration_plans.cases_without(session, release_id, stay, actor=who)
            asked: dict[str, Any] = {"release_id": release_id, "moves": moves, "cases": cases}
            found = migrations_of_cases.preview(session, actor=who, at=at, **asked)
        except Problems as refusal:
            error = refusal
    return render_template(
        "studio/migrations.html",
        page=page,
        plans=plans,
        chosen=chosen,
        asked=bool(release_id),
        moves=moves,
        stay=stay,
        reason=reason,
        found=found,
        problems=error.problems if error else (),
    )


def _show(plan_id: str, error: Problems | None = None) -> str:
    return render_template(
        "studio/migration.html",
        plan=migration_plans.one(wiring.session(), plan_id, actor=current.actor(), at=current.at()),
        problems=error.problems if error else (),
        reason=request.form.get("reason", ""),
    )


def _asked(given: Any) -> tuple[str, dict[str, str], list[str], str]:
    """Version, explicit moves, steps whose cases stay, and the reason, as the form sends them."""
    chosen = {name.removeprefix("move."): given[name] for name in given if name.startswith("move.") and given[name]}
    moves = {step: goal for step, goal in chosen.items() if goal != STAY}
    stay = [step for step, goal in chosen.items() if goal == STAY]
    return given.get("release", ""), moves, stay, given.get("reason", "")
