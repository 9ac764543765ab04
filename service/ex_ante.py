"""What did an ex-ante assessment (事前绩效评估) conclude that was held on paper? Recorded by the performance section."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project
from forms.problem import Problem
from service import access, dockets
from service.acts import Act
from service.dockets import Docket
from service.errors import NotFound, Problems
from service.history import Entry
from service.people import Actor
from service.rules.ex_ante import CONCLUSIONS

LEAST_REASON = 5
_SOURCE = "P05 · 区事前绩效评估管理暂行办法"


def record(
    session: Session,
    case_id: str,
    *,
    actor: Actor,
    at: datetime,
    conclusion: str,
    score: str | Decimal | None = None,
    reason: str = "",
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Record the conclusion on a project; rule Q21 then lets its declaration pass, or not.

    Args:
        conclusion: support, support_after_adjustment or not_support.
        score: points of 100, two decimals; None if none was given.
        reason: the document or minutes it rests on, at least 5 characters.

    Raises:
        NotAllowed: the actor is not of the performance section.
        NotFound: there is no such case.
        Problems: conclusion, score or reason cannot be taken, or the project is assessed online.
    """
    access.require(actor, "ex_ante.record")
    docket = dockets.of_case(session, case_id, actor=actor)
    points = _score(score)
    problems = list(_problems(conclusion, points, score, reason))
    if problems:
        raise Problems(problems)
    project = _project(session, docket.case.project_id)
    project.ex_ante_conclusion, project.ex_ante_score = conclusion, points
    docket.changes.append({"type": "ex_ante_recorded", "conclusion": conclusion, "score": str(points or "") or None})
    for visit in docket.open_visits():
        if docket.step(visit).outcome("submit") is not None:
            docket.touch(visit)
    entry = _entry(docket, Act(actor=actor, at=at, client=client, simulated=simulated), reason)
    seq = dockets.write(session, docket, entry, at=at)
    return {"message": f"已登记：{CONCLUSIONS[conclusion]}。", "seq": seq, "case_id": docket.case.id}


def _project(session: Session, project_id: str | None) -> Project:
    """The project of a case whose assessment is not held online."""
    if project_id is None:
        raise NotFound("这个业务件不是关于项目的，没有事前绩效评估。")
    online = (CaseFile.project_id == project_id) & (CaseFile.process_id == "ex_ante_assessment")
    known = session.scalars(select(CaseFile.number).where(online, CaseFile.stage != "discarded")).first()
    if known is not None:
        raise Problems(
            [_problem("conclusion", f"本项目的事前绩效评估“{known}”在线办理，结论由其办结时写入，不能另行登记")]
        )
    return session.get_one(Project, project_id)


def _entry(docket: Docket, act: Act, reason: str) -> Entry:
    return Entry(
        kind="ex_ante_recorded",
        verb="record_ex_ante",
        actor=act.actor.person_id,
        form_hash=docket.case.form_hash,
        changes=docket.changes,
        reason=reason.strip(),
        client=act.client,
        simulated=act.simulated,
    )


def _score(score: str | Decimal | None) -> Decimal | None:
    try:
        return Decimal(str(score)).quantize(Decimal("0.01")) if score not in (None, "") else None
    except InvalidOperation:
        return None


def _problems(conclusion: str, points: Decimal | None, score: Any, reason: str) -> Iterator[Problem]:
    if conclusion not in CONCLUSIONS:
        yield _problem("conclusion", f"请选择结论：{'、'.join(CONCLUSIONS.values())}")
    if score not in (None, "") and (points is None or not 0 <= points <= 100):
        yield _problem("score", "评估得分应为 0 至 100 的数字，请改正")
    if len(reason.strip()) < LEAST_REASON:
        yield _problem("reason", f"请写明依据（评估报告或会议纪要文号），至少 {LEAST_REASON} 个字")


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
