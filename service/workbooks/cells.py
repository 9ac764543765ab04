"""What does one cell say about one field? Cells become content of F01; what cannot be read becomes a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from service.rules.quantities import day_of, half_width, number_of, plain
from service.workbooks.columns import CODES, PERIOD, Column, Columns, Labels
from service.workbooks.escaping import unescaped
from service.workbooks.grid import Sheet, Value, address
from service.workbooks.reading import DeclarationRow
from service.workbooks.terms import amount_of, code_of, period_of, split_target, truth_of

#: Excel keeps 15 digits; a longer code typed as a number has lost its end.
_SAFE_DIGITS = 15
_HALF_WIDTH = {"owner_phone", *CODES}


class CellReader:
    """Reads the cells of one project's fields and rows into its ``DeclarationRow``."""

    def __init__(self, columns: Columns, sheet: Sheet, row: DeclarationRow, labels: Labels | None = None) -> None:
        self.columns = columns
        self.sheet = sheet
        self.row = row
        self.labels = labels

    def project(self, path: str, line: int, place: int, unit: str = "") -> None:
        """Read a cell of the project itself; a field read before keeps its first value. ``unit`` is of money."""
        value = self.sheet.value(line, place)
        if path == PERIOD:
            self._period(value, line, place)
        elif path not in self.row.content:
            self.row.cells[path] = self.at(line, place)
            if isinstance(value, str) and self.labels:
                value = self.labels.answer(value)
            found = self._read(self.columns.of(path), path, value, unit)
            if found is not None:
                self.row.content[path] = found

    def line(self, table: str, places: Mapping[str, int], line: int, units: Mapping[str, str] | None = None) -> bool:
        """Read one line of a table and add it to the content; False where nothing but group names is filled in."""
        filled = {path: place for path, place in places.items() if not self.columns.of(path).field.auto}
        if not any(self.sheet.text(line, place) for path, place in filled.items() if not _is_group(path)):
            return False
        rows = self.row.content.setdefault(table, [])
        prefix = f"{table}[{len(rows)}]"
        found: dict[str, Any] = {}
        for path, place in filled.items():
            name = self.columns.of(path).name
            self.row.cells[f"{prefix}.{name}"] = self.at(line, place)
            unit = (units or {}).get(path, "")
            value = self._read(self.columns.of(path), f"{prefix}.{name}", self.sheet.value(line, place), unit)
            if value is not None:
                found[name] = value
        self.row.cells[prefix] = self.at(line, min(filled.values()))
        rows.append(found)
        return True

    def at(self, line: int, place: int) -> str:
        """The full address of a cell."""
        return f"{self.sheet.name}!{address(*self.sheet.origin(line, place))}"

    def _period(self, value: Value | None, line: int, place: int) -> None:
        days = period_of("" if value is None else str(value))
        for name in ("start_date", "end_date"):
            self.row.cells.setdefault(name, self.at(line, place))
        if days:
            self.row.content.setdefault("start_date", days[0].isoformat())
            self.row.content.setdefault("end_date", days[1].isoformat())
        elif value not in (None, ""):
            self.row.note(
                "start_date", f"“项目起止时间”写为“{_short(value)}”，无法识别，请填写如 2027-01-01至2027-12-31"
            )

    def _read(self, column: Column, path: str, value: Value | None, unit: str) -> Any:
        if isinstance(value, str):
            value = unescaped(value.replace("\r\n", "\n")).strip()
        if value is None or value == "":
            return None
        if column.name == "target_value":
            return value.isoformat() if isinstance(value, date) else _text(value)
        if column.name in CODES and isinstance(value, Decimal) and value.adjusted() >= _SAFE_DIGITS:
            self.row.note(
                path,
                f"“{column.field.label}”是{value.adjusted() + 1}位数字，Excel 只保留前15位，请把单元格改为文本格式后重新填写",
            )
            return _text(value)
        return self._by_type(column, path, value, unit)

    def _by_type(self, column: Column, path: str, value: Value, unit: str) -> Any:
        kind = column.field.type
        if column.is_money:
            amount = amount_of(value, unit)
            return self._or_note(None if amount is None else plain(amount), column, path, value, "数字，如 38.5")
        if kind == "decimal":
            number = number_of(str(value).removesuffix("分"))
            return self._or_note(None if number is None else plain(number), column, path, value, "数字")
        if kind in ("integer", "month"):
            number = number_of(half_width(str(value)).removesuffix("度").rstrip("年月"))
            whole = int(number) if number is not None and number == number.to_integral_value() else None
            return self._or_note(whole, column, path, value, "整数")
        if kind == "date":
            day = day_of(value)
            return self._or_note(day.isoformat() if day else None, column, path, value, "日期，如 2027-01-01")
        if kind == "boolean":
            truth = value if isinstance(value, bool) else truth_of(str(value))
            return self._or_note(truth, column, path, value, "“是”或“否”")
        return self._text_or_choice(column, path, value)

    def _text_or_choice(self, column: Column, path: str, value: Value) -> Any:
        text = _text(value)
        labels = {choice.label: choice.value for choice in column.field.choices}
        if column.field.type == "choice":
            options = "、".join(f"“{label}”" for label in labels)
            return self._or_note(code_of(column.name, text, labels), column, path, value, f"{options}之一")
        if column.name == "ex_ante_conclusion":
            return code_of(column.name, text, labels) or text
        return half_width(text) if column.name in _HALF_WIDTH and text.isascii() is False else text

    def _or_note(self, found: Any, column: Column, path: str, value: Value, wanted: str) -> Any:
        if found is not None:
            return found
        self.row.note(path, f"{_line(path)}“{column.field.label}”写为“{_short(value)}”，无法识别，应为{wanted}，请改正")
        return _text(value)


