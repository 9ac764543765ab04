"""What is a case about? Each process that has rules beside its form has a kind of subject here; others have none."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from db.case import CaseFile
from service.subjects import (
    adjustment,
    department_budget,
    evaluation,
    ex_ante,
    monitoring,
    overall_target,
    process_change,
    rectification,
    target,
    target_sync,
)
from service.subjects.overall_target import OverallSubject
from service.subjects.subject import Filling, Matter, Subject, parts
from service.subjects.target import approved

__all__ = ["Filling", "Matter", "OverallSubject", "Subject", "approved", "of_case"]

#: By process.
KINDS: Mapping[str, Callable[[Session, CaseFile], Matter]] = MappingProxyType(
    {
        "target_declaration": target.of_case,
        "performance_monitoring": monitoring.of_case,
        "rectification": rectification.of_case,
        "self_evaluation": evaluation.of_case,
        "process_change": process_change.of_case,
        "ex_ante_assessment": ex_ante.of_case,
        "target_adjustment": adjustment.of_case,
        "library_to_budget": department_budget.of_case,
        "target_sync": target_sync.of_case,
        "overall_target": overall_target.of_case,
    }
)


def of_case(session: Session, case: CaseFile) -> Matter:
    """The subject of a case."""
    kind = KINDS.get(case.process_id)
    if kind is not None:
        return kind(session, case)
    return Matter(case) if case.project_id is None else Subject(case, *parts(session, case))
