"""What is wrong with a self-evaluation (F07)? Rules S01 to S03, S05, S06 and S08 over its scored rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from forms.problem import Problem
from service.rules.quantities import day_of, number_of

#: Points from which an indicator needs evidence (S05; a district may set another number).
EVIDENCE_FROM = Decimal(10)
#: Money spent and results reached that do not fit together (S03), as shares.
LITTLE_SPENT, NEARLY_ALL = Decimal("0.60"), Decimal("0.95")
#: How far self score and checked score may lie apart (S07), points.
FAR_APART = Decimal(10)
#: Rules whose finding alone sends a self-evaluation to the spot check (P12: all with gap rules).
GAP_RULES = frozenset({"S02", "S03", "S06"})
_NUMBERS = frozenset({"ge", "gt", "eq", "le", "lt"})


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """A filled-in self-evaluation as the rules look at it; rows are those of F07 with score and ``explain``."""

    rows: Sequence[Mapping[str, Any]]
    #: Executed ÷ budget, as a fraction; None without a budget.
    rate: Decimal | None
    #: Day of filling in; None where nobody fills in.
    today: date | None
    files: int
    #: Names of indicators that the monitoring of the same year called impossible to reach.
    impossible: frozenset[str] = frozenset()
    evidence_from: Decimal = EVIDENCE_FROM


def judged(evaluated: Evaluated) -> Iterator[Problem]:
    """Every finding, row by row, then those of the whole table; errors block, warnings need a reason.

    S04 (scores typed by hand) cannot happen in a form that computes them; S07 is judged where checked scores are known.

    Source:
        Rules S01 to S08; 财预〔2020〕10号 (未完成绩效目标或偏离较大的，分析说明原因，提出改进措施).
    """
    for index, row in enumerate(evaluated.rows):
        yield from _row(evaluated, index, row)
    yield from _whole(evaluated)


def gaps(problems: Sequence[Mapping[str, Any]]) -> list[str]:
    """The gap rules among recorded findings, in order: what sends a self-evaluation to the spot check."""
    return sorted({str(one.get("rule")) for one in problems} & GAP_RULES)


def _row(evaluated: Evaluated, index: int, row: Mapping[str, Any]) -> Iterator[Problem]:
    place, name = f"第{index + 1}行“{row.get('level3_name')}”", f"indicators[{index}]"
    explain = str(row.get("explain") or "")
    if explain and not row.get("deviation_reason"):
        yield _problem("S01", f"{name}.deviation_reason", f"{place}{explain}，请填写偏差原因分析及改进措施")
    if row.get("over_achieved") and not row.get("over_cause"):
        yield _problem("S01", f"{name}.over_cause", f"{place}{explain}，请选择超额完成原因")
    weight = number_of(row.get("weight")) or Decimal(0)
    if weight >= evaluated.evidence_from and not row.get("evidence_note"):
        text = f"{place}分值{weight}分，须上传佐证并写明对应哪份附件（分值{evaluated.evidence_from}分及以上的必填）"
        yield _problem("S05", f"{name}.evidence_note", text)
    yield from _impossible_values(evaluated, name, place, row)
    full = number_of(row.get("score")) == weight and weight > 0
    if full and row.get("level3_name") in evaluated.impossible:
        text = f"{place}监控时判断为“完全不可能”完成，自评却得满分，与监控结论矛盾"
        yield _problem("S06", f"{name}.actual_value", text, "warning")


def _impossible_values(evaluated: Evaluated, name: str, place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    if row.get("operator") in _NUMBERS:
        value = number_of(row.get("actual_value"))
        if value is not None and value < 0:
            yield _problem("S08", f"{name}.actual_value", f"{place}实际完成值{value}为负数，请核对")
    if row.get("operator") == "date":
        done = day_of(row.get("actual_value"))
        if done is not None and evaluated.today is not None and done > evaluated.today:
            text = f"{place}完成日期{done.isoformat()}晚于填报日{evaluated.today.isoformat()}，请核对"
            yield _problem("S08", f"{name}.actual_value", text)


def _whole(evaluated: Evaluated) -> Iterator[Problem]:
    heavy = any((number_of(row.get("weight")) or 0) >= evaluated.evidence_from for row in evaluated.rows)
    if heavy and not evaluated.files:
        yield _problem("S05", "evidence", f"有分值{evaluated.evidence_from}分及以上的指标，请上传佐证材料")
    pairs = [
        (number_of(row.get("target_value")), number_of(row.get("actual_value")))
        for row in evaluated.rows
        if row.get("operator") in _NUMBERS
    ]
    if len(pairs) > 1 and all(target is not None and target == actual for target, actual in pairs):
        text = "所有定量指标的实际完成值都恰好等于年度指标值，请核对并以佐证材料证明"
        yield _problem("S02", "indicators", text, "warning")
    share = _share(evaluated.rows)
    if evaluated.rate is not None and evaluated.rate < LITTLE_SPENT and share is not None and share > NEARLY_ALL:
        text = (
            f"预算执行率{_percent(evaluated.rate)}，低于60%，指标得分却占{_percent(share)}：少花钱却全部完成，"
            "请说明是目标偏低还是资金有结余"
        )
        yield _problem("S03", "indicators", text, "warning")


def _share(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    weights = sum((number_of(row.get("weight")) or Decimal(0) for row in rows), Decimal(0))
    scores = sum((number_of(row.get("score")) or Decimal(0) for row in rows), Decimal(0))
    return scores / weights if weights else None


def _percent(share: Decimal) -> str:
    return f"{(share * 100).quantize(Decimal('0.01'))}%"


def _problem(rule: str, field: str, message: str, severity: str = "error") -> Problem:
    return Problem(
        field=field,
        message=message,
        severity=severity,  # type: ignore[arg-type]  # one of the two words above
        source=f"自评规则 {rule} · 财预〔2020〕10号",
        rule=rule,
    )
