"""How do people read a decision table, and what does it ask? For read-only pages and the panel where values are tried."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from service.engine import ReleaseError
from service.engine.dmn import WrittenTable, written_inputs, written_tables

#: What a column reads where that is a plain name, not an expression.
_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")
_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "UNIQUE": "唯一：任何输入只有一行相符",
        "FIRST": "首行：取第一个相符的行",
        "ANY": "任意：相符的行结果须一致",
        "PRIORITY": "优先：取输出值次序在前的",
        "RULE ORDER": "按行次序列出所有相符行的结果",
        "OUTPUT ORDER": "按输出值次序列出所有相符行的结果",
        "COLLECT": "汇集所有相符行的结果",
        "COLLECT SUM": "相符行的结果求和",
        "COLLECT MIN": "取相符行的最小结果",
        "COLLECT MAX": "取相符行的最大结果",
        "COLLECT COUNT": "相符行的个数",
    }
)


_TYPES: Mapping[str, str] = MappingProxyType(
    {"string": "文字", "number": "数字", "boolean": "是否", "date": "日期", "time": "时间", "dateTime": "日期时间"}
)


def type_words(name: str) -> str:
    """What a type is called; its own name if it is none of the usual ones."""
    return _TYPES.get(name, name)


def tables(text: bytes, filename: str = "") -> list[WrittenTable]:
    """The decisions of a file as they are written; none if it cannot be read."""
    try:
        return list(written_tables(text, filename).values())
    except ReleaseError:
        return []


def policy_words(policy: str) -> str:
    """What a hit policy means; the policy itself if it is not known."""
    return _POLICIES.get(policy, policy)


def questions(text: bytes, filename: str = "") -> list[dict[str, Any]]:
    """Per decision that can be asked: its id, name, and the values it asks for with their types.

    These are the inputs it and the decisions it rests on declare, and the names their columns read beside them.
    """
    try:
        written, inputs = written_tables(text, filename), written_inputs(text, filename)
    except ReleaseError:
        return []
    made = {name for table in written.values() for name in (table.id, table.name)}
    found = []
    for table in written.values():
        reached = _resting(written, table)
        labels = {column.text: column.label for one in reached for column in one.inputs}
        needed = [inputs[name] for one in reached for name in one.requires if name in inputs]
        asked = dict(needed)
        for column in (column for one in reached for column in one.inputs):
            if _NAME.fullmatch(column.text) and column.text not in made:
                asked.setdefault(column.text, column.type)
        told = [{"name": name, "label": labels.get(name, name), "type": kind} for name, kind in asked.items()]
        found.append({"id": table.id, "name": table.name, "inputs": told})
    return found


def _resting(written: Mapping[str, WrittenTable], table: WrittenTable) -> list[WrittenTable]:
    """A decision and all it rests on, by what it declares and by the names its columns read; itself first."""
    named = {table.name: table for table in written.values()} | dict(written)
    found: dict[str, WrittenTable] = {}
    left = [table]
    while left:
        one = left.pop(0)
        if one.id not in found:
            found[one.id] = one
            left += [named[name] for name in (*one.requires, *(column.text for column in one.inputs)) if name in named]
    return list(found.values())
