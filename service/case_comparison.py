"""How do two cases differ? Their ways, people, times and figures side by side, for auditors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from db.release import ProcessRelease
from forms.comparison import ROW_GONE, Change
from service import access, case_parts, case_paths, cases
from service.case_paths import Decision, Pair
from service.errors import NotFound
from service.people import Actor


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two cases: its head, version of the process, decisions and totals."""

    header: dict[str, Any]
    version: str
    decisions: tuple[Decision, ...]
    returns: int
    #: Working hours all decisions took together.
    hours: float


@dataclass(frozen=True, kw_only=True)
class StepPair:
    """One step in both cases: who decided there, and working hours in all rounds; None where it was not reached."""

    step: str
    name: str
    people: tuple[str, str]
    hours: tuple[float | None, float | None]
    times: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two cases side by side. ``figures`` is None where they fill in different forms, which cannot be compared."""

    left: Side
    right: Side
    path: tuple[Pair[Decision], ...]
    steps: tuple[StepPair, ...]
    figures: tuple[Change, ...] | None

    @property
    def same_way(self) -> bool:
        """Whether both took the same decisions in the same order."""
        return all(pair.same for pair in self.path)


def named(session: Session, name: str, *, actor: Actor) -> str:
    """The id of a case of this number (绩目〔2027〕0123) or id that the actor may see.

    Raises:
        NotFound: there is none.
    """
    asked = name.strip()
    wanted = select(CaseFile.id).where((CaseFile.number == asked) | (CaseFile.id == asked), access.visible_cases(actor))
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFound(f"没有编号为“{asked[:40]}”的业务件，请填写完整编号，如 绩目〔2027〕0001。")
    return found


def compare(
    session: Session,
    left: str,
    right: str,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> Comparison:
    """Put two cases side by side; the reading of both is logged.

    Args:
        left, right: ids of the cases.

    Raises:
        NotAllowed: the actor is no auditor.
        NotFound: one of them does not exist.
    """
    access.require(actor, "audit.read")
    found = [cases.one(session, case_id, actor=actor) for case_id in (left, right)]
    for case in found:
        cases.note_read(session, case, actor=actor, at=at, what="comparison", client=client)
    sides = [_side(session, case) for case in found]
    return Comparison(
        left=sides[0],
        right=sides[1],
        path=tuple(case_paths.paired(*(_keyed(side.decisions) for side in sides))),
        steps=tuple(_steps(sides)),
        figures=_figures(session, found),
    )


def _side(session: Session, case: CaseFile) -> Side:
    decisions = tuple(case_paths.walked(session, case.id))
    row = session.get_one(ProcessRelease, case.release_id)
    return Side(
        header=case_parts.header(session, case),
        version=f"{row.title} 第{row.version}版",
        decisions=decisions,
        returns=sum(one.verb == "return" for one in decisions),
        hours=sum(one.hours for one in decisions),
    )


def _keyed(decisions: Sequence[Decision]) -> list[tuple[tuple[str, str], Decision]]:
    return [((one.step, one.verb), one) for one in decisions]


def _steps(sides: Sequence[Side]) -> list[StepPair]:
    names = {one.step: one.name for side in sides for one in side.decisions}
    return [
        _step(step, name, [[d for d in side.decisions if d.step == step] for side in sides])
        for step, name in names.items()
    ]


def _step(step: str, name: str, own: Sequence[Sequence[Decision]]) -> StepPair:
    left, right = (tuple(dict.fromkeys(_who(one) for one in decisions)) for decisions in own)
    hours = [sum(one.hours for one in decisions) if decisions else None for decisions in own]
    return StepPair(
        step=step,
        name=name,
        people=("、".join(left), "、".join(right)),
        hours=(hours[0], hours[1]),
        times=(len(own[0]), len(own[1])),
    )


def _who(decision: Decision) -> str:
    return f"{decision.person}（代{decision.on_behalf_of}）" if decision.on_behalf_of else decision.person


def _figures(session: Session, found: Sequence[CaseFile]) -> tuple[Change, ...] | None:
    left, right = (case_parts.form(session, case) for case in found)
    if left["definition"].code != right["definition"].code:
        return None
    # The names of rows tell indicators apart; the ids rows were given belong to one case each.
    contents = [_without_ids(shown["content"]) for shown in (left, right)]
    found_changes = forms.changes(right["definition"], *contents)
    # Nothing was deleted here: the other case just has no such row.
    return tuple(replace(one, new="") if one.new == ROW_GONE else one for one in found_changes)


def _without_ids(content: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [{k: v for k, v in row.items() if k != "row_id"} if isinstance(row, dict) else row for row in value]

    return {name: plain(value) for name, value in content.items()}
