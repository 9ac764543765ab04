from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from service.web import cases as pages
from tests import factories
from tests.web import page_samples as samples


@pytest.fixture
def auditor(client: FlaskClient, session: Session) -> FlaskClient:
    office = factories.create_organisation(session, kind="audit_office")
    person = factories.create_person(session)
    factories.create_post(session, role="AUDITOR", organisation=office, person=person)
    factories.log_in(client, session, person)
    return client


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"page": samples.case_page()}

    def search(session: Session, **asked: Any) -> Any:
        state["asked"] = asked
        return SimpleNamespace(rows=[samples.row()], total=1, page=1, size=50)

    monkeypatch.setattr(pages.cases, "page", lambda *_, **__: state["page"])
    monkeypatch.setattr(pages.cases, "diagram", lambda *_, **__: state["page"].diagram)
    monkeypatch.setattr(pages.cases, "search", search)
    return state


def read(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def test_an_auditor_reads_the_whole_case_and_changes_nothing(auditor, shown):
    page = read(auditor, "/cases/c1")
    text = page.text_content()

    for word in ("职业技能培训", "依据不足，请补充。", "请写明受益人群。", "退回到：单位填报", "待答复"):
        assert word in text
    assert not page.xpath("//main//form")


def test_who_may_decide_finds_the_way_to_the_task(auditor, shown):
    shown["page"] = samples.case_page(my_visit="v7")

    assert read(auditor, "/cases/c1").xpath("//main//a[@href='/tasks/v7']")


def test_an_opinion_that_no_longer_counts_says_so(auditor, shown):
    shown["page"] = samples.case_page(opinions=[samples.opinion(state="superseded")])

    assert "已被后续办理取代" in read(auditor, "/cases/c1").text_content()


def test_the_diagram_is_data_for_its_viewer(auditor, shown):
    assert auditor.get("/cases/c1/diagram").json == shown["page"].diagram


def test_the_list_passes_its_conditions_on(auditor, shown):
    page = read(auditor, "/cases?q=培训&stage=in_library&amount_to=500")

    asked = shown["asked"]
    assert (asked["q"], asked["stages"], str(asked["amount_to"])) == ("培训", ("in_library",), "500")
    assert page.xpath("//td[@class='title']/a/@href") == ["/cases/c1"]


def test_the_notice_of_admission_exists_only_after_admission(auditor, shown):
    assert auditor.get("/cases/c1/print/admission").status_code == 404

    shown["page"] = samples.case_page(
        admitted={"library_no": "库〔2027〕0001", "version": 1, "admitted_at": samples.NOW}
    )
    text = read(auditor, "/cases/c1/print/admission").xpath("//article")[0].text_content()
    for word in ("库〔2027〕0001", "2026年11月24日", "区人社局机关：", "38.50 万元"):
        assert word in text


def test_the_printed_declaration_carries_number_and_check_value(auditor, shown):
    text = read(auditor, "/cases/c1/print/declaration").xpath("//article")[0].text_content()

    for word in ("F01", "绩目〔2027〕0123", "项目支出绩效目标申报表", "9c1b9c1b", "培训人次"):
        assert word in text


def test_a_review_is_printed_whatever_its_round(auditor, shown):
    shown["page"] = samples.case_page(opinions=[samples.opinion(state="superseded")])
    text = read(auditor, "/cases/c1/print/review/v0").xpath("//article")[0].text_content()

    for word in ("F03", "绩效目标审核表", "仅供查阅"):
        assert word in text
    assert auditor.get("/cases/c1/print/review/v9").status_code == 404


def test_printed_sheets_stay_chinese_for_english_readers(auditor, shown):
    auditor.set_cookie("jiheng_language", "en", domain="localhost")

    assert "项目名称" in read(auditor, "/cases/c1/print/declaration").text_content()


def test_a_clerk_cannot_start_without_an_open_season(client, session, monkeypatch):
    from service.web import declarations

    person = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=factories.create_unit(session), person=person)
    factories.log_in(client, session, person)
    monkeypatch.setattr(declarations.campaigns, "open_for", lambda *_, **__: [])
    monkeypatch.setattr(declarations.declarations, "copyable", lambda *_, **__: [])

    assert "现在没有开放的申报批次" in read(client, "/declarations/new").text_content()


def test_a_refusal_names_a_reference_and_where_to_go(auditor):
    answer = auditor.get("/organisations")

    assert answer.status_code == 403
    assert "已记入安全日志" in answer.text
    assert html.fromstring(answer.text).xpath("//p[starts-with(normalize-space(), '编号：')]")


def test_copies_say_who_sent_them_and_who_has_read(auditor, shown):
    drawn = {"person": "钱主任", "sent_by": None, "note": None, "sent_at": samples.NOW, "read_at": None}
    sent = {"person": "孙科长", "sent_by": "赵敏", "note": "请知悉", "sent_at": samples.NOW, "read_at": samples.NOW}
    shown["page"] = samples.case_page(copies=[drawn, sent])
    rows = read(auditor, "/cases/c1").xpath("//section[@id='tab-copies']//tbody/tr")
    texts = [" ".join(row.text_content().split()) for row in rows]
    assert all(word in texts[0] for word in ("钱主任", "按流程", "未阅"))
    assert all(word in texts[1] for word in ("孙科长", "请知悉", "赵敏"))
    assert "未阅" not in texts[1]
