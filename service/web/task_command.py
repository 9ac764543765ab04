"""What does the form of the task page ask for? One command, from what was sent, to carry out or to try."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext
from sqlalchemy.orm import Session

from forms.definition import FormDefinition
from service import commands, foresight, tasks
from service import request as wiring
from service.acts import Content, Filled
from service.errors import BadRequest, Refused
from service.web import current, task_form

#: Verbs that stand in the menu 更多, in its order; they ask for a person, a reason or nothing.
MORE = (
    "read",
    "recall",
    "withdraw_case",
    "agree_withdrawal",
    "refuse_withdrawal",
    "transfer",
    "delegate",
    "undelegate",
    "add_seat",
    "drop_seat",
    "cc",
    "urge",
)
#: Verbs that decide nothing and need no number of the last event.
UNNUMBERED = frozenset({"claim", "unclaim", "cc", "read", "urge"})
#: Verbs whose panel shows what they would do.
FORESEEN = foresight.VERBS


def action(visit_id: str, verb: str) -> commands.Action:
    """The use case this request's form asks for.

    Raises:
        BadRequest: the form does not say which event its page had seen.
    """
    sent, who = request.form, current.actor()
    expected = sent.get("expected_seq", "")
    if not expected.isdecimal() and verb not in UNNUMBERED:
        raise BadRequest(gettext("页面缺少业务件的序号，请刷新页面后再办理。"))
    form, client = _form(sent, verb), current.client()

    def carried_out(session: Session, at: datetime) -> dict[str, Any]:
        return tasks.decide(
            session,
            visit_id,
            verb,
            actor=who,
            at=at,
            expected_seq=int(expected) if expected.isdecimal() else None,
            form=form,
            reason=task_form.reason(sent, verb),
            findings=task_form.findings(sent),
            params=task_form.parameters(sent, verb),
            client=client,
        )

    return carried_out


def preview(visit_id: str, verb: str) -> dict[str, Any] | None:
    """What the command would answer, nothing kept; None where it is refused, which the page itself then says."""
    who, client = current.actor(), current.client()
    try:
        tried = action(visit_id, verb)
        wiring.session().rollback()  # its connection goes back to the pool while the command runs on its own
        return commands.preview(current.sessions(), tried, actor=who, route="tasks.decide", client=client)
    except Refused:
        return None


def effects(visit_id: str, verb: str) -> dict[str, Any] | None:
    """What a verb would do to everybody's tasks; None where it is refused or not asked for, which the page itself then says."""
    who, sent = current.actor(), request.form
    chosen = {name: sent[name] for name in ("to", "resubmit") if sent.get(name)}

    def tried(session: Session, at: datetime) -> dict[str, Any]:
        return foresight.foresee(session, visit_id, verb, actor=who, at=at, params=chosen)

    try:
        wiring.session().rollback()  # its connection goes back to the pool while this runs on its own
        return commands.preview(current.sessions(), tried, actor=who, route="tasks.foresee", client=current.client())
    except Refused:
        return None


def content(sent: Any) -> Content:
    """The form filled in on a page, to be read under the version the case is under."""
    return lambda definition: task_form.content(definition, sent)


def _form(sent: Any, verb: str) -> Filled | None:
    """The form filled in at this step; a page shows at most one form to fill in."""
    if verb in (*MORE, "claim", "unclaim", "discard", "resolve"):
        return None
    code = sent.get("form_code", "")

    def filled(definitions: Mapping[str, FormDefinition]) -> dict[str, Any]:
        if code not in definitions:
            return {}
        content = task_form.content(definitions[code], sent)
        return {code: content if verb == "submit" else _review(content, sent, verb)}

    return filled if code else None


def _review(content: dict[str, Any], sent: Any, verb: str) -> dict[str, Any]:
    content.pop("return_to", None)
    if verb == "return" and sent.get("to"):
        content["return_to"] = sent["to"]
    opinion = task_form.reason(sent, verb)
    return {**content, **({"opinion": opinion} if opinion else {})}
