"""Can a person upload a workbook, read what is wrong with it, and import the good rows, on the pages?"""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from db.campaign import Campaign
from db.case import CaseFile
from db.event import SecurityEvent
from service import workbooks
from tests import factories
from tests.district import create_district, declaration
from tests.web.page_reading import read, send

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def district(session):
    made = create_district(session)
    # Pages read the database's clock.
    today = session.scalar(select(func.current_date()))
    days = {"opens_on": today - timedelta(days=10), "closes_on": today + timedelta(days=10)}
    session.execute(update(Campaign).values(**days))
    session.commit()
    return made


@pytest.fixture
def clerk(client, session, district):
    factories.log_in(client, session, district.people["UNIT_CLERK"])
    return client


def book(*names, **changes):
    contents = [declaration(**{"project_name": name, "unit_code": "101001", **changes}) for name in names]
    return workbooks.write_declarations(contents, template="COST_2021")


def upload(client, district, content, *, name="申报.xlsx", **values):
    file = (BytesIO(content), name)
    return send(client, "/imports", "/imports", campaign_id=district.campaign.id, workbook=file, **values)


def cases(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(CaseFile))


def test_a_workbook_is_uploaded_checked_confirmed_and_its_drafts_linked(clerk, district, session):
    answer = upload(clerk, district, book("甲项目培训", "乙设备购置"))
    assert answer.status_code == 303
    shown = clerk.get(answer.location)
    assert "2 个可以导入" in shown.text
    assert cases(session) == 0
    assert send(clerk, answer.location, f"{answer.location}/confirm").status_code == 303
    assert cases(session) == 2
    done = read(clerk.get(f"{answer.location}?list=started"))
    links = done.xpath("//td[@class='title']/a/@href")
    assert [link.split("/")[1] for link in links] == ["tasks", "tasks"]
    assert "已导入" in clerk.get("/imports").text


def test_confirming_twice_imports_once(clerk, district, session):
    place = upload(clerk, district, book("甲项目培训")).location
    first = send(clerk, place, f"{place}/confirm", key="same")
    again = send(clerk, place, f"{place}/confirm", key="same")
    assert (first.status_code, again.status_code) == (303, 303)
    other = send(clerk, place, f"{place}/confirm", key="other")
    assert other.status_code == 422
    assert "不能再次办理" in other.text
    assert cases(session) == 1


def test_problems_are_listed_by_sheet_row_and_cell(clerk, district):
    place = upload(clerk, district, book("甲项目培训", amount_total="很多")).location
    page = read(clerk.get(f"{place}?severity=error"))
    row = page.xpath("//tbody/tr")[0].text_content()
    for part in ("错误", "项目信息", "甲项目培训", "应为数字"):
        assert part in row
    assert page.xpath("//form[contains(@action, '/confirm')]//button/@disabled")
    rows = read(clerk.get(f"{place}?list=rows")).xpath("//tbody/tr")
    assert "有错误" in rows[0].text_content()
    assert clerk.get(f"{place}?severity=none&page=99999").status_code == 200


def test_the_problems_are_downloaded(clerk, district):
    place = upload(clerk, district, book("甲项目培训", amount_total="很多")).location
    answer = clerk.get(f"{place}/problems.xlsx")
    assert answer.mimetype == SPREADSHEET
    assert "attachment" in answer.headers["Content-Disposition"]
    assert load_workbook(BytesIO(answer.data)).sheetnames == ["问题清单"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 not a workbook", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_workbook_is_refused_with_its_reason_and_logged(clerk, district, session, content):
    answer = upload(clerk, district, content)
    assert answer.status_code == 422
    assert "请" in read(answer).xpath("//div[@role='alert']")[0].text_content()
    refused = select(SecurityEvent.detail["route"].astext).where(SecurityEvent.kind == "command_refused")
    assert session.scalars(refused).all() == ["imports.upload"]


def test_nothing_chosen_says_so(clerk, district):
    answer = send(clerk, "/imports", "/imports", campaign_id=district.campaign.id)
    assert answer.status_code == 422
    assert "请先选择" in answer.text


def test_a_closed_season_is_named(clerk, district, session):
    session.execute(update(Campaign).values(state="closed"))
    session.commit()
    answer = upload(clerk, district, book("甲项目培训"))
    assert answer.status_code == 422
    assert "不能新建申报" in answer.text
    assert "没有开放的申报批次" in clerk.get("/imports").text


def test_the_same_file_is_recognised(clerk, district):
    content = book("甲项目培训")
    upload(clerk, district, content)
    second = upload(clerk, district, content)
    assert "同一个文件已由" in clerk.get(second.location).text


def test_an_upload_is_given_up(clerk, district, session):
    place = upload(clerk, district, book("甲项目培训")).location
    assert send(clerk, place, f"{place}/discard").status_code == 303
    assert "已放弃" in clerk.get(place).text
    assert cases(session) == 0


def test_templates_and_filled_workbooks_are_downloaded(clerk, district, session):
    place = upload(clerk, district, book("甲项目培训")).location
    send(clerk, place, f"{place}/confirm")
    season = district.campaign.id
    for address in (
        f"template.xlsx?layout=list&campaign_id={season}",
        f"template.xlsx?layout=form&campaign_id={season}",
    ):
        assert clerk.get(f"/imports/{address}").mimetype == SPREADSHEET
    filled = clerk.get(f"/imports/filled.xlsx?campaign_id={season}")
    assert [row.name for row in workbooks.read_declarations(filled.data, template="COST_2021").rows] == ["甲项目培训"]
    session.rollback()
    assert session.scalar(select(func.count()).where(SecurityEvent.kind == "exported")) == 1
    assert clerk.get("/imports/template.xlsx?campaign_id=none").status_code == 404


def test_foreign_uploads_are_not_found(clerk, district, app, session):
    place = upload(clerk, district, book("甲项目培训")).location
    officer = app.test_client()
    factories.log_in(officer, session, district.people["PERF_OFFICER"])
    assert officer.get(place).status_code == 404
    assert officer.get(f"{place}/problems.xlsx").status_code == 404
    assert send(officer, "/imports", f"{place}/confirm").status_code == 404


def test_people_without_the_right_are_refused(district, app, session):
    leader = app.test_client()
    factories.log_in(leader, session, district.people["UNIT_LEADER"])
    assert leader.get("/imports").status_code == 403
