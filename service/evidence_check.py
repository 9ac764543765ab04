"""Is an evidence package fit for the archive? 真实性, 完整性, 可用性 and 安全性, checked on its own files."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from service import attachments
from service.seals.verifier import NotGenuine, check_receipt

SOURCE = "DA/T 70-2018 文书类电子档案检测一般要求（四性检测）"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One of the four properties: whether it holds, and what speaks against it."""

    quality: str
    asked: str
    against: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The check for the package's report."""
        passed = not self.against
        return {
            "quality": self.quality,
            "asked": self.asked,
            "passed": passed,
            "against": list(self.against),
            "source": SOURCE,
        }


def checks(content: Mapping[str, bytes]) -> list[Check]:
    """The four checks of a package's files, in the order of the standard."""
    found = (
        ("真实性", "事件链、封存回执与经办人员相符", _authentic),
        ("完整性", "事件连续，事件提到的表单、流程版本、附件齐全", _complete),
        ("可用性", "文件都能按其格式打开", _usable),
        ("安全性", "附件类型受限、不含宏，文件不引用外部实体", _safe),
    )
    return [Check(quality=quality, asked=asked, against=tuple(check(content))) for quality, asked, check in found]


def _events(content: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content["events.jsonl"].splitlines()]


def _authentic(content: Mapping[str, bytes]) -> Iterator[str]:
    before = "0" * 64
    known = {person["id"] for person in json.loads(content["roster.json"])}
    for line in content["events.jsonl"].splitlines():
        event = json.loads(line)
        if event["prev_hash"] != before:
            yield f"第 {event['seq']} 个事件与前一个事件不相接"
        if event["actor"] and event["actor"] not in known:
            yield f"第 {event['seq']} 个事件的经办人不在名册中"
        before = sha256(line).hexdigest()
    proofs = [json.loads(line) for line in content["seals/receipts.jsonl"].splitlines()]
    if len(proofs) < len(_events(content)):
        yield f"有 {len(_events(content)) - len(proofs)} 个事件还没有封存"
    for receipt in proofs:
        try:
            check_receipt(receipt, receipt["public_key"])
        except NotGenuine as fault:
            yield f"回执 {receipt['key']}：{fault}"


def _complete(content: Mapping[str, bytes]) -> Iterator[str]:
    for number, event in enumerate(_events(content), 1):
        if event["seq"] != number:
            yield f"第 {number} 个事件缺失"
            return
        for member in ("form_hash", "data_hash"):
            if event[member] and f"forms/{event[member]}.json" not in content:
                yield f"第 {number} 个事件的表单缺失"
        if f"releases/{event['release_hash']}/process_id" not in content:
            yield f"第 {number} 个事件的流程版本缺失"
    for entry in json.loads(content["attachments.json"]):
        if entry["file"] not in content:
            yield f"附件“{entry['filename']}”缺失"


def _usable(content: Mapping[str, bytes]) -> Iterator[str]:
    for name, text in content.items():
        try:
            if name.endswith(".json"):
                json.loads(text)
            elif name.endswith(".bpmn"):
                ElementTree.fromstring(text)
        except (ValueError, ElementTree.ParseError, DefusedXmlException) as fault:
            yield f"{name} 无法打开：{fault}"
    for name in _files(content):
        yield from (f"{name}：{problem.message}" for problem in attachments.check(PurePath(name).name, content[name]))


def _safe(content: Mapping[str, bytes]) -> Iterator[str]:
    for name in _files(content):
        if PurePath(name).suffix not in attachments.KINDS:
            yield f"{name} 的类型不允许"
    for name, text in content.items():
        if name.endswith(".bpmn") and b"<!DOCTYPE" in text:
            yield f"{name} 含有文档类型声明"


def _files(content: Mapping[str, bytes]) -> list[str]:
    return [name for name in content if name.startswith("attachments/")]
