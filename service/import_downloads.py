"""Which workbooks does the import give away? The empty template, the declarations one may see, the problems found."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile
from db.form import Blob, FormDraft, FormRevision, WorkbookImport
from db.project import MeasureUnit, Project
from forms.definition import FormDefinition
from forms.problem import Problem
from service import access, campaigns, releases, security_log
from service.import_results import show
from service.people import Actor
from service.target_context import TARGET_FORM, TARGET_PROCESS
from service.workbooks import PlacedProblem, empty_form, error_sheet, write_declarations
from service.workbooks.grid import extract
from service.workbooks.writing import Layout


def template(session: Session, campaign_id: str, *, at: datetime, layout: Layout = "list") -> tuple[str, bytes]:
    """An empty workbook of the season, and the name to save it under.

    Args:
        layout: `list` for many projects, `form` for one project in the official table.

    Raises:
        NotFound: there is no such season.
    """
    campaign = campaigns.campaign_of(session, campaign_id)
    content = empty_form(
        template=campaign.indicator_template,
        layout=layout,
        year=campaign.fiscal_year,
        measure_units=_measure_units(session),
        definition=_definition(session, campaign, at),
    )
    title = "项目绩效目标申报表" if layout == "form" else "项目绩效目标导入模板"
    return f"{campaign.fiscal_year}年度{title}.xlsx", content


def filled(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The season's declarations the actor may see, as a workbook that can be read back; the export is logged.

    Each stands as it was last submitted, else as it is drafted.

    Raises:
        NotAllowed: the actor may not export.
        NotFound: there is no such season.
    """
    access.require(actor, "export.use")
    campaign = campaigns.campaign_of(session, campaign_id)
    contents = _visible_contents(session, campaign, actor)
    book = write_declarations(
        contents,
        template=campaign.indicator_template,
        measure_units=_measure_units(session),
        definition=_definition(session, campaign, at),
    )
    detail = {"what": f"{campaign.title}：{len(contents)}个项目", "campaign_id": campaign.id}
    security_log.write(session, "exported", actor=actor.person_id, detail=detail, client=client, at=at)
    return f"{campaign.fiscal_year}年度项目绩效目标_{len(contents)}个.xlsx", book


def problem_workbook(session: Session, import_id: str, *, actor: Actor) -> tuple[str, bytes]:
    """The problems of a checked workbook as a workbook (问题清单), and the name to save it under.

    Raises:
        NotFound: the import is not the actor's.
    """
    page = show(session, import_id, actor=actor)
    content = session.scalars(
        select(Blob.content)
        .join(WorkbookImport, WorkbookImport.sha256 == Blob.sha256)
        .where(WorkbookImport.id == page.id)
    ).one()
    placed = (_placed(problem) for problem in page.problems)
    return f"问题清单_{PurePath(page.filename).stem}.xlsx", error_sheet(
        placed, extract(content), filename=page.filename
    )


def _visible_contents(session: Session, campaign: Campaign, actor: Actor) -> list[Mapping[str, Any]]:
    statement = (
        select(func.coalesce(FormRevision.content, FormDraft.content))
        .select_from(Project)
        .distinct(Project.project_code)
        .join(CaseFile, (CaseFile.project_id == Project.id) & (CaseFile.process_id == TARGET_PROCESS))
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(FormDraft, (FormDraft.case_id == CaseFile.id) & (FormDraft.form_code == TARGET_FORM))
        .where(Project.campaign_id == campaign.id, Project.discarded_at.is_(None), access.visible_projects(actor))
        .order_by(Project.project_code, CaseFile.started_at.desc(), FormDraft.saved_at.desc().nulls_last())
    )
    return [content for content in session.scalars(statement) if content]


def _definition(session: Session, campaign: Campaign, at: datetime) -> FormDefinition:
    return releases.for_new_cases(session, campaign, at=at).forms[TARGET_FORM].definition


def _measure_units(session: Session) -> list[str]:
    return list(session.scalars(select(MeasureUnit.name).order_by(MeasureUnit.name)))


def _placed(stored: Mapping[str, Any]) -> PlacedProblem:
    told = {name: stored[name] for name in ("field", "message", "severity", "source", "rule")}
    return PlacedProblem(
        sheet=stored["sheet"],
        row=stored["row"],
        cell=stored["cell"],
        project=stored["project"],
        problem=Problem(**told),
    )
