"""What do the tables of a decision file say, word for word? For comparing two versions and for showing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from service.engine.dmn.elements import child, children, reference, text_of
from service.engine.dmn.hit_policies import spelt_out
from service.engine.dmn.tokens import plain
from service.engine.xml_reader import read_xml


@dataclass(frozen=True, kw_only=True)
class WrittenColumn:
    """A column as it is written; ``text`` is the expression of a condition or the name of a result."""

    id: str
    label: str
    text: str
    type: str
    values: str
    default: str = ""


@dataclass(frozen=True, kw_only=True)
class WrittenRow:
    """A row: its number from 1, its id, the texts of its cells (conditions first) and its annotation."""

    number: int
    id: str
    cells: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class WrittenTable:
    """A decision as it is written; without columns and rows if its logic is no table, then ``text`` holds it."""

    id: str
    name: str
    policy: str = ""
    inputs: tuple[WrittenColumn, ...] = ()
    outputs: tuple[WrittenColumn, ...] = ()
    rows: tuple[WrittenRow, ...] = ()
    text: str = ""
    #: Ids of the inputs and decisions the file says it rests on.
    requires: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[WrittenColumn, ...]:
        """All columns in the order of a row's cells."""
        return (*self.inputs, *self.outputs)


def written_tables(text: bytes, filename: str = "") -> Mapping[str, WrittenTable]:
    """Return the decisions of a file by id, sound or not.

    Raises ``ReleaseError`` if it is not bounded, well-formed XML without DOCTYPE.
    """
    return {table.id: table for table in map(_table, children(read_xml(text, filename), "decision"))}


def written_inputs(text: bytes, filename: str = "") -> Mapping[str, tuple[str, str]]:
    """Return name and type of the values a file declares as inputs, by id.

    Raises ``ReleaseError`` if it is not bounded, well-formed XML without DOCTYPE.
    """
    found = {}
    for element in children(read_xml(text, filename), "inputData"):
        variable = child(element, "variable")
        kind = "" if variable is None else variable.get("typeRef") or ""
        found[element.get("id") or ""] = (plain(element.get("name") or element.get("id") or ""), kind)
    return found


def _requires(decision: etree._Element) -> tuple[str, ...]:
    needed = children(decision, "informationRequirement")
    sources = [
        source for need in needed for name in ("requiredInput", "requiredDecision") for source in children(need, name)
    ]
    return tuple(map(reference, sources))


def _table(decision: etree._Element) -> WrittenTable:
    decision_id = decision.get("id") or ""
    name = plain(decision.get("name") or decision_id)
    table = child(decision, "decisionTable")
    if table is None:
        literal = child(decision, "literalExpression")
        return WrittenTable(id=decision_id, name=name, text=text_of(literal), requires=_requires(decision))
    policy = " ".join(spelt_out(table.get("hitPolicy", ""), table.get("aggregation", ""))).strip()
    return WrittenTable(
        id=decision_id,
        name=name,
        policy=policy,
        inputs=tuple(_input(place, e) for place, e in enumerate(children(table, "input"), 1)),
        outputs=tuple(_output(place, e) for place, e in enumerate(children(table, "output"), 1)),
        rows=tuple(_rows(table)),
        requires=_requires(decision),
    )


def _input(place: int, element: etree._Element) -> WrittenColumn:
    source = child(element, "inputExpression")
    text = text_of(source)
    return WrittenColumn(
        id=element.get("id") or f"input {place}",
        label=plain(element.get("label") or text or f"第{place}列"),
        text=text,
        type="" if source is None else source.get("typeRef") or "",
        values=text_of(child(element, "inputValues")),
    )


def _output(place: int, element: etree._Element) -> WrittenColumn:
    name = element.get("name") or ""
    return WrittenColumn(
        id=element.get("id") or f"output {place}",
        label=plain(element.get("label") or name or f"结果{place}"),
        text=name,
        type=element.get("typeRef") or "",
        values=text_of(child(element, "outputValues")),
        default=text_of(child(element, "defaultOutputEntry")),
    )


def _rows(table: etree._Element) -> Iterator[WrittenRow]:
    for number, rule in enumerate(children(table, "rule"), 1):
        entries = [*children(rule, "inputEntry"), *children(rule, "outputEntry")]
        description = child(rule, "description")
        notes = [text_of(entry) for entry in children(rule, "annotationEntry")]
        notes.append("" if description is None else (description.text or "").strip())
        cells = tuple(map(text_of, entries))
        yield WrittenRow(number=number, id=rule.get("id") or "", cells=cells, note="；".join(filter(None, notes)))
