"""Reading expressions: operators by their rank, conditions, loops, functions, and the tests in a table's cells."""

from __future__ import annotations

from collections.abc import Callable

from service.engine.dmn import cell_tests, loops, nodes
from service.engine.dmn.atoms import Atoms
from service.engine.dmn.base_types import base_type
from service.engine.dmn.faults import FeelFault
from service.engine.dmn.scope import Node
from service.engine.dmn.tokens import Vocabulary

_ORDERS = ("<", "<=", ">", ">=")


class Expressions(Atoms):
    """Reads whole expressions and unary tests."""

    def expression(self) -> Node:
        self.deeper()
        try:
            starts: dict[str, Callable[[], Node]] = {
                "if": self._choice,
                "for": self._loop,
                "some": self._quantified,
                "every": self._quantified,
                "function": self._function,
            }
            start = starts.get(self.here.text) if self.here.kind == "word" else None
            return start() if start else self._chain("or", self._conjunction, nodes.any_of)
        finally:
            self.nesting -= 1

    def _conjunction(self) -> Node:
        return self._chain("and", self._comparison, nodes.all_of)

    def _chain(self, word: str, part: Callable[[], Node], joined: Callable[[list[Node]], Node]) -> Node:
        parts = [part()]
        while self.accept(word):
            self.logical = True
            parts.append(part())
        return parts[0] if len(parts) == 1 else joined(parts)

    def _comparison(self) -> Node:
        left = self.sum()
        sign = self.accept("=", "!=", *_ORDERS)
        if sign:
            self.logical = True
            left = nodes.comparison(left, sign, self.sum())
            if self.at("=", "!=", *_ORDERS):
                raise self.fault("比较不能连写，请用 and 分开")
        elif self.accept("between"):
            self.logical = True
            low = self.sum()
            self.expect("and")
            left = nodes.between(left, low, self.sum())
        elif self.accept("in"):
            left = self._within(left)
        elif self.accept("instance of"):
            left = self._instance(left)
        return left

    def _within(self, value: Node) -> Node:
        outer = self.asks
        if self.at("(") and not self._parentheses_hold_interval():
            self.advance()
            test = self._tests()
            self.expect(")")
        else:
            test = self._test()
        self.asks, self.logical = outer, True
        return cell_tests.within(value, test)

    def _parentheses_hold_interval(self) -> bool:
        """``x in (1..5]`` is an interval, ``x in (1, 5)`` a list of tests."""
        depth = 0
        for token in self.tokens[self.position :]:
            depth += (token.text in ("(", "[")) - (token.text in (")", "]")) if token.kind == "sign" else 0
            if depth == 0:
                return False
            if depth == 1 and token.kind == "sign" and token.text in ("..", ","):
                return token.text == ".."
        return False

    def _instance(self, value: Node) -> Node:
        words = []
        while self.here.kind in ("name", "word") and self.here.text not in ("then", "else", "or"):
            words.append(self.advance().text)
        base = base_type(" ".join(words)) if words else None
        if base is None:
            raise self.fault("instance of 后面应为基本类型，例如 number")
        self.logical = True
        return nodes.instance_of(value, base)

    def sum(self) -> Node:
        """Read a chain of + and -."""
        return self._ranked(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._ranked(("*", "/"), self._power)

    def _power(self) -> Node:
        return self._ranked(("**",), self._signed)

    def _ranked(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        first = part()
        rest: list[tuple[str, Node]] = []
        while sign := self.accept(*signs):
            rest.append((sign, part()))
        return nodes.arithmetic(first, rest) if rest else first

    def _signed(self) -> Node:
        negative = False
        while self.accept("-"):
            negative = not negative
        node = self.postfix()
        return nodes.negative(node) if negative else node

    def _choice(self) -> Node:
        self.advance()
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return nodes.choice(condition, then, self.expression())

    def _sources(self) -> list[loops.Source]:
        self.advance()
        sources: list[loops.Source] = []
        while not sources or self.accept(","):
            name = self.expect_name()
            self.expect("in")
            node = self.expression()
            if self.accept(".."):
                node = loops.span(node, self.expression())
            self.own_names.add(name)
            sources.append((name, node))
        return sources

    def _loop(self) -> Node:
        sources = self._sources()
        self.expect("return")
        return loops.loop(sources, self.expression())

    def _quantified(self) -> Node:
        every = self.here.text == "every"
        sources = self._sources()
        self.expect("satisfies")
        self.logical = True
        return loops.quantified(every, sources, self.expression())

    def _function(self) -> Node:
        self.advance()
        self.expect("(")
        parameters: list[str] = []
        while not self.accept(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.expect_name())
            if self.accept(":"):
                self.expect_name()
        self.own_names |= set(parameters)
        return loops.function(parameters, self.expression())

    def cell(self) -> Node | None:
        """Read all tests of a cell; ``None`` if it is empty or ``-`` and so admits anything."""
        if self.here.kind == "end" or (self.at("-") and self.after.kind == "end"):
            self.position = len(self.tokens) - 1
            return None
        if self.here.kind == "name" and self.here.text == "not" and self.after.text == "(":
            return self._negated()
        return self._tests()

    def _negated(self) -> Node:
        start = self.position
        self.position += 2
        test = self._tests()
        self.expect(")")
        if self.here.kind != "end":  # a condition that merely begins with not(…)
            self.position = start
            return self._tests()
        return cell_tests.not_test(test)

    def _tests(self) -> Node:
        tests = [self._test()]
        while self.accept(","):
            tests.append(self._test())
        return cell_tests.some_test(tests)

    def _test(self) -> Node:
        sign = self.accept("=", "!=", *_ORDERS)
        if sign in _ORDERS:
            return cell_tests.order_test(str(sign), self.sum())
        if self.at("-") and self.after.text in (",", ")") and self.after.kind == "sign":
            raise self.fault("- 表示不限，不能与其他条件并列")
        self.asks = self.logical = False
        node = self.sum() if sign else self.expression()
        if sign == "!=":
            return cell_tests.unequal_test(node)
        return cell_tests.value_test(node, self.asks, self.logical)


def compile_expression(text: str, vocabulary: Vocabulary) -> Node:
    """Read an expression; raises ``FeelFault`` with the place of what is not understood."""
    if not text.strip():
        raise FeelFault("表达式是空的")
    reader = Expressions(text, vocabulary)
    node = reader.expression()
    reader.expect_end()
    return node


def compile_cell(text: str, vocabulary: Vocabulary) -> Node | None:
    """Read the tests of a cell, to be worked out with the tested value under ``?``; ``None`` admits anything.

    Raises ``FeelFault`` with the place of what is not understood.
    """
    reader = Expressions(text, vocabulary)
    node = reader.cell()
    reader.expect_end()
    return node


def compile_list(text: str, vocabulary: Vocabulary) -> list[Node]:
    """Read values separated by commas, as in a list of output values; raises ``FeelFault`` like the others."""
    reader = Expressions(text, vocabulary)
    values = [reader.expression()]
    while reader.accept(","):
        values.append(reader.expression())
    reader.expect_end()
    return values
