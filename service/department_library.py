"""Which projects of a department are in the target library (绩效目标项目库), and has each target followed its money?"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.budget import BudgetLine
from db.case import CaseFile
from db.organisation import Organisation
from db.project import Project, TargetVersion
from service import labels
from service.rules.quantities import number_of


@dataclass(frozen=True, kw_only=True)
class LibraryProject:
    """A project of the department in the target library, with its newest approved target; 万元."""

    project_id: str
    code: str
    name: str
    unit: str
    library_no: str
    version: int
    amount: Decimal
    #: Stage and number of the case in which its target follows the money; None where none was needed.
    sync: tuple[str, str] | None

    @property
    def row_id(self) -> str:
        """The key of its rows: unit and sequence of its code, so that a growing library moves nobody's cells."""
        return f"r{self.code[-9:]}"

    @property
    def sync_state(self) -> str:
        """What the second submission says of its target."""
        if self.sync is None:
            return "无需同步"
        stage, number = self.sync
        return f"已同步（{number}）" if stage == "target_synced" else f"{labels.stage(stage)}（{number}）"


def library(session: Session, department_id: str, fiscal_year: int, case_id: str) -> list[LibraryProject]:
    """The department's projects in the target library of a year, by code.

    Args:
        case_id: the budget whose synchronisations count.
    """
    sync, unit = aliased(CaseFile), aliased(Organisation)
    statement = (
        select(Project, TargetVersion, unit.name, sync.stage, sync.number)
        .join(TargetVersion, TargetVersion.project_id == Project.id)
        .join(unit, unit.id == Project.unit_id)
        .outerjoin(BudgetLine, (BudgetLine.project_id == Project.id) & (BudgetLine.case_id == case_id))
        .outerjoin(sync, sync.id == BudgetLine.sync_case_id)
        .where(Project.department_id == department_id, Project.fiscal_year == fiscal_year)
        .where(Project.discarded_at.is_(None), TargetVersion.voided_at.is_(None))
        .distinct(Project.project_code)
        .order_by(Project.project_code, TargetVersion.version.desc())
    )
    return [
        LibraryProject(
            project_id=project.id,
            code=project.project_code,
            name=project.name,
            unit=unit_name,
            library_no=target.library_no,
            version=target.version,
            amount=number_of(target.content.get("amount_total")) or Decimal(0),
            sync=(stage, number) if stage else None,
        )
        for project, target, unit_name, stage, number in session.execute(statement)
    ]
