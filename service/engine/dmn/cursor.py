"""Where in an expression is the reader, and what comes next?"""

from __future__ import annotations

from service.engine.dmn.faults import FeelFault
from service.engine.dmn.tokens import Token, Vocabulary, tokens

MAX_NESTING = 30


class Cursor:
    """Walks over the words of one expression."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.tokens = tokens(text, vocabulary)
        self.position = 0
        self.nesting = 0
        #: Names the expression itself introduces: loop variables, parameters, keys.
        self.own_names: set[str] = set()
        #: Did what was read last use ``?``, and was it a comparison or a call?
        self.asks = False
        self.logical = False

    @property
    def here(self) -> Token:
        """The word the reader is at."""
        return self.tokens[self.position]

    @property
    def after(self) -> Token:
        """The word after that."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def at(self, *texts: str) -> bool:
        """Is the reader at one of these signs or keywords?"""
        return self.here.kind in ("sign", "word") and self.here.text in texts

    def advance(self) -> Token:
        """Return the word the reader is at and go on to the next."""
        token = self.here
        if token.kind != "end":
            self.position += 1
        return token

    def accept(self, *texts: str) -> str | None:
        """Go past one of these signs or keywords and return it, ``None`` if something else is here."""
        return self.advance().text if self.at(*texts) else None

    def expect(self, text: str) -> None:
        """Go past this sign or keyword; raises ``FeelFault`` if something else is here."""
        if not self.accept(text):
            raise self.fault(f"这里应为 {text}")

    def expect_name(self) -> str:
        """Go past a name and return it; raises ``FeelFault`` if something else is here."""
        if self.here.kind != "name":
            raise self.fault("这里应为名称")
        return self.advance().text

    def expect_end(self) -> None:
        """Raises ``FeelFault`` unless everything has been read."""
        if self.here.kind != "end":
            raise self.fault(_hint(self.here) or f"多出了 {self.here.text[:20]}")

    def deeper(self) -> None:
        """Count one level of nesting; raises ``FeelFault`` beyond the limit."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.fault(f"嵌套超过{MAX_NESTING}层")

    def fault(self, message: str) -> FeelFault:
        """Return a fault that says where the reader is."""
        where = "末尾处" if self.here.kind == "end" else f"第{self.here.place}个字符处"
        return FeelFault(f"{where}：{message}")


def _hint(token: Token) -> str | None:
    if token.text == "==":
        return "相等写作 ="
    return "逻辑运算写作 and、or" if token.text in ("&", "|") else None
