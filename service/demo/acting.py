"""How does a declaration of the demo district move? Each move is a real command with an instant of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from db.case import CaseFile
from service import declarations, findings, readings, tasks
from service.demo import oddities, words
from service.demo.assessed import PREFIX, Assessing
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.moves import Move
from service.demo.year import Declared
from service.errors import Problems
from service.people import Actor

#: Steps that are decided without a review form.
_UNREVIEWED = ("unit_sign", "arbitration")


@dataclass
class Life:
    """One declaration while its moves are made."""

    project: Declared
    campaign_id: str
    #: The project of the year before, once it is known.
    previous_id: str | None = None
    case_id: str = ""
    project_id: str = ""
    #: Open visits by step, and the last event.
    visits: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    #: When the last move was made.
    moved_at: datetime | None = None
    #: How far the season's draft is filled in at the start: a draft nobody submits yet lacks its indicators.
    unfinished: bool = False
    #: The ex-ante assessment beside it, once it is begun.
    assessing: Assessing | None = None

    @property
    def is_key(self) -> bool:
        """Key projects (重点项目, from 500 万元) are scored."""
        return self.project.amount >= 500


class Stage:
    """Makes moves in one session; the caller commits."""

    def __init__(self, session: Session, company: Company) -> None:
        self._session, self._company = session, company

    def make(self, life: Life, move: Move, *, at: datetime) -> None:
        """Make one move of a declaration at an instant."""
        actor = self._company.at_step(move.node, life.project.unit, life.project.code)
        if move.node == "start":
            self._start(life, actor, at)
        elif move.node.startswith(PREFIX):
            if life.assessing is None:
                life.assessing = Assessing(life.project, life.project_id)
            life.assessing.make(self._session, move.node.removeprefix(PREFIX), move.verb, actor, at)
        elif move.verb == "submit":
            self._submit(life, move, actor, at)
        else:
            self._decide(life, move, actor, at)
        life.moved_at = at

    def _open(self, life: Life, move: Move, actor: Actor, at: datetime) -> None:
        """Whoever decides has opened the file before, after what happened last; but for those who did not."""
        if move.oddity != oddities.UNREAD:
            minutes = dice("reading", life.project.code, life.seq).uniform(1, 25)
            earliest = (life.moved_at or at) + timedelta(seconds=1)
            opened = min(max(at - timedelta(minutes=minutes), earliest), at)
            case = self._session.get_one(CaseFile, life.case_id, populate_existing=True)
            readings.note(self._session, case, actor.person_id, life.seq, opened)

    def _start(self, life: Life, actor: Actor, at: datetime) -> None:
        content = dict(life.project.content)
        if life.unfinished:
            content = {**content, "indicators": content["indicators"][:2], "annual_goal": ""}
        answer = declarations.start(
            self._session,
            actor=actor,
            campaign_id=life.campaign_id,
            unit_id=self._company.unit_ids[life.project.unit],
            content=content,
            at=at,
            copy_of=life.previous_id if life.project.continued else None,
            simulated=True,
        )
        life.case_id, life.project_id, life.seq = answer["case_id"], answer["project_id"], 1
        life.visits = {"draft": answer["visit_id"]}

    def _submit(self, life: Life, move: Move, actor: Actor, at: datetime) -> None:
        content = words.spoilt(life.project.content, move.defect)
        waiting = findings.unanswered(self._session, life.case_id)
        params: dict[str, Any] = {"answers": {found.id: words.answer(found.field) for found in waiting}}
        form = {"project_target": content}
        try:
            self._carry_out(life, move, actor, at, form=form, params=params)
        except Problems as refused:
            self._session.rollback()
            params["warnings"] = _reasons(refused, dice("warnings", life.project.code))
            self._carry_out(life, move, actor, at, form=form, params=params)

    def _decide(self, life: Life, move: Move, actor: Actor, at: datetime) -> None:
        random = dice("words", life.project.code, move.node, life.seq)
        asked: dict[str, Any] = {}
        if move.verb == "return":
            asked["params"] = {"to": "draft", "resubmit": "replay"}
        if move.verb in ("return", "consult"):
            asked["findings"] = words.remarks(move.defect, random)
        if move.verb != "claim":
            asked |= _opinion(life, move, random)
        self._carry_out(life, move, actor, at, **asked)

    def _carry_out(self, life: Life, move: Move, actor: Actor, at: datetime, **asked: Any) -> None:
        self._open(life, move, actor, at)
        answer = tasks.decide(
            self._session,
            life.visits[move.node],
            move.verb,
            actor=actor,
            at=at,
            expected_seq=life.seq,
            simulated=True,
            **asked,
        )
        life.seq = answer["seq"]
        for closed in answer.get("closed", ()):
            life.visits.pop(closed["node_id"], None)
        life.visits |= {opened["node_id"]: opened["visit_id"] for opened in answer.get("opened", ())}


def _opinion(life: Life, move: Move, random: Random) -> Mapping[str, Any]:
    if move.node in _UNREVIEWED:
        return {"reason": words.opinion(move.node, move.verb, move.defect, random)}
    review = words.review(move.node, move.verb, move.defect, scored=life.is_key, random=random)
    return {"form": {"target_review": review}}


def _reasons(refused: Problems, random: Random) -> dict[str, str]:
    """Reasons for the warnings that were shown; errors are no business of the demo's and go on."""
    if any(problem.severity != "warning" for problem in refused.problems):
        raise refused
    reason = random.choice(words.WARNING_REASONS)
    return {f"{problem.rule}:{problem.field}": reason for problem in refused.problems}
