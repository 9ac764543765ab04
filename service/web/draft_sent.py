"""What did an editor of the studio send? The part it edits as a file, and the save it last saw."""

from flask import request
from flask_babel import gettext as _

from service.errors import BadRequest


def file(name: str) -> tuple[str, bytes]:
    """Name and content of the file sent under a name.

    Raises:
        BadRequest: there is none.
    """
    sent = request.files.get(name)
    if sent is None:
        raise BadRequest(_("没有收到文件，请刷新页面后重试。"))
    content: bytes = sent.read()
    return sent.filename or "", content


def version() -> int:
    """Number of the save the page last saw.

    Raises:
        BadRequest: it is missing.
    """
    text = request.form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(_("没有收到草稿的版本号，请刷新页面后重试。"))
    return int(text)
