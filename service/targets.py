"""Which targets are approved? The effect of a process that freezes a target in the library (入库)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.form import FormRevision
from db.project import Indicator, Project, TargetVersion
from db.statement import Statement
from db.writing import write
from forms.problem import Problem
from service import revisions, series
from service.acts import Cause
from service.dockets import Docket
from service.errors import Problems
from service.revisions import DECLARATION
from service.rules.ex_ante import obstacle
from service.rules.quantities import number_of
from service.subjects import target


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A target that becomes a version of its project."""

    project: Project
    version: int
    library_no: str
    #: Content of F01, computed cells included.
    content: dict[str, Any]
    at: datetime


def admit(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Freeze the declaration as it stands as the project's next approved target, with a number of the library.

    Returns:
        The change for the event: ``target_admitted`` with number, version and content hash.

    Raises:
        Problems: a new major project without an assessment that supports the amount.

    Source:
        P06 入库: an immutable snapshot that monitoring, evaluation and disclosure refer to.
    """
    case, at = docket.case, cause.at
    subject = target.of_case(session, case)
    project = subject.project
    ((submitted, version),) = _SUBMITTED.all(session, revision=case.form_revision_id, project=project.id)
    definition = docket.bundle.forms[DECLARATION].definition
    content = forms.compute(definition, submitted, subject.form_context())
    _require_assessed(project, content)
    number = series.take(session, f"library:{project.fiscal_year}")
    library_no = f"库〔{project.fiscal_year}〕{number:04d}"
    frozen = Frozen(project=project, version=version, library_no=library_no, content=content, at=at)
    return {"type": "target_admitted", **freeze(session, docket, frozen)}


def freeze(session: Session, docket: Docket, frozen: Frozen, **marks: Any) -> dict[str, Any]:
    """Keep a target as an immutable version with its indicators; says what an event needs to name it.

    Args:
        marks: further columns of the version.
    """
    case = docket.case
    values = {
        "id": opaque_id(),
        "project_id": frozen.project.id,
        "version": frozen.version,
        "fiscal_year": frozen.project.fiscal_year,
        "library_no": frozen.library_no,
        "case_id": case.id,
        "form_revision_id": case.form_revision_id,
        "content": frozen.content,
        "content_hash": revisions.content_hash(frozen.content),
        "admitted_at": frozen.at,
        **marks,
    }
    rows = enumerate(frozen.content.get("indicators") or [], 1)
    indicators = [Indicator(**_indicator(values["id"], index, row)) for index, row in rows]
    write(session, ([TargetVersion(**values)], False), (indicators, False))
    named = {name: values[name] for name in ("library_no", "version", "content_hash")}
    return {"target": values["id"], "project": frozen.project.id, **named}


def _require_assessed(project: Project, content: Mapping[str, Any]) -> None:
    why = obstacle(project.ex_ante_conclusion, number_of(content.get("amount_total")), project.ex_ante_amount)
    if project.needs_ex_ante and why:
        source = "P05 · 区预算事前绩效评估管理暂行办法"
        raise Problems([Problem(field="ex_ante_conclusion", message=why, severity="error", source=source)])


def _submitted() -> Select[Any]:
    """The declaration as it was last submitted, and the version its target becomes."""
    earlier = select(func.coalesce(func.max(TargetVersion.version), 0) + 1)
    version = earlier.where(TargetVersion.project_id == bindparam("project", type_=Text())).scalar_subquery()
    return select(FormRevision.content, version).where(FormRevision.id == bindparam("revision", type_=Text()))


_SUBMITTED = Statement(_submitted)


def _indicator(target_id: Any, seq: int, row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("level1_code", "level2_code", "level3_name", "nature", "operator", "target_value")
    return {
        "target_version_id": target_id,
        "seq": seq,
        **{name: str(row.get(name) or "") for name in names},
        "measure_unit": row.get("measure_unit"),
        "weight": row.get("weight") or "0",
    }
