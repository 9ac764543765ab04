"""How is a change to a process decided on? As a case of its own (P19), from the first drawing to the day it comes into force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile
from db.form import DraftWriter
from db.organisation import Organisation
from db.studio import EDITING, TESTING, ProcessDraft
from forms.problem import Problem
from service import openings, releases, search
from service.acts import Cause
from service.dockets import Docket
from service.errors import Problems
from service.history import GENESIS
from service.people import Actor, day

__all__ = ["EDITING", "PROCESS", "SCHEDULED", "TESTING", "Basis", "begin", "make_findable", "note_hand", "of_case"]

PROCESS = "process_change"
#: Stage of a change that is approved and waits for its day.
SCHEDULED = "change_scheduled"
_SOURCE = "P19 · 流程变更发布"
#: Where the form of a change holds the parts of its basis.
_FIELDS: Mapping[str, str] = MappingProxyType(
    {"number": "document_number", "title": "document_title", "article": "article"}
)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The policy document a change rests on: 文号, title, article."""

    number: str
    title: str
    article: str

    def text(self) -> str:
        """As a sentence cites it: 《title》（number）article."""
        return f"《{self.title.strip('《》')}》（{self.number}）{self.article}"

    def to_form(self) -> dict[str, str]:
        """The basis as the form of a change holds it."""
        return {field: str(getattr(self, name)).strip() for name, field in _FIELDS.items()}

    def to_json(self) -> dict[str, str]:
        """The basis as a draft keeps it."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def of_form(cls, content: Mapping[str, Any]) -> "Basis":
        """The basis a change's form holds."""
        return cls(**{name: str(content.get(field) or "") for name, field in _FIELDS.items()})


def begin(
    session: Session,
    draft: ProcessDraft,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> None:
    """Open the case of a change that is being drawn: its first task is the drawing itself. Whoever draws never approves.

    Args:
        actor: a system administrator; the case belongs to their information centre.

    Raises:
        Problems: the process of changes is not in force, or the district has no performance section.
    """
    row = releases.in_force(session, PROCESS, day(at))
    section = select(Organisation.id).where(Organisation.kind == "performance_section", Organisation.active)
    section_id = session.scalars(section.order_by(Organisation.code).limit(1)).first()
    if row is None or section_id is None:
        what = "流程变更发布流程还没有生效的版本" if row is None else "机构目录中没有财政局绩效科"
        raise Problems([Problem(field="", message=f"{what}，不能修改流程，请先补充", severity="error", source=_SOURCE)])
    bundle = releases.bundle(session, row.id)
    (centre, *_) = actor.organisations("SYS_ADMIN")
    case = _case(session, draft, bundle.id, actor, at, centre, section_id)
    cause = Cause(at=at, person_id=actor.person_id, client=client, simulated=simulated)
    openings.begin(session, Docket(case, bundle), cause, kind="case_started", verb="start")
    draft.case_id, draft.own_state = case.id, None
    note_hand(session, draft, actor.person_id, at)
    make_findable(session, case, draft)


def make_findable(session: Session, case: CaseFile, draft: ProcessDraft) -> None:
    """Let the change be found by its number, the process it changes, and the document it rests on. The caller commits."""
    basis = (draft.basis or {}).values()
    search.index(session, case.id, [case.number, case.title, draft.process_id, draft.change_note, *basis])


def _case(
    session: Session, draft: ProcessDraft, release_id: str, actor: Actor, at: datetime, centre: str, section_id: str
) -> CaseFile:
    return CaseFile(
        id=opaque_id(),
        number=openings.number(session, PROCESS, day(at).year),
        process_id=PROCESS,
        release_id=release_id,
        unit_id=centre,
        department_id=centre,
        fund_section_id=section_id,
        title=f"流程变更：{draft.title}",
        is_key_project=False,
        stage=EDITING,
        round=1,
        seq=0,
        head_hash=GENESIS,
        snapshot=b"",
        engine_digest="",
        initiator_id=actor.person_id,
        started_at=at,
        changed_at=at,
    )


def note_hand(session: Session, draft: ProcessDraft, person_id: str, at: datetime) -> None:
    """Remember for good that a person had a hand in a change: none of them may approve it (SD1)."""
    row = insert(DraftWriter).values(case_id=draft.case_id, person_id=person_id, first_at=at)
    session.execute(row.on_conflict_do_nothing())


def of_case(session: Session, case_id: str) -> ProcessDraft:
    """The change a case decides on, as it is stored now.

    Raises:
        NoResultFound: the case is about something else.
    """
    found = select(ProcessDraft).where(ProcessDraft.case_id == case_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()
