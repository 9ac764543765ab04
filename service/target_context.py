"""What must a target's form and its quality rules know beside what is filled in? The season, the bodies, the neighbours."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import Integer, Select, Text, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from db.campaign import Campaign
from db.case import CaseFile
from db.form import FormDraft, FormRevision
from db.organisation import Organisation
from db.project import FunctionalSubject, MeasureUnit, Project
from db.statement import Statement
from service import rule_sets as rule_sets_of
from service.rules.ex_ante import CONCLUSIONS
from service.rules.quality import OtherProject, QualityContext, RuleSet

TARGET_FORM = "project_target"
TARGET_PROCESS = "target_declaration"
#: Thresholds of a season in 万元, with the district's usual values; the other parameters belong to the rule set.
THRESHOLDS: Mapping[str, Decimal] = MappingProxyType({"key_threshold": Decimal(500), "ex_ante_threshold": Decimal(200)})
#: Of the ex-ante assessment (万元, points) and of adjustments (month), with the district's usual values.
ASSESSMENT: Mapping[str, Decimal] = MappingProxyType(
    {
        "ex_ante_expert_threshold": Decimal(200),
        "ex_ante_leader_threshold": Decimal(500),
        "ex_ante_support_from": Decimal(85),
        "ex_ante_adjust_from": Decimal(60),
        "adjustment_last_month": Decimal(11),
    }
)
#: Parameter of a season that does not ask for satisfaction indicators.
WAIVED = "satisfaction_waived"


def threshold(campaign: Campaign, name: str) -> Decimal:
    """A threshold of the season, one of `THRESHOLDS` (万元) or `ASSESSMENT`; the usual one if none was set."""
    usual = THRESHOLDS[name] if name in THRESHOLDS else ASSESSMENT[name]
    return Decimal(str(campaign.parameters.get(name, usual)))


def rule_set(parameters: Mapping[str, Any], rule_sets: Mapping[str, Any] = MappingProxyType({})) -> RuleSet:
    """The quality rules' parameters of a season; those of the version, or of the product, where it has none of its own.

    Args:
        rule_sets: of the version of the process the targets are under.

    Raises:
        ValueError: a parameter does not exist or cannot be read; the Chinese text names it.
    """
    own = {name: value for name, value in parameters.items() if name not in (*THRESHOLDS, *ASSESSMENT, WAIVED)}
    return rule_sets_of.quality(rule_sets, own)


def form_context(
    *,
    campaign: Campaign,
    project: Project | None,
    unit: Organisation,
    department: Organisation,
    previous: Mapping[str, Any] | None,
    actor_name: str | None = None,
    day: date | None = None,
) -> dict[str, Any]:
    """What `forms.accept` and the views of the target's form (F01) get as context.

    Args:
        project: None before the project exists; its code and ex-ante conclusion are then left to the content.
        previous: content of the same project's target one year earlier, None if there is none.
        actor_name: who fills in at present; None where the form is only shown.
        day: the district's day of filling in.

    Returns:
        Template, year and thresholds (万元, as exact texts) of the season; codes and names of unit and department;
        whether the money is the finance bureau's own (SD6). Facts that are not known are absent.
    """
    facts = {
        "indicator_template": campaign.indicator_template,
        "campaign_year": campaign.fiscal_year,
        **{name: str(threshold(campaign, name)) for name in THRESHOLDS},
        "project_code": project.project_code if project else None,
        "unit_code": unit.code,
        "unit_name": unit.name,
        "department_code": department.code,
        "department_name": department.name,
        "is_finance_own": unit.finance_own or department.finance_own,
        "ex_ante_conclusion": _conclusion(project),
        "drafter": actor_name,
        "drafted_at": day,
        "previous": dict(previous) if previous else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def quality_context(
    session: Session,
    campaign: Campaign,
    *,
    rule_sets: Mapping[str, Any] = MappingProxyType({}),
    exclude_project_id: str | None = None,
    previous: Mapping[str, Any] | None = None,
) -> QualityContext:
    """What the quality rules Q01 to Q30 know in this season; one context serves any number of targets.

    Args:
        rule_sets: of the version of the process the targets are under.
        exclude_project_id: the project that is checked, so that it is not its own neighbour.
        previous: content of its target one year earlier.

    Returns:
        The season's template, thresholds and parameters, the district's tables, and the other projects of the year
        with what was last submitted for them, else what is drafted.

    Raises:
        ValueError: the season's parameters cannot be read; they are checked when they are set.
    """
    year = campaign.fiscal_year
    units, subjects = _TABLES.first(session, year=year) or ((), ())
    return QualityContext(
        template=campaign.indicator_template,
        measure_units=frozenset(units),
        functional_subjects=frozenset(subjects),
        others=_others(session, year, exclude_project_id),
        previous=previous,
        ex_ante_threshold=threshold(campaign, "ex_ante_threshold"),
        key_threshold=threshold(campaign, "key_threshold"),
        satisfaction_waived=bool(campaign.parameters.get(WAIVED, False)),
        rule_set=rule_set(campaign.parameters, rule_sets),
    )


def _tables() -> Select[Any]:
    year = bindparam("year", type_=Integer())
    subjects = select(FunctionalSubject.code).where(FunctionalSubject.fiscal_year == year).scalar_subquery()
    return select(func.array(select(MeasureUnit.name).scalar_subquery()), func.array(subjects))


#: The district's measure units, and its functional subjects of a year.
_TABLES = Statement(_tables)


def _conclusion(project: Project | None) -> str | None:
    code = project.ex_ante_conclusion if project else None
    return CONCLUSIONS.get(code, code) if code else None


def _others(session: Session, year: int, exclude_project_id: str | None) -> Sequence[OtherProject]:
    found = _NEIGHBOURS.all(session, year=year, excluded=exclude_project_id or "")
    return tuple(
        OtherProject(project_code=code, name=name, department_code=department, annual_goal=goal, basis=basis)
        for code, name, department, goal, basis in found
    )


def _neighbours() -> Select[Any]:
    """The year's projects with two texts of their latest content each; the documents stay in the database."""
    department = aliased(Organisation)

    def latest(name: str) -> Any:
        return func.coalesce(FormRevision.content[name].astext, FormDraft.content[name].astext, "")

    return (
        select(Project.project_code, Project.name, department.code, latest("annual_goal"), latest("basis"))
        .select_from(Project)
        .distinct(Project.project_code)
        .join(department, department.id == Project.department_id)
        .outerjoin(CaseFile, (CaseFile.project_id == Project.id) & (CaseFile.process_id == TARGET_PROCESS))
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(FormDraft, (FormDraft.case_id == CaseFile.id) & (FormDraft.form_code == TARGET_FORM))
        .where(Project.fiscal_year == bindparam("year", type_=Integer()), Project.discarded_at.is_(None))
        .where(Project.id != bindparam("excluded", type_=Text()))
        .order_by(Project.project_code, CaseFile.started_at.desc().nulls_last(), FormDraft.saved_at.desc().nulls_last())
    )


_NEIGHBOURS = Statement(_neighbours)
