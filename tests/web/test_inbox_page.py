from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from service.web import inbox as pages
from tests import factories
from tests.web import page_samples as samples
from tests.web.page_reading import send

COUNTS = {
    "todo": 12,
    "overdue": 3,
    "entrusted": 1,
    "copies": 5,
    "done": 4,
    "returned": 1,
    "initiated": 8,
    "drafts": 2,
}


@pytest.fixture
def logged_in(client: FlaskClient, session: Session) -> FlaskClient:
    unit = factories.create_unit(session)
    person = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=unit, person=person)
    factories.log_in(client, session, person)
    return client


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the use case answers, and in `asked` what the page asked for."""
    state: dict[str, Any] = {"rows": [samples.row()], "total": 1, "tag": "a"}

    def page(session: Session, **asked: Any) -> Any:
        state["asked"] = asked
        return SimpleNamespace(rows=state["rows"], total=state["total"], page=asked["page"], size=asked["size"])

    monkeypatch.setattr(pages.inbox, "page", page)
    monkeypatch.setattr(pages.inbox, "counts", lambda *_, **__: COUNTS)
    monkeypatch.setattr(pages.inbox, "fingerprint", lambda *_, **__: state["tag"])
    return state


def read(client: FlaskClient, address: str = "/") -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def test_every_tab_shows_its_count(logged_in, shown):
    page = read(logged_in)
    tabs = {tab.get("data-count"): tab.text for tab in page.xpath("//nav[@class='list-tabs']//*[@data-count]")}

    assert tabs == {name: str(count) for name, count in COUNTS.items()}


def test_a_row_says_what_it_is_in_words_and_leads_to_its_task(logged_in, shown):
    row = read(logged_in).xpath("//tbody/tr")[0]
    text = row.text_content()

    for word in ("职业技能培训", "绩目〔2027〕0123", "38.50", "主管部门审核", "已逾期", "未读", "重点", "第2轮"):
        assert word in text
    assert row.xpath(".//td[@class='title']/a/@href") == ["/tasks/v1"]


def test_a_task_of_a_group_can_be_claimed_from_the_list(logged_in, shown):
    shown["rows"] = [samples.row(holder="group")]

    assert read(logged_in).xpath("//form[@action='/tasks/v1/claim']//input[@name='idempotency_key']/@value")


def test_what_is_done_leads_to_the_case(logged_in, shown):
    assert read(logged_in, "/?tab=done").xpath("//td[@class='title']/a/@href") == ["/cases/c1"]


def test_conditions_come_from_the_address_and_stay_in_it(logged_in, shown):
    shown["total"] = 120
    address = (
        "/?tab=todo&q=培训&stage=dept_review&unit=人社&amount_from=1,000&amount_to=2000.5&due=overdue&sort=-amount"
    )
    page = read(logged_in, address)

    asked = {name: str(shown["asked"][name]) for name in ("q", "unit", "amount_from", "amount_to", "due", "sort")}
    assert asked == {
        "q": "培训",
        "unit": "人社",
        "amount_from": "1000",
        "amount_to": "2000.5",
        "due": "overdue",
        "sort": "-amount",
    }
    assert shown["asked"]["stages"] == ("dept_review",)
    onward = page.xpath("//a[@rel='next']/@href")[0]
    assert "page=2" in onward
    assert "sort=-amount" in onward
    assert "stage=dept_review" in onward


@pytest.mark.parametrize("text", ["很多", "NaN", "Infinity", "--3"])
def test_an_amount_that_is_no_number_is_named_and_ignored(logged_in, shown, text):
    page = read(logged_in, f"/?amount_from={text}")

    assert "金额下限须为数字" in page.text_content()
    assert shown["asked"]["amount_from"] is None


def test_unknown_tabs_stages_sorts_and_pages_fall_back(logged_in, shown):
    read(logged_in, "/?tab=x&stage=x&sort=drop+table&page=-5&due=x")

    asked = shown["asked"]
    assert (asked["tab"], asked["stages"], asked["sort"], asked["page"], asked["due"]) == ("todo", (), "due", 1, None)


@pytest.mark.parametrize(
    "address, sentence",
    [
        ("/", "没有待办事项"),
        ("/?tab=returned", "没有被退回的事项"),
        ("/?tab=drafts", "可以新建一个项目，或从上年项目复制"),
        ("/?q=无", "没有符合条件的事项"),
    ],
)
def test_an_empty_list_says_what_to_do_next(logged_in, shown, address, sentence):
    shown["rows"], shown["total"] = [], 0

    assert sentence in read(logged_in, address).text_content()


def test_counts_are_sent_once_and_then_only_when_something_changed(logged_in, shown):
    first = logged_in.get("/inbox/counts")
    same = logged_in.get("/inbox/counts", headers={"If-None-Match": first.headers["ETag"]})
    shown["tag"] = "b"
    changed = logged_in.get("/inbox/counts", headers={"If-None-Match": first.headers["ETag"]})

    assert first.json == {**COUNTS, "notices": 0}
    assert (same.status_code, same.data) == (304, b"")
    assert changed.status_code == 200


def test_a_person_without_posts_reads_where_to_turn(client, session, shown):
    factories.log_in(client, session, factories.create_person(session))

    assert "请联系安全管理员" in read(client).text_content()


def test_the_navigation_shows_what_the_roles_may_use(client, session, shown):
    office = factories.create_organisation(session, kind="audit_office")
    auditor = factories.create_person(session)
    factories.create_post(session, role="AUDITOR", organisation=office, person=auditor)
    factories.log_in(client, session, auditor)
    links = read(client).xpath("//nav[@class='main-nav']//a/@href")

    assert "/cases" in links
    assert "/declarations/new" not in links


def test_the_whole_frame_is_read_in_english_after_switching(logged_in, shown):
    page = read(logged_in)
    fields = {field.name: field.value for field in page.xpath("//form[@class='language-form']//input")}
    answer = logged_in.post("/language", data={**fields, "language": "en"})
    english = read(logged_in)

    assert answer.headers["Location"] == "/"
    assert english.get("lang") == "en"
    assert "To do" in english.xpath("//nav[@class='main-nav']")[0].text_content()


def test_switching_the_language_never_leads_to_a_foreign_address(logged_in, shown):
    fields = {field.name: field.value for field in read(logged_in).xpath("//form[@class='language-form']//input")}
    answer = logged_in.post("/language", data={**fields, "language": "en", "back": "//evil.example/x"})

    assert answer.headers["Location"] == "/x"


def test_every_condition_of_the_address_reaches_the_list_and_nonsense_is_named(logged_in, shown):
    more = "&risk=Q10&opinion=依据不足"
    page = read(
        logged_in, f"/?round=2&from=赵&category=特定&year=2027&attachments=1&arrived=week&role=added&due=none{more}"
    )
    asked = shown["asked"]

    assert (asked["round_from"], asked["from_whom"], asked["category"], asked["fiscal_year"]) == (2, "赵", "特定", 2027)
    assert (asked["attachments"], asked["arrived"], asked["role"], asked["due"]) == (True, "week", "added", "none")
    assert (tuple(asked["risks"]), asked["opinion"]) == (("Q10",), "依据不足")
    assert page.xpath("//select[@name='risk']/option[@selected]/@value") == ["Q10"]
    assert page.xpath("//input[@id='opinion']/@value") == ["依据不足"]
    assert page.xpath("//details[@class='filters-more']/@open")
    assert "条件“轮次”的值无法识别" in read(logged_in, "/?round=many").text_content()


def test_several_sort_keys_show_their_place(logged_in, shown):
    page = read(logged_in, "/?sort=-amount,title")
    heads = {head.get("data-column"): head for head in page.xpath("//th[@aria-sort]")}

    assert {code: head.get("aria-sort") for code, head in heads.items()} == {
        "amount": "descending",
        "title": "ascending",
    }
    assert heads["title"].xpath(".//sup/text()") == ["2"]


def test_columns_are_shown_as_chosen(logged_in, shown):
    columns = {"column": ["due", "category"], "width-due": "120", "tab": "todo"}
    assert send(logged_in, "/", "/inbox/columns", **columns).status_code == 303
    heads = read(logged_in).xpath("//thead//th[@data-column]")
    assert [head.get("data-column") for head in heads] == ["title", "due", "category"]
    assert heads[1].get("style") == "width: 120px"

    send(logged_in, "/", "/inbox/columns", usual="1", column="due")
    assert len(read(logged_in).xpath("//thead//th[@data-column]")) == 8


def test_a_list_is_kept_as_a_view_whose_address_says_everything(logged_in, shown):
    kept = {"name": "大额", "colour": "red", "tab": "todo", "amount_from": "200", "sort": "-amount", "marks": "star"}
    answer = send(logged_in, "/?amount_from=200&sort=-amount", "/inbox/views", **kept)
    page = read(logged_in, answer.headers["Location"])
    (link,) = page.xpath("//a[@aria-current='page' and contains(@class, 'view-link')]")

    assert link.text_content().strip() == "大额 ★"
    assert all(part in link.get("href") for part in ("amount_from=200", "sort=-amount", "tab=todo"))
    assert str(shown["asked"]["amount_from"]) == "200"
    (remove,) = page.xpath("//form[contains(@action, '/remove')]/@action")
    assert send(logged_in, "/", remove).status_code == 303
    assert read(logged_in).xpath("//a[contains(@class, 'view-link')]") == []


def test_the_list_is_taken_away_with_its_conditions(logged_in, shown):
    (address,) = read(logged_in, "/?due=overdue").xpath("//a[contains(@href, 'export')]/@href")
    answer = logged_in.get(address)

    assert address.endswith("due=overdue")
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
