"""Which files belong to a case? Checked before they are kept, stored once by their hash."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit
from db.form import Attachment, Blob
from forms.definition import FormDefinition
from forms.problem import Problem
from service import access, readings
from service.errors import NotFound, Problems
from service.people import Actor

MIB = 1024 * 1024
LARGEST = 20 * MIB
#: Limits for what an archive unpacks to: an archive bomb is refused before anybody opens it.
LARGEST_UNPACKED = 300 * MIB
MOST_ENTRIES = 5000
SOURCE = "附件要求（类型、大小、内容）"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
OFFICE = "application/vnd.openxmlformats-officedocument"
#: What each suffix must begin with, and its media type.
KINDS = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".ofd": (ZIP, "application/ofd"),
    ".docx": (ZIP, f"{OFFICE}.wordprocessingml.document"),
    ".xlsx": (ZIP, f"{OFFICE}.spreadsheetml.sheet"),
    ".doc": (OLE, "application/msword"),
    ".xls": (OLE, "application/vnd.ms-excel"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".zip": (ZIP, "application/zip"),
}
#: What an archive of the suffix must contain.
PARTS = {".docx": "word/", ".xlsx": "xl/", ".ofd": "OFD.xml"}


@dataclass(frozen=True)
class Loaded:
    """A file as it was uploaded."""

    filename: str
    media_type: str
    content: bytes


def store(
    session: Session, visit_id: str, *, actor: Actor, at: datetime, filename: str, content: bytes
) -> dict[str, Any]:
    """Keep a file with the case of an open visit at which the actor may decide.

    Args:
        filename: the name on the person's computer; folders in it are dropped.
        content: the whole file.

    Returns:
        id, filename, size (bytes) and media_type. The same content is stored once, however often it is uploaded.

    Raises:
        NotFound: there is no such open visit, or the actor has no seat there.
        Problems: type, size or content is not accepted; nothing is kept.
    """
    case_id = _case_of(session, visit_id, actor)
    name = PurePath(filename.replace("\\", "/")).name.strip()[:200]
    problems = list(check(name, content))
    if problems:
        raise Problems(problems, f"附件“{name}”没有保存。")
    digest = sha256(content).hexdigest()
    session.execute(insert(Blob).values(sha256=digest, size=len(content), content=content).on_conflict_do_nothing())
    kept = Attachment(
        case_id=case_id,
        filename=name,
        media_type=KINDS[PurePath(name).suffix.lower()][1],
        size=len(content),
        sha256=digest,
        uploaded_by=actor.person_id,
        uploaded_at=at,
    )
    session.add(kept)
    session.flush()
    return {"id": kept.id, "filename": name, "size": kept.size, "media_type": kept.media_type}


def load(
    session: Session, attachment_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> Loaded:
    """A file of a case the actor may see; an auditor's reading is logged.

    Raises:
        NotFound: there is no such file, it was removed, or the case is not visible to the actor.
    """
    statement = (
        select(Attachment, Blob, CaseFile)
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .join(CaseFile, CaseFile.id == Attachment.case_id)
        .where(Attachment.id == attachment_id, Attachment.removed_at.is_(None), access.visible_cases(actor))
    )
    found = session.execute(statement).first()
    if found is None:
        raise NotFound("没有这个附件，或您无权查看。")
    attachment, blob, case = found
    readings.log(session, case, actor=actor, at=at, what="attachment", client=client)
    return Loaded(attachment.filename, attachment.media_type, blob.content)


def name(session: Session, case_id: str, definition: FormDefinition, content: dict[str, Any]) -> list[Problem]:
    """Write the names of files into a form that refers to them, so that it can be read and printed by itself.

    Returns:
        A problem for each reference to a file that was not uploaded to this case; the reference is taken out.
    """
    problems = []
    for field in definition.questions:
        referred = content.get(field.id) if field.type == "files" else None
        if not referred:
            continue
        ids = [str(file.get("id")) for file in referred]
        kept = select(Attachment.id, Attachment.filename).where(
            Attachment.case_id == case_id, Attachment.id.in_(ids), Attachment.removed_at.is_(None)
        )
        names = {row.id: row.filename for row in session.execute(kept)}
        content[field.id] = [{"id": known, "filename": names[known]} for known in dict.fromkeys(ids) if known in names]
        if set(ids) - names.keys():
            text = f"“{field.label}”中有{len(set(ids) - names.keys())}个附件不是在本业务件上传的，请重新上传"
            problems.append(Problem(field=field.id, message=text, severity="error", source=SOURCE))
        if not content[field.id]:
            del content[field.id]
    return problems


def check(filename: str, content: bytes) -> Iterator[Problem]:
    """What speaks against a file: its type, its size, or a content that is not what the name says.

    Returns:
        Problems on the field `attachments`; nothing if the file is accepted.
    """
    suffix = PurePath(filename).suffix.lower()
    if suffix not in KINDS:
        known = "、".join(kind.removeprefix(".") for kind in KINDS)
        yield _problem(f"不接受“{suffix or '无后缀'}”类型的文件，请转换为 {known} 之一后再上传。")
        return
    if not content:
        yield _problem("文件是空的，请检查后重新选择。")
    elif len(content) > LARGEST:
        yield _problem(f"文件为 {len(content) / MIB:.1f} MB，超过 {LARGEST // MIB} MB，请压缩或拆分后再上传。")
    elif not content.startswith(KINDS[suffix][0]):
        yield _problem(f"文件内容不是 {suffix.removeprefix('.')} 格式，请用原来的软件另存后再上传。")
    elif KINDS[suffix][0] == ZIP:
        yield from _check_archive(suffix, content)


def _check_archive(suffix: str, content: bytes) -> Iterator[Problem]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        yield _problem("文件已损坏，无法打开，请重新生成后再上传。")
        return
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        yield _problem(f"压缩文件解开后超过 {LARGEST_UNPACKED // MIB} MB 或 {MOST_ENTRIES} 个文件，请拆分后再上传。")
    names = [entry.filename for entry in entries]
    if suffix in PARTS and not any(name.startswith(PARTS[suffix]) for name in names):
        yield _problem(f"文件内容不是 {suffix.removeprefix('.')} 格式，请用原来的软件另存后再上传。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        yield _problem("文件含有宏，不接受。请另存为不含宏的文件后再上传。")


def _case_of(session: Session, visit_id: str, actor: Actor) -> str:
    posts = [and_(Seat.role == post.role, Seat.organisation_id == post.organisation_id) for post in actor.posts]
    mine = or_(Seat.person_id == actor.person_id, and_(Seat.person_id.is_(None), or_(false(), *posts)))
    statement = (
        select(Visit.case_id)
        .join(Seat, Seat.visit_id == Visit.id)
        .where(Visit.id == visit_id, Visit.state == "open", Seat.state == "open", mine)
    )
    case_id = session.scalars(statement).first()
    if case_id is None:
        raise NotFound("没有这个待办事项，或它已经办理，不能再上传附件。")
    return case_id


def _problem(message: str) -> Problem:
    return Problem(field="attachments", message=message, severity="error", source=SOURCE)
