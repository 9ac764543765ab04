"""Files that are no plain workbook of declarations: each with the word its refusal must contain."""

import io
import random
import struct
import zipfile
import zlib
from functools import cache

from openpyxl import Workbook

from tests.workbooks.books import lists

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DTD = '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@cache
def sound():
    return lists()


def members():
    with zipfile.ZipFile(io.BytesIO(sound())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def changed(**parts):
    """The sound workbook with further or other parts; __ stands for / and _dot_ for a dot."""
    return packed(members() | {name.replace("__", "/").replace("_dot_", "."): part for name, part in parts.items()})


def with_part(name, content=b"x"):
    return packed(members() | {name: content})


def sheet_xml(rows, tail=""):
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet {MAIN}><sheetData>{rows}</sheetData>{tail}</worksheet>'


def with_sheet(xml):
    return with_part(SHEET, xml if isinstance(xml, bytes) else xml.encode())


def forged_size(data, name, size):
    """The archive whose directory and local header claim another unpacked size for a member."""
    changed_data = bytearray(data)
    for signature, offset, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            if data[at + name_at : at + name_at + len(name)] == name.encode():
                struct.pack_into("<I", changed_data, at + offset, size)
    return bytes(changed_data)


def flagged(data, flag):
    """The archive whose members claim a flag, such as encryption."""
    changed_data = bytearray(data)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            struct.pack_into("<H", changed_data, at + offset, flag)
    return bytes(changed_data)


def recoded(data, method):
    """The archive whose members claim another compression method."""
    changed_data = bytearray(data)
    for signature, offset in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            struct.pack_into("<H", changed_data, at + offset, method)
    return bytes(changed_data)


def twice_named():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members().items():
            archive.writestr(name, content)
        archive.writestr(SHEET.upper(), b"<worksheet/>")
    return buffer.getvalue()


def many_rows(count):
    return "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, count + 1))


def bomb(size, name="xl/media/image1.png"):
    return with_part(name, b"\0" * size)


def nested_bomb():
    inner = packed({"a.bin": b"\0" * 2**24})
    return with_part("xl/media/a.zip", inner * 400)


def overlapping():
    """A directory whose entries all point at one large member (the bomb of Fifield)."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = b"\0" * 2**20
    body = deflater.compress(raw) + deflater.flush()
    crc = zlib.crc32(raw)
    local = struct.pack("<4s5HIII2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(body), len(raw), 5, 0) + b"a.bin" + body
    entry = struct.pack(
        "<4s6HIII5HII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(body), len(raw), 5, 0, 0, 0, 0, 0, 0
    )
    directory = (entry + b"a.bin") * 400
    end = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 400, 400, len(directory), len(local), 0)
    return local + directory + end


def ole(name):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + name.encode("utf-16-le") + b"\0" * 2000


def merged_over(count, columns):
    made = Workbook()
    data = io.BytesIO()
    made.save(data)
    ranges = "".join(f'<mergeCell ref="A{3 * n + 1}:{columns}{3 * n + 3}"/>' for n in range(count))
    tail = f'<mergeCells count="{count}">{ranges}</mergeCells>'
    return with_sheet(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>', tail))


def shared_strings(text, times):
    strings = f'<?xml version="1.0"?><sst {MAIN}><si><t>{text}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, times + 1))
    return packed(members() | {"xl/sharedStrings.xml": strings, SHEET: sheet_xml(rows)})


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def external(target):
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    xml = f'<Relationships xmlns="{relations}"><Relationship Id="r" TargetMode="External" Target="{target}"/></Relationships>'
    return packed(members() | {"xl/externalLinks/externalLink1.xml": "<a/>", "xl/externalLinks/_rels/e.xml.rels": xml})


def content_types(old, new):
    return with_part("[Content_Types].xml", members()["[Content_Types].xml"].replace(old, new))


def wide_cell(reference):
    return with_sheet(sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{reference}"><v>1</v></c></row>'))


FILES = {
    "nothing": (lambda: b"", "空"),
    "one byte": (lambda: b"P", "不是 .xlsx"),
    "only a signature": (lambda: b"PK\x03\x04", "不完整"),
    "noise": (lambda: noise(100_000), "不是 .xlsx"),
    "noise after a signature": (lambda: b"PK\x03\x04" + noise(100_000), "不完整"),
    "larger than allowed": (lambda: b"PK\x03\x04" + b"\0" * (10 * 2**20), "超过 10 MiB"),
    "old xls": (lambda: ole("Workbook"), ".xls"),
    "workbook with a password": (lambda: ole("EncryptedPackage"), "密码"),
    "csv renamed": (lambda: "项目名称,年度资金总额\n甲,1\n".encode(), "不是 .xlsx"),
    "html renamed": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "不是 .xlsx"),
    "svg renamed": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "不是 .xlsx"),
    "xml spreadsheet of 2003": (lambda: b'<?xml version="1.0"?><Workbook/>', "不是 .xlsx"),
    "pdf renamed": (lambda: b"%PDF-1.7\n" + noise(2000), "不是 .xlsx"),
    "program renamed": (lambda: b"\x7fELF" + noise(2000), "不是 .xlsx"),
    "picture renamed": (lambda: b"\x89PNG\r\n\x1a\n" + noise(2000), "不是 .xlsx"),
    "gzip renamed": (lambda: b"\x1f\x8b\x08" + noise(2000), "不是 .xlsx"),
    "docx renamed": (lambda: packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "docx"),
    "ods renamed": (lambda: packed({"mimetype": "application/x", "content.xml": "<o/>"}), "ods"),
    "xlsb renamed": (lambda: packed({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\0"}), "xlsb"),
    "jar renamed": (lambda: packed({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe"}), "不是 .xlsx"),
    "bomb of 60 MiB": (lambda: bomb(60 * 2**20), "超过 50 MiB"),
    "bomb of 1 GiB": (
        lambda: packed({**members(), **dict.fromkeys((f"xl/media/{n}.png" for n in range(20)), b"\0" * (51 * 2**20))}),
        "超过 50 MiB",
    ),
    "bomb in the sheet": (lambda: with_sheet(sheet_xml(many_rows(1) + " " * (60 * 2**20))), "超过 50 MiB"),
    "archives in the archive": (nested_bomb, "嵌入"),
    "overlapping members": (overlapping, "重名|损坏"),
    "page inside": (lambda: with_part("xl/media/a.html", b"<script>"), "嵌入"),
    "forged size of the bomb": (lambda: forged_size(bomb(60 * 2**20), "xl/media/image1.png", 100), "损坏|50 MiB"),
    "forged size of the sheet": (lambda: forged_size(sound(), SHEET, 2**31), "损坏"),
    "forged small size of the sheet": (lambda: forged_size(sound(), SHEET, 10), "损坏"),
    "10,000 members": (lambda: packed({**members(), **{f"xl/a/{n}": b"" for n in range(10_000)}}), "500"),
    "70,000 members": (lambda: packed({f"xl/a/{n}": b"" for n in range(70_000)}, zipfile.ZIP_STORED), "500"),
    "cut off in the middle": (lambda: sound()[: len(sound()) // 2], "不完整"),
    "cut off at the end": (lambda: sound()[:-10], "不完整"),
    "a sheet's bytes changed": (lambda: sound().replace(b"\x00\x00\x08\x00", b"\x00\x00\x09\x00"), "压缩方式|损坏"),
    "zip slip": (lambda: with_part("../../../etc/cron.d/x"), "路径"),
    "zip slip with backslashes": (lambda: with_part("xl\\..\\..\\x"), "路径|重名"),
    "absolute name": (lambda: with_part("/etc/passwd"), "路径"),
    "drive name": (lambda: with_part("C:/windows/x"), "路径"),
    "two members of one name": (twice_named, "重名"),
    "encrypted members": (lambda: flagged(sound(), 1), "密码"),
    "unknown compression": (lambda: recoded(sound(), 93), "压缩方式"),
    "bzip2": (lambda: packed(members(), zipfile.ZIP_BZIP2), "压缩方式"),
    "lzma": (lambda: packed(members(), zipfile.ZIP_LZMA), "压缩方式"),
    "macro": (lambda: with_part("xl/vbaProject.bin", noise(3000)), "宏"),
    "macro sheet of Excel 4": (lambda: with_part("xl/macrosheets/sheet1.xml", "<a/>"), "宏"),
    "macro-enabled type": (lambda: content_types(b"openxmlformats", b"macroEnabled"), "宏"),
    "control": (lambda: with_part("xl/activeX/activeX1.bin"), "控件"),
    "external workbook": (lambda: external("file:///etc/passwd"), "外部"),
    "dynamic data exchange": (lambda: external("cmd|/c calc"), "外部"),
    "database connection": (lambda: with_part("xl/connections.xml", "<connections/>"), "外部"),
    "web query": (lambda: with_part("xl/queryTables/queryTable1.xml", "<a/>"), "外部"),
    "embedded program": (lambda: with_part("xl/embeddings/oleObject1.bin", noise(99)), "嵌入"),
    "ribbon of one's own": (lambda: with_part("customUI/customUI.xml", "<a/>"), "外部"),
    "external entity": (
        lambda: with_sheet(
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet_xml("<row><c><v>&e;</v></c></row>")
        ),
        "DTD",
    ),
    "entity expansion": (lambda: with_sheet(DTD + sheet_xml("<row><c><v>&b;</v></c></row>")), "DTD"),
    "entity in the strings": (lambda: changed(xl__sharedStrings_dot_xml=DTD.encode() + b"<sst/>"), "DTD"),
    "entity in relations": (lambda: changed(xl___rels__workbook_dot_xml_dot_rels=DTD.lower().encode()), "DTD"),
    "entity in utf-16": (lambda: with_sheet((DTD + sheet_xml("")).encode("utf-16")), "DTD"),
    "entity in utf-32": (lambda: with_sheet((DTD + sheet_xml("")).encode("utf-32")), "DTD"),
    "entity over a chunk's edge": (lambda: with_sheet(b" " * (2**16 - 5) + DTD.encode() + b"<a/>"), "DTD"),
    "sparse cell": (lambda: wide_cell("XFD1048576"), "列|损坏|过大"),
    "sparse column": (lambda: wide_cell("XFD2"), "列"),
    "cell beyond the sheet": (lambda: wide_cell("ZZZZZZZ99999999999"), "损坏|没有找到"),
    "row number of twenty digits": (
        lambda: with_sheet(sheet_xml('<row r="99999999999999999999"><c r="A1"><v>1</v></c></row>')),
        "损坏|没有找到",
    ),
    "million rows": (lambda: with_sheet(sheet_xml(many_rows(900_000))), "万个单元格|50 MiB|过大"),
    "one text for every cell": (lambda: shared_strings("长" * 30_000, 60_000), "文字过多|过大"),
    "merged everywhere": (lambda: merged_over(15_000, "IV"), "合并"),
    "too many merges": (lambda: merged_over(25_000, "B"), "合并"),
    "sheet that is no xml": (lambda: with_sheet(noise(5000)), "损坏|没有找到"),
    "sheet without end": (lambda: with_sheet(sheet_xml(many_rows(10))[:-60]), "损坏|没有找到"),
    "sheet nested deep": (lambda: with_sheet(sheet_xml("<row>" * 300_000)), "损坏|没有找到|过大"),
    "missing sheet": (
        lambda: packed({name: part for name, part in members().items() if "sheet" not in name}),
        "损坏|没有找到",
    ),
    "workbook part that is no xml": (lambda: with_part("xl/workbook.xml", noise(5000)), "损坏|没有找到"),
    "directory in front of another archive": (lambda: sound() + sound(), "夹带"),
    "web page in front": (lambda: b"<html><script>alert(1)</script></html>" + sound(), "不是 .xlsx"),
    "web page behind": (lambda: sound() + b"<html><script>alert(1)</script></html>", "夹带"),
    "picture behind": (lambda: sound() + b"\x89PNG\r\n\x1a\n" + noise(2000), "夹带"),
    "no project inside": (lambda: changed(xl__worksheets__sheet1_dot_xml=sheet_xml(many_rows(5)).encode()), "没有找到"),
}
