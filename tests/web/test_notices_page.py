"""Does a person see, read and choose their notices, and nobody else's?"""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from db.connection import database_now
from db.event import Outbox
from service import notice_channels, notices, tickets
from service.notices import News
from tests import factories
from tests.web.page_reading import read, send

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
FACTS = {"title": "职业技能培训", "number": "绩目〔2027〕0123", "node": "单位填报", "by": "赵敏", "reason": "依据不足"}


@pytest.fixture
def person(client, session):
    unit = factories.create_unit(session)
    made = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=unit, person=made)
    other = factories.create_person(session)
    for key, kind in (("a", "returned"), ("b", "urged")):
        news = News(kind=kind, key=key, people=[made.id, other.id], case_id="c1", visit_id="v1", facts=FACTS)
        notices.tell(session, [news], at=AT)
    factories.log_in(client, session, made)
    return made


def test_the_centre_lists_what_i_was_told(client, person):
    page = read(client.get("/notices"))
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//li[contains(@class, 'told-unread')]")]

    assert len(rows) == 2
    assert all(word in rows[0] for word in ("催办", "职业技能培训", "赵敏", "依据不足"))
    assert len(read(client.get("/notices?kind=returned")).xpath("//li[contains(@class, 'told')]")) == 1


def test_opening_a_notice_marks_it_and_leads_to_its_task(client, session, person):
    address = read(client.get("/notices")).xpath("//div[@class='told-text']/a/@href")[0]
    answer = client.get(address)

    assert answer.headers["Location"] == "/tasks/v1"
    assert notices.unread(session, person.id) == 1


def test_the_bar_counts_what_is_unread_and_learns_when_it_changes(client, session, person):
    first = client.get("/inbox/counts")
    assert first.json["notices"] == 2

    send(client, "/notices", "/notices/read")
    again = client.get("/inbox/counts", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.json["notices"]) == (200, 0)


def test_nobody_opens_a_notice_of_somebody_else(client, session, person):
    stranger = factories.create_person(session)
    factories.log_in(client, session, stranger)

    assert client.get("/notices/1").status_code == client.get(f"/notices/{10**30}").status_code == 404


def test_choices_are_kept_and_a_wrong_address_is_named(client, session, person):
    refused = send(client, "/account/desk", "/account/desk", mail="no address", open_next="1")
    assert refused.status_code == 422
    assert "不是邮箱地址" in refused.text

    send(client, "/account/desk", "/account/desk", mail="a@example.cn", mail_kinds="task", open_next="1")
    kept = notice_channels.choice(session, person.id)
    assert (kept.mail, kept.mail_kinds, kept.digest) == ("a@example.cn", ("task",), False)
    page = read(client.get("/account/desk"))
    assert page.xpath("//input[@name='open_next']/@checked")
    assert not page.xpath("//input[@name='shortcuts']/@checked")


@pytest.fixture
def mailed(session):
    """A person who is written to, and the number of the mail."""
    made = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=factories.create_unit(session), person=made)
    way = {"mail": "a@example.cn", "mail_kinds": ["returned"], "robot_kinds": [], "digest": True}
    at = database_now(session)
    notice_channels.choose(session, made.id, at=at, **way)
    news = News(kind="returned", key="a", people=[made.id], case_id="c1", visit_id="v1", facts=FACTS)
    notices.tell(session, [news], at=at)
    session.commit()
    return made, session.scalars(select(Outbox.id)).one()


def test_the_link_of_a_mail_logs_nobody_in_and_opens_once(client, session, config, mailed):
    person, number = mailed
    address = f"/go/{tickets.issue(config.secret_key, number, person.id)}"
    asked = client.get(address)
    assert asked.status_code == 303
    assert parse_qs(urlsplit(asked.headers["Location"]).query)["next"] == [address]

    factories.log_in(client, session, factories.create_person(session))
    assert client.get(address).status_code == 404

    factories.log_in(client, session, person)
    assert client.head(address).status_code == 204
    opened = client.get(address)
    assert (opened.status_code, opened.headers["Location"]) == (303, "/tasks/v1")
    assert notices.unread(session, person.id) == 0
    again = client.get(address)
    assert again.status_code == 410
    assert "只能打开一次" in again.text
    assert client.get("/go/nonsense").status_code == 404
