"""Which rows of an uploaded workbook may become declarations, and what is wrong with the others?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign
from db.organisation import Organisation
from db.project import Project, TargetVersion
from forms.definition import FormDefinition
from forms.problem import Problem
from service import releases
from service.import_units import UnitDirectory, UnitFound
from service.people import Actor, day
from service.rules import quality
from service.rules.ex_ante import CONCLUSIONS
from service.rules.quality import OtherProject, QualityContext
from service.target_context import form_context, quality_context
from service.workbooks import DeclarationRow, PlacedProblem, WorkbookReading

SOURCE = "导入要求"
#: Node of the process at which a declaration is filled in.
NODE = "draft"
#: Ex-ante assessment is due before submission, not before a draft.
_NOT_YET_DUE = {"Q21"}
_RESEMBLANCE = {"Q20", "Q29"}
#: Rules that add up the cells of these fields.
_SUMS = {"amount_": ("Q27", "Q30"), ".weight": ("Q02", "Q03")}


@dataclass(frozen=True)
class CheckedRow:
    """One project of a workbook after checking; only a good one may be imported."""

    row: DeclarationRow
    unit: UnitFound | None
    #: Content of F01 as the form took it in: the draft it will be.
    content: dict[str, Any]
    ex_ante_conclusion: str | None
    problems: list[PlacedProblem]

    @property
    def good(self) -> bool:
        """Nothing found is an error."""
        return all(found.problem.severity != "error" for found in self.problems)


def check_rows(
    session: Session,
    campaign: Campaign,
    definition: FormDefinition,
    reading: WorkbookReading,
    *,
    actor: Actor,
    at: datetime,
) -> list[CheckedRow]:
    """Check every project of a workbook against unit, form, quality rules, the projects of the year and its neighbours.

    Errors of any kind keep a row out. Warnings and infos are listed; they wait for the drafter's reason at submission.
    A missing ex-ante assessment (Q21) is a warning here, because it is due before the submission only; what the
    performance section's workbook says about it (事前评估结论) comes along with the row.
    """
    return list(_Check(session, campaign, definition, reading, actor, at).run())


def taken_names(session: Session, fiscal_year: int) -> dict[tuple[str, str], str]:
    """Code of every project of a year by its unit's id and its name; discarded ones do not count."""
    statement = select(Project.unit_id, Project.name, Project.project_code)
    rows = session.execute(statement.where(Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None)))
    return {(unit_id, name): code for unit_id, name, code in rows}


