"""How do people read a decision table, and what does it ask? For read-only pages and the panel where values are tried."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from service import decision_tables
from service.engine import ReleaseError
from service.engine.dmn import WrittenTable, written_tables

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

    A value is asked for by the name its column's expression gives; what a decision rests on is asked for as well.
    """
    outline = decision_tables.outline(text, filename)
    written = {table.id: table for table in tables(text, filename)}
    made = {name for decision in outline.decisions for name in (decision.id, decision.name)}
    found = []
    for decision in outline.decisions:
        asked: dict[str, dict[str, Any]] = {}
        for table in _resting(written, decision.id):
            for column in table.inputs:
                if column.text and column.text not in made:
                    asked.setdefault(column.text, {"name": column.text, "label": column.label, "type": column.type})
        for declared in outline.inputs:
            if declared.label not in asked and not written.get(decision.id):
                asked[declared.label] = {"name": declared.label, "label": declared.label, "type": declared.type}
        found.append({"id": decision.id, "name": decision.name, "inputs": list(asked.values())})
    return found


def _resting(written: Mapping[str, WrittenTable], decision_id: str) -> list[WrittenTable]:
    """The table asked and the others of the file it may rest on, itself first."""
    own = written.get(decision_id)
    names = {column.text for column in own.inputs} if own else set()
    others = [table for table in written.values() if table.id != decision_id and {table.name, table.id} & names]
    return ([own] if own else []) + others
