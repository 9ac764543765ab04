"""Can a reviewer keep a sentence on a page, choose it on the task page, and see how often it was needed?"""

import pytest

from service import phrases
from tests import factories
from tests.district import create_district
from tests.web.page_reading import read, send

PAGE = "/phrases"


@pytest.fixture
def reviewer(client, session):
    district = create_district(session)
    session.commit()
    factories.log_in(client, session, district.people["DEPT_REVIEWER"])
    return client, district


def test_a_phrase_is_kept_offered_and_taken_off(reviewer):
    client, district = reviewer
    short = send(client, PAGE, PAGE, text="好")
    assert short.status_code == 422
    assert "4 至 200" in short.text
    assert send(client, PAGE, PAGE, text="指标缺少量化值，请补充").status_code == 303
    row = read(client.get(PAGE)).xpath("//tbody/tr")[0].text_content()
    assert "指标缺少量化值，请补充" in row
    assert "0次" in row

    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit = district.latest(case_id, "department_review").id
    page = read(client.get(f"/tasks/{visit}"))
    assert "指标缺少量化值，请补充" in page.xpath("//datalist[@id='phrases']/option/@value")
    assert page.xpath("//select[@data-phrases='reason-return']/option")[1].text == "指标缺少量化值，请补充"

    action = read(client.get(PAGE)).xpath("//tbody//form/@action")[0]
    send(client, PAGE, action)
    assert phrases.of_person(district.session, district.actor("DEPT_REVIEWER")) == []
    assert not read(client.get(PAGE)).xpath("//input[@name='shared']"), "only a chief shares"
