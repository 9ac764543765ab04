"""What was decided in the cases of a period? Decisions by step and verb, as the event log has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import Event
from service.rehearsal import Passed
from service.rules.working_days import DISTRICT

_BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing the engine was told: a step completed with a verb and facts, or a token put back to ``to``."""

    step: str
    verb: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordedCase:
    """A case as it was decided, and where it stands: its stage and the steps still open."""

    case_id: str
    number: str
    title: str
    stage: str
    finished: bool
    actions: tuple[Action, ...]
    open: tuple[str, ...]

    @property
    def path(self) -> tuple[Passed, ...]:
        """The decisions as a path."""
        return tuple(Passed(action.step, action.verb) for action in self.actions)


def started_between(session: Session, process_id: str, first: date, last: date) -> list[RecordedCase]:
    """The cases of a process begun from ``first`` to ``last`` (days of the district, both included), by id.

    One statement, however many cases. Forms are not read: what conditions see stands in the events.
    """
    begin, end = _instant(first, time.min), _instant(last, time.max)
    own = (CaseFile.process_id == process_id, CaseFile.started_at >= begin, CaseFile.started_at <= end)
    return _cases(session, *own)


def of_case(session: Session, case_id: str) -> RecordedCase:
    """One case as it was decided.

    Raises:
        StopIteration: there is no such case, or it has no history.
    """
    return next(iter(_cases(session, CaseFile.id == case_id)))


def _cases(session: Session, *wanted: ColumnElement[bool]) -> list[RecordedCase]:
    columns = (Event.seq, Event.verb, Event.node, Event.command, Event.changes)
    case = (CaseFile.id.label("file_id"), CaseFile.number, CaseFile.title, CaseFile.stage, CaseFile.finished_at)
    statement = (
        select(*case, *columns)
        .join(Event, Event.case_id == CaseFile.id)
        .where(*wanted)
        .order_by(CaseFile.id, Event.seq)
        .execution_options(yield_per=_BATCH)
    )
    grouped = groupby(session.execute(statement), key=lambda row: str(row.file_id))
    return [_case(list(rows)) for _, rows in grouped]


def _instant(when: date, at: time) -> datetime:
    return datetime.combine(when, at, tzinfo=DISTRICT)


def _case(rows: Sequence[Any]) -> RecordedCase:
    reading = Reading()
    actions = tuple(action for row in rows for action in reading.actions(row))
    last = rows[-1]
    return RecordedCase(
        case_id=last.file_id,
        number=last.number,
        title=last.title,
        stage=last.stage,
        finished=last.finished_at is not None,
        actions=actions,
        open=() if last.finished_at is not None else tuple(sorted(reading.open.values())),
    )


class Reading:
    """The tasks of a case, by the number the engine gave them; ``open`` are those waiting after the last event read."""

    def __init__(self) -> None:
        self._nodes: dict[int, str] = {}
        self._visits: dict[str, int] = {}
        self.open: dict[int, str] = {}

    def actions(self, row: Any) -> Iterator[Action]:
        """Yield what one event (its ``command``, ``changes``, ``node`` and ``verb``) told the engine; note what it opened."""
        for document in (row.command or {}).get("engine", ()):
            if document["type"] == "complete":
                facts = {name: value for name, value in document["decision"].items() if name != "outcome"}
                node = self._nodes.get(document["task"], row.node or "")
                self.open.pop(document["task"], None)
                yield Action(step=node, verb=str(document["decision"].get("outcome", row.verb)), facts=facts)
            elif document["type"] == "move":
                yield Action(step=row.node or "", verb=row.verb, to=document["place"])
        for change in row.changes:
            self._note(change)

    def _note(self, change: Mapping[str, Any]) -> None:
        if change["type"] == "visit_opened":
            task = change["task"]
            self._nodes[task] = self.open[task] = change["node"]
            self._visits[change["visit"]] = task
        elif change["type"] in ("visit_cancelled", "visit_decided"):  # decided by a return, too
            self.open.pop(self._visits.get(change["visit"], 0), None)