class _Check:
    def __init__(
        self,
        session: Session,
        campaign: Campaign,
        definition: FormDefinition,
        reading: WorkbookReading,
        actor: Actor,
        at: datetime,
    ) -> None:
        self._campaign, self._definition, self._actor, self._at = campaign, definition, actor, at
        directory = UnitDirectory(session, campaign, actor)
        self._rows = [(row, *directory.of(row)) for row in reading.rows]
        self._filled_in = {field.id for field in definition.questions if field.fillable}
        self._taken = taken_names(session, campaign.fiscal_year)
        self._before = _approved_before(session, campaign.fiscal_year, self._rows)
        rule_sets = releases.for_new_cases(session, campaign, at=at).rule_sets
        known = quality_context(session, campaign, rule_sets=rule_sets)
        self._quality: QualityContext = replace(known, others=(*known.others, *self._neighbours()))
        self._seen: dict[tuple[str, str], DeclarationRow] = {}

    def run(self) -> Iterator[CheckedRow]:
        for row, unit, unit_problems in self._rows:
            conclusion, problems = self._conclusion(row)
            content, found = self._content(row, unit, conclusion)
            repeated = list(self._repeated(row, unit))
            if repeated:  # of course it resembles its twin
                found = [problem for problem in found if problem.rule not in _RESEMBLANCE]
            problems = [*unit_problems, *repeated, *problems, *found]
            yield CheckedRow(row, unit, content, conclusion, row.place(problems))

    def _content(
        self, row: DeclarationRow, unit: UnitFound | None, conclusion: str | None
    ) -> tuple[dict[str, Any], list[Problem]]:
        previous = self._before.get((unit.unit.id, _name(row))) if unit else None
        context = form_context(
            campaign=self._campaign,
            project=None,
            unit=unit.unit if unit else _NOWHERE,
            department=unit.department if unit else _NOWHERE,
            previous=previous,
            actor_name=self._actor.name,
            day=day(self._at),
        )
        if conclusion:
            context["ex_ante_conclusion"] = CONCLUSIONS[conclusion]
        given = {name: value for name, value in row.content.items() if name in self._filled_in}
        given.setdefault("fiscal_year", self._campaign.fiscal_year)
        content, problems = forms.accept(self._definition, given, node=NODE, context=context)
        whole = {**forms.compute(self._definition, content, context), "project_code": _label(row)}
        found = quality.check(whole, self._quality.of_year_before(previous))
        told = _told_already(row)
        return content, [*problems, *(_postponed(problem) for problem in found if problem.rule not in told)]

    def _repeated(self, row: DeclarationRow, unit: UnitFound | None) -> Iterator[Problem]:
        name = _name(row)
        if unit is None or not name:
            return
        key = (unit.unit.id, name)
        code, first = self._taken.get(key), self._seen.setdefault(key, row)
        if code:
            text = f"“{unit.unit.name}”本年度已有同名项目（{code}），不能重复导入，请在系统中继续填报或删去本行"
            yield _problem("project_name", text)
        if first is not row and all(problem.field != "project_name" for problem in row.problems):
            text = f"与工作表“{first.sheet}”第{first.row}行是同一单位的同名项目，请删去其中一个"
            yield _problem("project_name", text)

    def _conclusion(self, row: DeclarationRow) -> tuple[str | None, list[Problem]]:
        given = str(row.content.get("ex_ante_conclusion", "")).strip()
        if not given:
            return None, []
        if not self._actor.holds("PERF_OFFICER"):
            text = "事前评估结论由财政局绩效科登记，导入时不采用本列"
            return None, [_problem("ex_ante_conclusion", text, error=False)]
        if given in CONCLUSIONS:
            return given, []
        text = f"事前评估结论“{given[:30]}”无法识别，应为{'、'.join(CONCLUSIONS.values())}之一"
        return None, [_problem("ex_ante_conclusion", text)]

    def _neighbours(self) -> Iterator[OtherProject]:
        for row, unit, _ in self._rows:
            yield OtherProject(
                project_code=_label(row),
                name=_name(row),
                department_code=unit.department.code if unit else "",
                annual_goal=str(row.content.get("annual_goal", "")),
                basis=str(row.content.get("basis", "")),
            )


def _approved_before(
    session: Session, fiscal_year: int, rows: Sequence[tuple[DeclarationRow, UnitFound | None, Any]]
) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Last year's approved targets of the same units and names, for “last year's value” and Q19."""
    statement = (
        select(Project.unit_id, Project.name, TargetVersion.content)
        .join(TargetVersion, TargetVersion.project_id == Project.id)
        .where(
            Project.fiscal_year == fiscal_year - 1,
            Project.unit_id.in_({unit.unit.id for _, unit, _ in rows if unit}),
            Project.name.in_({_name(row) for row, _, _ in rows}),
        )
        .order_by(TargetVersion.version)
    )
    return {(unit_id, name): content for unit_id, name, content in session.execute(statement)}


def _told_already(row: DeclarationRow) -> frozenset[str]:
    """Rules about sums that miss a number only because its cell could not be read, which is said already."""
    unread = [problem.field for problem in row.problems if problem.severity == "error"]
    return frozenset(rule for part, rules in _SUMS.items() if any(part in field for field in unread) for rule in rules)


def _postponed(problem: Problem) -> Problem:
    return replace(problem, severity="warning") if problem.rule in _NOT_YET_DUE else problem


def _name(row: DeclarationRow) -> str:
    return str(row.content.get("project_name", "")).strip()


def _label(row: DeclarationRow) -> str:
    """What a project without a code of its own is recognised by, and called in messages about its neighbours."""
    return f"工作表“{row.sheet}”第{row.row}行"


def _problem(field: str, message: str, *, error: bool = True) -> Problem:
    return Problem(field=field, message=message, severity="error" if error else "warning", source=SOURCE)


#: Stands for the bodies of a row whose unit is not known, so that the rest of the row is checked all the same.
_NOWHERE = Organisation(id="", code="", name="", kind="budget_unit", finance_own=False)
