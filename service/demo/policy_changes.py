"""Which changes of policy does the demo district show? One decided on and in force, one waiting for its second signature."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from db.case import CaseFile
from db.studio import ProcessDraft
from service import drafts, publishing, readings, releases
from service.demo.company import Company
from service.people import DISTRICT, Actor, day
from service.process_changes import Basis
from service.rules import working_days
from service.rules.working_days import WorkingDayTable

#: Number in its year, title and article of the document each change rests on; invented like everything of the district.
_BASES: Mapping[str, tuple[int, str, str]] = MappingProxyType(
    {
        "rectification": (11, "钢城区绩效整改工作规程", "第六条"),
        "target_declaration": (14, "钢城区项目绩效目标管理办法", "第九条"),
    }
)
#: Working days ago on which each change was drawn.
_FINISHED, _WAITING = 12, 1


def play(session: Session, company: Company, *, at: datetime, table: WorkingDayTable) -> None:
    """Give units five days more for a rectification, in force by now; ask for a quicker first review, not signed yet."""
    administrator, chief = company.administrator(), company.chief_of_performance()
    drawn = _instants(at, _FINISHED, table)
    draft_id = _submitted(session, administrator, drawn, "rectification", "respond", "15", "20")
    _look(session, draft_id, chief, drawn[-1] - timedelta(minutes=12))
    publishing.approve(session, draft_id, actor=chief, at=drawn[-1], opinion="同意，与规程一致。", simulated=True)
    waiting = _instants(at, _WAITING, table)
    _submitted(session, administrator, waiting, "target_declaration", "department_review", "5", "4")


def _instants(at: datetime, before: int, table: WorkingDayTable) -> tuple[datetime, ...]:
    """When a change was begun, saved, submitted, tried and signed, all on one day of the district."""
    that = working_days.add(day(at), -before, table)
    hours = ((9, 5), (9, 40), (10, 2), (10, 15), (14, 38))
    return tuple(datetime.combine(that, time(*one), DISTRICT) for one in hours)


def _submitted(
    session: Session, actor: Actor, instants: tuple[datetime, ...], process_id: str, step: str, old: str, new: str
) -> str:
    """A change of a step's deadline, drawn, tried and sent to be approved; in force from the same day."""
    begun, kept, sent, tried, _ = instants
    row = releases.newest(session, process_id)
    assert row is not None  # noqa: S101 - installed with the product
    text = _redrawn(row.bpmn.decode(), step, old, new)
    acting: dict[str, Any] = {"actor": actor}
    draft_id = drafts.start(session, process_id=process_id, at=begun, simulated=True, **acting)["draft_id"]
    version = drafts.save(session, draft_id, version=0, bpmn=text.encode(), at=kept, **acting)["version"]
    number, title, article = _BASES[process_id]
    basis = Basis(number=f"演示财绩〔{day(sent).year}〕{number}号", title=title, article=article)
    terms: dict[str, Any] = {"version": version, "basis": basis, "effective_from": day(sent)}
    publishing.submit(session, draft_id, at=sent, simulated=True, **terms, **acting)
    publishing.confirm_test(session, draft_id, at=tried, simulated=True, **acting)
    return str(draft_id)


def _redrawn(text: str, step: str, old: str, new: str) -> str:
    """The diagram with another deadline at one step."""
    head, tail = text.split(f'id="{step}"', 1)
    was = f'jh:dueDays="{old}"'
    assert was in tail.split(">", 1)[0]  # noqa: S101 - the shipped diagram
    return f'{head}id="{step}"{tail.replace(was, f"jh:dueDays={chr(34)}{new}{chr(34)}", 1)}'


def _look(session: Session, draft_id: str, reader: Actor, at: datetime) -> None:
    """Open the case before signing, as everybody should."""
    draft = session.get_one(ProcessDraft, draft_id, populate_existing=True)
    case = session.get_one(CaseFile, draft.case_id, populate_existing=True)
    readings.note(session, case, reader.person_id, case.seq, at)
