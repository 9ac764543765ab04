"""What does a new version of a decision table change? Rule rows, columns and hit policy, said in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from service.engine.dmn import WrittenColumn, WrittenRow, WrittenTable, written_tables
from service.release_diff import Change

#: An empty test admits everything; an empty result is none.
_ANY = ("", "-")


def compare_tables(old: bytes, new: bytes, *, names: tuple[str, str] = ("", "")) -> tuple[Change, ...]:
    """Compare two decision files; nothing is returned if they decide the same, word for word.

    Decisions, columns and rows are matched by id; rows of a tool that gives them new ids by what they say, then by
    their place.

    Raises:
        ReleaseError: one of them is not readable as XML.
    """
    before, after = written_tables(old, names[0]), written_tables(new, names[1])
    return tuple(_files(before, after))


def describe_table(text: bytes, *, added: bool, filename: str = "") -> tuple[Change, ...]:
    """What a whole file means that is added or removed: one sentence a decision."""
    verb, kind = ("新增", "table.added") if added else ("删去", "table.removed")
    return tuple(
        Change(kind=kind, sentence=f"{verb}{_title(table)}（{len(table.rows)}行规则）")
        for table in written_tables(text, filename).values()
    )


def _files(before: Mapping[str, WrittenTable], after: Mapping[str, WrittenTable]) -> Iterator[Change]:
    for decision_id, table in after.items():
        if decision_id not in before:
            yield Change(kind="table.added", sentence=f"新增{_title(table)}（{len(table.rows)}行规则）")
    for decision_id, table in before.items():
        if decision_id in after:
            yield from _table(table, after[decision_id])
        else:
            yield Change(kind="table.removed", sentence=f"删去{_title(table)}（{len(table.rows)}行规则）")


def _table(old: WrittenTable, new: WrittenTable) -> Iterator[Change]:
    if old.name != new.name:
        yield _became("table.renamed", f"{_title(old)}的名称", old.name, new.name)
    if old.policy != new.policy:
        yield _became("table.policy", f"{_title(new)}的命中策略", old.policy, new.policy)
    if old.text != new.text:
        yield _became("table.expression", f"{_title(new)}的算式", old.text, new.text)
    yield from _columns(old, new)
    yield from _rows(old, new)


def _columns(old: WrittenTable, new: WrittenTable) -> Iterator[Change]:
    before, after = _by_id(old.columns), _by_id(new.columns)
    for column_id, column in after.items():
        if column_id not in before:
            kind = "输入列" if column in new.inputs else "输出列"
            yield Change(kind="table.column", sentence=f"{_title(new)}新增{kind}“{column.label}”")
    for column_id, column in before.items():
        if column_id not in after:
            kind = "输入列" if column in old.inputs else "输出列"
            yield Change(kind="table.column", sentence=f"{_title(new)}删去{kind}“{column.label}”")
            continue
        changed = after[column_id]
        for what, one, other in (
            ("名称", column.label, changed.label),
            ("取值", column.text, changed.text),
            ("类型", column.type, changed.type),
            ("允许值", column.values, changed.values),
            ("默认结果", column.default, changed.default),
        ):
            if one != other and not (what == "名称" and not column.label):
                yield _became("table.column", f"{_title(new)}“{changed.label}”列的{what}", one, other)


def _by_id(columns: Sequence[WrittenColumn]) -> dict[str, WrittenColumn]:
    return {column.id: column for column in columns}


def _rows(old: WrittenTable, new: WrittenTable) -> Iterator[Change]:
    pairs = _matched(old, new)
    kept = {pair[1].number: pair[0] for pair in pairs}
    for before, after in pairs:
        yield from _row(old, new, before, after)
    for row in new.rows:
        if row.number not in kept:
            yield Change(kind="table.row_added", sentence=f"{_title(new)}新增第{row.number}行：{_said(new, row)}")
    gone = {before.number for before, _ in pairs}
    for row in old.rows:
        if row.number not in gone:
            sentence = f"{_title(new)}删去原第{row.number}行：{_said(old, row)}"
            yield Change(kind="table.row_removed", sentence=sentence)
    if [before.number for before, _ in pairs] != sorted(before.number for before, _ in pairs):
        order = "、".join(f"原第{before.number}行现为第{after.number}行" for before, after in _moved(pairs))
        yield Change(kind="table.row_moved", sentence=f"{_title(new)}的行次序改变：{order}")


def _moved(pairs: Sequence[tuple[WrittenRow, WrittenRow]]) -> Iterator[tuple[WrittenRow, WrittenRow]]:
    ranks = {number: rank for rank, number in enumerate(sorted(before.number for before, _ in pairs))}
    for rank, (before, after) in enumerate(pairs):
        if ranks[before.number] != rank:
            yield before, after


def _matched(old: WrittenTable, new: WrittenTable) -> list[tuple[WrittenRow, WrittenRow]]:
    """Rows of both versions that are the same row, in the new order."""
    left = list(old.rows)
    found: dict[int, WrittenRow] = {}
    named = {row.id for row in old.rows if row.id} & {row.id for row in new.rows}
    ways: list[Callable[[WrittenRow], Any]] = [lambda row: row.id or None, lambda row: row.cells]
    for way in ways if named else [*ways, lambda row: row.number]:
        for row in new.rows:
            key = way(row)
            partner = next((one for one in left if key is not None and way(one) == key), None)
            if row.number not in found and partner is not None:
                left.remove(partner)
                found[row.number] = partner
    return [(found[row.number], row) for row in new.rows if row.number in found]


def _row(old: WrittenTable, new: WrittenTable, before: WrittenRow, after: WrittenRow) -> Iterator[Change]:
    cells = dict(zip((column.id for column in old.columns), before.cells, strict=False))
    for column, text in zip(new.columns, after.cells, strict=False):
        if column.id not in cells:
            continue
        tested = column in new.inputs
        values = _value(cells[column.id], tested), _value(text, tested)
        if values[0] != values[1]:
            where = f"{_title(new)}第{after.number}行“{column.label}”"
            yield _became("table.row_changed", where, *values)
    if before.note != after.note:
        yield _became("table.row_changed", f"{_title(new)}第{after.number}行的说明", before.note, after.note)


def _said(table: WrittenTable, row: WrittenRow) -> str:
    """A row in words: its conditions, then its results; conditions that admit everything are left out."""
    count = len(table.inputs)
    tests = [
        f"“{column.label}”{_value(text, True)}"
        for column, text in zip(table.inputs, row.cells[:count], strict=False)
        if text not in _ANY
    ]
    results = [
        f"“{column.label}”为{_value(text, False)}"
        for column, text in zip(table.outputs, row.cells[count:], strict=False)
    ]
    return f"{'、'.join(tests) or '任何输入'}时{'、'.join(results)}"


def _value(text: str, tested: bool) -> str:
    if tested and text in _ANY:
        return "不限"
    plain = len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]
    return text[1:-1] if plain else text


def _title(table: WrittenTable) -> str:
    return f"决策表“{table.name}”" if table.columns else f"决策“{table.name}”"


def _became(kind: str, what: str, before: str, after: str) -> Change:
    sentence = f"{what}由“{before or '空'}”改为“{after or '空'}”"
    return Change(kind=kind, sentence=sentence, before=before, after=after)
