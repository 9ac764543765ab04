"""May this format (pattern) be tried on what people write? Expressions that can take forever are kept out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_FORBIDDEN = (codes.GROUPREF, codes.GROUPREF_EXISTS, codes.ASSERT, codes.ASSERT_NOT)


def pattern_fault(text: str) -> str:
    """Why a regular expression may not be used, in Chinese; "" if it may.

    A repetition inside a repetition, alternatives inside one, and references back can take time that grows without
    bound with the length of the answer.
    """
    try:
        tree = parser.parse(text)
    except (re.error, RecursionError, OverflowError):
        return "不是有效的正则表达式"
    return _fault(tree, repeated=False)


def _fault(tree: Iterable[Any], *, repeated: bool) -> str:
    for operation, given in tree:
        if operation in _FORBIDDEN:
            return "含有反向引用或前后查看，请用简单的格式"
        varies = operation in _REPEATS and given[0] != given[1]
        if repeated and (varies or operation is codes.BRANCH):
            return "在重复之内又有重复或多选，核对时可能耗时过长，请用简单的格式"
        for inner in _inner(operation, given):
            fault = _fault(inner, repeated=repeated or (operation in _REPEATS and given[1] > 1))
            if fault:
                return fault
    return ""


def _inner(operation: Any, given: Any) -> list[Any]:
    if operation in _REPEATS:
        return [given[2]]
    if operation is codes.SUBPATTERN:
        return [given[-1]]
    if operation is codes.BRANCH:
        return list(given[1])
    return [given] if operation is codes.ATOMIC_GROUP else []
