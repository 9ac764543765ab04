"""Do recorded scores (test vectors, a year's results) come out the same again?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.rules.quantities import day_of, number_of
from service.rules.scoring.deadline import deadline_score
from service.rules.scoring.execution import execution_score
from service.rules.scoring.experts import panel_score
from service.rules.scoring.explanation import needs_explanation
from service.rules.scoring.level import level_fits
from service.rules.scoring.quantity import quantity_score
from service.rules.scoring.rule_set import ScoreRules, rule_set
from service.rules.scoring.score import Score
from service.rules.scoring.total import ProjectScore, Result, grade_of, project_score

_DEFAULT = "LINEAR_2020"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A recorded result beside the computed one; ``scores`` are the computed scores with their formulas."""

    id: str
    title: str
    expected: Any
    got: Any
    scores: tuple[tuple[str, Score], ...] = ()

    @property
    def equal(self) -> bool:
        """Whether both say the same, figures compared as figures (9.5 is 9.50)."""
        return _alike(self.expected, self.got)


def compare(recorded: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare every vector of a file: ``unit`` (single rules) first, then ``projects`` (whole self-evaluations).

    What cannot be computed (an unknown kind, a missing figure) comes back as a difference that says why, so that one
    bad vector hides no other. Shape: ``db/demo/score_test_vectors.json``.
    """
    for number, vector in enumerate(_list(recorded, "unit"), 1):
        yield _tried(vector, f"unit[{number}]", _unit)
    for number, vector in enumerate(_list(recorded, "projects"), 1):
        yield _tried(vector, f"projects[{number}]", _project)


def _list(recorded: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = recorded.get(name, [])
    return found if isinstance(found, Sequence) and not isinstance(found, str) else [found]


def _tried(vector: Any, place: str, judge: Callable[[Mapping[str, Any]], Comparison]) -> Comparison:
    try:
        return judge(vector)
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as fault:
        known = vector if isinstance(vector, Mapping) else {}
        missing = f"缺少{fault}" if isinstance(fault, KeyError) else str(fault)
        expected = known.get("expect", known.get("total"))
        return Comparison(id=str(known.get("id", place)), title="", expected=expected, got=f"无法计算：{missing}")


def _unit(vector: Mapping[str, Any]) -> Comparison:
    kind, given = str(vector["kind"]), vector["args"]
    if kind not in _KINDS:
        raise ValueError(f"没有种类“{kind}”，可用：{'、'.join(_KINDS)}")
    rules = _rules(given)
    got = _KINDS[kind](given, rules)
    scores = ((kind, got),) if isinstance(got, Score) else ()
    shown = str(got.points) if isinstance(got, Score) else got
    return Comparison(id=str(vector["id"]), title=kind, expected=vector["expect"], got=shown, scores=scores)


def _rules(given: Mapping[str, Any]) -> ScoreRules:
    rules = rule_set(str(given.get("ruleset") or _DEFAULT))
    return rules.with_reverse_mode(given.get("reverse_mode"))


def _execution(given: Mapping[str, Any], rules: ScoreRules) -> Score:
    return execution_score(
        _number(given, "budget"),
        _number(given, "executed"),
        rules,
        finished=bool(given.get("finished", False)),
        weight=_number(given, "weight") if "weight" in given else None,
    )


def _quant(given: Mapping[str, Any], rules: ScoreRules) -> Score:
    return quantity_score(
        str(given["op"]),
        _number(given, "target"),
        number_of(given["actual"]),
        _number(given, "weight"),
        rules,
        over_cause=given.get("over_cause"),
        satisfaction=bool(given.get("satisfaction", False)),
    )


def _date(given: Mapping[str, Any], rules: ScoreRules) -> Score:
    start, due = day_of(given["start"]), day_of(given["due"])
    if start is None or due is None:
        raise ValueError("start 和 due 应为日期")
    return deadline_score(start, due, day_of(given["actual"]), _number(given, "weight"), rules)


def _fits(given: Mapping[str, Any], rules: ScoreRules) -> bool:
    return level_fits(str(given["level"]), _number(given, "score"), _number(given, "weight"), rules)


def _explain(given: Mapping[str, Any], rules: ScoreRules) -> bool:
    target, actual = _number(given, "target"), number_of(given["actual"])
    return needs_explanation(str(given["op"]), target, actual, _number(given, "score"), _number(given, "weight"), rules)


def _grade(given: Mapping[str, Any], rules: ScoreRules) -> str:
    return grade_of(_number(given, "total"), rules)


def _experts(given: Mapping[str, Any], rules: ScoreRules) -> list[Any]:
    scores = dict(enumerate(given["scores"]))
    found = panel_score([_number(scores, place) for place in scores])
    if found is None:
        raise ValueError("没有专家评分")
    return [str(found.points), found.discuss]


_KINDS: Mapping[str, Callable[[Mapping[str, Any], ScoreRules], Any]] = {
    "execution": _execution,
    "quant": _quant,
    "date": _date,
    "qual_ok": _fits,
    "explain": _explain,
    "grade": _grade,
    "experts": _experts,
}


def _project(vector: Mapping[str, Any]) -> Comparison:
    rows = vector["indicators"]
    found = project_score(
        _number(vector, "annual_budget"),
        _number(vector, "executed"),
        [_result(row) for row in rows],
        _rules(vector),
        finished=bool(vector.get("finished", False)),
    )
    recorded = {
        "execution_score": vector["execution_score"],
        "scores": [row["score"] for row in rows],
        "total": vector["total"],
        "grade": vector["grade"],
    }
    named = [("预算执行率", found.execution)]
    named += [(str(row.get("name", "")), score) for row, score in zip(rows, found.indicators, strict=True)]
    return Comparison(
        id=str(vector["id"]),
        title=str(vector.get("title", "")),
        expected=recorded,
        got=_shown(found),
        scores=tuple(named),
    )


def _shown(found: ProjectScore) -> dict[str, Any]:
    return {
        "execution_score": str(found.execution.points),
        "scores": [str(score.points) for score in found.indicators],
        "total": str(found.total),
        "grade": found.grade,
    }


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        name=str(row.get("name", "")),
        operator=str(row["op"]),
        target=row["target"],
        actual=row.get("actual"),
        weight=_number(row, "weight"),
        level2=str(row.get("l2", "")),
        over_cause=row.get("over_cause"),
        start=day_of(row.get("start")),
        level=str(row.get("level") or ""),
        given=number_of(row.get("given_score")),
    )


def _number(given: Mapping[Any, Any], name: object) -> Decimal:
    number = number_of(given[name])
    if number is None:
        raise ValueError(f"“{name}”的值“{given[name]}”不是数字")
    return number


def _alike(expected: Any, got: Any) -> bool:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return set(expected) == set(got) and all(_alike(expected[name], got[name]) for name in expected)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(_alike, expected, got))
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    numbers = number_of(expected), number_of(got)
    return numbers[0] == numbers[1] if None not in numbers else expected == got
