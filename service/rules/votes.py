"""What do several people at one step decide together? 或签, 会签, 顺签, 票签 with added seats, veto and early results.

A seat either votes, or holds another seat up without voting: seats added *before* it speak first, seats added *after* it
speak once it has voted. Advice never counts. Denominators are the weights of live seats: whoever was replaced, dropped or
closed is out of the count, and a replacement stands for the replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Rule = Literal["first", "all", "sequential", "ratio"]
Part = Literal["vote", "before", "after", "advice"]
Outcome = Literal["yes", "no"]

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
    vote: Outcome | None = None
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

    Source:
        operations §3.2: ``ratio`` passes at votes/total ≥ share and fails as soon as (votes + open)/total < share; a "no"
        in ``all`` or ``sequential``, or under a veto, is enough.
    """
    counted = [ballot for ballot in ballots if ballot.counts]
    if not counted or _awaited_after(ballots):
        return None
    if policy.collect_all and any(ballot.live for ballot in counted):
        return None
    if policy.rule == "first":
        return _first(counted)
    share = Fraction(policy.share, 100) if policy.rule == "ratio" else Fraction(1)
    return _weighed(counted, share, veto=policy.veto or policy.rule != "ratio")


def ready(policy: Policy, ballots: Sequence[Ballot]) -> set[str]:
    """Ids of the waiting seats whose turn has come: nobody speaks before them any more."""
    known = {ballot.id: ballot for ballot in ballots}
    return {
        ballot.id for ballot in ballots if ballot.state == "waiting" and not _held_up(policy, ballot, ballots, known)
    }


def _first(counted: Sequence[Ballot]) -> Outcome | None:
    """The first word counts; where a seat was added beside it, both must agree, else adding it would mean nothing."""
    if len(counted) == 1:
        return counted[0].vote
    return _weighed(counted, Fraction(1), veto=True)


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
