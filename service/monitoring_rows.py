"""Where do the numbers of a monitoring board come from? The last submitted report of each case, read in one statement."""

from typing import Any

from sqlalchemy import Numeric, Select, cast, select
from sqlalchemy.orm import aliased

from db.case import CaseFile, Seat, Visit
from db.form import FormRevision
from db.monitoring import Rectification
from db.project import Project
from service.campaign_terms import MONITORING
from service.case_rows import Department, Unit

_content = FormRevision.content


def of_season(campaign_id: str) -> Select[Any]:
    """Every case of a season with what its last report says and the rectification that followed; one row a project."""
    follow = aliased(CaseFile)
    columns = (
        CaseFile.id.label("case_id"),
        CaseFile.number,
        CaseFile.title,
        CaseFile.release_id,
        Project.project_code,
        Unit.id.label("unit_id"),
        Unit.name.label("unit"),
        Department.id.label("department_id"),
        Department.name.label("department"),
        CaseFile.stage,
        _content["project_light"].astext.label("light"),
        _content["execution_light"].astext.label("execution_light"),
        _content["target_light"].astext.label("target_light"),
        _content["light_reason"].astext.label("why"),
        _amount("annual_budget").label("annual_budget"),
        _amount("executed_to_date").label("executed"),
        _amount("full_year_forecast").label("forecast"),
        _disposal().label("disposal"),
        FormRevision.created_at.label("submitted_at"),
        follow.id.label("follow_id"),
        follow.number.label("follow_number"),
        follow.stage.label("follow_stage"),
    )
    return (
        select(*columns)
        .select_from(CaseFile)
        .join(Project, Project.id == CaseFile.project_id)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(Rectification, Rectification.source_case_id == CaseFile.id)
        .outerjoin(follow, follow.id == Rectification.case_id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id == MONITORING)
        .order_by(Project.project_code)
    )


def _disposal() -> Any:
    """What the fund section proposed with its approval."""
    review = aliased(FormRevision)
    return (
        select(review.content["proposed_action"].astext)
        .join(Seat, Seat.review_revision_id == review.id)
        .join(Visit, Visit.id == Seat.visit_id)
        .where(Seat.case_id == CaseFile.id, Seat.state == "done", Visit.state == "decided", Visit.outcome == "approve")
        .order_by(Seat.decided_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _amount(name: str) -> Any:
    return cast(_content[name].astext, Numeric(18, 6))
