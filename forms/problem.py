"""One thing a person should correct, as every check of the product reports it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A finding about one field of a form, in words its author can act on.

    ``field`` is a path such as ``annual_goal`` or ``indicators[2].weight`` (rows count from 0, while the
    sentence says 第3行); an empty path means the form as a whole. ``message`` is a Chinese sentence saying
    what is wrong and what to do. ``source`` names the rule and the document it comes from, for example
    ``Q02 · 财预〔2020〕10号``. ``rule`` is the rule's code, empty for plain well-formedness. An ``error``
    stops the submission, a ``warning`` wants a reason, an ``info`` is only shown.
    """

    field: str
    message: str
    severity: Severity
    source: str
    rule: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as a flat mapping of texts, the shape pages and the API show."""
        return {name: str(value) for name, value in asdict(self).items()}
