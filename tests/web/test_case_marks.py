"""Can a person mark a case on its page and find the mark in the list?"""

from tests import factories
from tests.district import create_district
from tests.web.page_reading import read, send


def test_a_case_is_marked_on_its_page_and_seen_in_the_list(client, session):
    district = create_district(session)
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit = district.latest(case_id, "department_review").id
    factories.log_in(client, session, district.people["DEPT_REVIEWER"])
    page = f"/tasks/{visit}"
    (form,) = read(client.get(page)).xpath("//details[contains(@class, 'case-mark')]/form")
    fields = {"star": "1", "colour": "red", "note": "等补充附件", "visit_id": visit}
    answer = send(client, page, form.get("action"), **fields)
    assert (answer.status_code, answer.location) == (303, page)
    row = read(client.get("/")).xpath("//tbody/tr")[0]
    assert "row-red" in row.get("class")
    assert row.xpath(".//span[@class='star']/@title") == ["等补充附件"]

    refused = send(client, page, form.get("action"), **{**fields, "colour": "gold"})
    assert "没有这种颜色" in client.get(refused.location).text
