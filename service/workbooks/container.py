"""Is an uploaded file a plain, small .xlsx? Looked at before anything reads it as a workbook."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import ClassVar

from service.errors import Refused

MAX_BYTES = 10 * 2**20
MAX_MEMBERS = 500
MAX_UNPACKED = 50 * 2**20
_MAX_DIRECTORY = 2**20
_CHUNK = 2**16
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 0x1
#: Parts that run, fetch or embed something; a declaration never has any.
_FORBIDDEN = {
    re.compile(r"vbaproject|vbadata|macrosheets|activex|xl/dialogsheets", re.I): "宏或控件",
    re.compile(r"externallinks|xl/connections|querytables|customui|webextension", re.I): "外部链接或外部数据",
    re.compile(
        r"embeddings|oleobject|\.(?:zip|rar|7z|gz|exe|dll|scr|bat|cmd|js|vbs|ps1|jar|docx?|xls[xm]?|pptx?|html?|svg)$",
        re.I,
    ): "嵌入的文件",
}
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


class WorkbookRefused(Refused):
    """工作簿无法读取，请用系统下载的模板填写，另存为 .xlsx 后重新上传。"""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "workbook_refused"
    title: ClassVar[str] = "工作簿不能接收"


def inspect(data: bytes) -> None:
    """Refuse what is not a plain .xlsx within the limits: 10 MiB, 500 members, 50 MiB unpacked (counted, not believed).

    Refused with a Chinese sentence (WorkbookRefused): other kinds of files, encrypted or damaged ones, names leading
    outside, macros, external links, embedded files, document type declarations in any part.
    """
    _look_at_envelope(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            _look_at_members(container)
            _unpack(container)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as fault:
        raise WorkbookRefused("文件已损坏，无法解压，请重新另存为 .xlsx 后上传") from fault


def _look_at_envelope(data: bytes) -> None:
    if not data:
        raise WorkbookRefused("文件是空的，请重新选择文件")
    if len(data) > MAX_BYTES:
        raise WorkbookRefused(f"文件大小 {len(data) / 2**20:.1f} MiB，超过 10 MiB，请删去图片和多余工作表，或分批上传")
    if data.startswith(_OLE):
        raise WorkbookRefused("文件是旧版 .xls 或带有打开密码，请取消密码并另存为 .xlsx 后上传")
    if not data.startswith(b"PK\x03\x04"):
        raise WorkbookRefused("文件不是 .xlsx 工作簿，请用系统下载的模板填写后上传")
    end = data.rfind(_END, max(0, len(data) - 66000))
    if end < 0 or len(data) < end + 22:
        raise WorkbookRefused("文件不完整，请重新另存为 .xlsx 后上传")
    members = int.from_bytes(data[end + 10 : end + 12], "little")
    directory = int.from_bytes(data[end + 12 : end + 16], "little")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    comment = int.from_bytes(data[end + 20 : end + 22], "little")
    if data[max(0, end - 20) : end].startswith(_END_64) or members > MAX_MEMBERS or directory > _MAX_DIRECTORY:
        raise WorkbookRefused(f"文件内部超过 {MAX_MEMBERS} 个部件，请删去多余的工作表和图片后上传")
    if start + directory != end or end + 22 + comment != len(data):
        # Another file hides before or behind the workbook, so that programs disagree about what this is.
        raise WorkbookRefused("文件前后夹带了其他内容，不是正常的工作簿，请用 Excel 或 WPS 另存为 .xlsx 后上传")


def _look_at_members(container: zipfile.ZipFile) -> None:
    members = container.infolist()
    names = [member.filename for member in members]
    if len(names) > MAX_MEMBERS:
        raise WorkbookRefused(f"文件内部有 {len(names)} 个部件，超过 {MAX_MEMBERS} 个，请删去多余的工作表和图片后上传")
    if len({name.lower() for name in names}) < len(names):
        raise WorkbookRefused("文件内部有重名部件，不是正常的工作簿，请重新另存为 .xlsx 后上传")
    for member in members:
        _look_at_member(member)
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise WorkbookRefused("文件不是 .xlsx 工作簿（可能是 .docx、.ods 或 .xlsb），请另存为 .xlsx 后上传")


def _look_at_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/") or ":" in name or "\x00" in name:
        raise WorkbookRefused("文件内部路径不正常，不是正常的工作簿，请重新另存为 .xlsx 后上传")
    if member.flag_bits & _ENCRYPTED:
        raise WorkbookRefused("工作簿带有密码，请取消密码后上传")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookRefused("文件的压缩方式不受支持，请用 Excel 或 WPS 另存为 .xlsx 后上传")
    for pattern, what in _FORBIDDEN.items():
        if pattern.search(name):
            raise WorkbookRefused(f"工作簿含有{what}，请另存为不带{what}的 .xlsx 后上传")


def _unpack(container: zipfile.ZipFile) -> None:
    """Sizes in the headers may be forged, so every member is unpacked and counted; nothing is kept."""
    unpacked = 0
    for member in container.infolist():
        is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        tail, before = b"", unpacked
        with container.open(member) as part:
            while chunk := part.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED:
                    raise WorkbookRefused("文件解压后超过 50 MiB，请删去多余的行、列和图片后上传")
                if is_xml:
                    tail = _look_at_xml(member.filename, tail + chunk)
        if unpacked - before != member.file_size:
            raise WorkbookRefused("文件已损坏：部件大小与目录不符，请重新另存为 .xlsx 后上传")


def _look_at_xml(name: str, text: bytes) -> bytes:
    plain = text.replace(b"\x00", b"")  # UTF-16 and UTF-32 hide the words otherwise
    upper = plain.upper()
    if any(word in upper for word in _DECLARATIONS):
        raise WorkbookRefused("工作簿内含有文档类型声明（DTD），可能有害，请用 Excel 或 WPS 重新另存后上传")
    if name == "[Content_Types].xml" and b"MACROENABLED" in upper:
        raise WorkbookRefused("工作簿含有宏，请另存为不带宏的 .xlsx 后上传")
    return text[-64:]
