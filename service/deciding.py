"""What was sent with a decision, and is it complete? Form, reason, findings and target, every problem at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from forms.problem import Problem
from service import findings, labels, returns, reviews, revisions, seats, sitting, submissions
from service.acts import Act, Request
from service.dockets import Docket
from service.engine import UserStep
from service.errors import Problems
from service.people import Actor

#: Verbs that always need words, and how many characters at least (1.0.2: comment is mandatory).
EXPLAINED = frozenset({"consult", "return", "reject", "abstain"})
LEAST_REASON = 5
LONGEST_REASON = 2000
_SOURCE = "基本规定 1.0.2 · 会商、退回、不予通过须写明理由"


@dataclass
class Deciding:
    """One decision on its way: who decides what at which seat, and what has been read of it."""

    session: Session
    docket: Docket
    visit: Visit
    step: UserStep
    seat: Seat
    request: Request
    act: Act
    reason: str | None = None
    #: The form the case is about, as submitted with this decision.
    content: Mapping[str, Any] | None = None
    data_hash: str | None = None
    #: For whom the person decides, where standing in for somebody.
    on_behalf_of: str | None = None
    #: Flat facts the flow's conditions read under the step's own name.
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who decides."""
        return self.act.actor

    @property
    def at(self) -> datetime:
        """When."""
        return self.act.at


def read(deciding: Deciding) -> None:
    """Read form, reason and findings into the decision; what is accepted is kept as revisions.

    Raises:
        Problems: every problem of all of them, together.
    """
    request, step = deciding.request, deciding.step
    problems: list[Problem] = list(findings.problems(request.findings))
    if request.verb == "submit":
        _read_subject(deciding)
    elif request.verb != "abstain" and step.form and seats.part(deciding.seat) == "vote":
        problems += _read_review(deciding)
    deciding.reason = deciding.reason or (request.reason or "").strip() or None
    problems += _reason_problems(deciding)
    if request.verb == "return":
        problems += _place_problems(deciding)
    if problems:
        raise Problems(list(dict.fromkeys(problems)), f"还有 {len(problems)} 处需要处理，本次没有办理。")


def _read_subject(deciding: Deciding) -> None:
    session, docket, actor, at = deciding.session, deciding.docket, deciding.actor, deciding.at
    request, visit, code = deciding.request, deciding.visit, docket.bundle.subject_form
    accepted = submissions.accept(
        session, docket, request.form.get(code), node=visit.node_id, params=request.params, actor=actor, at=at
    )
    form = docket.bundle.forms[code]
    revision = revisions.keep(
        session,
        case_id=docket.case.id,
        code=code,
        form=form,
        visit_id=visit.id,
        content=accepted.content,
        by=actor.person_id,
        at=at,
        checks=accepted.checks,
    )
    sitting.note_writer(session, docket, actor.person_id, at)
    deciding.content, deciding.facts = accepted.content, accepted.facts
    docket.changes.append({"type": "form_kept", "form": code, "revision": revision.id, "hash": revision.hash})
    docket.changes.extend(
        {"type": "warning_explained", "rule": check["rule"], "field": check["field"], "reason": check["reason"]}
        for check in accepted.checks
        if check["reason"]
    )
    docket.case.form_revision_id, docket.case.form_hash = revision.id, revision.hash


def _read_review(deciding: Deciding) -> list[Problem]:
    docket, request, step = deciding.docket, deciding.request, deciding.step
    form = docket.bundle.forms[step.form]
    raw = dict(request.form.get(step.form) or {})
    if request.reason and not raw.get("opinion"):
        raw["opinion"] = request.reason
    back = request.verb == "return" or raw.get("return_to")
    possible = [(target.node_id, target.name) for target in returns.targets(docket, deciding.visit)] if back else []
    if request.verb == "return" and request.params.get("to") in dict(possible):
        raw.setdefault("return_to", request.params["to"])
    known = reviews.context(
        docket.case, step, verb=request.verb, targets=possible, actor=deciding.actor, at=deciding.at
    )
    told, given = reviews.about(deciding.session, docket, step)
    content, facts, problems = reviews.accept(
        form, raw, docket.case, step, verb=request.verb, known=known | told, given=given
    )
    if problems:
        return problems
    revision = revisions.keep(
        deciding.session,
        case_id=docket.case.id,
        code=step.form,
        form=form,
        visit_id=deciding.visit.id,
        content=content,
        by=deciding.actor.person_id,
        at=deciding.at,
    )
    deciding.seat.review_revision_id, deciding.data_hash = revision.id, revision.hash
    deciding.facts = facts
    deciding.reason = str(content.get("opinion") or "").strip() or None
    return []


def _reason_problems(deciding: Deciding) -> list[Problem]:
    length = len(deciding.reason or "")
    needed = deciding.request.verb in EXPLAINED or (
        deciding.step.opinion_required and deciding.request.verb != "submit"
    )
    field = "opinion" if deciding.step.form else "reason"
    if needed and length < LEAST_REASON:
        what = labels.verb(deciding.request.verb)
        return [_problem(field, f"{what}须写明理由，至少 {LEAST_REASON} 个字，现有 {length} 个字，请补充")]
    if length > LONGEST_REASON:
        return [_problem(field, f"意见超过 {LONGEST_REASON} 字，现有 {length} 个字，请精简")]
    return []


def _place_problems(deciding: Deciding) -> list[Problem]:
    possible = returns.targets(deciding.docket, deciding.visit)
    wanted = deciding.request.params.get("to")
    if wanted in {target.node_id for target in possible}:
        return []
    names = "、".join(f"{target.name}（{target.node_id}）" for target in possible) or "没有"
    return [_problem("to", f"请选择退回到哪个环节。可以退回的环节：{names}")]


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
