"""Where did a form change? A view of the form with old and new side by side at each changed place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from forms.comparison import ROW_GONE, Change
from forms.view import Block, Cell, FormView, Row


def marked(view: FormView, changes: Iterable[Change]) -> FormView:
    """Return a view whose changed cells carry what stood there before (``was``) and whose new rows say so.

    Rows that are gone have no place in the view; they are left to the list of changes.
    """
    old = {change.path: change.old for change in changes if change.new != ROW_GONE}
    return replace(view, blocks=tuple(_block(block, old) for block in view.blocks))


def _block(block: Block, old: Mapping[str, str]) -> Block:
    grid = tuple(tuple(_cell(cell, cell.name, old) for cell in row) for row in block.grid)
    rows = tuple(_row(block, row, old) for row in block.rows)
    return replace(block, grid=grid, rows=rows)


def _row(block: Block, row: Row, old: Mapping[str, str]) -> Row:
    place = f"{block.name}[{row.index}]"
    cells = tuple(_cell(cell, f"{place}.{cell.column}", old) for cell in row.cells)
    return replace(row, cells=cells, fresh=place in old and old[place] == "")


def _cell(cell: Cell, path: str, old: Mapping[str, str]) -> Cell:
    return replace(cell, was=old[path], changed=True) if cell.kind != "heading" and path in old else cell
