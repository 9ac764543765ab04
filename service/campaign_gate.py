"""Is a season open for these units on this day, and if not, why?"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign, CampaignUnit
from db.organisation import Organisation
from service import campaign_scope, releases
from service.campaign_rows import STATES, CampaignRow, rows
from service.campaign_terms import TARGETS, problem
from service.errors import NotFound, Problems
from service.people import Actor, day

NO_RELEASE = "申报流程还没有生效的版本，请系统管理员先发布流程。"


def open_for(session: Session, *, actor: Actor, at: datetime) -> list[CampaignRow]:
    """The seasons open on the day of `at` in which the actor may declare for at least one unit."""
    taking_part = (
        select(CampaignUnit.campaign_id)
        .join(Organisation, Organisation.id == CampaignUnit.unit_id)
        .where(Organisation.active, campaign_scope.declares_for(actor))
    )
    today = day(at)
    return rows(
        session,
        Campaign.process_id == TARGETS,
        Campaign.state == "open",
        Campaign.opens_on <= today,
        Campaign.closes_on >= today,
        Campaign.id.in_(taking_part),
    )


def campaign_of(session: Session, campaign_id: str) -> Campaign:
    """The stored season.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotFound("没有这个批次。")
    return row


def require_open(session: Session, campaign_id: str, unit_ids: Collection[str], *, at: datetime) -> Campaign:
    """The season, if it is open on the day of `at` and the units take part; it cannot be closed before the commit.

    Raises:
        NotFound: there is no such season.
        Problems: it is not open, or some of the units do not take part in it.
    """
    row = session.get(Campaign, campaign_id, with_for_update={"read": True, "key_share": True}, populate_existing=True)
    if row is None:
        raise NotFound("没有这个批次。")
    today = day(at)
    if row.state != "open" or not row.opens_on <= today <= row.closes_on:
        period = f"{row.opens_on.isoformat()} 至 {row.closes_on.isoformat()}"
        state = STATES[row.state] if row.state != "open" else "已过截止日期"
        raise Problems(
            [problem("campaign_id", f"批次“{row.title}”{state}（{period}），不能新建申报，请联系财政局绩效科。")]
        )
    names = campaign_scope.outside(session, campaign_id, unit_ids)
    if names:
        listed = "、".join(f"“{name}”" for name in names[:10])
        raise Problems([problem("unit_id", f"{listed}不在批次“{row.title}”的单位范围内，请联系财政局绩效科补入。")])
    return row


def obstacles(session: Session, campaign: Campaign, *, at: datetime) -> tuple[str, ...]:
    """What keeps a prepared season from being opened on the day of `at`, as sentences; () if nothing does."""
    found = []
    if releases.in_force(session, campaign.process_id, day(at)) is None:
        found.append(NO_RELEASE)
    if campaign.closes_on < day(at):
        found.append(f"截止日期{campaign.closes_on.isoformat()}已过，请先修改日期。")
    taking_part = select(func.count()).where(CampaignUnit.campaign_id == campaign.id)
    if not session.scalar(taking_part):
        found.append("还没有选择参加的单位，请先设置单位范围。")
    return tuple(found)
