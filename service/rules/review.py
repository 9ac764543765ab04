"""What follows from a review (绩效目标审核表 F03): which total, which grade, which decision?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any, Literal

from forms.problem import Problem
from service.rules.quantities import number_of, plain

GRADES = ("优", "良", "中", "差")
#: Most points of each review item (table 3.1 of 财预〔2015〕88号附件; points unconfirmed).
MAXIMA: Mapping[str, Decimal] = MappingProxyType(
    {code: Decimal(points) for code, points in zip(
        ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"), (10, 10, 15, 15, 15, 15, 10, 10), strict=True)}
)  # fmt: skip
#: The verb that follows from each grade (财预〔2015〕88号 第二十五条).
DECISIONS: Mapping[str, str] = MappingProxyType({"优": "approve", "良": "consult", "中": "return", "差": "reject"})
VERB_NAMES = MappingProxyType({"approve": "同意", "consult": "会商修改", "return": "退回", "reject": "不予通过"})

_SOURCE = "F03 · 财预〔2015〕88号第二十五条"
_CAP = "中"


@dataclass(frozen=True, kw_only=True)
class GradeBands:
    """From which total (points of 100, the limit itself included) a grade is given; below the last it is 差.

    Source: 财预〔2020〕10号 (90/80/60 confirmed), applied to reviews as the product's rule.
    """

    excellent: Decimal = Decimal(90)
    good: Decimal = Decimal(80)
    fair: Decimal = Decimal(60)

    def grade(self, total: Decimal) -> str:
        """Return the grade of a total; exactly 90 is 优."""
        limits = ((self.excellent, "优"), (self.good, "良"), (self.fair, "中"))
        return next((name for limit, name in limits if total >= limit), "差")


@dataclass(frozen=True, kw_only=True)
class ReviewConclusion:
    """What a review comes to. Empty parts are None: an unfinished review has neither grade nor decision."""

    #: Sum of the item scores, one decimal, half up; None in qualitative reviews.
    total_score: Decimal | None
    overall_grade: str | None
    #: approve | consult | return | reject
    decision: str | None
    #: Why the grade is lower than the reviewer's choice, "" if it is not.
    cap_reason: str = ""
    problems: tuple[Problem, ...] = ()


def conclude(
    review: Mapping[str, Any],
    *,
    mode: Literal["qualitative", "quantitative"] | str,
    bands: GradeBands | None = None,
) -> ReviewConclusion:
    """Return total, grade, decision and contradictions of a review; nothing is changed in ``review``.

    Quantitative (key projects): the eight scores add up, the bands give the grade; a total or grade written beside
    that differs is a problem. Qualitative: the reviewer chooses the grade, but with any item 差 it is at most 中
    (the product's rule), and choosing better is a problem. 优 approve, 良 consult, 中 return, 差 reject. Missing scores
    or grades leave the conclusion open (None) without a problem: the form itself asks for them. ValueError for an
    unknown mode. Source: 财预〔2015〕88号 art. 25 (confirmed), points per item unconfirmed.
    """
    if mode not in ("qualitative", "quantitative"):
        raise ValueError(f"没有审核类型“{mode}”，应为 qualitative 或 quantitative")
    items = _items(review)
    if mode == "quantitative":
        return _by_score(review, items, bands or GradeBands())
    return _by_choice(review, items)


def verb_problem(conclusion: ReviewConclusion, verb: str, offered: Collection[str]) -> Problem | None:
    """Return the problem of deciding otherwise than the grade demands, None if verb and grade agree.

    Nothing is demanded where there is no grade, where the step does not offer the grade's verb (joint sign-off has no
    会商修改), or for verbs that decide nothing. Source: 财预〔2015〕88号 art. 25.
    """
    wanted = conclusion.decision
    if wanted is None or wanted not in offered or verb == wanted or verb not in DECISIONS.values():
        return None
    return _problem(
        "overall_grade",
        f"综合评定等级为“{conclusion.overall_grade}”，处理决定应为“{VERB_NAMES[wanted]}”，"
        f"现为“{VERB_NAMES[verb]}”，请更正等级或改选处理决定",
    )


def _by_score(review: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]], bands: GradeBands) -> ReviewConclusion:
    scores = {code: number_of(items.get(code, {}).get("score")) for code in MAXIMA}
    problems = [problem for code, score in scores.items() if (problem := _score_problem(code, score, items))]
    given = [score for score in scores.values() if score is not None]
    if len(given) < len(MAXIMA) or problems:
        return ReviewConclusion(total_score=None, overall_grade=None, decision=None, problems=tuple(problems))
    total = sum(given, Decimal(0)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    grade = bands.grade(total)
    written = number_of(review.get("total_score"))
    if written is not None and written != total:
        problems.append(
            _problem("total_score", f"总分{plain(written)}与各项得分之和{plain(total)}不一致，请以各项得分之和为准")
        )
    chosen = review.get("overall_grade") or review.get("grade_by_score")
    if chosen and chosen != grade:
        problems.append(
            _problem("overall_grade", f"总分{plain(total)}分对应“{grade}”，综合评定等级写为“{chosen}”，请改正")
        )
    return ReviewConclusion(total_score=total, overall_grade=grade, decision=DECISIONS[grade], problems=tuple(problems))


def _by_choice(review: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]]) -> ReviewConclusion:
    chosen = str(review.get("overall_grade") or "")
    if chosen not in GRADES:
        problems = (_problem("overall_grade", f"没有等级“{chosen}”，请选择优、良、中、差"),) if chosen else ()
        return ReviewConclusion(total_score=None, overall_grade=None, decision=None, problems=problems)
    poor = [code for code in MAXIMA if items.get(code, {}).get("rating") == "差"]
    if not poor or GRADES.index(chosen) >= GRADES.index(_CAP):
        return ReviewConclusion(total_score=None, overall_grade=chosen, decision=DECISIONS[chosen])
    reason = f"{'、'.join(poor)}评为“差”，综合评定最高为“{_CAP}”"
    return ReviewConclusion(
        total_score=None,
        overall_grade=_CAP,
        decision=DECISIONS[_CAP],
        cap_reason=reason,
        problems=(_problem("overall_grade", f"{reason}，现为“{chosen}”，请改为“{_CAP}”或重新核对单项意见"),),
    )


def _score_problem(code: str, score: Decimal | None, items: Mapping[str, Mapping[str, Any]]) -> Problem | None:
    if score is None or 0 <= score <= MAXIMA[code]:
        return None
    index = list(items).index(code)
    return _problem(f"items[{index}].score", f"{code}得分{plain(score)}应在0～{plain(MAXIMA[code])}之间，请改正")


def _items(review: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    rows = review.get("items")
    found = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    return {str(row.get("code")): row for row in found if isinstance(row, Mapping)}


def _problem(path: str, message: str) -> Problem:
    return Problem(field=path, message=message, severity="error", source=_SOURCE, rule="F03")
