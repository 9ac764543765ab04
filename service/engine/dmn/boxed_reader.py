"""From the XML of a decision's logic to something that can be worked out: tables, contexts, calls, lists, functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from service.engine.dmn import loops, nodes
from service.engine.dmn.desk import Desk, Sight, untyped
from service.engine.dmn.elements import child, children, parts, text_of
from service.engine.dmn.item_types import ItemType
from service.engine.dmn.scope import Node, Scope
from service.engine.dmn.table import DecisionTable
from service.engine.dmn.table_reader import read_table
from service.engine.dmn.tokens import plain
from service.engine.namespace import local

MAX_NESTING = 15
_NAMES = {"for": "return", "every": "satisfies", "some": "satisfies"}


class BoxedReader:
    """Reads the logic of one decision or function."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.nesting = 0
        self._kinds: dict[str, Callable[[etree._Element, Sight], Node | None]] = {
            "literalExpression": self._literal,
            "decisionTable": self._table,
            "context": self._context,
            "invocation": self._invocation,
            "list": self._list,
            "relation": self._relation,
            "functionDefinition": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iterator,
            "every": self._iterator,
            "some": self._iterator,
        }

    def logic(self, holder: etree._Element) -> etree._Element | None:
        """Return the element that holds the logic of a decision, an entry or a function, ``None`` if there is none."""
        return next((found for found in parts(holder) if local(found) in self._kinds), None)

    def read(self, element: etree._Element | None, holder: etree._Element, sight: Sight) -> Node | None:
        """Read one piece of logic; ``None`` if it is missing or has errors, which are noted."""
        if element is None:
            self.desk.error("dmn.logic", holder, sight, "", "没有可以计算的逻辑")
            return None
        self.nesting += 1
        try:
            if self.nesting > MAX_NESTING:
                self.desk.error("dmn.logic", element, sight, "", f"嵌套超过{MAX_NESTING}层")
                return None
            return self._kinds[local(element)](element, sight)
        finally:
            self.nesting -= 1

    def _inside(self, holder: etree._Element, sight: Sight) -> Node | None:
        return self.read(self.logic(holder), holder, sight)

    def _literal(self, element: etree._Element, sight: Sight) -> Node | None:
        if child(element, "importedValues") is not None:
            self.desk.error("dmn.import", element, sight, "", "引用了别的文件中的值，不支持")
            return None
        return self.desk.expression(element, sight, "")

    def _table(self, element: etree._Element, sight: Sight) -> Node | None:
        table = read_table(element, self.desk, sight)
        return None if table is None else table_node(table)

    def _context(self, element: etree._Element, sight: Sight) -> Node | None:
        entries: list[tuple[str, Node]] = []
        last: Node | None = None
        complete = True
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            name = "" if variable is None else plain(variable.get("name", ""))
            inside = Sight(f"{sight.title}.{name}", sight.vocabulary, sight.types) if name else sight
            node = self._inside(entry, inside)
            complete = complete and node is not None
            if variable is None or not name:
                last = node
            elif node is not None:
                entries.append((name, node))
            if variable is not None and name:
                sight = sight.plus({name: self.desk.types.type(variable.get("typeRef"), variable)})
        if not complete:
            return None
        return nodes.context(entries) if last is None else _result_of(entries, last)

    def _invocation(self, element: etree._Element, sight: Sight) -> Node | None:
        name = plain(text_of(child(element, "literalExpression")))
        named: dict[str, Node] = {}
        complete = bool(name)
        if not name:
            self.desk.error("dmn.invocation", element, sight, "", "的调用没有写明函数")
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            node = self._inside(binding, sight)
            complete = complete and node is not None
            if node is not None and parameter is not None:
                named[plain(parameter.get("name", ""))] = node
        return loops.call(name, (), named) if complete else None

    def _list(self, element: etree._Element, sight: Sight) -> Node | None:
        items = [self.read(part, element, sight) for part in parts(element) if local(part) in self._kinds]
        return _if_complete(items, nodes.listed)

    def _relation(self, element: etree._Element, sight: Sight) -> Node | None:
        columns = [plain(column.get("name", "")) for column in children(element, "column")]
        rows: list[Node | None] = []
        for number, row in enumerate(children(element, "row"), 1):
            cells = [self.read(part, row, sight) for part in parts(row) if local(part) in self._kinds]
            if len(cells) != len(columns):
                self.desk.error("dmn.relation", row, sight, f"第{number}行", "的列数与表头不符")
                return None
            rows.append(_if_complete(cells, lambda found: nodes.context(list(zip(columns, found, strict=True)))))
        return _if_complete(rows, nodes.listed)

    def function(self, element: etree._Element, sight: Sight) -> Node | None:
        """Read a function; called, it works out its body with its parameters in scope."""
        parameters = self.parameters(element)
        body = self.body(element, sight.plus(parameters))
        return None if body is None else loops.function(tuple(parameters), body)

    def parameters(self, element: etree._Element) -> dict[str, ItemType]:
        """Return the parameters of a function with their declared types."""
        found = children(element, "formalParameter")
        return {plain(e.get("name", "")): self.desk.types.type(e.get("typeRef"), e) for e in found}

    def body(self, element: etree._Element, sight: Sight) -> Node | None:
        """Read the body of a function whose parameters are in sight."""
        if element.get("kind", "FEEL").upper() not in ("FEEL", "F"):
            self.desk.error("dmn.function", element, sight, "", f"是 {element.get('kind')} 函数，只支持 FEEL")
            return None
        return self._inside(element, sight)

    def _conditional(self, element: etree._Element, sight: Sight) -> Node | None:
        found = [self._part(element, name, sight) for name in ("if", "then", "else")]
        return _if_complete(found, lambda three: nodes.choice(*three))

    def _filter(self, element: etree._Element, sight: Sight) -> Node | None:
        within = self._part(element, "in", sight)
        match = self._part(element, "match", sight.plus(untyped(["item"])))
        return _if_complete([within, match], lambda two: loops.filtered(*two))

    def _iterator(self, element: etree._Element, sight: Sight) -> Node | None:
        name, kind = plain(element.get("iteratorVariable", "")), local(element)
        within = self._part(element, "in", sight)
        result = self._part(element, _NAMES[kind], sight.plus(untyped([name])))

        def joined(two: list[Node]) -> Node:
            sources = [(name, two[0])]
            return loops.loop(sources, two[1]) if kind == "for" else loops.quantified(kind == "every", sources, two[1])

        return _if_complete([within, result], joined)

    def _part(self, element: etree._Element, name: str, sight: Sight) -> Node | None:
        holder = child(element, name)
        return self._inside(element if holder is None else holder, sight)


def table_node(table: DecisionTable) -> Node:
    """Return the table as an expression: asked, it gives the value of its answer."""
    return lambda scope: table.ask(scope).value


def _result_of(entries: list[tuple[str, Node]], last: Node) -> Node:
    """A context whose last entry has no name is that entry's value."""

    def run(scope: Scope) -> Any:
        values: dict[str, Any] = {}
        inside = scope.inner(values)
        for key, node in entries:
            values[key] = node(inside)
        return last(inside)

    return run


def _if_complete(found: list[Node | None], joined: Callable[[list[Node]], Node]) -> Node | None:
    complete = [node for node in found if node is not None]
    return joined(complete) if len(complete) == len(found) else None
