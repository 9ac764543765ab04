"""What do several people at one step decide together? 或签, 会签, 顺签, 票签 with added seats, veto and early results.

A seat either votes, or holds another seat up without voting: seats added *before* it speak first, seats added *after* it
speak once it has voted. Advice never counts. Denominators are the weights of live seats: whoever was replaced, dropped or
closed is out of the count, and a replacement stands for the replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Literal

Rule = Literal["first", "all", "sequential", "ratio"]
Part = Literal["vote", "before", "after", "advice"]
Outcome = Literal["yes", "no"]
#: What one seat says; who abstains (弃权) agrees to nothing and forbids nothing.
Vote = Literal["yes", "no", "abstain"]

#: A seat in one of these states may still be heard.
LIVE = ("open", "waiting", "delegated")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a step counts votes. ``share`` is the percentage of weights a ratio needs."""

    rule: Rule = "first"
    share: int = 100
    #: One "no" is enough, whatever the ratio.
    veto: bool = False
    #: Everybody is heard, even when the result is certain.
    collect_all: bool = False


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A seat as the count sees it. ``vote`` is None until it has voted."""

    id: str
    part: Part = "vote"
    state: str = "open"
    vote: Vote | None = None
    weight: int = 1
    position: int = 0
    #: The seat that a seat added before or after belongs to.
    parent: str | None = None

    @property
    def live(self) -> bool:
        """Whether the seat may still be heard."""
        return self.state in LIVE

    @property
    def counts(self) -> bool:
        """Whether the seat is part of the count: it votes, and it has voted or may still do so."""
        return self.part == "vote" and (self.live or self.state == "done")


def outcome(policy: Policy, ballots: Sequence[Ballot]) -> Outcome | None:
    """What has been decided, in whatever order the votes came; None while it is open.

    Nothing is decided while somebody asked to speak after a vote has not spoken. A step without any seat decides nothing.
    Where everybody abstains nothing was agreed to: "no".

    Source:
        operations §3.2: ``ratio`` passes at votes/total ≥ share and fails as soon as (votes + open)/total < share; a "no"
        in ``all`` or ``sequential``, or under a veto, is enough. Who abstains stays in the total of a ratio and out of
        the unanimity of the others.
    """
    counted = [ballot for ballot in ballots if ballot.counts]
    if not counted or _awaited_after(ballots):
        return None
    if policy.collect_all and any(ballot.live for ballot in counted):
        return None
    if policy.rule == "ratio":
        return _weighed(counted, Fraction(policy.share, 100), veto=policy.veto)
    return _unanimous(counted)


def certain(policy: Policy, ballots: Sequence[Ballot]) -> Outcome | None:
    """What the votes given so far make of it, whether or not everybody is to be heard; None while it is open."""
    return outcome(replace(policy, collect_all=False), ballots)


def needed(policy: Policy, ballots: Sequence[Ballot]) -> tuple[int, int]:
    """Least weight of "yes" that carries the step, and the weight of all who vote: (3, 5) means three of five.

    Where everybody must agree, who abstains is out of both.
    """
    counted = [ballot for ballot in ballots if ballot.counts]
    total = sum(ballot.weight for ballot in counted)
    if policy.rule == "ratio":
        return ceil(Fraction(policy.share, 100) * total), total
    total -= sum(ballot.weight for ballot in counted if ballot.vote == "abstain")
    return total, total


def ready(policy: Policy, ballots: Sequence[Ballot]) -> set[str]:
    """Ids of the waiting seats whose turn has come: nobody speaks before them any more."""
    known = {ballot.id: ballot for ballot in ballots}
    return {
        ballot.id for ballot in ballots if ballot.state == "waiting" and not _held_up(policy, ballot, ballots, known)
    }


def _unanimous(counted: Sequence[Ballot]) -> Outcome | None:
    """One "no" is enough, and everybody is awaited for a "yes".

    A post's first word is alone in its count; where a seat was added beside it both must agree, else adding it would mean
    nothing.
    """
    if any(ballot.vote == "no" for ballot in counted):
        return "no"
    if any(ballot.live for ballot in counted):
        return None
    return "yes" if any(ballot.vote == "yes" for ballot in counted) else "no"


def _weighed(counted: Sequence[Ballot], share: Fraction, *, veto: bool) -> Outcome | None:
    total = sum(ballot.weight for ballot in counted)
    yes = sum(ballot.weight for ballot in counted if ballot.vote == "yes")
    waiting = sum(ballot.weight for ballot in counted if ballot.live)
    if veto and any(ballot.vote == "no" for ballot in counted):
        return "no"
    if yes + waiting < share * total:
        return "no"
    if yes >= share * total and not (veto and waiting):
        return "yes"
    return None


def _awaited_after(ballots: Sequence[Ballot]) -> bool:
    return any(ballot.part == "after" and ballot.live and ballot.state != "waiting" for ballot in ballots)


def _held_up(policy: Policy, ballot: Ballot, ballots: Sequence[Ballot], known: dict[str, Ballot]) -> bool:
    parent = known.get(ballot.parent or "") if ballot.part == "after" else None
    if parent is not None and parent.state != "done":
        return True
    if any(other.part == "before" and other.parent == ballot.id and other.live for other in ballots):
        return True
    if policy.rule != "sequential" or ballot.part != "vote":
        return False
    return any(other.counts and other.live and other.position < ballot.position for other in ballots)
