"""Does the link of a message lead one person to one thing, once, for three days?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.desk import Notice
from db.event import Outbox
from service import deliveries, notice_channels, notices, tickets
from service.config import Config
from service.errors import Gone, NotFound
from service.notices import News
from tests import factories

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
SECRET = "s" * 40


@pytest.fixture
def told(session):
    """A person, their colleague, and the mail of a notice to the first."""
    one, two = factories.create_person(session), factories.create_person(session)
    way = {"mail": "a@example.cn", "mail_kinds": ["returned"], "robot_kinds": [], "digest": True}
    notice_channels.choose(session, one.id, at=AT, **way)
    notices.tell(session, [News(kind="returned", key="k", people=[one.id], facts={"title": "培训"})], at=AT)
    return (
        session.scalars(select(Outbox)).one(),
        factories.actor_of(session, one, at=AT),
        factories.actor_of(session, two, at=AT),
    )


def test_a_ticket_opens_once_and_marks_its_notice_as_read(session, told):
    row, one, _ = told
    ticket = tickets.issue(SECRET, row.id, one.person_id)
    assert ticket == tickets.issue(SECRET, row.id, one.person_id)
    found = tickets.use(session, SECRET, ticket, actor=one, at=AT)
    assert found.facts["title"] == "培训"
    assert session.scalars(select(Notice.read_at)).one() == AT
    with pytest.raises(Gone, match="只能打开一次"):
        tickets.use(session, SECRET, ticket, actor=one, at=AT)


def test_it_is_bound_to_its_person_and_its_installation(session, told):
    row, one, two = told
    ticket = tickets.issue(SECRET, row.id, one.person_id)
    for wrong, actor in ((ticket, two), (ticket[:-1], one), (f"{row.id + 1}{ticket[ticket.index('.') :]}", one)):
        with pytest.raises(NotFound, match="不是发给您的"):
            tickets.use(session, SECRET, wrong, actor=actor, at=AT)
    with pytest.raises(NotFound):
        tickets.use(session, "t" * 40, ticket, actor=one, at=AT)
    for nonsense in ("", ".", "x", "\uff11.x", "9" * 40 + ".x", "1", f"-{ticket}"):
        with pytest.raises(NotFound):
            tickets.use(session, SECRET, nonsense, actor=one, at=AT)
    assert row.opened_at is None


def test_it_lasts_three_days(session, told):
    row, one, _ = told
    ticket = tickets.issue(SECRET, row.id, one.person_id)
    with pytest.raises(Gone, match="已过期"):
        tickets.use(session, SECRET, ticket, actor=one, at=AT + timedelta(days=3))
    tickets.use(session, SECRET, ticket, actor=one, at=AT + timedelta(days=3, seconds=-1))


def test_a_message_carries_it_and_a_digest_needs_none(session, told, config: Config):
    row, one, _ = told
    values = {name: getattr(config, name) for name in config.__dataclass_fields__}
    made = Config(**{**values, "public_url": "https://jx.example.gov.cn"})
    link = deliveries.link(made, row)
    assert link == f"https://jx.example.gov.cn/go/{tickets.issue(made.secret_key, row.id, one.person_id)}"
    assert deliveries.text(row.payload, link).endswith(link)
    notice_channels.queue_digest(session, one.person_id, "a@example.cn", {"overdue": 1}, "digest:1", AT)
    digest = session.scalars(select(Outbox).where(Outbox.key == "digest:1")).one()
    assert deliveries.link(made, digest) == "https://jx.example.gov.cn/notices"
    assert deliveries.link(config, row) == ""
