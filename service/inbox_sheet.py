"""How does a list of the inbox stand in a workbook? The columns the person sees, one row a case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from service import inbox, security_log
from service.case_rows import CaseRow
from service.inbox_columns import COLUMNS, Column
from service.inbox_criteria import Criteria
from service.people import DISTRICT, Actor, day
from service.workbooks.drawing import Book, CellValue, Look, on_paper, put, put_merged, widen

#: A list longer than this is cut off; the heading says so.
MOST = 5000
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "model": "经办",
        "transfer": "转办",
        "advice": "受委派",
        "add_before": "加签",
        "add_after": "加签",
        "add_parallel": "加签",
    }
)
_HEADING = 1


def _step(row: CaseRow) -> str:
    return f"{row.last_step['person']} {row.last_step['verb_label']}" if row.last_step else ""


#: By column: width in characters, look, what stands in it.
_CELLS: Mapping[str, tuple[float, Look, Callable[[CaseRow], CellValue]]] = MappingProxyType(
    {
        "title": (36, "text", lambda row: row.title),
        "unit": (24, "text", lambda row: f"{row.unit} · {row.fund_section}"),
        "amount": (14, "money", lambda row: None if row.amount is None else Decimal(row.amount)),
        "stage": (18, "text", lambda row: row.stage_label + (f"（{row.condition_label}）" if row.condition else "")),
        "round": (8, "text", lambda row: f"第{row.round}轮"),
        "arrived": (18, "text", lambda row: _instant(row.arrived_at)),
        "due": (12, "day", lambda row: day(row.due_at) if row.due_at and not row.finished_at else None),
        "last": (20, "text", _step),
        "department": (22, "text", lambda row: row.department),
        "category": (16, "text", lambda row: row.category or ""),
        "role": (10, "text", lambda row: ROLES.get(row.origin or "", "")),
        "year": (8, "text", lambda row: str(row.fiscal_year)),
    }
)


def export(
    session: Session,
    asked: Criteria,
    *,
    actor: Actor,
    at: datetime,
    tab: str,
    sort: str,
    columns: Sequence[Column],
    client: Mapping[str, Any] | None = None,
) -> tuple[str, bytes]:
    """A list as a workbook, with its conditions, order and columns; the export is logged.

    Returns:
        Name and content of the file. Texts never become formulas; amounts are 万元, unrounded, shown with two places.
    """
    found = inbox.listed(session, asked, actor=actor, at=at, tab=tab, size=MOST, sort=sort)
    content = write(found.rows, [column.code for column in columns], total=found.total)
    facts = {"what": "inbox", "tab": tab, "rows": len(found.rows)}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=facts, client=client)
    return f"事项清单-{day(at).isoformat()}.xlsx", content


def write(rows: Iterable[CaseRow], codes: Sequence[str], *, total: int) -> bytes:
    """The workbook of these rows; the case's number stands before the chosen columns, without one's own marks."""
    codes = [code for code in codes if code in _CELLS]
    book = Book()
    sheet = book.sheet("事项清单")
    more = f"（共 {total} 件，列出前 {MOST} 件）" if total > MOST else f"（共 {total} 件）"
    put_merged(sheet, (0, 0, 0, len(codes)), f"事项清单{more}", "title")
    put(sheet, _HEADING, 0, "编号", "heading")
    for place, code in enumerate(codes, 1):
        put(sheet, _HEADING, place, COLUMNS[code], "heading")
    for line, row in enumerate(rows, _HEADING + 1):
        put(sheet, line, 0, row.number, "text")
        for place, code in enumerate(codes, 1):
            _, look, read = _CELLS[code]
            put(sheet, line, place, read(row), look)
    widen(sheet, {0: 20, **{place: _CELLS[code][0] for place, code in enumerate(codes, 1)}})
    sheet.freeze_panes = "C3"
    on_paper(sheet)
    return book.saved()


def _instant(value: datetime | None) -> str:
    return value.astimezone(DISTRICT).strftime("%Y-%m-%d %H:%M") if value else ""