def settle_indicators(row: DeclarationRow, cost_within: str) -> None:
    """Complete the indicator lines people write in short: operator and unit inside the value, groups and nature implied.

    ``cost_within`` is the level 1 group of cost in the season's template. Contradictions (``≥`` in the value, ≤ beside
    it) are problems of the row.
    """
    year = row.content.get("fiscal_year")
    for index, line in enumerate(row.content.get("indicators", [])):
        note = _noting(row, index)
        _split_value(line, note, year if isinstance(year, int) else None)
        _complete_groups(line, cost_within)
        _complete_nature(line)


def _split_value(line: dict[str, Any], note: Callable[[str, str], None], year: int | None) -> None:
    text = str(line.get("target_value", ""))
    if not text or line.get("nature") == "qualitative" or line.get("operator") == "qual":
        return
    operator, value, unit = split_target(text, year)
    given, own = line.get("operator"), half_width(str(line.get("measure_unit", "")))
    if operator and given and operator != given and "date" not in (operator, given):
        note("operator", f"指标值“{text}”里的符号与计算符号不一致，请保留一个")
    elif operator and (not given or operator == "date"):
        line["operator"] = operator
    if unit and own and unit != own:
        note("measure_unit", f"指标值“{text}”里的单位“{unit}”与计量单位“{own}”不一致，请改正")
    elif unit and not own:
        line["measure_unit"] = own = unit
    line["target_value"] = value
    number = number_of(value)
    if own == "%" and number is not None and 0 < number <= 1 and not unit and "." in value:
        note(
            "target_value",
            f"指标值读到{value}%，如果单元格设为百分比格式，请改为常规格式并填写{plain(number * 100)}",
        )


def _complete_groups(line: dict[str, Any], cost_within: str) -> None:
    groups = {"qty": "output", "qual": "output", "time": "output", "cost": cost_within, "sat": "satisfaction"}
    level2 = str(line.get("level2_code", ""))
    if level2 and "level1_code" not in line:
        line["level1_code"] = groups.get(level2, "benefit")
    if line.get("level1_code") == "cost":
        line["level1_code"] = cost_within
        line.setdefault("level2_code", "cost")
    if line.get("level1_code") == "satisfaction":
        line.setdefault("level2_code", "sat")


def _complete_nature(line: dict[str, Any]) -> None:
    value, operator = str(line.get("target_value", "")), line.get("operator")
    if "nature" not in line and value:
        if operator == "qual" or not any(letter.isdigit() for letter in value):
            line["nature"] = "qualitative"
        else:
            line["nature"] = "date" if operator == "date" or day_of(value) else "quantitative"
    implied = {"qualitative": "qual", "date": "date"}.get(str(line.get("nature")))
    if implied:
        line.setdefault("operator", implied)


def _noting(row: DeclarationRow, index: int) -> Callable[[str, str], None]:
    def note(name: str, message: str) -> None:
        severity = "warning" if name == "target_value" else "error"
        row.note(f"indicators[{index}].{name}", f"第{index + 1}行指标：{message}", severity)

    return note


def _is_group(path: str) -> bool:
    return path in ("indicators.level1_code", "indicators.level2_code")


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _short(value: Value) -> str:
    text = _text(value)
    return text if len(text) <= 30 else f"{text[:30]}…"


def _line(path: str) -> str:
    table, _, rest = path.partition("[")
    return f"第{int(rest.partition(']')[0]) + 1}行" if rest and table else ""
