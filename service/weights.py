"""Whose vote counts for more? The weights a step gives to people who also hold certain posts (票数)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from service import people
from service.engine import UserStep
from service.routing import Roster


def of_roster(session: Session, step: UserStep, roster: Roster, *, at: datetime) -> Mapping[str, int]:
    """Weights by person of those who count for more than one vote at a step; {} where everybody counts once.

    Somebody who holds several of the named posts counts with the greatest of their weights. Only posts in the step's own
    body count, on the day of ``at``: who leaves a post later keeps the weight of a vote that was opened before.
    """
    if not step.weights:
        return {}
    held = people.holders(session, [(role, roster.organisation_id) for role, _ in step.weights], at=at)
    found: dict[str, int] = {}
    for role, weight in step.weights:
        for person in held[role, roster.organisation_id]:
            found[person.id] = max(weight, found.get(person.id, 1))
    return found
