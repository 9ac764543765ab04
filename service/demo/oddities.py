"""Which few decisions of the demo district should an auditor notice? Chosen by dice, alike in every installation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.demo.chance import dice
from service.demo.moves import Move
from service.rules.working_days import DISTRICT

#: Of a thousand declarations so many each have one decision made unread, in seconds, in the evening.
_SHARE = 0.006
UNREAD, HASTY, EVENING = "unread", "hasty", "evening"
#: Seconds a hasty reviewer needed.
_SECONDS = 25.0
_HOUR = 20


def marked(moves: Sequence[Move], *names: object) -> list[Move]:
    """The moves of a declaration, with one oddity if the dice say so, at an approval by the department or a section."""
    random = dice("oddity", *names)
    thrown = random.random()
    kind = next((kind for number, kind in enumerate((UNREAD, HASTY, EVENING), 1) if thrown < number * _SHARE), "")
    approvals = [
        n
        for n, move in enumerate(moves)
        if move.verb == "approve" and move.node.endswith("_review") and "." not in move.node
    ]
    if not kind or not approvals:
        return list(moves)
    chosen = random.choice(approvals)
    odd = replace(moves[chosen], oddity=kind, pause=_SECONDS if kind == HASTY else moves[chosen].pause)
    return [*moves[:chosen], odd, *moves[chosen + 1 :]]


def in_the_evening(moves: Sequence[Move], instants: Sequence[datetime], latest: datetime) -> list[datetime]:
    """The instants of the moves; one marked so is put off to the evening, where nothing follows it that day.

    Args:
        latest: no move may be later.
    """
    found = list(instants)
    for number, move in enumerate(moves):
        if move.oddity == EVENING:
            local = instants[number].astimezone(DISTRICT)
            late = local.replace(hour=_HOUR, minute=local.minute // 2).astimezone(instants[number].tzinfo)
            following = instants[number + 1] if number + 1 < len(instants) else latest
            if late < min(following, latest) - timedelta(minutes=1):
                found[number] = late
    return found
