"""The task page: look at one step of a case, fill in, decide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from service import asking, comparisons, declarations, phrases, tasks
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import after_work, case_marks, current, language, task_command, task_form, task_views
from service.web.layout import instant
from service.web.task_command import FORESEEN, MORE

pages = Blueprint("tasks", __name__, url_prefix="/tasks/<visit_id>")

#: Verbs after which the person stays at the task.
STAYING = frozenset(
    {"claim", "unclaim", "delegate", "undelegate", "add_seat", "drop_seat", "cc", "read", "urge", "refuse_withdrawal"}
)
#: Order of the buttons: the main thing first, the final no last.
RANKS = {
    "submit": 0,
    "approve": 0,
    "claim": 1,
    "consult": 2,
    "return": 3,
    "reject": 4,
    "abstain": 5,
    "unclaim": 6,
    "discard": 7,
}
#: Problems that are shown in the dialog of the verb, for their fields stand there.
PANEL_FIELDS = frozenset({"reason", "to", "opinion", "resubmit", "person", "kind", "people", "seat"})


@pages.get("")
@permission("task.read")
def show(visit_id: str) -> ResponseReturnValue:
    return _page(_read(visit_id))


@pages.get("/comparison")
@permission("task.read")
def comparison(visit_id: str) -> ResponseReturnValue:
    """The form with what changed against an earlier one marked in it; a page's part, asked for by its switch."""
    page = _read(visit_id)
    return render_template("task/_compared.html", page=page, form_view=task_views.form_view(page))


@pages.post("/decide")
@permission("task.decide")
def decide(visit_id: str) -> ResponseReturnValue:
    sent, verb = request.form, request.form.get("verb", "")
    if sent.get("add_row"):
        return _page(_read(visit_id), sent=sent, more_rows=sent["add_row"])
    if sent.get("foresee"):
        return _page(_read(visit_id), sent=sent, foresee=sent["foresee"])
    if verb == "save_draft":
        return _save_page(visit_id)
    try:
        answer = _decide(visit_id, verb)
    except Problems as refused:
        return _page(_read(visit_id), sent=sent, refused=refused), refused.status
    flash(str(answer.get("message") or gettext("已办理。")), "success")
    after_work.remember(visit_id, verb, answer)
    return redirect(_after(visit_id, verb, answer), 303)


@pages.post("/preview")
@permission("task.decide")
def preview(visit_id: str) -> ResponseReturnValue:
    """What a decision would do, for the sheet that asks whether it is meant; nothing where the page has to say no."""
    answer = task_command.preview(visit_id, request.form.get("verb", ""))
    return ("", 204) if answer is None else render_template("task/_preview.html", answer=answer)


@pages.post("/effects")
@permission("task.decide")
def effects(visit_id: str) -> ResponseReturnValue:
    """What a return, a rejection or a recall would do to everybody's tasks, before anything else of it is written."""
    answer = task_command.effects(visit_id, request.form.get("verb", ""))
    return ("", 204) if answer is None else render_template("task/_effects.html", effects=answer)


@pages.post("/claim")
@permission("task.decide")
def claim(visit_id: str) -> ResponseReturnValue:
    answer = _decide(visit_id, "claim")
    flash(str(answer.get("message") or gettext("已领取。")), "success")
    return redirect(url_for("tasks.show", visit_id=visit_id), 303)


@pages.post("/draft")
@permission("task.decide")
def save(visit_id: str) -> ResponseReturnValue:
    """Keep what has been filled in so far; the page sends this by itself every few seconds."""
    saved = _save(visit_id)
    return jsonify({**saved, "saved_time": instant(saved.get("saved_at"), "%H:%M")})


@pages.post("/check")
@permission("task.decide")
def check(visit_id: str) -> ResponseReturnValue:
    """The quality panel for what is in the form now; nothing is kept."""
    content = task_command.content(request.form)
    problems = declarations.check(wiring.session(), visit_id, actor=current.actor(), at=wiring.at(), content=content)
    reasons = task_form.reasons(request.form)
    return render_template("task/_check.html", problems=problems, editing=True, reasons=reasons)


def _after(visit_id: str, verb: str, answer: Mapping[str, Any]) -> str:
    """Where the person goes on: at the task, at the step they took back, or in the inbox."""
    if verb in STAYING:
        return url_for("tasks.show", visit_id=visit_id)
    if verb == "recall" and answer.get("opened"):
        return url_for("tasks.show", visit_id=answer["opened"][0]["visit_id"])
    return after_work.next_address(visit_id)


def _read(visit_id: str) -> Any:
    base = request.args.get("with", comparisons.SEEN)
    return tasks.page(wiring.session(), visit_id, actor=current.actor(), at=wiring.at(), base=base)


def _decide(visit_id: str, verb: str) -> dict[str, Any]:
    return current.change(task_command.action(visit_id, verb), route="tasks.decide").body


