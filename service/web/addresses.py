"""Where does a list lead to with another page or order? Addresses that keep the conditions of the present one."""

from collections.abc import Collection
from typing import Any

from flask import request, url_for


def kept(names: Collection[str]) -> dict[str, Any]:
    """The present address's conditions of these names that say something; whatever else it carries is dropped."""
    return {name: values for name in names if any(values := request.args.getlist(name))}


def with_changes(endpoint: str, names: Collection[str], **changes: Any) -> str:
    """An address with the present conditions, some of them changed; None drops one."""
    merged = {**kept(names), **changes}
    return url_for(endpoint, **{name: value for name, value in merged.items() if value not in (None, "", [""])})
