"""Can what was sent for a draft be kept? Sound or not, it must be readable."""

from collections.abc import Mapping, Sequence
from typing import Any

from service import draft_check
from service import rule_sets as rule_sets_of
from service.errors import BadRequest, Problems

LARGEST = 2 * 2**20


def require_readable(
    bpmn: bytes | None, scenarios: Sequence[Mapping[str, Any]] | None, rule_sets: Mapping[str, Any] | None
) -> None:
    """Refuse parts nobody could read again; those not given are not looked at.

    Raises:
        BadRequest: the diagram is too large or no UTF-8, or a scenario cannot be read.
        Problems: a rule set cannot be read.
    """
    if bpmn is not None:
        require_text(bpmn)
    draft_check.read_scenarios(scenarios or ())
    found = list(rule_sets_of.problems(rule_sets)) if rule_sets is not None else []
    if found:
        raise Problems(found)


def require_text(bpmn: bytes) -> None:
    """Refuse a diagram that is too large or no text.

    Raises:
        BadRequest: with what to do about it.
    """
    if len(bpmn) > LARGEST:
        raise BadRequest(f"流程图超过 {LARGEST // 2**20} MiB，请精简。")
    try:
        bpmn.decode()
    except UnicodeDecodeError as fault:
        raise BadRequest("流程图不是 UTF-8 编码，请用其他软件另存为 UTF-8，或在编辑页导入。") from fault
