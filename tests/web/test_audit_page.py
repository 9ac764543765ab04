"""Does the auditor's desk find cases, count what looks odd, and show how the process runs?"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import SecurityEvent
from service import verification
from service.config import Config
from service.verification import runs
from tests import factories
from tests.district import District, create_district


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def cases(district: District) -> list[str]:
    first, second = (district.start(project_name=name)["case_id"] for name in ("道路养护工程", "图书馆设备采购"))
    for _ in range(3):
        district.walk(first, "draft", "unit_sign")
        district.decide(first, "department_review", "return")
    district.walk(second, "draft")
    return [first, second]


@pytest.fixture
def auditor(client: FlaskClient, session: Session, district: District) -> FlaskClient:
    factories.log_in(client, session, district.people["AUDITOR"])
    return client


def read(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:500]
    return html.fromstring(answer.text)


def found(client: FlaskClient, condition: str) -> list[str]:
    page = read(client, f"/audit?{condition}")
    return [link.split("/")[2] for link in page.xpath("//td[@class='title']/a/@href")]


def test_cases_are_found_by_everything_an_auditor_knows(auditor, district, cases, session):
    first, second = cases
    assert set(found(auditor, "")) == set(cases)
    release = district.case(first).release_id
    reviewer = district.people["DEPT_REVIEWER"]
    for condition, expected in (
        ("q=道路", {first}),
        ("stage=unit_signing", {second}),
        ("year=2027", {first, second}),
        ("year=2026", set()),
        (f"person={reviewer.name}", {first}),
        (f"person={reviewer.username}", {first}),
        (f"release={release}", {first, second}),
        ("release=none", set()),
        ("returns=3", {first}),
        ("returns=4", set()),
        ("since=2026-11-01&until=2026-11-30", {first, second}),
        ("since=2027-11-01", set()),
        ("until=2026-10-01", set()),
        ("since=nonsense&returns=x&year=x", {first, second}),
        (f"unit={district.bodies['unit'].code}", {first, second}),
    ):
        assert set(found(auditor, condition)) == expected, condition
    searches = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "case_read")).all()
    assert len(searches) == 15
    assert searches[0].detail["changes"] == {"q": ["道路"]}


def test_red_flags_are_counted_and_lead_to_their_cases(auditor, cases):
    page = read(auditor, "/audit")
    counts = {link.get("href").rpartition("/")[2]: link.xpath("string(span)") for link in page.xpath("//section//li/a")}
    assert len(counts) == 11
    assert (counts["returns"], counts["exceptional"]) == ("1", "0")
    answers = read(auditor, "/audit/flags/returns")
    assert answers.xpath("//td[@class='title']/a/@href") == [f"/cases/{cases[0]}/replay"]
    assert "没有发现" in read(auditor, "/audit/flags/exceptional").text_content()
    assert auditor.get("/audit/flags/nothing").status_code == 404


def test_the_process_is_shown_in_figures_and_beside_another_selection(auditor, cases):
    page = read(auditor, "/audit/process?year=2027&beside_year=2026")
    first, second = page.xpath("//div[@class='work']/section")
    assert "2 个业务件" in first.text_content()
    assert "0 个业务件" in second.text_content()
    assert "填报绩效目标" in first.xpath("string(.//table[caption[contains(., '返工')]])")
    figures = auditor.get("/audit/process/figures?year=2027").json
    assert figures["steps"]["department_review"]["count"] == 3
    assert "definitions" in figures["xml"]


def test_event_logs_are_exported_and_logged(auditor, cases, session):
    log = etree.fromstring(auditor.get("/audit/event-log/xes").data)
    assert len(log.findall("{*}trace")) == 2
    assert len(auditor.get("/audit/event-log/ocel?year=2027").json["events"]) == 12
    assert auditor.get("/audit/event-log/csv").status_code == 404
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "exported").order_by(SecurityEvent.id))
    assert [(one.detail["what"], one.detail["year"]) for one in logged] == [("xes", None), ("ocel", 2027)]


def test_the_last_check_of_everything_is_shown(auditor, cases, session, config: Config, district):
    assert "还没有进行过全库核对" in read(auditor, "/audit").text_content()
    runs.run_nightly(config)(session, district.at)
    session.commit()
    last = verification.latest(session)
    assert (last.cases, last.events, last.inconsistent, last.unverifiable) == (2, 12, 0, 0)
    assert "2 个业务件、12 个事件，0 个不一致" in read(auditor, "/audit").text_content()
    runs.run_nightly(config)(session, district.at)
    assert verification.latest(session).id == last.id, "once a night"
