"""How do many declarations come in at once? A workbook is checked, shown, and its good rows imported when confirmed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.form import Blob, WorkbookImport
from db.person import Person
from forms.problem import Problem
from service import access, campaign_scope, campaigns, declarations, releases
from service.errors import NotFound, Problems
from service.import_check import SOURCE, CheckedRow, check_rows, taken_names
from service.import_results import STATES, ImportPage, ImportRow, own, rows, show
from service.people import Actor
from service.target_context import TARGET_FORM
from service.workbooks import WorkbookReading, WorkbookRefused, read_declarations

__all__ = ["STATES", "ImportPage", "ImportRow", "confirm", "discard", "rows", "show", "upload"]

#: A district has some five hundred projects a year; more in one file is a mistake, and would take too long.
MOST_ROWS = 2000
#: More problems than anybody reads; the counts still tell them all.
MOST_PROBLEMS = 10_000


def upload(
    session: Session, *, actor: Actor, at: datetime, campaign_id: str, filename: str, content: bytes
) -> dict[str, Any]:
    """Check a workbook of declarations for an open season and keep it with what was found; nothing is imported yet.

    Returns:
        import_id and counts (rows, good, faulty, errors, warnings, infos).

    Raises:
        NotAllowed: the actor brings no declarations.
        NotFound: there is no such season.
        Problems: the season is not open.
        WorkbookRefused: the file is no plain workbook, too large, damaged, dangerous, or holds no project.
    """
    access.require(actor, "import.use")
    campaign = campaigns.require_open(session, campaign_id, (), at=at)
    definition = releases.for_new_cases(session, campaign, at=at).forms[TARGET_FORM].definition
    reading = read_declarations(content, template=campaign.indicator_template, definition=definition)
    if len(reading.rows) > MOST_ROWS:
        raise WorkbookRefused(f"工作簿中有{len(reading.rows)}个项目，超过{MOST_ROWS}个，请按部门拆分后分批上传")
    checked = check_rows(session, campaign, definition, reading, actor=actor, at=at)
    digest = sha256(content).hexdigest()
    earlier = _earlier(session, campaign.id, digest)
    session.execute(insert(Blob).values(sha256=digest, size=len(content), content=content).on_conflict_do_nothing())
    result = _result(reading, checked, earlier)
    name = PurePath(filename.replace("\\", "/")).name.strip()[:200] or "未命名.xlsx"
    kept = WorkbookImport(
        campaign_id=campaign.id,
        filename=name,
        sha256=digest,
        uploaded_by=actor.person_id,
        uploaded_at=at,
        result=result,
        state="checked",
    )
    session.add(kept)
    session.flush()
    return {"import_id": kept.id, "counts": result["counts"]}


def confirm(
    session: Session,
    import_id: str,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Import the good rows of a checked workbook: one declaration each, all or none.

    Returns:
        import_id and imported, the number of drafts made.

    Raises:
        NotFound: the import is not the actor's.
        Problems: it was confirmed or given up already, holds no good row, the season has closed, or meanwhile a unit
            left it or a project of the same name was declared; every such row is named.
    """
    access.require(actor, "import.use")
    row = _locked(session, import_id, actor)
    ready = row.result["contents"]
    if not ready:
        raise Problems([_problem("工作簿中没有可以导入的行，请按问题清单改正后重新上传。")])
    # Two confirmations in one season must not both find a name free; other declarations go on meanwhile.
    session.get(Campaign, row.campaign_id, with_for_update={"key_share": True})
    campaign = campaigns.require_open(session, row.campaign_id, {one["unit_id"] for one in ready}, at=at)
    problems = list(_changed_meanwhile(session, campaign, ready, actor))
    if problems:
        raise Problems(problems, "上传之后情况有变，本次没有导入任何项目，请重新上传。")
    made = declarations.import_rows(session, actor=actor, campaign_id=campaign.id, rows=ready, at=at, client=client)
    names = [one["content"]["project_name"] for one in ready]
    started = [{**_link(answer), "name": name} for answer, name in zip(made, names, strict=True)]
    row.state, row.confirmed_at = "confirmed", at
    row.result = {**row.result, "contents": [], "started": started}
    session.flush()
    return {"import_id": row.id, "imported": len(made)}