def _save(visit_id: str) -> dict[str, Any]:
    sent, who = request.form, current.actor()
    code = sent.get("form_code", "")
    content = task_command.content(sent)
    version = sent.get("draft_version", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return declarations.save_draft(
            session,
            visit_id,
            actor=who,
            at=at,
            form_code=code,
            content=content,
            opinion=sent.get("opinion") or sent.get("reason") or sent.get("reason-resolve"),
            version=int(version) if version.isdecimal() else None,
        )

    return current.change(action, route="tasks.save_draft").body


def _save_page(visit_id: str) -> ResponseReturnValue:
    try:
        _save(visit_id)
    except Problems as refused:
        return _page(_read(visit_id), sent=request.form, refused=refused), refused.status
    flash(gettext("已暂存。"), "success")
    return redirect(url_for("tasks.show", visit_id=visit_id), 303)


def _page(
    page: Any, *, sent: Any = None, refused: Problems | None = None, more_rows: str = "", foresee: str = ""
) -> str:
    """The page as it stands, or with what was just sent and every problem at its place."""
    problems = refused.problems if refused else ()
    form_view = task_views.form_view(page, sent, problems, more_rows)
    review_view = task_views.review_view(page, sent, problems)
    verbs = [{**verb, "rank": RANKS.get(verb["verb"], 9)} for verb in page.verbs if verb["verb"] not in MORE]
    more = sorted((verb for verb in page.verbs if verb["verb"] in MORE), key=lambda verb: MORE.index(verb["verb"]))
    editing, reviewing = form_view.mode == "edit", review_view is not None and review_view.mode == "edit"
    deciding = any(verb["allowed"] and verb["verb"] not in ("claim", "unclaim", "discard") for verb in verbs)
    asking = deciding and any(verb["verb"] == "return" for verb in verbs)
    advising = _advises(page)
    own_opinion = deciding and not (editing or reviewing or advising)
    written = page.form if editing else page.review if reviewing else page.writing
    return render_template(
        "task/show.html",
        page=page,
        form_view=form_view,
        review_view=review_view,
        verbs=verbs,
        more=more,
        refusal=refused.detail if refused else "",
        problems_sent=problems,
        panel_problems=[problem for problem in problems if problem.field in PANEL_FIELDS],
        editing=editing,
        saving=editing or reviewing or own_opinion or advising,
        checking=editing,
        asking=asking,
        answering=editing,
        uploading=editing,
        returned=_last_return(page) if editing else None,
        own_opinion=own_opinion,
        places=_places(page) if asking else [],
        draft_version=_part(written, "draft_version", ""),
        saved_at=_part(written, "saved_at"),
        **_offered(page, more, writing=deciding and not editing),
        **_sent(sent or {}),
        **_foreseen(page, foresee),
    )


def _advises(page: Any) -> bool:
    """Whether the person only answers a question here: they write in the panel of the answer."""
    return any(verb["verb"] == "resolve" and verb["allowed"] for verb in page.verbs)


def _offered(page: Any, more: list[dict[str, Any]], *, writing: bool) -> dict[str, Any]:
    """What can be chosen instead of written: people, and phrases for opinions and findings."""
    kept = phrases.of_person(wiring.session(), current.actor()) if writing else []
    mark = case_marks.of_case(page.header["case_id"])
    return {"people": _people(page, more), "phrases": kept, "mark": mark}


def _sent(sent: Any) -> dict[str, Any]:
    """What was just sent, for a page that is shown again."""
    parts = {"reasons": task_form.reasons(sent), "answers": task_form.answers(sent)}
    return {**parts, "sent": sent, "sent_verb": sent.get("verb", ""), "questions_sent": task_form.findings(sent)}


def _foreseen(page: Any, verb: str) -> dict[str, Any]:
    """The verbs whose panels show their effects, and those of the one that was asked for without scripts."""
    effects = task_command.effects(page.visit["visit_id"], verb) if verb else None
    return {"foreseen": FORESEEN, "foreseen_verb": verb, "effects": effects}


def _people(page: Any, more: list[dict[str, Any]]) -> dict[str, Any]:
    """Whom the person can name in the verbs that ask for somebody; read only where such a verb is open."""
    if not any(
        verb["allowed"] and verb["verb"] in ("transfer", "delegate", "add_seat", "drop_seat", "cc") for verb in more
    ):
        return {}
    return asking.people(wiring.session(), page.visit["visit_id"], actor=current.actor(), at=wiring.at())


def _last_return(page: Any) -> Mapping[str, Any] | None:
    """The opinion that sent the form back to the drafter this time, if one did."""
    sent_back = [one for one in page.opinions if one["verb"] in ("return", "consult") and one["state"] == "valid"]
    return max(sent_back, key=lambda one: str(one["at"]), default=None)


def _places(page: Any) -> list[tuple[str, str]]:
    return task_form.places(task_views.definition(page.form), page.form["content"] or {}, english=language.english())


def _part(part: Mapping[str, Any] | None, name: str, otherwise: Any = None) -> Any:
    found = part.get(name) if part else None
    return otherwise if found is None else found
