"""How is a case's history taken away as a table? Every event a line of CSV that spreadsheets read without harm."""

import csv
from collections.abc import Mapping
from datetime import datetime
from io import StringIO
from typing import Any

from sqlalchemy.orm import Session

from service import access, case_history, cases, security_log
from service.people import DISTRICT, Actor
from service.workbooks.escaping import escaped

_COLUMNS = ("事件", "时间", "轮次", "环节", "办理人", "代", "岗位", "行为", "理由", "变更")


def of_case(
    session: Session, case_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> bytes:
    """The history of a case as CSV (UTF-8 with a mark, instants in the district's time); the export is logged.

    Raises:
        NotAllowed: the actor is no auditor.
        NotFound: there is no such case.
    """
    access.require(actor, "audit.export")
    case = cases.one(session, case_id, actor=actor)
    lines = case_history.timeline(session, case_id)
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    writer.writerows([escaped(str(cell)) for cell in _cells(line)] for line in lines)
    facts = {"what": "timeline", "number": case.number, "events": len(lines)}
    security_log.write(session, "exported", at=at, actor=actor.person_id, case_id=case.id, detail=facts, client=client)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _cells(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        line["seq"],
        line["at"].astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M:%S"),
        line["round"],
        line["node_name"],
        line["actor"] or "系统",
        line["on_behalf_of"],
        line["post"],
        line["verb_label"],
        line["reason"] or "",
        "；".join(line["details"]),
    )
