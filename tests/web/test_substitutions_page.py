"""Can a person let another act for a time, see it, end it, and read why it is refused?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import substitutions
from service.people import day
from tests import factories
from tests.web.page_reading import read, send

PAGE = "/account/substitutions"


@pytest.fixture
def people(session):
    department = factories.create_organisation(session, kind="department")
    made = [factories.create_person(session, name=name) for name in ("刘建国", "孙丽")]
    for person in made:
        factories.create_post(session, role="DEPT_REVIEWER", organisation=department, person=person)
    return made


@pytest.fixture
def away(client, session, people):
    factories.log_in(client, session, people[0])
    return client


def ask(client: FlaskClient, people: list[Any], days: int = 10, **changes: str) -> Any:
    today = day(datetime.now(UTC))
    fields = {"substitute_id": people[1].id, "reason": "外出学习两周", "greatest_amount": "500"}
    until = {"begins_on": today.isoformat(), "ends_before": (today + timedelta(days=days)).isoformat()}
    return send(client, PAGE, PAGE, **{**fields, **until, **changes})


def test_a_substitution_is_set_listed_and_ended(away, session, people):
    assert ask(away, people).status_code == 303
    (row,) = substitutions.of_person(session, people[0].id, at=datetime.now(UTC))
    assert (row["substitute"], row["state"], row["greatest_amount"]) == ("孙丽", "running", 500)
    page = read(away.get(PAGE))
    assert "代理中" in page.xpath("//tbody")[0].text_content()

    send(away, PAGE, page.xpath("//tbody//form/@action")[0])

    page = read(away.get(PAGE))
    assert "已结束" in page.xpath("//tbody")[0].text_content()
    assert not page.xpath("//tbody//form")


def test_too_long_a_time_is_refused_at_its_field_and_what_was_written_stays(away, people):
    answer = ask(away, people, days=31)

    assert answer.status_code == 422
    assert "代理最长 30 日" in answer.text
    assert read(answer).get_element_by_id("reason").get("value") == "外出学习两周"


def test_days_and_amounts_that_cannot_be_read_are_all_named(away, people):
    answer = ask(away, people, ends_before="明天", greatest_amount="很多")

    assert answer.status_code == 422
    assert "请填写日期" in answer.text
    assert "请填写数字" in answer.text


def test_nobody_ends_a_substitution_of_others(client, away, session, people):
    ask(away, people)
    (row,) = substitutions.of_person(session, people[0].id, at=datetime.now(UTC))
    stranger = factories.create_person(session)
    factories.log_in(client, session, stranger)

    assert send(client, PAGE, f"{PAGE}/{row['id']}/end").status_code == 404
    assert not read(client.get(PAGE)).xpath("//select[@name='substitute_id']")
