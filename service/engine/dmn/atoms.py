"""Reading the innermost parts of an expression: literals, names, calls, lists, contexts, intervals, paths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal

from service.engine.dmn import loops, nodes
from service.engine.dmn.cursor import Cursor
from service.engine.dmn.functions import BUILTINS, CLOCK
from service.engine.dmn.scope import TESTED, Node
from service.engine.dmn.time_functions import CONSTRUCTORS
from service.engine.dmn.tokens import Token, plain
from service.engine.dmn.values import NUMBERS

_WORDS = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 34


class Atoms(Cursor, ABC):
    """Reads what binds tightest."""

    @abstractmethod
    def expression(self) -> Node:
        """Read a whole expression."""

    def postfix(self) -> Node:
        """Read an atom with the paths, filters and calls that follow it."""
        node = self.atom()
        while True:
            if self.accept("."):
                node = nodes.path(node, self._key())
            elif self.at("[") and self._starts_value(self.after):
                self.advance()
                node = loops.filtered(node, self.expression())
                self.expect("]")
            else:
                return node

    def atom(self) -> Node:
        """Read one literal, name, call, list, context or bracketed expression."""
        token = self.here
        if token.kind == "number":
            return nodes.constant(self._number())
        if token.kind == "string":
            return nodes.constant(self.advance().text)
        if token.kind == "name":
            return self._named()
        if token.kind == "word" and token.text in _WORDS:
            return nodes.constant(_WORDS[self.advance().text])
        return self._bracketed()

    @staticmethod
    def _starts_value(token: Token) -> bool:
        """Tell ``list[1]`` from the open end of ``]1..list[``."""
        if token.kind == "sign":
            return token.text in ("(", "[", "]", "{", "@", "-")
        return token.kind != "end" and token.text not in ("and", "or", "then", "else", "return", "satisfies", "in")

    def _number(self) -> Decimal:
        text = self.here.text
        if len(text.replace(".", "").lstrip("0")) > _MAX_DIGITS and "e" not in text.lower():
            raise self.fault(f"数字超过{_MAX_DIGITS}位，不能精确表示")
        return NUMBERS.create_decimal(self.advance().text)

    def _key(self) -> str:
        if self.here.kind == "word":  # a keyword is a fine name after a dot
            return self.advance().text
        return self.expect_name()

    def _named(self) -> Node:
        name = self.advance().text
        if name == TESTED:
            self.asks = True
        if self.at("("):
            return self._call(name)
        return nodes.name(name)

    def _call(self, name: str) -> Node:
        known = self.vocabulary.knows(name) or name in self.own_names
        if name in CLOCK and not known:
            raise self.fault(f"不能用 {name}() 取当前时间，请把日期作为输入给出")
        if not known and name not in BUILTINS and name not in loops.HIGHER:
            raise self.fault(f"没有函数“{name}”")
        self.logical = True
        literal = self.tokens[self.position + 1] if self.tokens[self.position + 2].text == ")" else None
        if literal and literal.kind == "string" and name in CONSTRUCTORS:
            self.position += 3
            return nodes.constant(CONSTRUCTORS[name](literal.text))
        self.advance()
        return self._arguments(name)

    def _arguments(self, name: str) -> Node:
        positional: list[Node] = []
        named: dict[str, Node] = {}
        while not self.accept(")"):
            if positional or named:
                self.expect(",")
            if self.here.kind == "name" and self.after.text == ":" and self.after.kind == "sign":
                key = self.advance().text
                self.advance()
                named[key] = self.expression()
            else:
                positional.append(self.expression())
        if positional and named:
            raise self.fault("参数要么都按位置、要么都按名称给出")
        return loops.call(name, positional, named)

    def _bracketed(self) -> Node:
        if self.at("("):
            return self._parentheses()
        if self.at("[", "]"):
            return self._list_or_interval()
        if self.at("{"):
            return self._context()
        if self.accept("@"):
            if self.here.kind != "string":
                raise self.fault('@ 后面应为文字，例如 @"2026-03-01"')
            return nodes.moment(self.advance().text)
        raise self.fault("这里应为值或名称" if self.here.kind == "end" else f"{self.here.text[:20]} 不能出现在这里")

    def _parentheses(self) -> Node:
        self.advance()
        inside = self.expression()
        if self.at(".."):
            return self._interval_from(inside, low_included=False)
        self.expect(")")
        return inside

    def _list_or_interval(self) -> Node:
        opening = self.advance().text
        if opening == "[" and self.accept("]"):
            return nodes.listed([])
        first = self.expression()
        if self.at("..") or opening == "]":
            return self._interval_from(first, low_included=opening == "[")
        parts = [first]
        while self.accept(","):
            parts.append(self.expression())
        self.expect("]")
        return nodes.listed(parts)

    def _interval_from(self, low: Node, low_included: bool) -> Node:
        self.expect("..")
        high = self.expression()
        closing = self.accept("]", ")", "[")
        if closing is None:
            raise self.fault("区间应以 ]、) 或 [ 结束")
        return nodes.interval(low, high, low_included, closing == "]")

    def _context(self) -> Node:
        self.advance()
        entries: list[tuple[str, Node]] = []
        while not self.accept("}"):
            if entries:
                self.expect(",")
            key = plain(self.advance().text) if self.here.kind == "string" else self.expect_name()
            self.expect(":")
            self.own_names.add(key)
            entries.append((key, self.expression()))
        return nodes.context(entries)
