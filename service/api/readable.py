"""Can this request be kept at all? Texts no database holds and contents without end are refused before any view.

Pages are guarded as well as the API: both hand what was sent to the same use cases.
"""

import re
from collections.abc import Iterator
from itertools import chain
from math import isfinite
from typing import Any

from flask import request

from service.errors import BadRequest

#: Deeper than any form; the readers and writers of JSON give up far below.
DEEPEST = 50
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def require_readable() -> None:
    """Refuse addresses, forms and JSON with characters or numbers that cannot be stored, or nested without measure.

    Raises:
        BadRequest: the sentence says what is wrong.
    """
    pairs = chain(request.args.items(multi=True), request.form.items(multi=True))
    for text in chain((request.path,), *pairs, _texts(_content())):
        # A part of a form may come without a name.
        if text is not None and _UNSTORABLE.search(text):
            raise BadRequest("请求中含有不能保存的字符（空字符或不完整的字符），请删去后重发。")


def _content() -> Any:
    try:
        return request.get_json(silent=True) if request.is_json else None
    except RecursionError as error:
        raise _too_deep() from error


def _texts(content: Any) -> Iterator[str]:
    waiting = [(content, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise _too_deep()
        if isinstance(value, str):
            yield value
        elif isinstance(value, float) and not isfinite(value):
            raise BadRequest("请求中含有 NaN 或无穷大，JSON 没有这样的数，请改正后重发。")
        elif isinstance(value, dict):
            yield from value
            waiting += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _too_deep() -> BadRequest:
    return BadRequest(f"请求内容嵌套超过 {DEEPEST} 层，请核对后重发。")
