"""Where does everything stand? The official table of a form: its grid, its tables of rows, its signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from forms.comparison import matched
from forms.content import row_scope
from forms.definition import Field, FormDefinition
from forms.kinds import decimal_of, number_text
from forms.problem import Problem
from forms.reading import Reading
from forms.view import Block, Cell, FormView, Mode, Row, Signature

PATTERN = "__i__"


def view(
    definition: FormDefinition,
    content: Mapping[str, Any],
    *,
    mode: Mode,
    node: str = "",
    context: Mapping[str, Any] | None = None,
    problems: Iterable[Problem] = (),
    previous: Mapping[str, Any] | None = None,
    english: bool = False,
    spare_empty: bool = False,
) -> FormView:
    """Lay a form out for one reader: ``edit`` (at ``node``), ``read`` or ``print`` (the official table).

    ``content`` may be what a person just sent; unreadable parts are shown as sent. ``previous`` is last year's content,
    shown beside the fields. Money is in 万元. ``spare_empty`` leaves out a reader's columns that nobody filled in.
    """
    reading = Reading(
        definition,
        content,
        mode=mode,
        node=node,
        context=context or {},
        problems=problems,
        previous=previous or {},
        english=english,
        spare_empty=spare_empty,
    )
    blocks = tuple(_blocks(reading))
    return FormView(
        code=definition.code,
        official_code=definition.official_code,
        title=definition.title_en if english and definition.title_en else definition.title,
        subtitle=str(content.get("fiscal_year") or ""),
        mode=mode,
        english=english,
        money=_holds_money(definition),
        blocks=blocks,
        problems=tuple(problem for problem in reading.problems if problem not in reading.placed),
    )


def _holds_money(definition: FormDefinition) -> bool:
    return any(part.unit == "万元" for field in definition.fields for part in (field, *field.columns))


def _blocks(reading: Reading) -> Iterator[Block]:
    placed: set[str] = set()
    for spec in reading.definition.layout:
        if "signatures" in spec:
            if reading.mode != "edit":
                yield Block(kind="signatures", signatures=tuple(_signatures(reading, spec["signatures"])))
            continue
        if "table" in spec:
            field = reading.definition.field(spec["table"])
            placed.add(spec["table"])
            if field is not None and _wanted(reading, field):
                yield _table(reading, field, spec)
            continue
        for row in spec["rows"]:
            placed |= {cell[key] for cell in row for key in ("field", "and", "or") if key in cell}
        yield Block(kind="grid", grid=tuple(_grid(reading, spec["rows"])))
    yield from _unplaced(reading, placed)


def _wanted(reading: Reading, table: Field) -> bool:
    rows = reading.content.get(table.id)
    return reading.present(table) and (reading.may(table.id) == "edit" or bool(rows) or table.required)


def _unplaced(reading: Reading, placed: set[str]) -> Iterator[Block]:
    """Yield the fields the layout forgets, so that no question can be lost; printed sheets show the layout only."""
    if reading.mode == "print":
        return
    for field in reading.definition.questions:
        if field.id in placed or not field.fillable or not reading.present(field):
            continue
        if field.type == "table":
            yield _table(reading, field, {})
        else:
            row = [{"label_of": field.id}, {"field": field.id}]
            yield Block(kind="grid", grid=tuple(_grid(reading, [row])))


def _signatures(reading: Reading, specs: Iterable[Mapping[str, str]]) -> Iterator[Signature]:
    for spec in specs:
        text = spec.get("text_en", spec["text"]) if reading.english else spec["text"]
        person, day = (str(reading.content.get(spec.get(name, "")) or "") for name in ("person", "day"))
        yield Signature(text=text, person=person, day=day)


def _grid(reading: Reading, rows: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of a grid; one that holds only what the reader may not see is left out, cells beside it shorten."""
    gone = {index for index, row in enumerate(rows) if all(_unseen(reading, spec) for spec in row)}
    for index, row in enumerate(rows):
        if index not in gone:
            cells = (_grid_cell(reading, spec) for spec in row)
            yield tuple(
                replace(cell, rows=cell.rows - len(gone & {*range(index, index + cell.rows)})) for cell in cells
            )


