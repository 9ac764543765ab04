"""Who is heard at a step, how have they voted, and what is still missing? 会签, 顺签, 票签 as people read them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import labels, routing, seats, sitting
from service.dockets import Docket
from service.rules import votes
from service.rules.votes import Ballot, Policy

_PARTS: Mapping[str, str] = MappingProxyType(
    {"vote": "表决", "before": "前加签（只发表意见）", "after": "后加签（只发表意见）", "advice": "受托提供意见"}
)
_STATES: Mapping[str, str] = MappingProxyType(
    {"open": "办理中", "waiting": "等待前一位", "delegated": "已委派，等答复", "cancelled": "不再征求"}
)
_DROPPED: Mapping[str, str] = MappingProxyType(
    {"dropped": "已减签", "early_decision": "结果已定，不再征求", "returned": "随退回取消", "recalled": "已收回"}
)
_RULES: Mapping[str, str] = MappingProxyType(
    {
        "first": "加签后须全部同意",
        "all": "会签：须全部同意",
        "sequential": "顺签：依次办理，须全部同意",
        "ratio": "票签：同意票须达到 {share}%",
    }
)


def tally(session: Session, docket: Docket, visit: Visit) -> dict[str, Any] | None:
    """How the count of a step stands, for those who may see its case; None where one person decides alone.

    Returns:
        rule, rule_label, veto, collect_all; the weights yes, no, abstain, pending, total and needed; certain (yes, no or
        None); voters in their order: seat_id, person, role, part, part_label, weight, state, state_label, vote,
        vote_label, opinion, decided_at, on_behalf_of. Drafts are nobody else's to see.
    """
    step = docket.step(visit)
    shown = [seat for seat in docket.seats_of(visit) if seat.state != "transferred"]
    if step.countersign == "first" and len(shown) < 2:
        return None
    policy, cast = seats.policy(step), seats.ballots(docket, visit)
    least, total = votes.needed(policy, cast)
    named = sitting.names(
        session, [who for seat in shown for who in (seat.person_id, seat.decided_by, seat.on_behalf_of)]
    )
    return {
        "rule": policy.rule,
        "rule_label": _rule(policy),
        "veto": policy.veto and policy.rule == "ratio",
        "collect_all": policy.collect_all,
        **_weights(cast),
        "needed": least,
        "total": total,
        "certain": votes.certain(policy, cast),
        "voters": [_voter(seat, named) for seat in shown],
    }


def _rule(policy: Policy) -> str:
    said = [_RULES[policy.rule].format(share=policy.share)]
    if policy.veto and policy.rule == "ratio":
        said.append("一票否决")
    said.append("结果已定仍征求全部意见" if policy.collect_all else "结果已定即办结")
    return "；".join(said) if policy.rule != "first" else said[0]


def _weights(cast: Sequence[Ballot]) -> dict[str, int]:
    counted = [ballot for ballot in cast if ballot.counts]
    found = {vote: sum(one.weight for one in counted if one.vote == vote) for vote in ("yes", "no", "abstain")}
    return {**found, "pending": sum(one.weight for one in counted if one.live)}


def _voter(seat: Seat, named: Mapping[str, str]) -> dict[str, Any]:
    done = seat.state == "done"
    state = (
        labels.verb(seat.vote) if done else _DROPPED.get(seat.reason_code or "") or _STATES.get(seat.state, seat.state)
    )
    return {
        "seat_id": seat.id,
        "person": named.get(seat.decided_by or seat.person_id or "", ""),
        "role": routing.role_name(seat.role),
        "part": seats.part(seat),
        "part_label": _PARTS[seats.part(seat)],
        "weight": seat.weight,
        "state": seat.state,
        "state_label": state,
        "vote": seat.vote if done else None,
        "vote_label": labels.verb(seat.vote) if done else "",
        "opinion": seat.opinion if done else None,
        "decided_at": seat.decided_at if done else None,
        "on_behalf_of": named.get(seat.on_behalf_of or "") if done else None,
    }
