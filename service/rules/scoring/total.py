"""Which total and which grade does a whole self-evaluation earn?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from service.rules.quantities import day_of, number_of
from service.rules.scoring.deadline import deadline_score
from service.rules.scoring.execution import execution_score
from service.rules.scoring.level import level_score
from service.rules.scoring.quantity import quantity_score
from service.rules.scoring.rounding import half_up
from service.rules.scoring.rule_set import ScoreRules
from service.rules.scoring.score import Score


@dataclass(frozen=True, kw_only=True)
class Result:
    """An indicator of the approved target with what came of it; values as written, in the target's unit.

    ``operator`` ge gt eq le lt, date or qual; ``level`` and ``given`` are the reviewer's choice for qual; ``over_cause``
    the confirmed cause of an over-achievement; ``start`` the day planned days are counted from.
    """

    name: str
    operator: str
    target: object
    actual: object
    weight: Decimal
    level2: str = ""
    over_cause: str | None = None
    start: date | None = None
    level: str = ""
    given: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ProjectScore:
    """The scores of one self-evaluation, their sum and its grade; ``rule_set`` and ``version`` say by which rules."""

    rule_set: str
    version: int
    execution: Score
    indicators: tuple[Score, ...]
    total: Decimal
    grade: str

    def to_json(self) -> dict[str, Any]:
        """Return everything as data: what pages show, prints carry and the log keeps."""
        return {
            "rule_set": self.rule_set,
            "version": self.version,
            "execution": self.execution.to_json(),
            "indicators": [score.to_json() for score in self.indicators],
            "total": str(self.total),
            "grade": self.grade,
        }


def grade_of(total: Decimal, rules: ScoreRules) -> str:
    """Return 优, 良, 中 or 差 for a total, read after rounding to the rule set's decimals; exactly 90 is 优."""
    return rules.grades.grade(half_up(Fraction(total), rules.decimals))


def indicator_score(result: Result, rules: ScoreRules) -> Score:
    """Return the points of one indicator by its kind: quantity, date or level.

    ValueError, naming the indicator, where the target cannot be read as its operator demands.
    """
    if result.operator == "qual":
        return level_score(result.level, result.given, result.weight, rules)
    if result.operator == "date":
        due = day_of(result.target)
        if due is None:
            raise ValueError(f"“{result.name}”的指标值“{result.target}”不是日期")
        start = result.start or date(due.year, 1, 1)
        return deadline_score(start, due, day_of(result.actual), result.weight, rules)
    target = number_of(result.target)
    if target is None:
        raise ValueError(f"“{result.name}”的指标值“{result.target}”不是数字")
    return quantity_score(
        result.operator,
        target,
        number_of(result.actual),
        result.weight,
        rules,
        over_cause=result.over_cause,
        satisfaction=result.level2 == "sat",
    )


def project_score(
    budget: Decimal,
    executed: Decimal,
    results: Sequence[Result],
    rules: ScoreRules,
    *,
    finished: bool = False,
    execution_weight: Decimal | None = None,
) -> ProjectScore:
    """Return execution score, indicator scores, total and grade of a project; amounts in one unit (万元).

    Every score is rounded first, then added; the grade is read from that sum. The same facts under the same rule set
    give the same scores for ever. ValueError as ``indicator_score``. Source: 财预〔2020〕10号 (grades confirmed).
    """
    execution = execution_score(budget, executed, rules, finished=finished, weight=execution_weight)
    indicators = tuple(indicator_score(result, rules) for result in results)
    total = sum((score.points for score in indicators), execution.points)
    return ProjectScore(
        rule_set=rules.code,
        version=rules.version,
        execution=execution,
        indicators=indicators,
        total=total,
        grade=grade_of(total, rules),
    )
