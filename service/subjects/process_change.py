"""What is a change to a process about (P19)? A draft, the document it rests on, and the record of its tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import CaseFile
from db.studio import TESTING, ProcessDraft
from forms.definition import FormDefinition
from forms.problem import Problem
from service import change_record, process_changes
from service.dockets import Docket
from service.people import Actor, day
from service.process_changes import Basis
from service.subjects.subject import Filling, Matter, Prepared, known


@dataclass(frozen=True)
class ProcessChangeSubject(Matter):
    """A change to a process."""

    draft: ProcessDraft

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Which process is changed."""
        shown = known(process_title=self.draft.title, process_code=self.draft.process_id)
        return {**super().form_context(actor=actor, at=at), **shown}

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """The note and the record of tests, made when it is submitted; not while somebody only looks or writes."""
        if filling.at is None:
            return Prepared(raw, current)
        made = current if self.case.stage == TESTING else {}
        record = change_record.of_draft(filling.session, self.draft, at=filling.at, made=made)
        return Prepared(raw, current, record.fields, record.problems)

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """A version does not come into force before it was decided on."""
        text = content.get("effective_from")
        if text and date.fromisoformat(text) < day(at):
            yield Problem(
                field="effective_from",
                message=f"生效日期不能早于今天（{day(at).isoformat()}），请改正",
                severity="error",
                source=change_record.SOURCE,
            )

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """The draft bears the basis, the day and the note that were submitted."""
        draft = self.draft
        draft.basis = Basis.of_form(content).to_json()
        draft.effective_from = date.fromisoformat(content["effective_from"])
        draft.change_note = content["change_note"]
        session.flush()
        process_changes.make_findable(session, docket.case, draft)


def of_case(session: Session, case: CaseFile) -> ProcessChangeSubject:
    """The change a case decides on."""
    return ProcessChangeSubject(case, process_changes.of_case(session, case.id))
