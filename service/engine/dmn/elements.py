"""How are the elements of a model found, whichever version of the standard and whichever tool wrote it?

Elements are told by name within the namespace of the root; those of vendors, diagrams and extensions are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from service.engine.namespace import local

_STANDARD = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(dmn\.xsd|MODEL/?)")
_LANGUAGE = re.compile(r"(?:https?://www\.omg\.org/spec/(?:FEEL|DMN)/.*|(?:s-?)?feel(?:-.*)?|)", re.IGNORECASE)


def is_standard(root: etree._Element) -> bool:
    """Is the root in one of the namespaces of DMN 1.1 to 1.5 (or a later one of the same form)?"""
    return _STANDARD.fullmatch(etree.QName(root).namespace or "") is not None


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of this name in the element's own namespace."""
    return [found for found in parts(element) if local(found) == name]


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of this name, ``None`` if there is none."""
    return next(iter(children(element, name)), None)


def parts(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the children in the element's own namespace, in order."""
    namespace = etree.QName(element).namespace
    return (found for found in element if etree.QName(found).namespace == namespace)


def text_of(element: etree._Element | None) -> str:
    """Return the trimmed text of an expression, a list of values or a cell; empty if there is none."""
    found = None if element is None else child(element, "text")
    return "" if found is None else "".join(str(piece) for piece in found.itertext()).strip()


def reference(element: etree._Element) -> str:
    """Return the id an ``href`` points at; a file name before the ``#`` is dropped."""
    return (element.get("href") or "").rpartition("#")[2]


def is_feel(element: etree._Element, default: str = "") -> bool:
    """Is this expression, or by default this file, written in the standard's own language?"""
    return _LANGUAGE.fullmatch((element.get("expressionLanguage") or default).strip()) is not None
