"""Has somebody said why? Every command but the everyday ones carries a reason."""

from forms.problem import Problem
from service import labels
from service.acts import Request
from service.errors import Problems

LEAST = 5
LONGEST = 2000
_SOURCE = "基本规定 · 办理操作须写明理由"


def required(request: Request) -> str:
    """The reason sent with a command.

    Raises:
        Problems: there is none, it is shorter than five characters, or longer than anybody reads.
    """
    text = (request.reason or "").strip()
    what = labels.verb(request.verb)
    if len(text) < LEAST:
        raise Problems([_problem(f"{what}须写明理由，至少 {LEAST} 个字，现有 {len(text)} 个字，请补充")])
    if len(text) > LONGEST:
        raise Problems([_problem(f"理由超过 {LONGEST} 字，现有 {len(text)} 个字，请精简")])
    return text


def _problem(message: str) -> Problem:
    return Problem(field="reason", message=message, severity="error", source=_SOURCE)
