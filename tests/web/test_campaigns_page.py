"""Can the performance section run a season on its pages, from the first terms to the end?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.campaign import Campaign, CampaignUnit
from service.people import day
from tests import factories
from tests.web.page_reading import read, send

TODAY = day(datetime.now(UTC))
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def units(session):
    factories.create_release(session)
    return [factories.create_unit(session, name=f"第{n}单位") for n in (1, 2)]


@pytest.fixture
def officer(client, session, units):
    section = factories.create_organisation(session, kind="performance_section")
    person = factories.create_person(session, name="绩效科干部")
    factories.create_post(session, role="PERF_OFFICER", organisation=section, person=person)
    factories.log_in(client, session, person)
    return client


def terms(*units, **changed):
    return {
        "title": "申报批次甲",
        "fiscal_year": "2027",
        "phase": "main",
        "indicator_template": "COST_2021",
        "rule_set": "LINEAR_2020",
        "opens_on": TODAY.isoformat(),
        "closes_on": LATER.isoformat(),
        "unit": [unit.id for unit in units],
        **changed,
    }


def make(officer, *units, **changed):
    answer = send(officer, "/campaigns/new", "/campaigns/new", **terms(*units, **changed))
    assert answer.status_code == 303
    return answer.location


def stored(session):
    session.rollback()
    session.expire_all()
    return session.scalars(select(Campaign)).one()


def test_a_new_season_proposes_next_year_and_all_units(officer):
    page = read(officer.get("/campaigns/new"))
    assert page.get_element_by_id("fiscal_year").get("value") == str(TODAY.year + 1)
    assert len(page.xpath("//input[@name='unit'][@checked]")) == 2
    assert page.get_element_by_id("parameters.key_threshold").get("placeholder") == "500"


def test_a_season_goes_through_its_whole_life(officer, session, units):
    changed = {f"expected-{units[0].id}": "3", "parameters.key_threshold": "300", "satisfaction_waived": "1"}
    place = make(officer, *units, **changed)
    row = stored(session)
    assert row.parameters == {"key_threshold": "300", "satisfaction_waived": True}
    assert "第1单位" in officer.get(place).text
    assert send(officer, place, f"{place}/open").status_code == 303
    until = (LATER + timedelta(days=10)).isoformat()
    assert send(officer, place, f"{place}/extend", closes_on=until, reason="单位申请延期").status_code == 303
    assert stored(session).closes_on.isoformat() == until
    assert send(officer, place, f"{place}/close", reason="申报提前完成").status_code == 303
    assert stored(session).state == "closed"
    closed = officer.get(place).text
    assert "已关闭" in closed
    assert "现在开放" not in closed


def test_wrong_terms_are_shown_at_their_fields_with_what_was_typed(officer, units):
    wrong = terms(units[1], title="", closes_on="2020-01-01", **{"parameters.name_similarity": "85"})
    answer = send(officer, "/campaigns/new", "/campaigns/new", **wrong)
    assert answer.status_code == 422
    page = read(answer)
    named = {field: page.get_element_by_id(field).get("class") for field in ("title", "closes_on")}
    assert all("is-invalid" in classes for classes in named.values())
    assert page.get_element_by_id("parameters.name_similarity").get("value") == "85"
    assert page.xpath("//details[@open]")
    assert page.xpath("//input[@name='unit'][@checked]/@value") == [units[1].id]


def test_a_prepared_season_is_changed(officer, session, units):
    place = make(officer, *units, **{"parameters.vague_words": "显著、明显"})
    page = read(officer.get(f"{place}/edit"))
    assert page.get_element_by_id("parameters.vague_words").text.strip() == "显著、明显"
    answer = send(officer, f"{place}/edit", f"{place}/edit", **terms(units[0], title="改名的批次"))
    assert answer.status_code == 303
    assert stored(session).title == "改名的批次"
    assert session.scalars(select(CampaignUnit.unit_id)).all() == [units[0].id]


def test_units_of_an_open_season_are_changed_but_not_to_none(officer, session, units):
    place = make(officer, units[0])
    send(officer, place, f"{place}/open")
    assert send(officer, place, f"{place}/units", unit=[unit.id for unit in units]).status_code == 303
    assert len(session.scalars(select(CampaignUnit)).all()) == 2
    refused = send(officer, place, f"{place}/units")
    assert refused.status_code == 422
    assert "至少保留一个单位" in refused.text


def test_a_missing_reason_shows_in_the_form_that_was_sent(officer, units):
    place = make(officer, *units)
    send(officer, place, f"{place}/open")
    closing = read(send(officer, place, f"{place}/close", reason="完成"))
    extending = read(send(officer, place, f"{place}/extend", closes_on=LATER.isoformat(), reason="完成"))
    until = (LATER + timedelta(days=1)).isoformat()
    short = read(send(officer, place, f"{place}/extend", closes_on=until, reason="完成"))
    wrong = "//form[contains(@action, '{}')]//*[contains(@class, 'is-invalid')]/@name"
    assert [page.xpath(wrong.format("/close")) for page in (closing, extending, short)] == [["reason"], [], []]
    found = [page.xpath(wrong.format("/extend")) for page in (closing, extending, short)]
    assert found == [[], ["closes_on"], ["reason"]]


def test_a_season_that_cannot_open_says_why(officer):
    place = make(officer)
    assert "还没有选择参加的单位" in officer.get(place).text
    assert send(officer, place, f"{place}/open").status_code == 422


def test_the_list_shows_seasons_to_all_who_see_cases(officer, app, session, units):
    make(officer, *units)
    clerk = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=units[0], person=clerk)
    reader = app.test_client()
    factories.log_in(reader, session, clerk)
    page = reader.get("/campaigns")
    assert "申报批次甲" in page.text
    assert "新建批次" not in page.text
    place = read(page).xpath("//td[@class='title']/a/@href")[0]
    shown = reader.get(place).text
    assert "第1单位" in shown
    assert "现在开放" not in shown
    assert reader.get("/campaigns/new").status_code == 403


def test_an_empty_list_says_what_to_do(officer):
    assert "还没有申报批次" in officer.get("/campaigns").text


def test_an_unknown_season_is_not_found(officer):
    assert officer.get("/campaigns/none").status_code == 404
    assert officer.get("/campaigns/none/edit").status_code == 404
