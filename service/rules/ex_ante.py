"""What does an ex-ante assessment (事前绩效评估) allow? The conclusion of a score, and what keeps a project from the library."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from service.rules.quantities import plain

SUPPORT, ADJUST, REFUSE = "support", "support_after_adjustment", "not_support"
#: Conclusions as pages and forms show them.
CONCLUSIONS: Mapping[str, str] = MappingProxyType({SUPPORT: "支持", ADJUST: "调整后支持", REFUSE: "不予支持"})


def obstacle(conclusion: str | None, amount: Decimal | None, suggested: Decimal | None) -> str:
    """Why a new major project may not enter the library; empty where its assessment lets it.

    Args:
        conclusion: one of ``CONCLUSIONS``; None while there is none.
        amount: what is asked for in the year, 万元.
        suggested: the amount the assessment suggests, 万元; None where it suggests none.

    Source:
        P05: not supported blocks the admission; what is supported after adjustment enters with no more than suggested.
    """
    if conclusion is None:
        return "事前绩效评估还没有结论，不能入库，请待评估办结后再办理"
    if conclusion == REFUSE:
        return "事前绩效评估结论为“不予支持”，不能入库，请退回单位调整后重新评估，或不予通过"
    return excess(amount, suggested)


def excess(amount: Decimal | None, suggested: Decimal | None) -> str:
    """What to say of an amount (万元) above the one the assessment suggests; empty where it is not."""
    if amount is None or suggested is None or amount <= suggested:
        return ""
    return f"年度资金总额{plain(amount)}万元超过事前绩效评估的建议预算数{plain(suggested)}万元，请按评估结论调整"
