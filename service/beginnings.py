"""What does the first event of a case bring into being? Project, case, the drafter's task and the first draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

import forms
from db.base import opaque_id
from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.form import FormDraft
from db.organisation import Organisation
from db.project import Project
from db.writing import add
from forms.definition import FormDefinition
from forms.problem import Problem
from service import access, campaign_gate, dockets, openings, releases, search, series, sitting, target_context
from service.acts import Act
from service.advance import Advance
from service.dockets import Docket
from service.engine import Start
from service.errors import NotAllowed, NotFound, Problems
from service.history import GENESIS, Entry
from service.people import Actor, day
from service.revisions import DECLARATION
from service.rules.ex_ante import CONCLUSIONS
from service.subjects import target

#: Region of projects whose unit names none (济南市钢城区, as in the demo district).
DEFAULT_REGION = "370117"
_SOURCE = "P06 · 申报批次"


@dataclass(frozen=True)
class Season:
    """An open season for one unit: the campaign and the bodies its cases belong to."""

    campaign: Campaign
    unit: Organisation
    department: Organisation
    fund_section_id: str


def season(session: Session, campaign_id: str, unit_id: str, *, at: datetime) -> Season:
    """The season a unit may declare in.

    Raises:
        NotFound: no such season or unit.
        Problems: the season is not open on that day, the unit takes no part, or no fund section is set for it.
    """
    department = aliased(Organisation)
    statement = (
        select(Organisation, department)
        .outerjoin(department, department.id == Organisation.parent_id)
        .where(Organisation.id == unit_id, Organisation.kind == "budget_unit", Organisation.active)
    )
    found = session.execute(statement).first()
    if found is None:
        raise NotFound("没有这个预算单位。")
    unit, above = found
    campaign = campaign_gate.require_open(session, campaign_id, [unit_id], at=at)
    section_id = unit.fund_section_id or (above.fund_section_id if above else None)
    _require_routed(unit, above, section_id)
    return Season(campaign, unit, above, str(section_id))


def require_importer(actor: Actor, season: Season) -> None:
    """Refuse people who may not bring declarations of a unit: its clerks, its department's, the performance section.

    Raises:
        NotAllowed: none of the three.
    """
    own = season.unit.id in actor.organisations("UNIT_CLERK")
    above = season.department.id in actor.organisations("DEPT_CLERK")
    if not own and not above and not actor.holds("PERF_OFFICER", "PERF_CHIEF"):
        raise NotAllowed(f"您不能导入“{season.unit.name}”的项目。")


def begin(
    session: Session,
    season: Season,
    given: Mapping[str, Any],
    act: Act,
    *,
    imported: bool = False,
    previous_project_id: str | None = None,
    conclusion: str | None = None,
) -> dict[str, Any]:
    """Start one case: project, case file, the drafter's visit and the first draft; one event.

    Raises:
        Problems: no name, a name taken in the year, or no process in force.
    """
    bundle = releases.for_new_cases(session, season.campaign, at=act.at)
    name = str(given.get("project_name") or "").strip()
    _require_free_name(session, season, name)
    project = _project(session, season, name, given, act.at, previous_project_id)
    if conclusion in CONCLUSIONS:
        project.ex_ante_conclusion = conclusion
    session.add(project)
    session.flush()
    docket = Docket(_case(session, season, project, bundle.id, act), bundle)
    advance = Advance(docket, act.at)
    advance.apply(Start())
    opened = {"number": docket.case.number, "project": project.id, "campaign": season.campaign.id}
    docket.changes.append({"type": "case_opened", **opened})
    (visit,) = advance.settle(session, reason_code="decided_by_other_seat")
    dockets.write(session, docket, _entry(docket, visit, advance, act, imported), at=act.at)
    sitting.note_writer(session, docket, act.actor.person_id, act.at)
    _first_draft(session, season, docket, visit, given, project, act)
    search.index(session, project.id, [name, project.project_code, docket.case.number])
    return {
        "case_id": docket.case.id,
        "visit_id": visit.id,
        "number": docket.case.number,
        "project_id": project.id,
        "project_code": project.project_code,
    }


def case_of(session: Session, visit_id: str, actor: Actor) -> tuple[CaseFile, Visit]:
    """A visit and its case as the actor may see them, without a lock.

    Raises:
        NotFound: there is no such visit, or its case is not the actor's to see.
    """
    statement = select(CaseFile, Visit).join(Visit, Visit.case_id == CaseFile.id)
    found = session.execute(statement.where(Visit.id == visit_id, access.visible_cases(actor))).first()
    if found is None:
        raise NotFound("没有这个事项，或您无权查看。")
    return found[0], found[1]


def moved(definition: FormDefinition, content: Mapping[str, Any], fiscal_year: int) -> dict[str, Any]:
    """Last year's declaration as a start for another year: dates moved, what belongs to its year left out.

    Only what a person may fill in is taken; amounts, goals and indicators stay to be revised line by line.
    """
    kept = {field.id for field in definition.questions if field.fillable and field.type != "files"}
    result = {name: value for name, value in content.items() if name in kept}
    years = fiscal_year - int(content.get("fiscal_year") or fiscal_year)
    for name in ("start_date", "end_date"):
        if result.get(name):
            result[name] = _years_later(str(result[name]), years)
    for field in definition.questions:
        if field.type == "table" and result.get(field.id):
            columns = {column.id for column in field.columns if column.fillable}
            result[field.id] = [
                {name: value for name, value in row.items() if name in columns} for row in result[field.id]
            ]
    result.pop("schedule", None)
    return {**result, "fiscal_year": fiscal_year, "project_attribute": "ongoing"}


def _years_later(text: str, years: int) -> str:
    earlier = date.fromisoformat(text)
    # 29 February exists in few years.
    day_of_month = min(earlier.day, 28) if earlier.month == 2 else earlier.day
    return earlier.replace(year=earlier.year + years, day=day_of_month).isoformat()


def _entry(docket: Docket, visit: Visit, advance: Advance, act: Act, imported: bool) -> Entry:
    return Entry(
        kind="case_imported" if imported else "case_started",
        verb="import" if imported else "start",
        actor=act.actor.person_id,
        visit=visit.id,
        node=visit.node_id,
        command=advance.command(),
        changes=docket.changes,
        client=act.client,
        simulated=act.simulated,
    )


def _require_routed(unit: Organisation, department: Organisation | None, section_id: str | None) -> None:
    missing = [text for text, there in (("主管部门", department), ("资金科室", section_id)) if not there]
    if missing:
        raise Problems([_problem("unit_id", f"“{unit.name}”没有设定{'、'.join(missing)}，请系统管理员补充")])


def _require_free_name(session: Session, season: Season, name: str) -> None:
    if not name:
        raise Problems([_problem("project_name", "请填写项目名称（全称，与预算项目一致）")])
    if len(name) > 100:
        raise Problems([_problem("project_name", f"项目名称不得超过100字，现有{len(name)}字，请精简")])
    if target.name_taken(session, season.campaign.fiscal_year, season.unit.id, name):
        raise Problems([target.taken(name)])


def _project(
    session: Session, season: Season, name: str, given: Mapping[str, Any], at: datetime, previous_id: str | None
) -> Project:
    year, unit = season.campaign.fiscal_year, season.unit
    head = f"{unit.region_code or DEFAULT_REGION}{year}{unit.code}"
    last_year = select(Project.id).where(
        Project.fiscal_year == year - 1,
        Project.unit_id == unit.id,
        Project.name == name,
        Project.discarded_at.is_(None),
    )
    return Project(
        id=opaque_id(),
        project_code=f"{head}{series.take(session, f'project:{head}'):03d}",
        fiscal_year=year,
        campaign_id=season.campaign.id,
        name=name,
        unit_id=unit.id,
        department_id=season.department.id,
        fund_section_id=season.fund_section_id,
        attribute=given.get("project_attribute"),
        category=given.get("project_category"),
        previous_project_id=previous_id or session.scalars(last_year).first(),
        created_at=at,
    )


def _case(session: Session, season: Season, project: Project, release_id: str, act: Act) -> CaseFile:
    year = season.campaign.fiscal_year
    return CaseFile(
        id=opaque_id(),
        number=openings.number(session, season.campaign.process_id, year),
        process_id=season.campaign.process_id,
        release_id=release_id,
        campaign_id=season.campaign.id,
        project_id=project.id,
        unit_id=project.unit_id,
        department_id=project.department_id,
        fund_section_id=project.fund_section_id,
        title=project.name,
        is_key_project=False,
        stage="draft",
        round=1,
        seq=0,
        head_hash=GENESIS,
        snapshot=b"",
        engine_digest="",
        initiator_id=act.actor.person_id,
        started_at=act.at,
        changed_at=act.at,
    )


def _first_draft(
    session: Session,
    season: Season,
    docket: Docket,
    visit: Visit,
    given: Mapping[str, Any],
    project: Project,
    act: Act,
) -> None:
    context = target_context.form_context(
        campaign=season.campaign,
        project=project,
        unit=season.unit,
        department=season.department,
        previous=None,
        actor_name=act.actor.name,
        day=day(act.at),
    )
    raw = {"fiscal_year": season.campaign.fiscal_year, "functional_subject": season.unit.default_functional_subject}
    raw = {name: value for name, value in {**raw, **given}.items() if value is not None}
    definition = docket.bundle.forms[DECLARATION].definition
    content, _ = forms.accept(definition, raw, node=visit.node_id, context=context, complete=False)
    draft = FormDraft(
        visit_id=visit.id,
        form_code=DECLARATION,
        seat_id="",
        case_id=docket.case.id,
        content=content,
        version=1,
        saved_by=act.actor.person_id,
        saved_at=act.at,
    )
    add(session, [draft])


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
