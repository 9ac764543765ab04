"""How is a person's text written into a cell so that no spreadsheet runs it?"""

from __future__ import annotations

import re

#: First characters that make a spreadsheet compute a text, full-width forms included (ASVS V1.2.10). A text that
#: already looks escaped is escaped once more, so that every text comes back as it was.
_DANGEROUS = re.compile("'*[=+\\-@\t\r\n\0＝＋－＠]")  # noqa: RUF001 - these very signs
#: What XML cannot hold, and halves of characters outside the plane.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Spreadsheets read ``_x0041_`` in a text as the letter A (ECMA-376, ST_Xstring).
_ENCODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST = 32_000


def escaped(text: str) -> str:
    """Return the text with an apostrophe before a sign that would start a formula; control characters are dropped."""
    dangerous = _DANGEROUS.match(text)
    clean = _UNWRITABLE.sub("", text)[:_LONGEST]
    return f"'{clean}" if dangerous or _DANGEROUS.match(clean) else clean


def unescaped(text: str) -> str:
    """Return the text without the apostrophe ``escaped`` put there."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def literal(text: str) -> str:
    """Return the text as it must stand in the file for a spreadsheet to show it unchanged."""
    return _ENCODED.sub("_x005F_", text)
