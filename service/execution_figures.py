"""What does the treasury say of the projects' money? Figures imported from a file or sent by a program, checked row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.form import Blob, WorkbookImport
from db.monitoring import ExecutionFigure
from db.person import Person
from forms.problem import Problem
from service import access, launches, security_log
from service.errors import NotFound, Problems
from service.execution_rows import MONEY, SOURCE, Line, check, lines
from service.import_results import STATES
from service.people import DISTRICT, Actor


def upload(
    session: Session, *, actor: Actor, at: datetime, campaign_id: str, filename: str, content: bytes
) -> dict[str, Any]:
    """Check a file of figures for a season of monitoring; nothing is imported before it is confirmed.

    A file that was imported in the season already is recognised: nothing is kept and the earlier import is named.

    Returns:
        import_id, counts and ``earlier``: who imported the same file when, None for a new one.

    Raises:
        NotAllowed: the actor is not of the treasury section.
        NotFound: there is no such season of monitoring.
        WorkbookRefused: the file cannot be read as a table with the needed columns.
    """
    access.require(actor, "execution.import")
    campaign = launches.season(session, campaign_id)
    digest = sha256(content).hexdigest()
    earlier = _earlier(session, campaign.id, digest)
    if earlier is not None:
        return earlier
    sent = list(lines(filename, content))
    ready, problems = check(session, campaign, sent)
    session.execute(insert(Blob).values(sha256=digest, size=len(content), content=content).on_conflict_do_nothing())
    kept = WorkbookImport(
        campaign_id=campaign.id,
        filename=PurePath(filename.replace("\\", "/")).name.strip()[:200] or "未命名",
        sha256=digest,
        uploaded_by=actor.person_id,
        uploaded_at=at,
        result={"counts": _counts(sent, ready, problems), "problems": problems, "contents": ready},
        state="checked",
    )
    session.add(kept)
    session.flush()
    return {"import_id": kept.id, "counts": kept.result["counts"], "earlier": None}


def _counts(sent: Sequence[Line], ready: Sequence[Any], problems: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    levels = Counter(problem["severity"] for problem in problems)
    wrong = len({problem["row"] for problem in problems if problem["severity"] == "error"})
    found = {"rows": len(sent), "good": len(ready), "faulty": wrong}
    return {**found, "errors": levels["error"], "warnings": levels["warning"], "infos": 0}


def confirm(
    session: Session, import_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Import the good rows of a checked file; a figure that was there is replaced.

    Returns:
        import_id and imported, the number of projects.

    Raises:
        NotFound: the import is not the actor's.
        Problems: it was imported already, or holds no good row.
    """
    access.require(actor, "execution.import")
    row = _own(session, import_id, actor)
    if row.state != "checked":
        raise Problems([_problem("", f"这个文件{STATES[row.state]}，没有重复导入。")])
    ready = row.result["contents"]
    if not ready:
        raise Problems([_problem("", "文件中没有可以导入的行，请按问题清单改正后重新上传。")])
    _keep(session, row.campaign_id, ready, actor=actor, at=at, import_id=row.id)
    row.state, row.confirmed_at = "confirmed", at
    session.flush()
    detail = {"campaign_id": row.campaign_id, "import_id": row.id, "filename": row.filename, "projects": len(ready)}
    security_log.write(session, "execution_imported", actor=actor.person_id, detail=detail, client=client, at=at)
    return {"import_id": row.id, "imported": len(ready)}


def put(
    session: Session,
    campaign_id: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Take figures sent by a program, all or none.

    Args:
        rows: ``project_code``, ``annual_budget``, ``executed`` and optionally ``carry_over``, amounts in 万元.

    Raises:
        NotAllowed: the actor is not of the treasury section.
        NotFound: there is no such season of monitoring.
        Problems: every row that cannot be taken; fields begin with ``rows[n]``.
    """
    access.require(actor, "execution.import")
    campaign = launches.season(session, campaign_id)
    sent = [Line(index, cells, {}) for index, cells in enumerate(rows)]
    ready, problems = check(session, campaign, sent)
    wrong = [
        _problem(f"rows[{found['row']}].{found['field']}", found["message"])
        for found in problems
        if found["severity"] == "error"
    ]
    if wrong:
        raise Problems(wrong, f"有 {len(wrong)} 处错误，本次没有写入任何执行数。")
    _keep(session, campaign.id, ready, actor=actor, at=at, import_id=None)
    detail = {"campaign_id": campaign.id, "projects": len(ready)}
    security_log.write(session, "execution_imported", actor=actor.person_id, detail=detail, client=client, at=at)
    return {"imported": len(ready)}


def imports(session: Session, campaign_id: str) -> list[WorkbookImport]:
    """The files brought for a season, the newest first."""
    statement = select(WorkbookImport).where(WorkbookImport.campaign_id == campaign_id)
    return list(session.scalars(statement.order_by(WorkbookImport.uploaded_at.desc())))


def one(session: Session, import_id: str, *, actor: Actor) -> WorkbookImport:
    """A file the actor brought.

    Raises:
        NotFound: it is not theirs.
    """
    access.require(actor, "execution.import")
    return _own(session, import_id, actor)


def _keep(
    session: Session,
    campaign_id: str,
    ready: Sequence[Mapping[str, str]],
    *,
    actor: Actor,
    at: datetime,
    import_id: str | None,
) -> None:
    brought = {"campaign_id": campaign_id, "import_id": import_id, "brought_by": actor.person_id, "brought_at": at}
    if not ready:
        return
    statement = insert(ExecutionFigure).values([{**row, **brought} for row in ready])
    names = (*MONEY, "import_id", "brought_by", "brought_at")
    replaced = {name: getattr(statement.excluded, name) for name in names}
    session.execute(statement.on_conflict_do_update(index_elements=["campaign_id", "project_id"], set_=replaced))


def _own(session: Session, import_id: str, actor: Actor) -> WorkbookImport:
    wanted = (WorkbookImport.id == import_id) & (WorkbookImport.uploaded_by == actor.person_id)
    row = session.scalars(select(WorkbookImport).where(wanted).with_for_update()).first()
    if row is None:
        raise NotFound("没有这次导入，或不是您上传的。")
    return row


def _earlier(session: Session, campaign_id: str, digest: str) -> dict[str, Any] | None:
    statement = (
        select(WorkbookImport, Person.name)
        .join(Person, Person.id == WorkbookImport.uploaded_by)
        .where(WorkbookImport.campaign_id == campaign_id, WorkbookImport.sha256 == digest)
        .where(WorkbookImport.state == "confirmed")
        .order_by(WorkbookImport.confirmed_at.desc())
    )
    found = session.execute(statement.limit(1)).first()
    if found is None:
        return None
    row, name = found
    moment = row.confirmed_at.astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M")
    text = f"同一文件已由{name}于 {moment} 导入，没有重复导入。"
    return {"import_id": row.id, "counts": row.result["counts"], "earlier": text}


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=SOURCE)
