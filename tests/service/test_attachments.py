import zipfile
from io import BytesIO

import pytest

from service import attachments

PDF = b"%PDF-1.7 ..."


def archive(*names: str, size: int = 1) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, b"0" * size)
    return made.getvalue()


def said(filename: str, content: bytes) -> str:
    return "".join(problem.message for problem in attachments.check(filename, content))


@pytest.mark.parametrize(
    "filename, content",
    [
        ("方案.pdf", PDF),
        ("方案.PDF", PDF),
        ("表.xlsx", archive("[Content_Types].xml", "xl/workbook.xml")),
        ("公文.ofd", archive("OFD.xml")),
        ("旧表.xls", attachments.OLE + b"..."),
        ("照片.jpg", b"\xff\xd8\xff\xe0..."),
        ("资料.zip", archive("a.txt")),
    ],
)
def test_what_offices_use_is_accepted(filename, content):
    assert said(filename, content) == ""


@pytest.mark.parametrize(
    "filename, content, sentence",
    [
        ("run.exe", b"MZ", "不接受“.exe”类型的文件"),
        ("页面.html", b"<script>", "不接受“.html”类型的文件"),
        ("无后缀", PDF, "不接受“无后缀”类型的文件"),
        ("空.pdf", b"", "文件是空的"),
        ("假.pdf", b"<html>", "文件内容不是 pdf 格式"),
        ("假.docx", archive("xl/workbook.xml"), "文件内容不是 docx 格式"),
        ("坏.zip", attachments.ZIP + b"...", "文件已损坏"),
        ("宏.xlsx", archive("xl/workbook.xml", "xl/vbaProject.bin"), "文件含有宏"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(filename, content, sentence):
    assert sentence in said(filename, content)


def test_a_file_over_the_limit_tells_both_sizes():
    assert "超过 20 MB" in said("大.pdf", PDF + b"0" * attachments.LARGEST)


def test_an_archive_bomb_is_refused_unopened():
    bomb = archive("a", "b", "c", "d", size=80 * attachments.MIB)

    assert len(bomb) < attachments.MIB
    assert "解开后超过" in said("弹.zip", bomb)
