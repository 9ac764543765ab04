"""What is a forced synchronisation about? The approved target of a project whose budget moved, with the new amount."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.budget import BudgetLine
from db.campaign import Campaign
from db.case import CaseFile
from forms.problem import Problem
from service.dockets import Docket
from service.rules.quantities import number_of
from service.subjects import target
from service.subjects.subject import parts
from service.subjects.target import TargetSubject

_SOURCE = "P09 · 金额变化超过一成的同步调整目标"


@dataclass(frozen=True)
class SyncSubject(TargetSubject):
    """A target that has to follow its control amount."""

    #: What the project may cost by its control number, 万元; None once nobody asks for it any more.
    control_amount: Decimal | None = None

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """The target asks for what the control number gives; its name stays."""
        amount, wanted = number_of(content.get("amount_total")), self.control_amount
        if wanted is not None and amount != wanted:
            text = f"“年度资金总额”{amount}万元应等于下达的控制数{wanted.normalize():f}万元"
            yield Problem(field="amount_total", message=text, severity="error", source=_SOURCE)
        if content.get("project_name") != self.project.name:
            text = f"同步调整不改项目名称，应为“{self.project.name}”"
            yield Problem(field="project_name", message=text, severity="error", source=_SOURCE)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """The case bears the new amount; the project gets it once the target is in the library again."""
        docket.case.amount = number_of(content.get("amount_total"))


def of_case(session: Session, case: CaseFile) -> SyncSubject:
    """The target a case synchronises, under the rules of the season it was declared in."""
    _, project, unit, department = parts(session, case)
    declared = session.get_one(Campaign, project.campaign_id)
    line = select(BudgetLine.control_amount).where(BudgetLine.sync_case_id == case.id)
    asked = session.scalars(line.execution_options(populate_existing=True)).first()
    earlier = target.approved(session, project.previous_project_id)
    return SyncSubject(case, declared, project, unit, department, earlier, asked)
