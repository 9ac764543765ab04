"""What is a rectification (F06) about? The issues of a notice, and one measure of the unit for each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from db.case import CaseFile, Visit
from db.monitoring import Rectification
from db.person import Person
from forms.definition import FormDefinition
from service import calendar
from service.people import Actor, day
from service.rules.working_days import add
from service.subjects.subject import Filling, Prepared, Subject, known, parts

#: Working days a unit has at least, from the day the notice is written on.
LEAST_DAYS = 5
#: Where the notice is written, and where the unit answers it.
NOTICE, REPLY = "draft_notice", "respond"


@dataclass(frozen=True)
class RectificationSubject(Subject):
    """A notice of rectification and the unit's reply."""

    kept: Rectification
    source_number: str | None
    signer: str | None
    #: Replies sent so far.
    rounds: int

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Where the issues come from, and the notice's number, day and signer once it is issued."""
        kept = self.kept
        notice = known(
            source_kind=kept.source_kind,
            source_number=self.source_number,
            notice_no=kept.notice_no,
            issued_on=day(kept.issued_at).isoformat() if kept.issued_at else None,
            notice_signer=self.signer,
        )
        return {**super().form_context(actor=actor, at=at), **notice}

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """A measure waits for each issue of the notice; the unit gets at least five working days."""
        if node != NOTICE:
            return Prepared(raw, current)
        issues = raw.get("issues") if isinstance(raw, Mapping) else None
        texts = [str(row.get("description") or "").strip() for row in issues or [] if isinstance(row, Mapping)]
        measures = [{"row_id": f"r{number}", "issue": text} for number, text in enumerate(texts, 1) if text]
        context = {}
        if filling.at is not None:
            context["earliest_due"] = add(day(filling.at), LEAST_DAYS, calendar.table(filling.session))
        return Prepared(raw, {**current, "measures": measures}, context)

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """How often the unit has answered: after two rounds the leader decides."""
        return {"rounds": self.rounds}


def of_case(session: Session, case: CaseFile) -> RectificationSubject:
    """The rectification of a case."""
    source = aliased(CaseFile)
    replies = select(func.count()).where(
        Visit.case_id == case.id,
        Visit.node_id == REPLY,
        Visit.outcome == "submit",
        Visit.reason_code.is_distinct_from("recalled"),
    )
    statement = (
        select(Rectification, source.number, Person.name, replies.scalar_subquery())
        .outerjoin(source, source.id == Rectification.source_case_id)
        .outerjoin(Person, Person.id == Rectification.signed_by)
        .where(Rectification.case_id == case.id)
        .execution_options(populate_existing=True)
    )
    kept, number, signer, rounds = session.execute(statement).one()
    return RectificationSubject(case, *parts(session, case), kept, number, signer, rounds)
