"""Are the stored rows those that the events imply? Every projected column compared; extra and missing rows named."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from service import revisions
from service.projections import Projection
from service.revisions import DECLARATION
from service.verification.folders import Folder
from service.verification.verdict import Fault

#: Tables by what people call a row.
_NAMES = {"visits": "办理", "seats": "席位", "findings": "问题", "targets": "入库目标"}


def compare(folder: Folder, projected: Projection) -> Iterator[Fault]:
    """Differences between rows and projection.

    A difference at a row that a change unknown to this version mentions is uncertain; so is any of the case itself
    where such a change exists.
    """
    for one in _differences(folder, projected):
        first = next((known for known in projected.unknown if one.row is None or one.row in known[2]), None)
        if first is None:
            yield Fault(layer="projection", seq=one.seq, message=one.message)
        else:
            why = f"第 {first[0]} 个事件含有本版本不认识的变更 {first[1]}，不能判断：{one.message}"
            yield Fault(layer="projection", seq=first[0], message=why, certain=False)


@dataclass(frozen=True)
class _Difference:
    message: str
    seq: int | None
    #: Id of the row; None for the case itself.
    row: str | None = None


def _differences(folder: Folder, projected: Projection) -> Iterator[_Difference]:
    last = len(folder.events)
    for name, label in _NAMES.items():
        stored = {row.id: row for row in getattr(folder, name)}
        yield from _table(label, getattr(projected, name), stored, projected.touched)
    yield from (_Difference(message, last) for message in _columns("业务件", projected.case, folder.case))
    if folder.project is not None and folder.project.ex_ante_case_id in (None, folder.case.id):
        # What another, later assessment concluded is for its own case to prove.
        yield from (_Difference(message, None) for message in _columns("项目", projected.project, folder.project))
    yield from _reviews(folder, projected)
    yield from (_Difference(message, last) for message in _heading(folder))
    yield from _targets(folder, projected)


def _table(
    label: str, projected: Mapping[str, Mapping[str, Any]], stored: Mapping[str, Any], touched: Mapping[str, int]
) -> Iterator[_Difference]:
    for id_, columns in projected.items():
        if id_ not in stored:
            yield _Difference(f"缺少{label} {id_}", touched.get(id_), id_)
        else:
            for message in _columns(f"{label} {id_}", columns, stored[id_]):
                yield _Difference(message, touched.get(id_), id_)
    for id_ in sorted(stored.keys() - projected.keys()):
        yield _Difference(f"多出{label} {id_}，没有事件提到", None, id_)


def _columns(label: str, columns: Mapping[str, Any], row: Any) -> Iterator[str]:
    if not columns:
        return
    stored = _reader(tuple(columns))(row)
    if stored == tuple(columns.values()):
        return
    for name, value, found in zip(columns, columns.values(), stored, strict=True):
        if found != value:
            yield f"{label} 的 {name} 应为 {_shown(value)}，现为 {_shown(found)}"


@lru_cache(maxsize=256)
def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda row: (read(row),)


def _shown(value: Any) -> str:
    return "空" if value is None else str(value)[:40]


def _reviews(folder: Folder, projected: Projection) -> Iterator[_Difference]:
    hashes = {revision.id: revision.hash for revision in folder.revisions}
    for seat in folder.seats:
        if hashes.get(seat.review_revision_id) != projected.reviews.get(seat.id):
            yield _Difference(f"席位 {seat.id} 的审核表与事件不一致", projected.touched.get(seat.id), seat.id)


def _heading(folder: Folder) -> Iterator[str]:
    """Title and amount of a case are those of the declaration it is about."""
    case = folder.case
    kept = next((one for one in folder.revisions if one.id == case.form_revision_id), None)
    if kept is None or kept.form_code != DECLARATION:
        return
    amount = kept.content.get("amount_total")
    if case.title != kept.content.get("project_name"):
        yield f"业务件的名称与申报表不一致：{case.title}"
    if case.amount != (None if amount is None else Decimal(str(amount))):
        yield f"业务件的金额 {case.amount} 与申报表 {amount} 不一致"


def _targets(folder: Folder, projected: Projection) -> Iterator[_Difference]:
    for target in folder.targets:
        seq = projected.touched.get(target.id)
        if not revisions.has_hash(target.content, target.content_hash):
            yield _Difference(f"入库目标 {target.library_no} 的内容被改动", seq, target.id)
        stated = [_row(row) for row in target.content.get("indicators") or ()]
        found = [_stored(row) for row in folder.indicators if row.target_version_id == target.id]
        if stated != found:
            yield _Difference(f"入库目标 {target.library_no} 的指标行与其内容不一致", seq, target.id)


def _row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    weight = Decimal(str(row.get("weight") or "0"))
    return (*_texts(row.get(name) for name in _TEXTS), row.get("measure_unit"), weight)


def _stored(row: Any) -> tuple[Any, ...]:
    return (*_texts(getattr(row, name) for name in _TEXTS), row.measure_unit, row.weight)


_TEXTS = ("level1_code", "level2_code", "level3_name", "nature", "operator", "target_value")


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (str(value or "") for value in values)
