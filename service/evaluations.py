"""What comes of a self-evaluation once it is approved? Both scores stand in the log, a poor result is put right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from service import rectifications, revisions
from service.acts import Cause
from service.dockets import Docket
from service.rules.quantities import number_of
from service.rules.scoring import grade_of
from service.subjects import evaluation, evaluation_check


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A scored item as it stands after all checks; points."""

    name: str
    weight: Decimal
    self_score: Decimal
    score: Decimal
    #: Why points were taken or given by a reviewer, else what the unit says of its deviation.
    why: str

    @property
    def lost(self) -> Decimal:
        """Points below the weight."""
        return self.weight - self.score


def findings(content: Mapping[str, Any], checked: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Every scored item of a self-evaluation with the score its last review left it.

    Args:
        content: F07 as last submitted.
        checked: ``evaluation_check.checked_scores``.
    """
    for item in evaluation_check.items(content):
        own = number_of(item.get("self_score")) or Decimal(0)
        review = checked.get(str(item["item"]), {})
        set_otherwise = number_of(review.get("checked_score"))
        yield Finding(
            name=str(item["item"]),
            weight=number_of(item.get("weight")) or Decimal(0),
            self_score=own,
            score=own if set_otherwise is None else set_otherwise,
            why=str(review.get("check_reason") or item.get("deviation_reason") or ""),
        )


def record(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Write self score, checked score and grade into the log.

    Returns:
        The change for the event: ``evaluation_recorded`` with ``self_total``, ``self_grade``, ``total``, ``grade``
        (points, two decimals) and whether it was checked again.

    Source:
        P12 定稿: keeps self score and checked score; 财预〔2020〕10号 for the grades.
    """
    content, found = _stands(session, docket)
    total = sum((finding.score for finding in found), Decimal(0))
    sampled = any(visit.node_id == "spot_check" and visit.outcome == "approve" for visit in docket.visits.values())
    return {
        "type": "evaluation_recorded",
        "self_total": str(content.get("total_score")),
        "self_grade": content.get("grade"),
        "total": format(total, "f"),
        "grade": grade_of(total, evaluation.of_case(session, docket.case).scoring),
        "checked_again": sampled,
    }


def open_rectification(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Open the rectification a poor result asks for, one issue for every item that lost points.

    Returns:
        The change for the event: ``rectification_opened`` with case and number.

    Raises:
        Problems: the rectification process is not in force.
    """
    _, found = _stands(session, docket)
    grade = grade_of(
        sum((finding.score for finding in found), Decimal(0)), evaluation.of_case(session, docket.case).scoring
    )
    return rectifications.open_from_evaluation(session, docket, cause, _issues(found), grade)


def _stands(session: Session, docket: Docket) -> tuple[Mapping[str, Any], list[Finding]]:
    kept = revisions.one(session, docket.case.form_revision_id)
    content = kept.content if kept else {}
    return content, list(findings(content, evaluation_check.checked_scores(session, docket.case)))


def _issues(found: list[Finding]) -> Iterator[tuple[str, str]]:
    for finding in found:
        if finding.lost > 0:
            told = f"：{finding.why}" if finding.why else ""
            yield finding.name, f"“{finding.name}”分值{finding.weight}分，得{finding.score}分，失{finding.lost}分{told}"
