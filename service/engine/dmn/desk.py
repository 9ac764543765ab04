"""What does a reader of a model have at hand: the problems found, the file's types, the names in sight?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from service.engine.dmn.elements import is_feel, text_of
from service.engine.dmn.expressions import compile_cell, compile_expression, compile_list
from service.engine.dmn.faults import FeelFault, Findings
from service.engine.dmn.item_types import ANY_TYPE, ItemType, TypeBook
from service.engine.dmn.scope import Node
from service.engine.dmn.tokens import Vocabulary, plain

MAX_CHARACTERS = 300_000

Read = TypeVar("Read")


@dataclass(frozen=True)
class Sight:
    """The names an expression may use, with their declared types, and the Chinese words for where it stands."""

    title: str
    vocabulary: Vocabulary
    types: Mapping[str, ItemType] = field(default_factory=dict)

    def plus(self, names: Mapping[str, ItemType]) -> Sight:
        """Return a sight with further names, for example a context's earlier entries or a function's parameters."""
        return Sight(self.title, self.vocabulary.plus(names), {**self.types, **names})

    def declared(self, text: str) -> ItemType | None:
        """Return the declared type of a plain name or path, ``None`` if the text is anything else or undeclared."""
        name = plain(text)
        if name in self.types:
            return self.types[name]
        holder, _, key = name.rpartition(".")
        found = self.declared(holder) if holder else None
        return found.components.get(key.strip()) if found else None


@dataclass
class Desk:
    """Shared by the readers of one file."""

    findings: Findings
    types: TypeBook
    language: str = ""
    characters: int = 0

    def expression(self, element: etree._Element, sight: Sight, where: str) -> Node | None:
        """Read the expression in an element; a fault becomes a problem and gives ``None``."""
        return self._read(element, sight, where, compile_expression)

    def cell(self, element: etree._Element, sight: Sight, where: str) -> Node | None:
        """Read the tests of a cell; ``None`` if it admits anything or (noted as a problem) is not understood."""
        return self._read(element, sight, where, compile_cell)

    def values(self, element: etree._Element, sight: Sight, where: str) -> list[Node]:
        """Read a list of values; a fault becomes a problem and gives an empty list."""
        return self._read(element, sight, where, compile_list) or []

    def _read(
        self, element: etree._Element, sight: Sight, where: str, read: Callable[[str, Vocabulary], Read]
    ) -> Read | None:
        if not is_feel(element, self.language):
            language = element.get("expressionLanguage") or self.language
            self.error("dmn.language", element, sight, where, f"用的是 {language} 语言，只支持标准的 FEEL")
            return None
        text = text_of(element)
        self.characters += len(text)
        try:
            if self.characters > MAX_CHARACTERS:
                raise FeelFault(f"文件中的表达式合计超过{MAX_CHARACTERS}个字符")
            return read(text, sight.vocabulary)
        except RecursionError:
            self.error("dmn.expression", element, sight, where, "嵌套过深")
            return None
        except FeelFault as fault:
            self.error("dmn.expression", element, sight, where, f"写错了：{fault}")
            return None

    def error(self, code: str, element: etree._Element, sight: Sight, where: str, message: str) -> None:
        """Note what keeps the decision from being made."""
        self.findings.error(code, element, f"“{sight.title}”{where}{message}", "请改正后再试。")

    def warning(self, code: str, element: etree._Element, sight: Sight, where: str, message: str) -> None:
        """Note what is odd but has one clear meaning."""
        self.findings.warning(code, element, f"“{sight.title}”{where}{message}", "请确认这是本意。")


def untyped(names: Iterable[str]) -> dict[str, ItemType]:
    """Return names of no declared type."""
    return dict.fromkeys((plain(name) for name in names if name), ANY_TYPE)
