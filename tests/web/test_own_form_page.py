"""A form the district made itself: asked on the task page, kept when it is sent, printed as it was laid out."""

from datetime import UTC, datetime

from tests.service import test_own_parts as own
from tests.web import test_studio_pages as studio
from tests.web.page_reading import read, send

district, as_role = studio.district, studio.as_role


def in_force(session, district):
    district.at = datetime.now(UTC)
    own.legal_reviewer(district)
    draft_id, version = own.with_form(session, district)
    return own.published(district, draft_id, version)


def test_a_form_of_the_districts_own_is_filled_in_and_printed(as_role, district, session):
    in_force(session, district)
    case_id = district.start(project_name="合法性审核试点")["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review")
    visit = district.open_visits(case_id)["legal_review"]
    reviewer = as_role("LEGAL")
    page = read(reviewer.get(f"/tasks/{visit.id}"))
    assert "法规科审核意见表" in page.text_content()
    (choice,) = page.xpath("//*[@name='lawful']")
    assert [option.text_content().strip() for option in choice.xpath(".//option")][-2:] == ["合法", "不合法"]
    task = f"/tasks/{visit.id}"
    given = {
        "verb": "approve",
        "opinion": "同意上报",
        "form_code": "legal_opinion",
        "expected_seq": str(district.case(case_id).seq),
    }
    empty = send(reviewer, task, f"{task}/decide", **given)
    assert empty.status_code == 422
    assert "“合法性结论”没有填写" in empty.text
    sent = send(reviewer, task, f"{task}/decide", **given, lawful="yes")
    assert sent.status_code == 303, sent.text
    printed = as_role("PERF_CHIEF").get(f"/cases/{case_id}/print/review/{visit.id}")
    assert printed.status_code == 200
    sheet = read(printed).text_content()
    assert "法规科审核意见表" in sheet
    assert "合法" in sheet
    assert "填表人（签字）" in sheet
    assert district.people["LEGAL"].name in sheet
