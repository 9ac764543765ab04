"""Reading untrusted XML: bounded, without DTD, entities or network, before any other part sees it."""

from __future__ import annotations

from lxml import etree

from service.engine.release import LintProblem, ReleaseError

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 10_000
MAX_NESTING = 30
MAX_ATTRIBUTE = 4_000


def refuse(code: str, message: str, remedy: str, element_id: str = "") -> ReleaseError:
    """Return the error for a document that cannot even be looked at."""
    problem = LintProblem(code=code, severity="error", element_id=element_id, message=message, remedy=remedy)
    return ReleaseError((problem,))


def read_xml(text: bytes, filename: str = "") -> etree._Element:
    """Return the root of a document.

    Raises ``ReleaseError`` if it is larger than 2 MiB, not well formed, declares a DOCTYPE or entities, is nested deeper
    than 30 levels or holds more than 10,000 elements.
    """
    where = f"文件 {filename} " if filename else "文件"
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
        raise refuse("xml.malformed", f"{where}不是规范的 XML：{fault}。", "请用流程编辑器重新保存。") from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("xml.doctype", f"{where}含有 DOCTYPE，不允许。", "请删去该声明。")
    _check_size(root, where)
    return root


def _check_size(root: etree._Element, where: str) -> None:
    level = [root]
    elements = nesting = 0
    while level:
        nesting += 1
        elements += len(level)
        if nesting > MAX_NESTING:
            raise refuse("xml.too_deep", f"{where}嵌套超过{MAX_NESTING}层。", "请简化结构。")
        if elements > MAX_ELEMENTS:
            raise refuse("xml.too_many", f"{where}超过{MAX_ELEMENTS}个元素。", "请拆分成几个流程。")
        for element in level:
            if not isinstance(element.tag, str):
                raise refuse("xml.entity", f"{where}含有实体引用，不允许。", "请改为普通文字。")
            if any(len(value) > MAX_ATTRIBUTE for value in element.attrib.values()):
                raise refuse("xml.long_value", f"{where}有超过{MAX_ATTRIBUTE}字的属性。", "请缩短。", local_id(element))
        level = [child for element in level for child in element]


def local_id(element: etree._Element) -> str:
    """Return at most the first 60 characters of an element's id."""
    return (element.get("id") or "")[:60]
