"""Do the pages of the library and the coverage board show the database's numbers, and let the right people write?"""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import CampaignUnit
from db.event import SecurityEvent
from service import search
from service.errors import Problems
from service.web import library as pages
from tests import factories
from tests.web import page_samples as samples

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def district(session: Session) -> dict[str, Any]:
    """Two units; one has declared two projects of its planned three, the other nothing."""
    units = [factories.create_unit(session, name=name) for name in ("区人社局机关", "区一中")]
    campaign = factories.create_campaign(session)
    for unit, expected in zip(units, (3, 2), strict=True):
        session.add(CampaignUnit(campaign_id=campaign.id, unit_id=unit.id, expected_projects=expected))
    cases = []
    for name, stage, amount in (("职业技能培训", "in_library", "600"), ("就业服务", "draft", "38.5")):
        project = factories.create_project(
            session, campaign=campaign, unit=units[0], name=name, amount_total=Decimal(amount), needs_ex_ante=stage == "draft"
        )  # fmt: skip
        search.index(session, project.id, [name])
        cases.append(factories.create_case(session, project=project, campaign=campaign, stage=stage))
    return {"units": units, "cases": cases}


def officer(client: FlaskClient, session: Session, role: str = "PERF_OFFICER") -> FlaskClient:
    kind = {"PERF_OFFICER": "performance_section", "AUDITOR": "audit_office"}[role]
    person = factories.create_person(session)
    factories.create_post(
        session, role=role, organisation=factories.create_organisation(session, kind=kind), person=person
    )
    factories.log_in(client, session, person)
    return client


def read(client: FlaskClient, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status
    return html.fromstring(answer.text)


def test_the_library_adds_up_and_each_line_leads_to_its_case(client, session, district):
    page = read(officer(client, session), "/library")

    links = page.xpath("//td[@class='title']/a/@href")
    assert sorted(links) == sorted(f"/cases/{case.id}" for case in district["cases"])
    assert "2 个项目，合计 638.50 万元；其中已入库 1 个，600.00 万元。" in page.text_content()


def test_conditions_narrow_the_list_and_go_with_the_export(client, session, district):
    page = read(officer(client, session), "/library?q=技能&stage=in_library&year=2027")

    assert len(page.xpath("//tbody/tr")) == 1
    export = page.xpath("//a[contains(@href, 'export')]/@href")[0]
    sheet = openpyxl.load_workbook(BytesIO(client.get(export).data)).worksheets[0]
    assert [row[1] for row in sheet.iter_rows(min_row=3, values_only=True)][:-1] == ["职业技能培训"]
    assert session.scalars(select(SecurityEvent.kind)).all() == ["exported"]


def test_nothing_found_says_what_to_do(client, session, district):
    assert "可以放宽条件" in read(officer(client, session), "/library?q=不存在").text_content()


@pytest.mark.parametrize("odd", ["_scheme=javascript", "endpoint=x", "case_id=x", "_external=1", "year=9999999999"])
def test_odd_addresses_lead_nowhere_odd(client, session, district, odd):
    page = read(officer(client, session), f"/library?{odd}")

    assert all(link.startswith(("/", "#")) for link in page.xpath("//main//a/@href"))
    for address in ("/", "/cases", "/coverage"):
        assert client.get(f"{address}?{odd}").status_code == 200


def test_the_performance_section_records_the_assessment(client, session, district, monkeypatch):
    asked: dict[str, Any] = {}
    monkeypatch.setattr(
        pages.ex_ante, "record", lambda session, case_id, **given: asked.update(case=case_id, **given) or {"message": "已登记"}
    )  # fmt: skip
    page = read(officer(client, session), "/library?year=2027")
    form = page.xpath("//details/form")[0]
    fields = {field.name: field.value for field in form.xpath(".//input[@type='hidden']")}
    sent = {**fields, "conclusion": "support", "score": "86", "reason": "评审会议纪要〔2026〕3号"}
    answer = client.post(form.get("action"), data=sent)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/library?year=2027")
    assert (asked["case"], asked["conclusion"], asked["score"]) == (district["cases"][1].id, "support", "86")


def test_a_refused_assessment_stays_on_the_page_with_its_problems(client, session, district, monkeypatch):
    def refuse(*_: Any, **__: Any) -> Any:
        raise Problems([samples.ERROR])

    monkeypatch.setattr(pages.ex_ante, "record", refuse)
    form = read(officer(client, session), "/library").xpath("//details/form")[0]
    fields = {field.name: field.value for field in form.xpath(".//input[@type='hidden']")}
    answer = client.post(form.get("action"), data={**fields, "conclusion": "support", "reason": "依据"})
    page = html.fromstring(answer.text)

    assert answer.status_code == 422
    assert samples.ERROR.message in page.text_content()
    assert page.xpath("//details[@open]//input[@name='reason']/@value") == ["依据"]


def test_an_auditor_reads_without_forms_and_cannot_record(client, session, district):
    page = read(officer(client, session, "AUDITOR"), "/library")
    fields = {field.name: field.value for field in page.xpath("//form[@class='language-form']//input")}

    assert not page.xpath("//main//details")
    assert client.post(f"/library/{district['cases'][1].id}/ex-ante", data=fields).status_code == 403


def test_the_board_shows_how_much_is_in_and_who_is_missing(client, session, district):
    page = read(officer(client, session), "/coverage")
    departments = [row.text_content() for row in page.xpath("//tr[@class='coverage-department']")]

    assert page.xpath("//*[@id='coverage-projects']/text()") == ["1/5"]
    assert page.xpath("//*[@id='coverage-units']/text()") == ["1/2"]
    assert len(departments) == 2
    assert "尚未申报" in departments[0]
    assert "尚未申报" not in departments[1]


def test_a_department_opens_to_its_units_and_their_projects(client, session, district):
    client = officer(client, session)
    opened = district["units"][0].parent_id
    page = read(client, f"/coverage?department={opened}")
    unit = page.xpath("//tr[@class='coverage-unit']")[0]

    assert "区人社局机关" in unit.text_content()
    links = unit.xpath(".//a/@href")
    assert len(links) == 3
    found = read(client, next(link for link in links if "in_library" in link))
    assert len(found.xpath("//tbody/tr")) == 1


def test_a_year_without_a_season_says_who_begins(client, session):
    text = read(officer(client, session), "/coverage").text_content()

    assert "绩效科建立批次" in text


def test_both_pages_are_read_in_english(client, session, district):
    client = officer(client, session)
    fields = {field.name: field.value for field in read(client, "/").xpath("//form[@class='language-form']//input")}
    client.post("/language", data={**fields, "language": "en"})

    assert "Not begun" in read(client, "/coverage").text_content()
    assert "2 projects, 638.50" in read(client, "/library").text_content()
