"""How does a table of a board stand on a sheet? A title, headings, a line for each row; ready to be printed."""

from collections.abc import Callable, Sequence
from typing import Any

from service.workbooks.drawing import Book, CellValue, Look, on_paper, put, put_merged, widen

Read = Callable[[Any], CellValue]
#: Heading, width in characters, look, and what stands in the column.
Columns = Sequence[tuple[str, float, Look, Read]]


def board_sheet(book: Book, name: str, title: str, columns: Columns, rows: Sequence[Any]) -> None:
    """Put rows on a new sheet of a book; title and headings stay in view."""
    sheet = book.sheet(name)
    put_merged(sheet, (0, 0, 0, len(columns) - 1), title, "title")
    for place, (heading, _, _, _) in enumerate(columns):
        put(sheet, 1, place, heading, "heading")
    for line, row in enumerate(rows, 2):
        for place, (_, _, look, read) in enumerate(columns):
            put(sheet, line, place, read(row), look)
    widen(sheet, {place: width for place, (_, width, _, _) in enumerate(columns)})
    sheet.freeze_panes = "B3"
    on_paper(sheet)
