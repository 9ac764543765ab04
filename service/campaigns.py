"""Which seasons (批次) of declaration are there, and when do they open and close?

A season is prepared, then open, then closed; never back. While it is prepared everything about it may change, while it
is open only its last day and its units.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from service import access, campaign_scope, releases, security_log
from service.campaign_gate import NO_RELEASE, campaign_of, obstacles, open_for, require_open
from service.campaign_rows import STATES, CampaignRow, one, rows
from service.campaign_terms import COLUMNS, SEASONS, TARGETS, Terms, phases, problem, read_day, read_units
from service.errors import NotFound, Problems
from service.people import Actor, day

__all__ = [
    "STATES",
    "CampaignRow",
    "campaign_of",
    "change",
    "close",
    "create",
    "extend",
    "obstacles",
    "one",
    "open",
    "open_and_close_due",
    "open_for",
    "require_open",
    "rescope",
    "rows",
]

#: A comment on closing early or extending is a reason people can read later.
SHORTEST_REASON = 5

logger = structlog.get_logger(__name__)


def create(
    session: Session,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Prepare a season.

    Args:
        values: process_id (of declaration if not given), title, fiscal_year, phase, indicator_template, rule_set, opens_on, closes_on, parameters (thresholds in
            万元 and parameters of the quality rules), units (each with unit_id and expected_projects or nothing).

    Returns:
        Its id.

    Raises:
        NotAllowed: the actor does not run seasons.
        Problems: everything wrong at once.
    """
    access.require(actor, "campaign.manage")
    process_id = str(values.get("process_id") or TARGETS)
    if process_id not in SEASONS:
        raise Problems([problem("process_id", f"请从列表中选择业务：{'、'.join(SEASONS.values())}。")])
    terms = Terms(session, values, at=at, process_id=process_id)
    release = releases.in_force(session, process_id, max(day(at), terms.columns["opens_on"] or day(at)))
    if release is None:
        terms.problems.append(problem("", NO_RELEASE))
    _refuse_twin(session, terms, process_id, own_id=None)
    if terms.problems or release is None:
        raise Problems(terms.problems)
    held = {"process_id": process_id, "process_release_id": release.id, "created_by": actor.person_id, "created_at": at}
    row = Campaign(**terms.columns, **held)
    session.add(row)
    session.flush()
    campaign_scope.replace(session, row.id, terms.units)
    _log(session, "campaign_created", row, actor.person_id, at, client)
    return {"id": row.id}


