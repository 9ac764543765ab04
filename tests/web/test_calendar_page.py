"""Does the page keep the district's working days, and show what is wrong where it was typed?"""

import pytest
from sqlalchemy import select

from db.campaign import Holiday
from tests import factories
from tests.web.page_reading import read, send


@pytest.fixture
def officer(client, session):
    section = factories.create_organisation(session, kind="performance_section")
    person = factories.create_person(session)
    factories.create_post(session, role="PERF_OFFICER", organisation=section, person=person)
    factories.log_in(client, session, person)
    return client


def stored(session):
    session.rollback()
    return [(str(row.day), row.working, row.note) for row in session.scalars(select(Holiday).order_by(Holiday.day))]


def test_a_day_is_added_and_removed(officer, session):
    added = send(officer, "/calendar", "/calendar/days", day="2027-02-06", working="1", note="春节调休")
    assert added.status_code == 303
    assert added.location.endswith("/calendar?year=2027")
    assert stored(session) == [("2027-02-06", True, "春节调休")]
    assert "春节调休" in officer.get("/calendar?year=2027").text
    assert send(officer, "/calendar", "/calendar/days/remove", day="2027-02-06").status_code == 303
    assert stored(session) == []


def test_a_years_table_is_pasted_and_shown_for_the_next_change(officer, session):
    text = "2027-02-05至2027-02-11 休 春节\r\n2027-02-13 班 调休上班"
    assert send(officer, "/calendar?year=2027", "/calendar/years/2027", text=text).status_code == 303
    assert len(stored(session)) == 8
    page = read(officer.get("/calendar?year=2027"))
    assert page.get_element_by_id("text").text.strip() == text.replace("\r", "")
    assert len(page.xpath("//td[contains(@class, 'calendar-own')]")) == 8


def test_faulty_lines_are_named_and_the_text_stays(officer, session):
    answer = send(officer, "/calendar", "/calendar/years/2027", text="2027-01-01 休 元旦\n随便写的")
    assert answer.status_code == 422
    page = read(answer)
    assert "第2行" in page.xpath("//div[contains(@class, 'invalid-feedback')]")[0].text_content()
    assert "随便写的" in page.get_element_by_id("text").text
    assert stored(session) == []


@pytest.mark.parametrize("address", ["/calendar/days", "/calendar/days/remove"])
def test_a_day_that_is_none_is_refused(officer, session, address):
    answer = send(officer, "/calendar", address, day="soon", note="x")
    assert answer.status_code == 422
    assert "请填写日期" in answer.text


def test_an_unknown_year_warns(officer):
    assert "节假日安排尚未录入" in officer.get("/calendar?year=2090").text
    assert "节假日安排尚未录入" not in officer.get("/calendar?year=2021").text


@pytest.mark.parametrize("year", ["", "abc", "99999", "1900"])
def test_a_wrong_year_in_the_address_shows_a_page(officer, year):
    assert officer.get(f"/calendar?year={year}").status_code == 200


def test_others_do_not_see_it(client, session):
    unit = factories.create_unit(session)
    person = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=unit, person=person)
    factories.log_in(client, session, person)
    assert client.get("/calendar").status_code == 403
