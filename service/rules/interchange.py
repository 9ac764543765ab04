"""How does a project written by another system (JSON, demo data) become content of F01?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.rules.quality.rule_set import default
from service.rules.quantities import day_of, number_of, plain

_TEXTS = (
    "project_code", "project_name", "unit_code", "unit_name", "department_code", "department_name", "owner_name",
    "owner_phone", "project_attribute", "project_category", "functional_subject", "basis", "summary", "midterm_goal",
    "annual_goal", "non_public_reason", "ex_ante_conclusion", "weight_exception",
)  # fmt: skip
_AMOUNTS = (
    "midterm_amount_total", "amount_total", "amount_fiscal", "amount_district", "amount_superior", "amount_other",
)  # fmt: skip
_ROW_TEXTS = (
    "level1_code", "level2_code", "level3_name", "nature", "operator", "measure_unit", "definition", "value_basis",
)  # fmt: skip
_ROW_NUMBERS = ("prev_target", "prev_actual")


def from_interchange(project: Mapping[str, Any], template: str) -> dict[str, Any]:
    """Return content of F01 for a project in the interchange format; what is not given is absent.

    Takes the weight of the season's ``template`` (``weight_classic_2020``, ``weight_cost_2021`` or a plain
    ``weight``), ``evidence`` as required evidence and ``levels`` as one text; cost indicators stand where the template
    places them (inside output for CLASSIC_2020). Numbers become plain texts (amounts 万元), days ISO texts; what cannot
    be read stays as given, so that the form can name it. Computed facts (key project …) are dropped. Raises ValueError
    for an unknown template and TypeError where ``indicators`` is no list of objects.
    """
    cost_within = default().template(template).cost_within
    content: dict[str, Any] = {name: str(project[name]).strip() for name in _TEXTS if _given(project, name)}
    content |= {name: _number(project[name]) for name in _AMOUNTS if _given(project, name)}
    content |= {name: _day(project[name]) for name in ("start_date", "end_date") if _given(project, name)}
    if _given(project, "fiscal_year"):
        content["fiscal_year"] = _year(project["fiscal_year"])
    if _given(project, "is_public"):
        content["is_public"] = bool(project["is_public"])
    rows = project.get("indicators") or []
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise TypeError("indicators 应为指标对象的列表")
    content["indicators"] = [_row(row, template, cost_within) for row in rows]
    return content


def _row(row: Mapping[str, Any], template: str, cost_within: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: str(row[name]).strip() for name in _ROW_TEXTS if _given(row, name)}
    if found.get("level1_code") == "cost":
        found["level1_code"] = cost_within
    weight = next((row[name] for name in ("weight", f"weight_{template.lower()}") if _given(row, name)), None)
    cells = {
        "target_value": _value(row.get("target_value"), found.get("nature", "")),
        "levels": _levels(row.get("levels")),
        "weight": None if weight is None else _number(weight),
        "planned_month": row.get("planned_month"),
        "evidence_required": row.get("evidence_required") or row.get("evidence"),
        **{name: _number(row[name]) for name in _ROW_NUMBERS if _given(row, name)},
    }
    return found | {name: value for name, value in cells.items() if value not in (None, "")}


def _given(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "")


def _number(value: Any) -> str:
    number = number_of(value)
    return str(value).strip() if number is None else plain(number)


def _day(value: Any) -> str:
    day = day_of(value)
    return str(value).strip() if day is None else day.isoformat()


def _value(value: Any, nature: str) -> str:
    if value is None:
        return ""
    return _day(value) if nature == "date" else _number(value)


def _year(value: Any) -> Any:
    number = number_of(value)
    return int(number) if number is not None and number == int(number) else str(value)


def _levels(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "；".join(_level(item) for item in value)
    return "" if value is None else str(value).strip()


def _level(item: Any) -> str:
    if isinstance(item, Mapping):
        return f"{item.get('level', '')}：{item.get('description', '')}".strip("：")
    return str(item)