def change(
    session: Session,
    campaign_id: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Change a season while it is prepared; what `values` does not name stays as it is.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
        Problems: it is open or closed, or everything wrong at once.
    """
    row = _locked(session, campaign_id, actor, "prepared")
    own = [vars(unit) for unit in campaign_scope.units(session, row.id)]
    terms = Terms(
        session,
        {**{name: getattr(row, name) for name in COLUMNS}, "units": own, **values},
        at=at,
        process_id=row.process_id,
    )
    _refuse_twin(session, terms, row.process_id, own_id=row.id)
    if terms.problems:
        raise Problems(terms.problems)
    changed = {name: value for name, value in terms.columns.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    campaign_scope.replace(session, row.id, terms.units)
    _log(session, "campaign_changed", row, actor.person_id, at, client, fields=[*changed, "units"])


def rescope(
    session: Session,
    campaign_id: str,
    units: Collection[Any],
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Change which units take part, also while the season is open; a unit that has declared stays.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
        Problems: it is closed, a unit is wrong, or one that has declared would be left out.
    """
    row = _locked(session, campaign_id, actor, "prepared", "open")
    problems: list[Any] = []
    wanted = read_units(session, units, problems)
    lost = [unit.name for unit in campaign_scope.units(session, row.id) if unit.declared and unit.unit_id not in wanted]
    if lost:
        problems.append(problem("units", f"“{'”“'.join(lost[:10])}”已有申报，不能移出本批次。"))
    if row.state == "open" and not wanted:
        problems.append(problem("units", "开放中的批次至少保留一个单位。"))
    if problems:
        raise Problems(problems)
    campaign_scope.replace(session, row.id, wanted)
    _log(session, "campaign_changed", row, actor.person_id, at, client, fields=["units"])


def open(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """Open a prepared season now; before its first day, that day moves to today.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
        Problems: it is not prepared, or whatever keeps it from opening.
    """
    row = _locked(session, campaign_id, actor, "prepared")
    found = obstacles(session, row, at=at)
    if found:
        raise Problems([problem("state", text) for text in found])
    _open(session, row, at, by=actor.person_id, client=client)


def close(
    session: Session,
    campaign_id: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Close an open season early: nothing new is declared, what is under way goes on.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
        Problems: it is not open, or the reason is too short.
    """
    row = _locked(session, campaign_id, actor, "open")
    given = _reason(reason)
    row.state, row.closes_on = "closed", max(row.opens_on, min(row.closes_on, day(at)))
    _log(session, "campaign_closed", row, actor.person_id, at, client, reason=given)


def extend(
    session: Session,
    campaign_id: str,
    *,
    closes_on: date | str,
    reason: str,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Give an open season a later last day.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
        Problems: it is not open, the day is no later one, or the reason is too short.
    """
    row = _locked(session, campaign_id, actor, "open")
    wanted = read_day(closes_on)
    if wanted is None or wanted <= row.closes_on or wanted < day(at):
        raise Problems([problem("closes_on", f"延期后的截止日期须晚于{row.closes_on.isoformat()}和今天，请改正。")])
    given = _reason(reason)
    before, row.closes_on = row.closes_on, wanted
    _log(session, "campaign_changed", row, actor.person_id, at, client, reason=given, valid_from=before.isoformat())


def open_and_close_due(session: Session, at: datetime) -> None:
    """Open the prepared seasons whose first day has come and close the open ones whose last day has passed.

    Seasons another scheduler is at work on are left to it. A season that cannot be opened stays prepared; its page
    says why.
    """
    today = day(at)
    due = (Campaign.state == "prepared") & (Campaign.opens_on <= today) & (Campaign.closes_on >= today)
    over = (Campaign.state == "open") & (Campaign.closes_on < today)
    for row in session.scalars(select(Campaign).where(due | over).with_for_update(skip_locked=True)):
        if row.state == "open":
            row.state = "closed"
            _log(session, "campaign_closed", row, None, at, None, automatic=True)
        elif found := obstacles(session, row, at=at):
            logger.info("campaign_not_opened", campaign=row.id, obstacles=found)
        else:
            _open(session, row, at, by=None, client=None, automatic=True)


def _open(
    session: Session,
    row: Campaign,
    at: datetime,
    *,
    by: str | None,
    client: Mapping[str, Any] | None,
    **detail: Any,
) -> None:
    release = releases.in_force(session, row.process_id, day(at))
    if release is not None:
        row.process_release_id = release.id
    row.state, row.opens_on = "open", min(row.opens_on, day(at))
    _log(session, "campaign_opened", row, by, at, client, **detail)


def _locked(session: Session, campaign_id: str, actor: Actor, *states: str) -> Campaign:
    access.require(actor, "campaign.manage")
    row = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有这个批次。")
    if row.state not in states:
        wanted = "或".join(STATES[state] for state in states)
        raise Problems([problem("state", f"批次“{row.title}”{STATES[row.state]}，此操作只适用于{wanted}的批次。")])
    return row


def _refuse_twin(session: Session, terms: Terms, process_id: str, *, own_id: str | None) -> None:
    year, phase = terms.columns["fiscal_year"], terms.columns["phase"]
    twin = (Campaign.process_id == process_id) & (Campaign.fiscal_year == year) & (Campaign.phase == phase)
    known = session.scalars(select(Campaign).where(twin, Campaign.id != (own_id or ""))).first()
    if known is not None:
        text = f"{year}年度的“{phases(process_id).get(phase, phase)}”已有批次“{known.title}”，同一年度同一期次只能有一个，请另选期次。"
        terms.problems.append(problem("phase", text))


def _reason(given: str) -> str:
    reason = given.strip()
    if len(reason) < SHORTEST_REASON:
        raise Problems([problem("reason", f"请写明理由，不少于 {SHORTEST_REASON} 个字。")])
    return reason[:500]


def _log(
    session: Session,
    kind: str,
    row: Campaign,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None,
    **detail: Any,
) -> None:
    session.flush()
    facts = {"campaign_id": row.id, "title": row.title, "closes_on": row.closes_on.isoformat(), **detail}
    security_log.write(session, kind, actor=by, detail=facts, client=client, at=at)
