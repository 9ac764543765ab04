"""Can the official table of a form be drawn? Blocks, cells and their spans, tables and signatures; said with the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Found = Iterator[tuple[str, str]]
_MOST_BLOCKS = 60
_MOST_ROWS = 200
_MOST_SPAN = 24
_KINDS = ("rows", "table", "signatures")
_CELL = frozenset({"text", "text_en", "label_of", "field", "and", "or", "rows", "cols"})
_TABLE = frozenset({"table", "merge", "constants", "hide", "print"})
_CONSTANT = frozenset({"name", "heading", "label", "label_en"})
_SIGNATURE = frozenset({"text", "text_en", "person", "day"})


def layout(raw: Mapping[str, Any]) -> Found:
    """Yield the path and the Chinese sentence of everything wrong with the layout of a well-shaped definition."""
    fields = {field["id"]: field for field in raw["fields"] if field["type"] != "section"}
    blocks = raw.get("layout", ())
    if len(blocks) > _MOST_BLOCKS:
        yield "layout", f"版式超过{_MOST_BLOCKS}块"
        return
    for index, block in enumerate(blocks):
        place, title = f"layout.{index}", f"版式第{index + 1}块"
        kinds = [kind for kind in _KINDS if kind in block]
        if len(kinds) != 1:
            yield place, f"{title}应是表格行（rows）、明细表（table）或签字栏（signatures）中的一种"
        elif kinds == ["rows"]:
            yield from _rows(block, place, title, fields)
        elif kinds == ["table"]:
            yield from _table(block, place, title, fields)
        else:
            yield from _signatures(block["signatures"], f"{place}.signatures", title, fields)


def _rows(block: Mapping[str, Any], place: str, title: str, fields: Mapping[str, Any]) -> Found:
    rows = block["rows"]
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_ROWS or not all(isinstance(row, list) for row in rows):
        yield f"{place}.rows", f"{title}应有1到{_MOST_ROWS}行，每行是一列格子"
        return
    if set(block) - {"rows"}:
        yield place, f"{title}有不认识的属性 {'、'.join(sorted(set(block) - {'rows'}))}"
    sound = True
    for row_index, row in enumerate(rows):
        for cell_index, cell in enumerate(row):
            where = f"{place}.rows.{row_index}.{cell_index}"
            for path, sentence in _cell(cell, where, f"{title}第{row_index + 1}行第{cell_index + 1}格", fields):
                sound = False
                yield path, sentence
    if sound:
        yield from _widths(rows, place, title)


def _cell(cell: Any, place: str, title: str, fields: Mapping[str, Any]) -> Found:
    if not isinstance(cell, Mapping):
        yield place, f"{title}应是一组属性"
        return
    if set(cell) - _CELL:
        yield place, f"{title}有不认识的属性 {'、'.join(sorted(map(str, set(cell) - _CELL)))}"
    if len({"text", "label_of", "field"} & set(cell)) != 1:
        yield place, f"{title}应写明文字（text）、字段名称（label_of）或字段（field）中的一种"
    if not all(isinstance(cell.get(name, ""), str) for name in ("text", "text_en")):
        yield place, f"{title}的文字应为文本"
    yield from _cell_fields(cell, place, title, fields)
    for name in ("rows", "cols"):
        span = cell.get(name, 1)
        if type(span) is not int or not 1 <= span <= _MOST_SPAN:
            yield place, f"{title}所占的行数、列数应在1与{_MOST_SPAN}之间"


def _cell_fields(cell: Mapping[str, Any], place: str, title: str, fields: Mapping[str, Any]) -> Found:
    for name in ("label_of", "field", "and", "or"):
        if name not in cell:
            continue
        found = fields.get(cell[name]) if isinstance(cell[name], str) else None
        if found is None:
            yield place, f"{title}引用了不存在的字段“{cell[name]}”"
        elif name == "field" and found["type"] == "table":
            yield place, f"{title}的“{found['label']}”是明细表，请单独成块"


def _widths(rows: list[Any], place: str, title: str) -> Found:
    """Every row of a grid must fill as many columns as the first one, cells that reach down from above included."""
    reaching: dict[int, int] = {}
    width = None
    for index, row in enumerate(rows):
        own = sum(cell.get("cols", 1) for cell in row)
        filled = own + sum(columns for last, columns in reaching.items() if last >= index)
        width = filled if width is None else width
        if filled != width:
            yield f"{place}.rows.{index}", f"{title}第{index + 1}行占{filled}列，第1行占{width}列，请使各行列数相同"
            return
        for cell in row:
            if cell.get("rows", 1) > 1:
                last = index + cell["rows"] - 1
                reaching[last] = reaching.get(last, 0) + cell.get("cols", 1)
        reaching = {last: columns for last, columns in reaching.items() if last > index}
    if reaching:
        yield place, f"{title}有格子向下占的行数超过了这一块的行数"


def _table(block: Mapping[str, Any], place: str, title: str, fields: Mapping[str, Any]) -> Found:
    name = block["table"]
    table = fields.get(name) if isinstance(name, str) else None
    if table is None or table["type"] != "table":
        yield place, f"{title}引用了不存在的明细表“{name}”"
        return
    if set(block) - _TABLE:
        yield place, f"{title}有不认识的属性 {'、'.join(sorted(set(block) - _TABLE))}"
    printed = {key for row in table.get("fixed_rows", ()) for key in row}
    names = {column["id"] for column in table.get("columns", ())}
    for key in ("merge", "hide", "print"):
        listed = block.get(key, [])
        known = names | printed if key == "merge" else names
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            yield f"{place}.{key}", f"{title}的 {key} 应为一列列名"
        else:
            for one in sorted(set(listed) - known):
                yield f"{place}.{key}", f"{title}引用了“{table['label']}”没有的列“{one}”"
    yield from _constants(block.get("constants", []), f"{place}.constants", title, printed)


def _constants(listed: Any, place: str, title: str, printed: set[str]) -> Found:
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        yield place, f"{title}的固定列应为一列属性"
        return
    for index, one in enumerate(listed):
        words = [one.get(name) for name in ("name", "label", "label_en")]
        if set(one) - _CONSTANT or not all(isinstance(word, str) for word in words):
            yield f"{place}.{index}", f"{title}第{index + 1}个固定列应有 name、label、label_en，可有 heading"
        elif one["name"] not in printed:
            yield f"{place}.{index}", f"{title}的固定列“{one['name']}”不在固定行中"


def _signatures(listed: Any, place: str, title: str, fields: Mapping[str, Any]) -> Found:
    if not isinstance(listed, list) or not listed or not all(isinstance(one, Mapping) for one in listed):
        yield place, f"{title}的签字栏应为一列属性"
        return
    for index, one in enumerate(listed):
        where, words = f"{place}.{index}", f"{title}第{index + 1}个签字栏"
        if set(one) - _SIGNATURE or not all(isinstance(word, str) for word in one.values()) or not one.get("text"):
            yield where, f"{words}应写明文字（text），可有 text_en、person、day"
            continue
        for name in ("person", "day"):
            if name in one and one[name] not in fields:
                yield where, f"{words}引用了不存在的字段“{one[name]}”"
