"""Which indicators does the district already use? Suggestions for a drafter from the indicator library."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.project import IndicatorTemplate

#: Codes of level 1 by the name the library prints.
LEVEL1 = {"成本指标": "cost", "产出指标": "output", "效益指标": "benefit", "满意度指标": "satisfaction"}
MOST = 50


def suggest(session: Session, *, q: str = "", level2: str = "", limit: int = 12) -> list[dict[str, Any]]:
    """Indicators whose name contains `q`, the most used first; one entry for each name and level 2.

    Args:
        q: part of the indicator's name; empty for the most used ones.
        level2: code of level 2 (qty, qual …); empty for all.
        limit: greatest number of entries, at most 50.

    Returns:
        Values for the columns of the indicator table, `example_value` as an example only; an empty list if
        nothing fits.

    Source:
        The district's indicator library (共性指标体系 of 财预〔2013〕53号 and the districts' own, unconfirmed).
    """
    wanted = q.strip()
    statement = select(IndicatorTemplate).order_by(IndicatorTemplate.used_by.desc(), IndicatorTemplate.library_code)
    if wanted:
        statement = statement.where(IndicatorTemplate.level3_name.contains(wanted, autoescape=True))
    if level2:
        statement = statement.where(IndicatorTemplate.level2_code == level2)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    # The same name stands in the library for several kinds of projects.
    for row in session.scalars(statement.limit(limit * 4)):
        found.setdefault((row.level3_name, row.level2_code), _entry(row))
    return list(found.values())[: min(limit, MOST)]


def _entry(row: IndicatorTemplate) -> dict[str, Any]:
    return {
        "level1_code": LEVEL1.get(row.level1_name, ""),
        "level2_code": row.level2_code,
        "level2_name": row.level2_name,
        "level3_name": row.level3_name,
        "operator": row.operator,
        "measure_unit": row.measure_unit or "",
        "example_value": row.example_value or "",
        "definition": row.definition or "",
        "evidence_required": row.evidence or "",
    }
