"""What does a reader see of a form? The parts templates show, with every text already worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from forms.problem import Problem

Mode = Literal["edit", "read", "print"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One entry of a selection."""

    value: str
    label: str
    group: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One place of the table: a heading, a text, or a control where ``control`` is set.

    ``name`` is the control's name in the page, ``text`` what a reader sees, ``value`` what the control holds.
    ``previous`` is last year's text. ``problems`` are shown at the cell. ``rows`` and ``columns`` are spans.
    """

    kind: Literal["heading", "value", "control"]
    text: str = ""
    name: str = ""
    value: str = ""
    control: str = ""
    label: str = ""
    help: str = ""
    unit: str = ""
    required: bool = False
    rows: int = 1
    columns: int = 1
    lines: int = 3
    limit: int | None = None
    options: tuple[Option, ...] = ()
    files: tuple[Mapping[str, str], ...] = ()
    accept: str = ""
    previous: str = ""
    problems: tuple[Problem, ...] = ()
    numeric: bool = False
    size: Literal["narrow", "medium", "wide"] = "medium"
    column: str = ""
    #: What stood here in the version the form is compared with, where it differs.
    was: str = ""
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table of rows; ``index`` counts from 0 and is ``__i__`` in the empty pattern row."""

    index: str
    number: str
    hidden: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...] = ()
    #: Not there in the version the form is compared with.
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A place to sign: what it is for, and who signed on which day (empty before)."""

    text: str
    person: str
    day: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of the form: a ``grid`` of cells, a ``table`` of rows, or the line of ``signatures``."""

    kind: Literal["grid", "table", "signatures"]
    grid: tuple[tuple[Cell, ...], ...] = ()
    name: str = ""
    title: str = ""
    headings: tuple[Cell, ...] = ()
    rows: tuple[Row, ...] = ()
    pattern: Row | None = None
    totals: tuple[Cell, ...] = ()
    problems: tuple[Problem, ...] = ()
    signatures: tuple[Signature, ...] = ()
    editable: bool = False
    growing: bool = False


@dataclass(frozen=True, kw_only=True)
class FormView:
    """A form ready to be shown. ``money`` tells that amounts in 万元 occur.

    ``problems`` are those that belong to no cell shown here.
    """

    code: str
    official_code: str
    title: str
    subtitle: str
    mode: Mode
    english: bool
    money: bool
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]
