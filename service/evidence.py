"""What does somebody need who must judge a case without us? A package that proves itself: events, forms, seals, verifier."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.form import Attachment, Blob, FormRevision
from db.organisation import Organisation
from db.person import Person, Post
from db.release import ProcessRelease
from forms.definition import canonical
from service import case_parts, evidence_check, history, releases, security_log, verification
from service.errors import NotFound
from service.people import DISTRICT
from service.seals import keys, receipts

_GUIDE = """绩衡 · 业务件证据包

核对方法（不需要联网，也不需要本系统）：
  1. 安装 Python 3.11 或更高版本和 cryptography：pip install cryptography
  2. 另行取得本区的封存公钥（打印件、审计管理员邮箱或其他见证方），不要只用包内的公钥。
  3. 在本包所在目录运行：python verifier.py 证据包.zip --key 公钥

内容：events.jsonl 事件（每行即计算校验值的原文） · forms/ 各版表单 · releases/ 当时的流程与表单定义 ·
attachments/ 附件 · roster.json 经办人员与任职 · seals/ 封存回执、检查点与公钥 · verdict.json 导出时的核对结果 ·
self_check.json 四性检测（真实性、完整性、可用性、安全性） · manifest.json 全部文件的校验值
"""


def package(
    session: Session,
    case_id: str,
    *,
    data: Path,
    at: datetime,
    actor: str | None = None,
    client: Mapping[str, Any] | None = None,
) -> bytes:
    """The evidence package (ZIP) of a case; the export is logged.

    Args:
        data: the data folder with the seals' copies and public key.
        actor: id of the person; None for an operator at the machine.

    Raises:
        NotFound: there is no such case.
    """
    case = session.get(CaseFile, case_id)
    if case is None:
        raise NotFound("没有这个业务件。")
    content = dict(_contents(session, case, data))
    content["verdict.json"] = _json(verification.verify(session, case_id, data=data).to_json())
    content["self_check.json"] = _json([check.to_json() for check in evidence_check.checks(content)])
    listed = {name: {"sha256": sha256(text).hexdigest(), "size": len(text)} for name, text in sorted(content.items())}
    made = {"case": case.number, "case_id": case.id, "made_at": at.isoformat(), "files": listed}
    facts = {"what": "evidence", "number": case.number, "events": case.seq, "sha256": sha256(_json(made)).hexdigest()}
    security_log.write(session, "exported", at=at, actor=actor, case_id=case.id, detail=facts, client=client)
    return _zipped({**content, "manifest.json": _json(made)}, at)


def _contents(session: Session, case: CaseFile, data: Path) -> Iterator[tuple[str, bytes]]:
    events = history.of_case(session, case.id)
    yield "events.jsonl", b"".join(history.canonical_event(event) + b"\n" for event in events)
    yield "case.json", _json(case_parts.header(session, case))
    yield "roster.json", _json(_roster(session, case.id, events))
    for revision in session.scalars(select(FormRevision).where(FormRevision.case_id == case.id)):
        yield f"forms/{revision.hash}.json", canonical(revision.content)
    for release_hash in sorted({event.release_hash for event in events}):
        yield from _release(session, release_hash)
    yield from _attachments(session, case.id)
    proofs = receipts.receipts(session, case.id, data=data)
    yield "seals/receipts.jsonl", b"".join(_line(one) for one in proofs)
    yield "seals/checkpoint.note", (proofs[-1]["checkpoint"] if proofs else "").encode()
    yield "seals/public_key", (keys.public_key(data) or "").encode()
    yield "verifier.py", files("service.seals").joinpath("verifier.py").read_bytes()
    yield "README.txt", _GUIDE.encode()


def _release(session: Session, release_hash: str) -> Iterator[tuple[str, bytes]]:
    row = session.scalars(select(ProcessRelease).where(ProcessRelease.hash == release_hash)).first()
    if row is None:
        return
    folder = f"releases/{release_hash}"
    yield f"{folder}/process_id", row.process_id.encode()
    known = releases.definitions(session, row.forms)
    parts = releases.bundle_files(row.process_id, row.bpmn, known, row.decisions, releases.annexes(row))
    for name, content in parts.items():
        yield f"{folder}/{name}", content


def _attachments(session: Session, case_id: str) -> Iterator[tuple[str, bytes]]:
    statement = select(Attachment, Blob.content).join(Blob, Blob.sha256 == Attachment.sha256)
    index = []
    for row, content in session.execute(statement.where(Attachment.case_id == case_id)):
        name = f"attachments/{row.sha256}{PurePath(row.filename).suffix.lower()}"
        index.append({"file": name, "filename": row.filename, "uploaded_by": row.uploaded_by, "at": row.uploaded_at})
        yield name, content
    yield "attachments.json", _json(index)


def _roster(session: Session, case_id: str, events: list[Any]) -> list[dict[str, Any]]:
    """Everybody who acted or held a seat, with all their posts and the days those were valid."""
    named = {person for event in events for person in (event.actor, event.on_behalf_of) if person}
    held = session.scalars(select(Seat.person_id).where(Seat.case_id == case_id, Seat.person_id.is_not(None)))
    statement = (
        select(Person.id, Person.name, Person.username, Post.role, Post.valid_from, Post.valid_to)
        .add_columns(Organisation.name.label("organisation"), Organisation.id.label("organisation_id"))
        .outerjoin(Post, Post.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Post.organisation_id)
        .where(Person.id.in_(named | set(held)))
        .order_by(Person.id, Post.valid_from)
    )
    return [dict(row._mapping) for row in session.execute(statement)]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _zipped(content: Mapping[str, bytes], at: datetime) -> bytes:
    buffer = BytesIO()
    stamp = at.astimezone(DISTRICT).timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(content.items()):
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text)
    return buffer.getvalue()
