"""What may a season that opens its own cases be told? Month of monitoring; share, seed and way of scoring of self-evaluation."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from secrets import token_hex
from types import MappingProxyType
from typing import Any

from service.rules.monitoring import MONTH
from service.rules.sampling import LEAST_SHARE
from service.rules.scoring import REVERSE_MODES

Note = Callable[[str, str], None]
SHORTEST_SEED, LONGEST_SEED = 8, 64


def monitoring(given: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Up to whose end is reported, and whether the red line of execution (MR2) warns; what is wrong is noted."""
    month = number(given.get("month") or MONTH)
    if month is None or month != int(month) or not 1 <= month <= 12:
        note("parameters.month", "“监控截至月份”应为 1 至 12 的整数，请改正。")
        month = Decimal(MONTH)
    return {"month": int(month), "red_line": given.get("red_line") in (True, "1", "true")}


def evaluation(given: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Percent that are checked again, the seed they are drawn from, and how points of upper limits fall.

    Source:
        P12: sample of at least 10 %; 财预〔2020〕10号 for the ways of scoring.
    """
    share = number(given.get("sample_share") or LEAST_SHARE)
    if share is None or not LEAST_SHARE <= share <= 100:
        note("parameters.sample_share", f"“抽查比例”应为 {LEAST_SHARE} 至 100 之间的数字（%），请改正。")
        share = LEAST_SHARE
    mode = str(given.get("reverse_mode") or REVERSE_MODES[0])
    if mode not in REVERSE_MODES:
        note("parameters.reverse_mode", "“反向指标计算方式”应为 deviation（偏差法）或 ratio（比值法），请改正。")
    # Made with the season, so that nobody chooses it after seeing whom it would draw.
    seed = str(given.get("sample_seed") or token_hex(16))
    if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
        note("parameters.sample_seed", f"“抽样种子”应为 {SHORTEST_SEED} 至 {LONGEST_SEED} 个字符，请改正。")
    return {"sample_share": format(share, "f"), "reverse_mode": mode, "sample_seed": seed}


#: Parameters of a season of budgets with their usual values: percent, and calendar days after the approval.
BUDGET_PARAMETERS: Mapping[str, str] = MappingProxyType({"sync_percent": "10", "reply_days": "20"})


def budget(given: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """From which change on a target follows its money, and within how many days is replied; what is wrong is noted."""
    percent, days = (number(given.get(name) or usual) for name, usual in BUDGET_PARAMETERS.items())
    if percent is None or not 0 < percent <= 100:
        note("parameters.sync_percent", "“须同步调整目标的变化幅度”应为 0 至 100 之间的数字（%），请改正。")
    if days is None or days != int(days) or not 1 <= days <= 60:
        note("parameters.reply_days", "“批准后多少日内批复”应为 1 至 60 的整数，请改正。")
        days = Decimal(BUDGET_PARAMETERS["reply_days"])
    return {"sync_percent": format(percent or Decimal(10), "f"), "reply_days": int(days)}


def overall(given: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """A season of overall targets has no parameters beside its template."""
    return {}


#: Readers of the parameters of seasons, by process.
READERS: Mapping[str, Callable[[Mapping[str, Any], Note], dict[str, Any]]] = MappingProxyType(
    {
        "performance_monitoring": monitoring,
        "self_evaluation": evaluation,
        "library_to_budget": budget,
        "overall_target": overall,
    }
)


def number(value: Any) -> Decimal | None:
    """A number as people write it; None for anything else."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
