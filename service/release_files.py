"""How do versions of processes come in from files and go out to files? For operators without a browser."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from service import drafts, form_drafts, people, personnel, publishing, releases
from service.engine import ReleaseError
from service.engine.outline import read_outline
from service.errors import BadRequest
from service.people import Actor
from service.process_changes import Basis

MANIFEST = "manifest.json"
_TESTED = "以命令发布：检查、情景、随机走查和试运行由系统完成，结果见测试记录。"
_RULES = re.compile(r"rules\.([a-z_]{1,40})\.json")
_PARTS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "title": ("《文件名称》", re.compile(r"《(.{1,200}?)》")),
    "number": ("文号（如 演示〔2027〕3号）", re.compile(r"([^\s《》（）()，,；;]{0,40}〔\d{4}〕\d{1,5}号)")),
    "article": ("条款（如 第八条）", re.compile(r"(第[^\s《》（）()，,；;]{1,20}[条款项])")),
}


def read_basis(text: str) -> Basis:
    """A legal basis written in one line, such as 《钢城区预算绩效管理办法》（演示〔2027〕3号）第八条.

    Raises:
        BadRequest: title, number or article is missing; the sentence says which.
    """
    found = {name: pattern.search(text) for name, (_, pattern) in _PARTS.items()}
    missing = [_PARTS[name][0] for name, match in found.items() if match is None]
    if missing:
        raise BadRequest(f"政策依据“{text}”缺少{'、'.join(missing)}，请写成“《文件名称》（文号）条款”。")
    return Basis(**{name: match.group(1) for name, match in found.items() if match is not None})


def publish(
    session: Session,
    *,
    text: bytes,
    filename: str,
    decisions: Mapping[str, str],
    basis: str,
    prepared_by: str,
    approved_by: str,
    effective_from: date,
    at: datetime,
    annexes: Mapping[str, bytes] = MappingProxyType({}),
    forms: Mapping[str, bytes] = MappingProxyType({}),
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Publish a diagram as the next version of its process, as both persons would in the studio, with all its checks.

    Args:
        decisions: decision tables by file name; ``basis`` is what `read_basis` takes.
        annexes: scenarios and rule sets under the names `export` gives their files; others stay as they were.
        forms: definitions of forms that differ from those in force, by file name: the next versions of their forms.
        prepared_by: username of a system administrator; ``approved_by`` that of a performance section chief.

    Raises:
        Refused: as `drafts.start`, `drafts.save`, `publishing` say.
    """
    cited, process_id = read_basis(basis), _process_of(text, filename)
    preparer, approver = (_actor(session, name, at) for name in (prepared_by, approved_by))
    shared: dict[str, Any] = {"actor": preparer, "at": at}
    begun = drafts.start(session, process_id=process_id, bpmn=text, client=client, **shared)
    draft_id, version = begun["draft_id"], begun["version"]
    more = {"decisions": decisions or None, **_annexes(session, draft_id, annexes, preparer)}
    if any(more.values()):
        version = drafts.save(session, draft_id, version=version, bpmn=text, **more, **shared)["version"]
    for name, raw in ((name, form_drafts.read(content)) for name, content in forms.items()):
        version = form_drafts.save(session, draft_id, _code(name, raw), version=version, raw=raw, **shared)["version"]
    shared |= {"client": client}
    note = publishing.submit(session, draft_id, version=version, basis=cited, effective_from=effective_from, **shared)
    publishing.confirm_test(session, draft_id, words=_TESTED, **shared)
    return {**note, **publishing.approve(session, draft_id, actor=approver, at=at, client=client)}


def _process_of(text: bytes, filename: str) -> str:
    try:
        return read_outline(text, filename).process_id
    except ReleaseError as fault:
        raise BadRequest(str(fault)) from fault


def _code(filename: str, raw: Mapping[str, Any]) -> str:
    """The code of a form a file holds; the name must be the one `export` gives it, so that no file is mistaken."""
    code = str(raw.get("code") or "")
    if filename != f"{code}.json":
        raise BadRequest(f"文件“{filename}”不是表单“{code}”的定义，请用导出时的文件名“{code or '表单代码'}.json”。")
    return code


def _annexes(session: Session, draft_id: str, files: Mapping[str, bytes], actor: Actor) -> dict[str, Any]:
    """Scenarios and rule sets as `drafts.save` takes them; None for what no file gives."""
    scenarios, rules = None, dict(drafts.one(session, draft_id, actor=actor).rule_sets)
    for name, content in files.items():
        known = _RULES.fullmatch(name)
        try:
            document = json.loads(content)
            if name == releases.SCENARIOS:
                scenarios = list(document["scenarios"])
            elif known and isinstance(document, dict):
                rules[known.group(1)] = document
            else:
                raise BadRequest(f"文件“{name}”不是情景（{releases.SCENARIOS}）或规则集（rules.名称.json）。")
        except (ValueError, KeyError, TypeError) as fault:
            raise BadRequest(f"文件“{name}”不能读取，请用导出的文件修改。") from fault
    changed = any(_RULES.fullmatch(name) for name in files)
    return {"scenarios": scenarios, "rule_sets": rules if changed else None}


def export(session: Session, process_id: str, out: Path, *, version: int | None = None) -> list[Path]:
    """Write a version's bundle into a folder, with a manifest of hashes, basis and persons; says what was written.

    Raises:
        NotFound: there is no such version.
        BadRequest: the folder cannot be written.
    """
    row, files = publishing.files_of(session, process_id, version)
    manifest = {
        "process_id": row.process_id,
        "version": row.version,
        "title": row.title,
        "hash": row.hash,
        "legal_basis": row.legal_basis,
        "change_note": row.change_note,
        "effective_from": row.effective_from.isoformat(),
        "published_at": row.published_at.isoformat(),
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, MANIFEST: text}.items():
            (out / name).write_bytes(content)
    except OSError as fault:
        raise BadRequest(f"不能写入文件夹“{out}”：{fault.strerror}。") from fault
    return [out / name for name in (*sorted(files), MANIFEST)]


def _actor(session: Session, username: str, at: datetime) -> Actor:
    return people.actor(session, personnel.by_username(session, username).id, at=at)
