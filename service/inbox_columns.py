"""Which columns does a person's list have, in which order and how wide?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from service import preferences

PREFERENCE = "inbox"
#: Every column with its Chinese heading, in the usual order. The project always stands first.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "title": "项目",
        "unit": "单位 · 资金科室",
        "amount": "金额（万元）",
        "stage": "环节",
        "round": "轮次",
        "arrived": "到达",
        "due": "期限",
        "last": "上一步",
        "department": "主管部门",
        "category": "项目类别",
        "role": "我的角色",
        "year": "年度",
        "stay": "停留（工作时间）",
        "risk": "风险",
        "mark": "我的标记",
    }
)
USUAL = ("title", "unit", "amount", "stage", "round", "arrived", "due", "last")
#: Narrower than this nothing can be read, wider than that nothing else is left. Pixels.
NARROWEST, WIDEST = 48, 640


@dataclass(frozen=True)
class Column:
    """A column of a list; width in pixels, None for as wide as it needs."""

    code: str
    width: int | None = None


def of(session: Session, person_id: str) -> tuple[Column, ...]:
    """The columns a person has chosen; the usual ones for who never chose."""
    return read(preferences.read(session, person_id, PREFERENCE).get("columns") or ())


def read(kept: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Columns from what was kept: unknown and repeated ones fall out, the project stands first."""
    widths = {str(one.get("code")): one.get("width") for one in kept}
    codes = [code for code in widths if code in COLUMNS and code != "title"] if widths else list(USUAL[1:])
    return tuple(Column(code, _width(widths.get(code))) for code in ("title", *codes))


def written(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Columns as they are kept."""
    return [{"code": column.code, "width": column.width} for column in columns]


def choose(session: Session, person_id: str, codes: Sequence[str], widths: Mapping[str, int], *, at: datetime) -> None:
    """Keep which columns a person wants, in this order and so wide; none means the usual ones."""
    chosen = read([{"code": code, "width": widths.get(code)} for code in codes])
    preferences.keep(session, person_id, PREFERENCE, {"columns": written(chosen) if codes else []}, at=at)


def _width(value: Any) -> int | None:
    return min(max(value, NARROWEST), WIDEST) if isinstance(value, int) and value > 0 else None
