"""Which targets are approved? The effect of a process that freezes a target in the library (入库)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.form import FormRevision
from db.project import Indicator, TargetVersion
from db.statement import Statement
from db.writing import write
from service import revisions, series
from service.acts import Cause
from service.dockets import Docket
from service.revisions import DECLARATION
from service.subjects import target


def admit(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Freeze the declaration as it stands as the project's next approved target, with a number of the library.

    Returns:
        The change for the event: ``target_admitted`` with number, version and content hash.

    Source:
        P06 入库: an immutable snapshot that monitoring, evaluation and disclosure refer to.
    """
    case, at = docket.case, cause.at
    subject = target.of_case(session, case)
    project = subject.project
    ((submitted, version),) = _SUBMITTED.all(session, revision=case.form_revision_id, project=project.id)
    definition = docket.bundle.forms[DECLARATION].definition
    content = forms.compute(definition, submitted, subject.form_context())
    number = series.take(session, f"library:{project.fiscal_year}")
    values = {
        "id": opaque_id(),
        "project_id": project.id,
        "version": version,
        "fiscal_year": project.fiscal_year,
        "library_no": f"库〔{project.fiscal_year}〕{number:04d}",
        "case_id": case.id,
        "form_revision_id": case.form_revision_id,
        "content": content,
        "content_hash": revisions.content_hash(content),
        "admitted_at": at,
    }
    rows = enumerate(content.get("indicators") or [], 1)
    indicators = [Indicator(**_indicator(values["id"], index, row)) for index, row in rows]
    write(session, ([TargetVersion(**values)], False), (indicators, False))
    named = {name: values[name] for name in ("library_no", "version", "content_hash")}
    return {"type": "target_admitted", "target": values["id"], "project": project.id, **named}


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
