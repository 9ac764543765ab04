"""Do auditors see two cases side by side, and a case beside today's rules, bodies and post-holders?"""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import SecurityEvent
from db.person import Post
from db.release import ProcessRelease
from tests import factories
from tests.district import District, create_district

FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review")
END = ("performance_review", "performance_chief_review")


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def cases(district: District) -> list[str]:
    """One that went straight, and one of another amount that came back once."""
    straight = district.start(project_name="道路养护工程")["case_id"]
    more = {"amount_total": "48.50", "amount_fiscal": "48.50", "amount_district": "40"}
    returned = district.start(project_name="图书馆设备采购", **more)["case_id"]
    district.walk(straight, *FORWARD, *END)
    district.walk(returned, "draft", "unit_sign")
    district.decide(returned, "department_review", "return")
    district.walk(returned, *FORWARD, *END)
    return [straight, returned]


@pytest.fixture
def auditor(client: FlaskClient, session: Session, district: District) -> FlaskClient:
    factories.log_in(client, session, district.people["AUDITOR"])
    return client


def read(client: FlaskClient, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.text[:500]
    return html.fromstring(answer.text)


def test_two_cases_stand_side_by_side(auditor, district, cases, session):
    numbers = [district.case(case_id).number for case_id in cases]
    page = read(auditor, f"/audit/compare?left={numbers[0]}&right={numbers[1]}")
    way = page.xpath("//table[@id='compare-way']/tbody/tr")
    alone = [row for row in way if "row-orange" in row.get("class", "")]
    assert len(way) == 8 + 3
    assert len(alone) == 3
    assert any("退回" in row.text_content() for row in alone)
    steps = {row[0].text_content(): row for row in page.xpath("//table[@id='compare-steps']/tbody/tr")}
    times = [steps["初审绩效目标"][n].text_content() for n in (2, 5)]
    assert times == ["1", "2"]
    figures = page.xpath("//table[@id='compare-figures']")[0].text_content()
    assert "38.50" in figures
    assert "48.50" in figures
    assert "道路养护工程" in figures
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "case_read")).all()
    assert {(one.case_id, one.detail["what"]) for one in logged} == {(case_id, "comparison") for case_id in cases}


def test_a_case_beside_itself_differs_in_nothing(auditor, district, cases):
    number = district.case(cases[1]).number
    page = read(auditor, f"/audit/compare?left={number}&right={cases[1]}")
    assert page.xpath("//tr[contains(@class, 'row-orange')]") == []
    assert "填报内容完全相同" in page.text_content()


def test_an_unknown_number_is_named_and_nothing_asked_explains_itself(auditor, cases):
    page = read(auditor, "/audit/compare?left=绩目〔1999〕0001&right=x", status=404)
    assert "绩目〔1999〕0001" in page.xpath("//*[@role='alert']")[0].text_content()
    assert "填写两个业务件的编号" in read(auditor, "/audit/compare").text_content()


def test_unchanged_rules_lead_the_same_way(auditor, cases):
    page = read(auditor, f"/cases/{cases[1]}/today")
    assert "走向相同" in page.xpath("//*[@id='today-verdict']")[0].text_content()
    assert page.xpath("//table[@id='today-way']//tr[contains(@class, 'row-orange')]") == []


def test_changed_rules_say_where_it_would_have_gone_and_to_whom(auditor, district, cases, session):
    earlier = session.get_one(ProcessRelease, district.campaign.process_release_id)
    everything = earlier.bpmn.replace(b"draft.is_key_project == True", b"draft.is_key_project == False")
    district.put_in_force(everything, effective_from=date(2026, 1, 1))
    page = read(auditor, f"/cases/{cases[0]}/today")
    verdict = page.xpath("//*[@id='today-verdict']")[0].text_content()
    assert "裁定是否入库" in verdict
    assert district.people["BUREAU_LEADER"].name in verdict
    rows = page.xpath("//table[@id='today-way']//tr[contains(@class, 'row-orange')]")
    assert ["裁定是否入库" in row[1].text_content() for row in rows] == [True]


def test_post_holders_are_those_of_the_day(auditor, district, cases, session):
    chief = district.people["FUND_CHIEF"]
    post = session.scalars(select(Post).where(Post.person_id == chief.id)).one()
    post.valid_to = date(2026, 11, 10)
    chief.active = False
    follower = factories.create_person(session, username="follower", name="后任科长")
    factories.create_post(
        session,
        role="FUND_CHIEF",
        organisation=district.bodies["fund_section"],
        person=follower,
        valid_from=date(2026, 11, 10),
    )
    other = factories.create_organisation(session, kind="fund_section", name="新的资金科")
    district.bodies["unit"].fund_section_id = other.id
    session.commit()

    def held(on: date) -> tuple[str, str]:
        page = read(auditor, f"/cases/{cases[0]}/today?on={on.isoformat()}")
        (row,) = (
            row for row in page.xpath("//table[@id='today-posts']/tbody/tr") if "复核审核意见" in row[0].text_content()
        )
        return row[2].text_content(), row[3].text_content()

    before, now = held(date(2026, 11, 9))
    assert chief.name in before
    assert "新的资金科" in now
    assert "无人在岗" in now
    after, _ = held(date(2026, 11, 9) + timedelta(days=1))
    assert "后任科长" in after
    page = read(auditor, f"/cases/{cases[0]}/today?on=nonsense")
    (section,) = (row for row in page.xpath("//table[@id='today-bodies']/tbody/tr") if "资金科室" in row.text_content())
    assert "新的资金科" in section[2].text_content()
    assert "row-orange" in section.get("class", "")


def test_nobody_but_auditors_compares(client, district, cases, session):
    factories.log_in(client, session, district.people["PERF_CHIEF"])
    for address in (f"/audit/compare?left={cases[0]}&right={cases[1]}", f"/cases/{cases[0]}/today", "/audit/acts"):
        assert client.get(address).status_code == 403, address
