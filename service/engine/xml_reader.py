"""Reading untrusted XML: bounded, without DTD, entities or network, before any other part sees it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.release import LintProblem, ReleaseError

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 10_000
MAX_NESTING = 30
MAX_ATTRIBUTE = 4_000


def refuse(code: str, message: str, remedy: str, element_id: str = "") -> ReleaseError:
    """Return the error for a document that cannot even be looked at."""
    return ReleaseError((_error(code, message, remedy, element_id),))


def _error(code: str, message: str, remedy: str, element_id: str = "") -> LintProblem:
    return LintProblem(code=code, severity="error", element_id=element_id, message=message, remedy=remedy)


def read_xml(text: bytes, filename: str = "") -> etree._Element:
    """Return the root of a document.

    Raises ``ReleaseError`` if it is larger than 2 MiB, not well formed, declares a DOCTYPE or entities, is nested deeper
    than 30 levels or holds more than 10,000 elements.
    """
    root = parse_xml(text, filename)
    problem = next(size_problems(root, filename), None)
    if problem is not None:
        raise ReleaseError((problem,))
    return root


def parse_xml(text: bytes, filename: str = "") -> etree._Element:
    """Return the root of a document whose size and nesting nobody has looked at yet.

    Raises ``ReleaseError`` if it is empty, larger than 2 MiB, not well formed, or declares a DOCTYPE or entities.
    """
    where = _where(filename)
    if not text.strip():
        raise refuse("xml.malformed", f"{where}是空的。", "请用流程编辑器重新保存。")
    if len(text) > MAX_BYTES:
        raise refuse("xml.too_large", f"{where}超过2 MiB。", "请删去多余内容后再上传。")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise refuse("xml.doctype", f"{where}含有 DOCTYPE 或实体声明，不允许。", "请删去这些声明。")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        message = f"{where}不是规范的 XML：{fault}。{_encoding_hint(text)}"
        raise refuse("xml.malformed", message, "请用流程编辑器重新保存。") from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("xml.doctype", f"{where}含有 DOCTYPE，不允许。", "请删去该声明。")
    return root


def size_problems(root: etree._Element, filename: str = "") -> Iterator[LintProblem]:
    """Yield whatever makes a document too large to be read as a whole: nesting, elements, entities, long values."""
    where, level = _where(filename), [root]
    elements = nesting = 0
    while level:
        nesting += 1
        elements += len(level)
        if nesting > MAX_NESTING:
            yield _error("xml.too_deep", f"{where}嵌套超过{MAX_NESTING}层。", "请简化结构。")
            return
        if elements > MAX_ELEMENTS:
            yield _error("xml.too_many", f"{where}超过{MAX_ELEMENTS}个元素。", "请拆分成几个流程。")
            return
        for element in level:
            if not isinstance(element.tag, str):
                yield _error("xml.entity", f"{where}含有实体引用，不允许。", "请改为普通文字。")
                return
            if any(len(value) > MAX_ATTRIBUTE for value in element.attrib.values()):
                message = f"{where}有超过{MAX_ATTRIBUTE}字的属性。"
                yield _error("xml.long_value", message, "请缩短。", local_id(element))
        level = [child for element in level for child in element]


def _where(filename: str) -> str:
    return f"文件 {filename} " if filename else "文件"


def _encoding_hint(text: bytes) -> str:
    """Say which encoding a document seems to be in that is not in the one it declares; "" if none is likely."""
    head = text[:100].split(b"?>")[0].lower()
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0<" in text[:8] or b"<\0" in text[:8]:
        return "" if b"utf-16" in head.replace(b"\0", b"") else "内容像是 UTF-16 编码，与声明不符，请另存为 UTF-8。"
    for encoding, title in (("utf-8", "UTF-8"), ("gb18030", "GB18030（GBK）")):
        try:
            text.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "" if encoding == "utf-8" else f"内容像是 {title} 编码，与声明不符，请另存为 UTF-8。"
    return ""


def local_id(element: etree._Element) -> str:
    """Return at most the first 60 characters of an element's id."""
    return (element.get("id") or "")[:60]
