"""How is a person's text written into a cell so that no spreadsheet runs it?"""

from __future__ import annotations

import re

#: First characters that make a spreadsheet compute a text, full-width forms included (ASVS V1.2.10).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - these very signs
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32_000


def escaped(text: str) -> str:
    """Return the text with an apostrophe before a sign that would start a formula; control characters are dropped."""
    dangerous = text.startswith(_DANGEROUS)
    clean = _UNWRITABLE.sub("", text)[:_LONGEST]
    return f"'{clean}" if dangerous or clean.startswith(_DANGEROUS) else clean


def unescaped(text: str) -> str:
    """Return the text without the apostrophe ``escaped`` put there."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text
