"""What stops holding when a finished case is declared void (作废)? Its targets, and what a project has of it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project, TargetVersion
from service.rules.quantities import number_of


def take_effect(session: Session, case: CaseFile, at: datetime) -> None:
    """Void the targets a case brought, and take from its project what only they, or its assessment, gave.

    The project's amount (万元) is again that of the version still in force, if there is one. The conclusion of an
    ex-ante assessment is gone where this case reached it last, so that the project needs another one. The caller
    commits.

    Source:
        P05, P08; 基本规定 §3.5 作废.
    """
    session.execute(update(TargetVersion).where(TargetVersion.case_id == case.id).values(voided_at=at))
    project = session.get(Project, case.project_id, populate_existing=True) if case.project_id else None
    if project is None:
        return
    if project.ex_ante_case_id == case.id:
        project.ex_ante_conclusion = project.ex_ante_score = project.ex_ante_amount = None
    session.flush()
    valid = select(TargetVersion).where(TargetVersion.project_id == project.id, TargetVersion.voided_at.is_(None))
    newest = session.scalars(valid.order_by(TargetVersion.version.desc()).limit(1)).first()
    if newest is not None:
        project.amount_total = number_of(newest.content.get("amount_total"))
        project.is_key_project = bool(newest.content.get("is_key_project", project.is_key_project))
    session.flush()
