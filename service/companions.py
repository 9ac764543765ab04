"""Which other cases stand beside this one, and what may be begun for its project? 同步编制、同步报送、同步审核."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from db.project import Project
from service import access, adjustments, assessments, labels
from service.people import Actor
from service.rules import ex_ante
from service.target_context import TARGET_PROCESS

#: What people call the cases of a process where they stand beside each other.
TITLES: Mapping[str, str] = {
    TARGET_PROCESS: "绩效目标申报",
    assessments.PROCESS: "事前绩效评估",
    adjustments.PROCESS: "绩效目标调整",
    "performance_monitoring": "绩效运行监控",
    "rectification": "绩效整改",
}


def of_case(session: Session, case: CaseFile, form: Mapping[str, Any], *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The other cases of a case's project, the package's state, and what the actor may begin.

    Args:
        form: definition, content and context of the case's form as its page shows it.

    Returns:
        cases (process, title, case_id, number, stage, stage_label), needed (a new major project: its assessment goes
        with the declaration), possible (a new project that may become one while it is drafted), threshold (万元), conclusion, score, suggested (万元), obstacle (what keeps the target from the library,
        empty if nothing does), begin (what may be begun: ``assessment``, ``adjustment``).
    """
    if case.project_id is None:
        return {"cases": [], "needed": False, "possible": False, "obstacle": "", "begin": []}
    project = session.get_one(Project, case.project_id)
    beside = _beside(session, case, actor)
    declared = case.process_id == TARGET_PROCESS
    drafted = declared and case.form_revision_id is None
    needed = project.needs_ex_ante or (drafted and _needed(form))
    possible = needed or (drafted and (form.get("content") or {}).get("project_attribute") == "new")
    told = {
        "conclusion": project.ex_ante_conclusion,
        "conclusion_label": ex_ante.CONCLUSIONS.get(project.ex_ante_conclusion or "", ""),
        "score": project.ex_ante_score,
        "suggested": project.ex_ante_amount,
        "project_id": project.id,
    }
    why = ex_ante.obstacle(project.ex_ante_conclusion, _asked(form, case), project.ex_ante_amount) if needed else ""
    running = case.finished_at is None
    return {
        "cases": beside,
        "needed": needed,
        "possible": possible,
        "threshold": (form.get("context") or {}).get("ex_ante_threshold"),
        **told,
        "obstacle": why if declared and running else "",
        "begin": list(_begin(session, case, project, possible=possible, actor=actor, at=at)),
    }


def _begin(
    session: Session, case: CaseFile, project: Project, *, possible: bool, actor: Actor, at: datetime
) -> list[str]:
    if project.unit_id not in actor.organisations("UNIT_CLERK") or case.process_id != TARGET_PROCESS:
        return []
    if case.finished_at is None:
        free = assessments.running(session, project.id) is None and project.ex_ante_conclusion != ex_ante.SUPPORT
        return ["assessment"] if possible and free else []
    return [] if adjustments.obstacles(session, project, at) else ["adjustment"]


def _beside(session: Session, case: CaseFile, actor: Actor) -> list[dict[str, Any]]:
    statement = (
        select(CaseFile)
        .where(CaseFile.project_id == case.project_id, CaseFile.id != case.id, access.visible_cases(actor))
        .where(CaseFile.stage != "discarded")
        .order_by(CaseFile.started_at)
    )
    return [
        {
            "process": one.process_id,
            "title": TITLES.get(one.process_id, one.process_id),
            "case_id": one.id,
            "number": one.number,
            "stage": one.stage,
            "stage_label": labels.stage(one.stage),
        }
        for one in session.scalars(statement)
    ]


def _needed(form: Mapping[str, Any]) -> bool:
    content, context = form.get("content") or {}, form.get("context") or {}
    return bool(forms.compute(form["definition"], content, context).get("needs_ex_ante"))


def _asked(form: Mapping[str, Any], case: CaseFile) -> Decimal | None:
    asked = (form.get("content") or {}).get("amount_total")
    return Decimal(str(asked)) if asked not in (None, "") else case.amount
