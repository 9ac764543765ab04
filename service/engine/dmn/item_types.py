"""Which types does a file define itself, and does a value have the type it should have?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from service.engine.dmn.base_types import ANY, BaseType, base_type
from service.engine.dmn.elements import child, children, text_of
from service.engine.dmn.expressions import compile_cell
from service.engine.dmn.faults import FeelFault, Findings
from service.engine.dmn.scope import TESTED, Node, Run, Scope
from service.engine.dmn.temporal import Months
from service.engine.dmn.tokens import Vocabulary, plain
from service.engine.dmn.values import MAX_LIST, kind, show

_READY = (bool, str, Decimal, date, datetime, time, timedelta, Months)
_MAX_DIGITS = 34


@dataclass(frozen=True)
class ItemType:
    """A type: basic, a list of something, or a structure; possibly with a list of allowed values."""

    name: str
    base: BaseType = ANY
    components: Mapping[str, ItemType] = field(default_factory=dict)
    collection: bool = False
    allowed: Node | None = None
    allowed_text: str = ""

    @property
    def shown(self) -> str:
        """Return how messages name the type."""
        name = "结构" if self.components else self.base.name
        name = f"{name}（{self.name}）" if self.name and base_type(self.name) is None else name
        return f"{name}的列表" if self.collection else name


ANY_TYPE = ItemType("")


def fitted(value: Any, item: ItemType, where: str) -> Any:
    """Return the value as its type wants it: text under a date type read as a date, one value under a list type listed.

    Plain numbers become ``Decimal``. Null fits every type. Raises ``FeelFault`` naming ``where`` if the value is of
    another type or not among the allowed values.
    """
    if value is None:
        return None
    if item.collection:
        parts = value if isinstance(value, list | tuple) else [value]
        return [_fitted_one(part, item, f"{where}[{place}]") for place, part in enumerate(parts, 1)]
    if isinstance(value, list) and len(value) == 1 and item.base is not ANY and list not in item.base.kinds:
        value = value[0]
    return _fitted_one(value, item, where)


def _fitted_one(value: Any, item: ItemType, where: str) -> Any:
    if value is None:
        return None
    if item.components:
        fit = _fitted_structure(value, item, where)
    else:
        fit = plain_value(value, where)
        if isinstance(fit, str) and item.base.read is not None:
            fit = _read(fit, item.base, where)
        if not item.base.admits(fit):
            raise FeelFault(f"{where}应为{item.shown}，得到的是{kind(fit)}（{show(fit)}）")
    check_allowed(fit, item.allowed, item.allowed_text, where)
    return fit


def _read(text: str, base: BaseType, where: str) -> Any:
    try:
        return base.read(text) if base.read else text
    except FeelFault as fault:
        raise FeelFault(f"{where}应为{base.name}：{fault}") from None


def _fitted_structure(value: Any, item: ItemType, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise FeelFault(f"{where}应为{item.shown}，得到的是{kind(value)}")
    return {
        str(key): fitted(part, item.components.get(plain(str(key)), ANY_TYPE), f"{where}.{key}")
        for key, part in value.items()
    }


def check_allowed(value: Any, allowed: Node | None, text: str, where: str) -> None:
    """Raise ``FeelFault`` if there is a list of allowed values and the value is not in it."""
    if allowed is None:
        return
    try:
        inside = allowed(Scope({TESTED: value}, Run()))
    except FeelFault:
        inside = False
    if not inside:
        raise FeelFault(f"{where}的值{show(value)}不在允许的值 {text} 之内")


def plain_value(value: Any, where: str) -> Any:
    """Return plain data (JSON, or values of the language) as values of the language.

    Raises ``FeelFault`` for what the language does not know and for numbers of more than 34 digits.
    """
    if value is None or (type(value) in _READY and type(value) is not Decimal):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value, where)
    if isinstance(value, list | tuple):
        if len(value) > MAX_LIST:
            raise FeelFault(f"{where}超过{MAX_LIST}项")
        return [plain_value(part, f"{where}[{place}]") for place, part in enumerate(value, 1)]
    if isinstance(value, Mapping):
        return {plain(str(key)): plain_value(part, f"{where}.{key}") for key, part in value.items()}
    return value


def _number(value: float | Decimal, where: str) -> Decimal:
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or len(number.as_tuple().digits) > _MAX_DIGITS or abs(number.adjusted()) > 6000:
        raise FeelFault(f"{where}不是{_MAX_DIGITS}位以内的数字")
    return number


class TypeBook:
    """All types of a file, by name."""

    def __init__(self, root: etree._Element, findings: Findings) -> None:
        self._findings = findings
        self._definitions = {plain(e.get("name", "")): e for e in children(root, "itemDefinition")}
        self._known: dict[str, ItemType] = {}
        self.component_names = frozenset(_component_names(self._definitions.values()))
        for name in self._definitions:
            self.type(name, self._definitions[name])

    def type(self, reference: str | None, element: etree._Element) -> ItemType:
        """Return the type a reference names, "any" if there is none; an unknown name is a problem of the element."""
        name = plain(reference or "")
        short = name.rpartition(":")[2]
        defined = name if name in self._definitions else short
        if defined in self._definitions:
            return self._defined(defined)
        base = base_type(short)
        if base is None:
            remedy = "请改为 string、number、boolean、date 等，或先定义该类型。"
            self._findings.warning("dmn.type", element, f"类型“{name}”没有定义，按不限类型处理", remedy)
            return ANY_TYPE
        return ItemType(short, base)

    def _defined(self, name: str) -> ItemType:
        if name not in self._known:
            self._known[name] = ANY_TYPE  # a type inside itself is not checked any deeper
            self._known[name] = self._read(self._definitions[name])
        return self._known[name]

    def _read(self, element: etree._Element) -> ItemType:
        name = plain(element.get("name", ""))
        reference = child(element, "typeRef")
        inner = ANY_TYPE if reference is None else self.type(reference.text, element)
        components = {plain(e.get("name", "")): self._read(e) for e in children(element, "itemComponent")}
        allowed, text = self._allowed(element)
        return ItemType(
            name,
            inner.base,
            components or inner.components,
            element.get("isCollection") == "true" or inner.collection,
            allowed or inner.allowed,
            text or inner.allowed_text,
        )

    def _allowed(self, element: etree._Element) -> tuple[Node | None, str]:
        for source in (*children(element, "allowedValues"), *children(element, "typeConstraint")):
            text = text_of(source)
            try:
                return compile_cell(text, Vocabulary()), text
            except FeelFault as fault:
                message = f"类型“{element.get('name')}”的允许值写错了：{fault}"
                self._findings.error("dmn.allowed_values", source, message, "请改正该类型的允许值。")
        return None, ""


def _component_names(elements: Any) -> Iterator[str]:
    for element in elements:
        for component in children(element, "itemComponent"):
            yield plain(component.get("name", ""))
            yield from _component_names([component])
