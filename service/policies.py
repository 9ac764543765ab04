"""Which policy documents hold, and which steps rest on one that has ended or soon will?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.policy import PolicyDocument
from db.release import ProcessRelease
from forms.problem import Problem
from service import access, releases, security_log
from service.engine import Release, UserStep
from service.engine.release import TableStep
from service.errors import NotFound, Problems
from service.people import Actor, day
from service.release_words import step_title

#: How long before its end a document is pointed out.
NOTICE = timedelta(days=90)
SOURCE = "P02 · 制度文件"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A step that cites a document which has ended or ends within 90 days (``ends``: its last day)."""

    process_id: str
    step: str
    step_title: str
    document: str
    ends: date
    ended: bool
    message: str


def register(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    number: str,
    title: str,
    valid_from: date,
    valid_to: date | None = None,
    client: Mapping[str, Any] | None = None,
) -> str:
    """Register a document, or state the days of one that is registered; returns its id.

    Args:
        number: 文号; documents are told apart by it.
        valid_to: last day in force; None while it is not repealed.

    Raises:
        NotAllowed: the actor does not approve processes.
        Problems: number or title is missing, or it would end before it begins.
    """
    access.require(actor, "process.approve")
    found = [] if number.strip() else [_problem("number", "请填写文号。")]
    found += [] if title.strip() else [_problem("title", "请填写文件名称。")]
    if valid_to is not None and valid_to < valid_from:
        found.append(_problem("valid_to", f"失效日期不能早于施行日期 {valid_from.isoformat()}。"))
    if found:
        raise Problems(found)
    row = session.scalars(select(PolicyDocument).where(PolicyDocument.number == number.strip())).first()
    if row is None:
        row = PolicyDocument(id=opaque_id(), number=number.strip())
        session.add(row)
    row.title, row.valid_from, row.valid_to = title.strip(), valid_from, valid_to
    row.registered_by, row.registered_at = actor.person_id, at
    session.flush()
    detail = {"number": row.number, "title": row.title, "valid_from": valid_from.isoformat()}
    detail |= {"valid_to": valid_to.isoformat()} if valid_to else {}
    security_log.write(session, "policy_registered", at=at, actor=actor.person_id, detail=detail, client=client)
    return row.id


def listed(session: Session) -> list[PolicyDocument]:
    """Every registered document, by number."""
    return list(session.scalars(select(PolicyDocument).order_by(PolicyDocument.number)))


def one(session: Session, document_id: str) -> PolicyDocument:
    """A document.

    Raises:
        NotFound: there is no such document.
    """
    row = session.get(PolicyDocument, document_id)
    if row is None:
        raise NotFound("没有登记这份政策文件。")
    return row


def ending(session: Session, *, at: datetime) -> list[Ending]:
    """Every step of a version in force that cites a document which has ended or ends within 90 days."""
    known = listed(session)
    processes = session.scalars(select(ProcessRelease.process_id).distinct().order_by(ProcessRelease.process_id))
    found: list[Ending] = []
    for process_id in processes.all():
        row = releases.in_force(session, process_id, day(at))
        if row is not None:
            found += _ending(releases.bundle(session, row.id).release, known, day(at))
    return found


def problems(session: Session, release: Release, when: date) -> list[dict[str, str]]:
    """What stands against citing the documents a version cites from a day on, in the shape of the lint.

    A document nobody has registered is pointed out as well, unless no document is registered at all.
    """
    known = listed(session)
    found = [_lint("document.ending", one.step, one.message, one.ended) for one in _ending(release, known, when)]
    for step in _citing(release) if known else ():
        cited = step.policy_document or release.policy_document
        if cited and not any(_cites(cited, document) for document in known):
            message = f"步骤“{_called(step)}”（{step.node_id}）引用的政策文件“{cited}”没有登记。"
            found.append(_lint("document.unknown", step.node_id, message, False))
    return found


def _citing(release: Release) -> Iterator[UserStep | TableStep]:
    """The steps people work at, and those that ask a decision table; both rest on a document."""
    yield from release.steps.values()
    yield from release.table_steps.values()


def _called(step: UserStep | TableStep) -> str:
    return step_title(step) if isinstance(step, UserStep) else step.name or step.node_id


def _ending(release: Release, known: Sequence[PolicyDocument], when: date) -> Iterator[Ending]:
    for step in _citing(release):
        cited = step.policy_document or release.policy_document
        for document in known:
            if document.valid_to is None or document.valid_to - when > NOTICE or not _cites(cited, document):
                continue
            ended = document.valid_to < when
            verb = "已于" if ended else "将于"
            yield Ending(
                process_id=release.process_id,
                step=step.node_id,
                step_title=_called(step),
                document=document.number,
                ends=document.valid_to,
                ended=ended,
                message=f"步骤“{_called(step)}”（{step.node_id}）引用的“{document.title}”（{document.number}）"
                f"{verb}{document.valid_to.isoformat()}失效。",
            )


def _cites(cited: str, document: PolicyDocument) -> bool:
    return document.number in cited or f"《{document.title.strip('《》')}》" in cited


def _lint(code: str, element_id: str, message: str, wrong: bool) -> dict[str, str]:
    remedy = "请改为现行有效的政策文件，或先登记该文件的施行和失效日期。"
    severity = "error" if wrong else "warning"
    return {"code": code, "severity": severity, "element_id": element_id, "message": message, "remedy": remedy}


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=SOURCE)