def discard(session: Session, import_id: str, *, actor: Actor) -> dict[str, Any]:
    """Give up a checked workbook without importing anything.

    Raises:
        NotFound: the import is not the actor's.
        Problems: it was confirmed or given up already.
    """
    row = _locked(session, import_id, actor)
    row.state, row.result = "discarded", {**row.result, "contents": []}
    session.flush()
    return {"import_id": row.id}


def _result(
    reading: WorkbookReading, checked: Sequence[CheckedRow], earlier: Mapping[str, Any] | None
) -> dict[str, Any]:
    problems = [*reading.problems, *(problem for row in checked for problem in row.problems)]
    levels = Counter(found.problem.severity for found in problems)
    good = sum(row.good for row in checked)
    counts = {"rows": len(checked), "good": good, "faulty": len(checked) - good}
    return {
        "counts": {**counts, "errors": levels["error"], "warnings": levels["warning"], "infos": levels["info"]},
        "rows": [_line(row) for row in checked],
        "problems": [found.to_json() for found in problems[:MOST_PROBLEMS]],
        "contents": [_ready(row) for row in checked if row.good],
        "earlier": earlier,
    }


def _line(row: CheckedRow) -> dict[str, Any]:
    unit = row.unit.unit.name if row.unit else str(row.row.content.get("unit_name", ""))
    amount = row.content.get("amount_total")
    place = {"sheet": row.row.sheet, "row": row.row.row, "name": row.row.name}
    return {**place, "unit": unit, "amount": amount, "good": row.good, "problems": len(row.problems)}


def _ready(row: CheckedRow) -> dict[str, Any]:
    unit_id = row.unit.unit.id if row.unit else ""
    return {"unit_id": unit_id, "content": row.content, "ex_ante_conclusion": row.ex_ante_conclusion}


def _earlier(session: Session, campaign_id: str, digest: str) -> dict[str, Any] | None:
    statement = (
        select(WorkbookImport.uploaded_at, Person.name, WorkbookImport.state)
        .join(Person, Person.id == WorkbookImport.uploaded_by)
        .where(WorkbookImport.campaign_id == campaign_id, WorkbookImport.sha256 == digest)
        .order_by(WorkbookImport.uploaded_at.desc())
    )
    found = session.execute(statement.limit(1)).first()
    if found is None:
        return None
    at, name, state = found
    return {"at": at.isoformat(), "by": name, "state": state, "state_label": STATES[state]}


def _changed_meanwhile(
    session: Session, campaign: Campaign, ready: Sequence[Mapping[str, Any]], actor: Actor
) -> Iterator[Problem]:
    mine = {unit.unit_id for unit in campaign_scope.units(session, campaign.id, actor=actor)}
    taken = taken_names(session, campaign.fiscal_year)
    for one in ready:
        name = one["content"]["project_name"]
        if one["unit_id"] not in mine:
            yield _problem(f"项目“{name}”的单位现在不由您申报。")
        elif (one["unit_id"], name) in taken:
            yield _problem(f"项目“{name}”已有同名申报（{taken[one['unit_id'], name]}）。")


def _locked(session: Session, import_id: str, actor: Actor) -> WorkbookImport:
    row: WorkbookImport | None = session.scalars(own(import_id, actor).with_for_update()).first()
    if row is None:
        raise NotFound("没有这次导入，或不是您上传的。")
    if row.state != "checked":
        raise Problems([_problem(f"这次导入{STATES[row.state]}，不能再次办理，如需导入请重新上传。")])
    return row


def _link(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in ("case_id", "visit_id", "number")}


def _problem(message: str) -> Problem:
    return Problem(field="", message=message, severity="error", source=SOURCE)