def _unseen(reading: Reading, spec: Mapping[str, Any]) -> bool:
    name = spec.get("label_of") or spec.get("field")
    return bool(name) and spec.get("rows", 1) == 1 and reading.may(str(name)) == "hidden"


def _grid_cell(reading: Reading, spec: Mapping[str, Any]) -> Cell:
    spans = {"rows": spec.get("rows", 1), "columns": spec.get("cols", 1)}
    if "text" in spec:
        text = spec.get("text_en", spec["text"]) if reading.english else spec["text"]
        return Cell(kind="heading", text=text, **spans)
    field = reading.definition.field(spec.get("label_of") or spec["field"])
    if field is None:
        return Cell(kind="value", **spans)
    if "label_of" in spec and reading.may(field.id) == "hidden":
        return Cell(kind="heading", **spans)
    if "label_of" in spec:
        needed = reading.may(field.id) == "edit" and reading.needed(field)
        return Cell(kind="heading", text=reading.label(field), name=field.id, required=needed, **spans)
    if "or" in spec and field.id not in reading.shown_fields:
        field = reading.definition.field(spec["or"]) or field
    return replace(_answer(reading, field, spec), **spans)


def _answer(reading: Reading, field: Field, spec: Mapping[str, Any]) -> Cell:
    if not reading.present(field):
        reading.problems_at(field.id)
        return Cell(kind="value", name=field.id)
    edit = reading.may(field.id) == "edit"
    given, last = reading.content.get(field.id), reading.previous.get(field.id)
    cell = reading.value(field, name=field.id, given=given, path=field.id, edit=edit, previous=last)
    code = reading.content.get(spec.get("and", ""))
    return replace(cell, text=f"{cell.text}（{code}）") if code and cell.text else cell


def _table(reading: Reading, table: Field, spec: Mapping[str, Any]) -> Block:
    editable = reading.may(table.id) == "edit"
    columns = [column for column in _columns(reading, table, spec) if reading.holds(column.show_if)]
    constants = spec.get("constants", ())
    rows = _row_values(table, reading.content.get(table.id))
    if reading.spare_empty and not editable and not table.fixed_rows:
        columns = [column for column in columns if column.required or any(_filled(row, column) for row in rows)]
    if editable and table.required and not rows:
        rows = [{}]
    partners = matched(table, _row_values(table, reading.previous.get(table.id)), rows, by=(table.key,))[0]
    built = [
        _row(reading, table, columns, constants, str(index), row, partners.get(index) or {}, editable)
        for index, row in enumerate(rows)
    ]
    growing = editable and not table.fixed_rows and not table.given
    merge = [name for name in spec.get("merge", ()) if not editable or name in {item["name"] for item in constants}]
    pattern = _row(reading, table, columns, (), PATTERN, {}, {}, True) if growing else None
    return Block(
        kind="table",
        name=table.id,
        title=reading.label(table),
        headings=tuple(_headings(reading, columns, constants, editable)),
        rows=tuple(_merged(built, merge)),
        pattern=pattern,
        totals=tuple(_totals(table, columns, constants, rows)),
        problems=reading.problems_at(table.id),
        editable=editable,
        growing=growing,
    )


def _filled(row: Mapping[str, Any], column: Field) -> bool:
    return row.get(column.id) not in (None, "", [])


def _columns(reading: Reading, table: Field, spec: Mapping[str, Any]) -> list[Field]:
    hidden = spec.get("hide", ())
    wanted = spec.get("print") if reading.mode == "print" else None
    return [c for c in table.columns if c.id not in hidden and (wanted is None or c.id in wanted)]


