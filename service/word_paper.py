"""How does an official document look as a Word file: page, headings, text, tables? Nothing in it is told apart by who ran it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

#: Headings in black type, text in imitated Song (GB/T 9704); sizes in points: 二号, 小三, 四号, 五号.
_HEADING, _TEXT = "黑体", "仿宋_GB2312"
_TITLE_SIZE, _HEADING_SIZE, _TEXT_SIZE, _TABLE_SIZE = 20, 15, 14, 10.5


def begin(title: str, at: datetime) -> Paper:
    """An A4 page under a centred title; the file says when and by which system it was made, and nothing of a person."""
    paper = Document()
    paper.core_properties.author = "绩衡"
    paper.core_properties.title = title
    paper.core_properties.created = paper.core_properties.modified = at.astimezone(UTC).replace(tzinfo=None)
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    shown = paper.add_paragraph()
    shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _written(shown, title, _HEADING, _TITLE_SIZE)
    return paper


def heading(paper: Paper, text: str) -> None:
    """A heading that stays on the page of what follows."""
    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    _written(paragraph, text, _HEADING, _HEADING_SIZE)


def line(paper: Paper, text: str, *, centred: bool = False, right: bool = False) -> None:
    """A paragraph of text, two characters in from the margin where it is not centred or set right."""
    paragraph = paper.add_paragraph()
    if centred or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(2 * _TEXT_SIZE)
    _written(paragraph, text, _TEXT, _TEXT_SIZE)


def table(paper: Paper, heads: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float] = ()) -> None:
    """A ruled table whose head is repeated on every page; figures stand on the right. Widths of columns in cm."""
    made = paper.add_table(rows=1, cols=len(heads))
    made.style = "Table Grid"
    _row(made.rows[0].cells, heads, bold=True)
    head = made.rows[0]._tr
    head.get_or_add_trPr().append(head.makeelement(qn("w:tblHeader"), {}))
    for texts in rows:
        cells = made.add_row().cells
        _row(cells, texts)
        for cell, text in zip(cells[1:], texts[1:], strict=True):
            if text.lstrip("-").replace(".", "", 1).isdecimal():
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for column, width in zip(made.columns, widths, strict=False):
        column.width = Cm(width)
    paper.add_paragraph()


def saved(paper: Paper) -> bytes:
    """The file."""
    written = BytesIO()
    paper.save(written)
    return written.getvalue()


def _row(cells: Any, texts: Sequence[str], *, bold: bool = False) -> None:
    for cell, text in zip(cells, texts, strict=True):
        _written(cell.paragraphs[0], text, _HEADING if bold else _TEXT, _TABLE_SIZE)


def _written(paragraph: Any, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(_printable(text))
    run.font.size, run.font.name = Pt(size), font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _printable(text: str) -> str:
    """The text without control characters, which no Word file can hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n")
