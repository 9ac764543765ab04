"""What does a declared target say, read once for all rules?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from service.rules.quantities import base, day_of, half_width, number_of

LEVEL1_NAMES = {"cost": "成本指标", "output": "产出指标", "benefit": "效益指标", "satisfaction": "满意度指标"}
LEVEL2_NAMES = {
    "qty": "数量指标",
    "qual": "质量指标",
    "time": "时效指标",
    "cost": "成本指标",
    "econ": "经济效益指标",
    "soc": "社会效益指标",
    "eco": "生态效益指标",
    "sus": "可持续影响指标",
    "sat": "服务对象满意度指标",
}
BENEFIT = ("econ", "soc", "eco", "sus")
SYMBOLS = {"ge": "≥", "gt": ">", "eq": "=", "le": "≤", "lt": "<", "date": "不晚于", "qual": "定性"}
AMOUNTS = ("amount_total", "amount_fiscal", "amount_district", "amount_superior", "amount_other")


@dataclass(frozen=True)
class Row:
    """One indicator (三级指标) of the target, with its numbers read."""

    index: int
    level1: str
    level2: str
    name: str
    nature: str
    operator: str
    text: str
    value: Decimal | None
    day: date | None
    unit: str
    weight: Decimal | None
    levels: str
    evidence: str
    prev_target: Decimal | None
    prev_actual: Decimal | None

    @property
    def title(self) -> str:
        """How messages name the row."""
        return f"第{self.index + 1}行“{self.name}”" if self.name else f"第{self.index + 1}行"

    def path(self, cell: str) -> str:
        """The field path of one cell of the row."""
        return f"indicators[{self.index}].{cell}"

    @property
    def quantitative(self) -> bool:
        """A number is asked for (neither a day nor a description)."""
        return self.nature == "quantitative"

    @property
    def is_cost(self) -> bool:
        """The row says what may be spent, wherever it stands."""
        return self.level2 == "cost" or self.level1 == "cost"

    @property
    def is_benefit(self) -> bool:
        """The row stands among the benefits, or is of one of their kinds."""
        return self.level1 == "benefit" or self.level2 in BENEFIT

    @property
    def is_satisfaction(self) -> bool:
        """The row asks how content people are."""
        return self.level1 == "satisfaction" or self.level2 == "sat"

    @property
    def base_value(self) -> Decimal | None:
        """The value without 千, 万, 亿 in its unit."""
        return None if self.value is None else base(self.value, self.unit)[0]


@dataclass(frozen=True)
class Target:
    """A declared target as the rules see it: content of F01 with money (万元), days and rows read."""

    content: Mapping[str, Any]
    code: str
    name: str
    department: str
    goal: str
    basis: str
    amounts: Mapping[str, Decimal | None]
    start: date | None
    end: date | None
    rows: tuple[Row, ...]

    @property
    def total(self) -> Decimal | None:
        """Amount of the year in 万元."""
        return self.amounts["amount_total"]


def read(content: Mapping[str, Any]) -> Target:
    """Read content of F01 (or what an import made of it); cells that cannot be read count as empty."""
    rows = content.get("indicators")
    found = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    return Target(
        content=content,
        code=_text(content.get("project_code")),
        name=_text(content.get("project_name")),
        department=_text(content.get("department_code")),
        goal=half_width(_text(content.get("annual_goal"))),
        basis=_text(content.get("basis")),
        amounts={name: number_of(content.get(name)) for name in AMOUNTS},
        start=day_of(content.get("start_date")),
        end=day_of(content.get("end_date")),
        rows=tuple(_row(index, row) for index, row in enumerate(found) if isinstance(row, Mapping)),
    )


def _row(index: int, row: Mapping[str, Any]) -> Row:
    operator, text = _text(row.get("operator")), _text(row.get("target_value"))
    unit = half_width(_text(row.get("measure_unit")))
    return Row(
        index=index,
        level1=_text(row.get("level1_code")),
        level2=_text(row.get("level2_code")),
        name=half_width(_text(row.get("level3_name"))),
        nature=_nature(_text(row.get("nature")), operator),
        operator=operator,
        text=text,
        value=number_of(text.removesuffix(unit) if unit else text),
        day=day_of(text),
        unit=unit,
        weight=number_of(row.get("weight")),
        levels=_levels(row.get("levels")),
        evidence=_text(row.get("evidence_required") or row.get("evidence")),
        prev_target=number_of(row.get("prev_target")),
        prev_actual=number_of(row.get("prev_actual")),
    )


def _nature(given: str, operator: str) -> str:
    """The operator is what a score is computed with, so it decides where the two contradict each other."""
    if operator in ("qual", "date"):
        return "qualitative" if operator == "qual" else "date"
    return given or "quantitative"


def _levels(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "；".join(_text(item) for item in value if item)
    return _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
