"""Does an auditor see what a person did, what administrators changed, who was refused, and what auditors read?"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import SecurityEvent
from service import security_log
from service.audit_acts import GROUPS
from tests import factories
from tests.district import AT, District, create_district


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    case_id = made.start(project_name="道路养护工程")["case_id"]
    made.walk(case_id, "draft", "unit_sign")
    made.decide(case_id, "department_review", "return")
    admin = factories.create_person(session, username="sysadmin", name="系统管理员")
    reviewer = made.id("DEPT_REVIEWER")
    facts = {"what": "organisation", "changes": {"name": ["旧名", "新名"]}}
    security_log.write(session, "organisation_changed", at=AT, actor=admin.id, detail=facts)
    security_log.write(session, "command_refused", at=AT, actor=reviewer, case_id=case_id, detail={"text": "须回避"})
    security_log.write(session, "login_failed", at=AT, detail={"username": "unit_clerk"}, client={"ip": "10.0.0.9"})
    session.commit()
    return made


@pytest.fixture
def auditor(client: FlaskClient, session: Session, district: District) -> FlaskClient:
    factories.log_in(client, session, district.people["AUDITOR"])
    return client


def rows(client: FlaskClient, condition: str = "") -> list[list[str]]:
    answer = client.get(f"/audit/acts?{condition}")
    assert answer.status_code == 200, answer.text[:500]
    page: Any = html.fromstring(answer.text)
    return [
        [" ".join(cell.text_content().split()) for cell in row] for row in page.xpath("//table[@id='acts']/tbody/tr")
    ]


def test_what_a_person_did_was_refused_and_tried(auditor, district):
    reviewer = district.people["DEPT_REVIEWER"]
    found = rows(auditor, f"person={reviewer.username}")
    assert sorted(row[2] for row in found) == ["操作被拒绝", "退回修改"]
    refused = next(row for row in found if row[2] == "操作被拒绝")
    assert "道路养护工程" in refused[3]
    assert "须回避" in refused[4]
    tried = rows(auditor, "person=unit_clerk&group=refused")
    assert [(row[2], row[5]) for row in tried] == [("登录失败", "10.0.0.9")]


@pytest.mark.parametrize(
    ("group", "expected"),
    [("work", 4), ("changes", 1), ("refused", 2), ("interventions", 0), ("logins", 0), ("reads", 0)],
)
def test_each_kind_of_act_can_be_asked_for(auditor, group, expected):
    assert len(rows(auditor, f"group={group}")) == expected


def test_what_an_administrator_changed_is_told_in_words(auditor):
    ((_, person, what, _, detail, _),) = rows(auditor, "group=changes")
    assert (person, what) == ("系统管理员", "修改单位")
    assert "旧名、新名" in detail


def test_days_bound_the_search_and_reading_is_itself_an_act(auditor, session):
    assert rows(auditor, "group=work&since=2026-11-03") == []
    assert len(rows(auditor, "group=work&since=2026-11-02&until=2026-11-02")) == 4
    told = [row[4] for row in rows(auditor, "group=reads")]
    assert len(told) == 2
    assert all("人员行为" in text for text in told)
    kinds = session.scalars(select(SecurityEvent.kind).where(SecurityEvent.kind == "log_read")).all()
    assert len(kinds) == 3


def test_every_kind_of_the_security_log_is_in_a_group():
    grouped = [kind for name, (_, _, kinds) in GROUPS.items() if name for kind in kinds or ()]
    assert sorted(grouped) == sorted(security_log.KINDS)


def test_nonsense_is_taken_as_nothing(auditor):
    assert len(rows(auditor, "group=nowhere&since=yesterday&page=0&person=")) > 6
    assert rows(auditor, "person=%25") == []