def _row_values(table: Field, value: Any) -> list[dict[str, Any]]:
    rows = [dict(row) for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    if not table.fixed_rows:
        return rows
    given = {row.get(table.key): row for row in rows}
    return [{**given.get(printed[table.key], {}), table.key: printed[table.key]} for printed in table.fixed_rows]


def _row(
    reading: Reading,
    table: Field,
    columns: list[Field],
    constants: Iterable[Mapping[str, Any]],
    index: str,
    row: Mapping[str, Any],
    last: Mapping[str, Any],
    editable: bool,
) -> Row:
    printed = row_scope(table, row)
    cells = [_constant(item, printed) for item in constants]
    for column in columns:
        path = f"{table.id}[{index}].{column.id}"
        name = f"{table.id}-{index}-{column.id}"
        # What a row asks for changes while it is written, unless the system gave it.
        applies = not table.given or reading.holds(column.show_if, printed)
        edit = editable and column.fillable and applies
        given = row.get(column.id) if row.get(column.id) is not None else last.get(column.previous)
        inside = (printed,) if table.given else ()
        cell = reading.value(
            column, name=name, given=given, path=path, edit=edit, previous=last.get(column.id), inside=inside
        )
        number = "" if index == PATTERN else str(int(index) + 1)
        cells.append(replace(cell, label=f"第{number}行{cell.label}" if not reading.english else cell.label))
    hidden = [(name, str(row[name])) for name in ("row_id",) if row.get(name)]
    if table.fixed_rows:
        hidden = [(table.key, str(row[table.key]))]
    return Row(
        index=index,
        number="" if index == PATTERN else str(int(index) + 1),
        hidden=tuple((f"{table.id}-{index}-{name}", value) for name, value in hidden),
        cells=tuple(cells),
        problems=reading.problems_at(f"{table.id}[{index}]"),
    )


def _headings(
    reading: Reading, columns: list[Field], constants: Iterable[Mapping[str, Any]], editable: bool
) -> Iterator[Cell]:
    for item in constants:
        yield Cell(kind="heading", text=item["label_en"] if reading.english else item["label"], column=item["name"])
    for column in columns:
        needed = editable and column.fillable and column.required
        unit = column.unit
        yield Cell(kind="heading", text=reading.label(column), required=needed, column=column.id, unit=unit,
                   help=column.help if editable else "", size=column.width)  # fmt: skip


def _constant(item: Mapping[str, Any], printed: Mapping[str, Any]) -> Cell:
    text = str(printed.get(item["name"], ""))
    return Cell(kind="heading" if item.get("heading") else "value", text=text, column=item["name"])


def _merged(rows: list[Row], names: list[str]) -> Iterator[Row]:
    """Join equal neighbours of the merged columns into one tall cell; an inner column never crosses an outer one."""
    keys = [tuple(_text_of(row, name) for name in names) for row in rows]
    for index, row in enumerate(rows):
        cells = []
        for cell in row.cells:
            depth = names.index(cell.column) + 1 if cell.column in names else 0
            if depth and index and keys[index][:depth] == keys[index - 1][:depth]:
                continue
            span = 1
            while depth and index + span < len(rows) and keys[index + span][:depth] == keys[index][:depth]:
                span += 1
            cells.append(replace(cell, rows=span))
        yield replace(row, cells=tuple(cells))


def _text_of(row: Row, name: str) -> str:
    return next((cell.text for cell in row.cells if cell.column == name), "")


def _totals(
    table: Field, columns: list[Field], constants: Iterable[Mapping[str, Any]], rows: list[dict[str, Any]]
) -> Iterator[Cell]:
    names = [item["name"] for item in constants] + [column.id for column in columns]
    if not set(names) & set(table.totals):
        return
    for name in names:
        text = number_text(_sum(rows, name)) if name in table.totals else ""
        yield Cell(kind="heading", text=text, column=name if name in table.totals else "")


def _sum(rows: list[dict[str, Any]], name: str) -> Decimal:
    total = Decimal(0)
    for row in rows:
        try:
            total += decimal_of(row.get(name)) or Decimal(0)
        except ValidationError:
            continue
    return total
