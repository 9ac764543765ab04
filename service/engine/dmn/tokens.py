"""Which words does an expression consist of? Names of the model may hold spaces, dots, dashes and even operators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.engine.dmn.faults import FeelFault

MAX_LENGTH = 10_000
MAX_TOKENS = 3_000
KEYWORDS = frozenset(
    [
        "and",
        "or",
        "between",
        "in",
        "if",
        "then",
        "else",
        "for",
        "return",
        "some",
        "every",
        "satisfies",
        "true",
        "false",
        "null",
        "function",
    ]
)
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*")
_PIECE = re.compile(r"(\s*)(\w+|[^\w\s])")
_SPACE = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*)+", re.DOTALL)
_SIGN = re.compile(r"\*\*|\.\.|<=|>=|!=|->|==|[-+*/<>=()\[\]{},.:@?]")
_INSTANCE_OF = re.compile(r"instance\s+of\b")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_CHINESE = {"。": ".", "“": '"', "”": '"', "‘": '"', "’": '"', "【": "[", "】": "]"}
#: What word processors make of the language's signs.
_TYPESET = {
    **dict.fromkeys("\u2212\u2013\u2014", "-"),
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "\u00d7": "*",
    "÷": "/",
    "、": ",",
    "…": "..",
}
#: Names of the standard that hold a keyword.
_STANDARD = ("date and time", "years and months duration")


@dataclass(frozen=True)
class Token:
    """One word: ``kind`` is number, string, name, word (a keyword), sign or end; ``place`` counts from 1."""

    kind: str
    text: str
    place: int


def plain(name: str) -> str:
    """Return a name with every run of white space as one space."""
    return " ".join(name.split())


class Vocabulary:
    """The names an expression may use, so that ``Years of Service`` or ``Pre-bureau risk`` is read as one name."""

    def __init__(self, names: Iterable[str] = _STANDARD, outer: Vocabulary | None = None) -> None:
        self._own = frozenset(plain(name) for name in names if name and name.strip())
        self._outer = outer

    def plus(self, names: Iterable[str]) -> Vocabulary:
        """Return a vocabulary with further names."""
        return Vocabulary(names, self)

    def knows(self, name: str) -> bool:
        """Is this one of the names?"""
        return name in self._own or (self._outer is not None and self._outer.knows(name))

    @cached_property
    def _tree(self) -> dict[str, Any]:
        """The names with spaces or signs, piece by piece; ``""`` marks the end of a name and holds it."""
        tree: dict[str, Any] = {}
        for name in self._own:
            if not _WORD.fullmatch(name) or name in KEYWORDS:
                node = tree
                for space, piece in _PIECE.findall(name):
                    node = node.setdefault(f" {piece}" if space else piece, {})
                node[""] = name
        return tree

    def match(self, text: str, start: int) -> tuple[str, int] | None:
        """Return the longest name with spaces or signs that begins here, and where it ends."""
        own = self._longest(text, start)
        outer = self._outer.match(text, start) if self._outer else None
        return max((name for name in (own, outer) if name), key=lambda name: name[1], default=None)

    def _longest(self, text: str, start: int) -> tuple[str, int] | None:
        longest = None
        node, end = self._tree, start
        while node and (piece := _PIECE.match(text, end)):
            node = node.get(f" {piece[2]}" if piece[1] else piece[2], {})
            end = piece.end()
            if "" in node:
                longest = node[""], end
        return longest


def tokens(text: str, vocabulary: Vocabulary) -> list[Token]:
    """Split an expression into its words, an ``end`` last.

    Raises ``FeelFault`` for signs the language does not know and for texts beyond the limits.
    """
    if len(text) > MAX_LENGTH:
        raise FeelFault(f"表达式超过{MAX_LENGTH}个字符")
    found = [*_joined(_scan(text, vocabulary), text), Token("end", "", len(text) + 1)]
    if len(found) > MAX_TOKENS:
        raise FeelFault(f"表达式超过{MAX_TOKENS}个词")
    return found


def _scan(text: str, vocabulary: Vocabulary) -> Iterator[tuple[Token, int]]:
    place = 0
    while place < len(text):
        space = _SPACE.match(text, place)
        if space:
            place = space.end()
            continue
        token, place = _next(text, place, vocabulary)
        yield token, place


def _next(text: str, place: int, vocabulary: Vocabulary) -> tuple[Token, int]:
    known = vocabulary.match(text, place)
    if known:
        return Token("name", known[0], place + 1), known[1]
    if text[place] == "`":
        return _quoted(text, place)
    for kind, pattern in (("number", _NUMBER), ("word", _WORD), ("string", _STRING), ("sign", _SIGN)):
        found = pattern.match(text, place)
        if found and not (kind == "number" and text.startswith("..", place)):
            return _token(kind, found.group(), place, text), _end(kind, found, text)
    raise FeelFault(_unknown(text, place))


def _token(kind: str, word: str, place: int, text: str) -> Token:
    if kind == "string":
        return Token(kind, _text(word[1:-1]), place + 1)
    if kind == "word" and _INSTANCE_OF.match(text, place):
        return Token("word", "instance of", place + 1)
    if kind == "word" and word not in KEYWORDS:
        return Token("name", word, place + 1)
    return Token("name" if word == "?" else kind, word, place + 1)


def _end(kind: str, found: re.Match[str], text: str) -> int:
    instance = _INSTANCE_OF.match(text, found.start()) if kind == "word" else None
    return (instance or found).end()


def _quoted(text: str, place: int) -> tuple[Token, int]:
    end = text.find("`", place + 1)
    if end < 0:
        raise FeelFault(f"第{place + 1}个字符处的 ` 没有成对")
    return Token("name", plain(text[place + 1 : end]), place + 1), end + 1


def _joined(scanned: Iterator[tuple[Token, int]], text: str) -> Iterator[Token]:
    """Two names side by side mean nothing in the language: they are one name with a space."""
    kept: Token | None = None
    kept_end = 0
    for token, end in scanned:
        if kept and kept.kind == token.kind == "name" and not text[kept_end : token.place - 1].strip():
            both = f"{kept.text} {token.text}"
            if "?" not in (kept.text, token.text):
                kept, kept_end = Token("name", both, kept.place), end
                continue
        if kept:
            yield kept
        kept, kept_end = token, end
    if kept:
        yield kept


def _text(written: str) -> str:
    """Escapes may name the two halves of one character."""
    text = _ESCAPE.sub(_unescape, written)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else found.group()
    return _ESCAPED.get(found[3], found.group())


def _unknown(text: str, place: int) -> str:
    character = text[place]
    where = f"第{place + 1}个字符处"
    if character in _TYPESET:
        return f"{where}的“{character}”不是决策表的符号，请改为 {_TYPESET[character]}"
    half = _CHINESE.get(character) or unicodedata.normalize("NFKC", character)
    if half != character and half.isascii():
        return f"{where}的“{character}”是全角符号，请改为半角的 {half}"
    if character == '"':
        return f"{where}的引号没有成对"
    if character == "'":
        return f"{where}：文字要用双引号括起来"
    return f"{where}的“{character}”无法识别"
