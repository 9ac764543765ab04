"""Do the administrators' pages enter people, bodies and posts, and show what is wrong where it is wrong?"""

import re

import pytest
from sqlalchemy import func, select

from db.organisation import Organisation
from db.person import Person, Post, PostRequest
from tests.factories import create_administrators, create_organisation, create_person, create_post, create_unit, log_in


def hidden_fields(page: str) -> dict[str, str]:
    return {
        name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1) for name in ("csrf_token", "idempotency_key")
    }


def send(client, page, to, **values):
    return client.post(to, data={**hidden_fields(client.get(page).text), **values})


@pytest.fixture
def clients(app, session):
    """A browser for each administrator."""
    made = {}
    for role, person in create_administrators(session).items():
        made[role] = app.test_client()
        log_in(made[role], session, person)
    return made


def test_a_body_is_entered_changed_and_taken_out_of_use(clients, session):
    boss = clients["SYS_ADMIN"]
    made = send(boss, "/organisations/new", "/organisations/new", code="SJJ", name="区审计局", kind="audit_office")
    assert made.status_code == 303
    assert send(boss, made.location, made.location, code="SJJ", name="审计局").status_code == 303
    assert send(boss, made.location, made.location + "/active", active="0").status_code == 303
    row = session.execute(select(Organisation).where(Organisation.code == "SJJ")).scalar_one()
    assert (row.name, row.active) == ("审计局", False)


def test_a_wrong_body_is_shown_again_with_every_problem_and_what_was_typed(clients):
    answer = send(clients["SYS_ADMIN"], "/organisations/new", "/organisations/new", name="甲乙", kind="budget_unit")
    assert answer.status_code == 422
    for text in ("请填写单位编码", "主管部门中选择", "资金科室中选择", 'value="甲乙"'):
        assert text in answer.text


def test_a_start_password_is_shown_once_even_if_the_form_is_sent_twice(clients, session):
    boss = clients["SYS_ADMIN"]
    fields = hidden_fields(boss.get("/people/new").text)
    entered = {**fields, "username": "li.si", "name": "李四", "locale": "zh_CN"}
    first, second = boss.post("/people/new", data=entered), boss.post("/people/new", data=entered)
    assert 'id="secret"' in first.text
    assert 'id="secret"' not in second.text
    assert session.execute(select(func.count()).where(Person.username == "li.si")).scalar_one() == 1


def test_only_the_system_administrator_enters_people(clients):
    for role in ("SEC_ADMIN", "AUDIT_ADMIN"):
        assert clients[role].get("/people").status_code == 200
        assert clients[role].get("/people/new").status_code == 403


def test_a_post_goes_through_two_pairs_of_hands(clients, session):
    person, unit = create_person(session), create_unit(session)
    session.commit()
    wanted = {"person_id": person.id, "role": "UNIT_CLERK", "organisation_id": unit.id, "reason": "任命文件"}
    asked = send(clients["SEC_ADMIN"], "/posts/new", "/posts/new", **wanted, valid_from="2020-01-01")
    assert asked.status_code == 303
    request = session.execute(select(PostRequest)).scalar_one()
    assert "批准" not in clients["SEC_ADMIN"].get("/posts").text.replace("批准后", "")
    decided = send(clients["AUDIT_ADMIN"], "/posts", f"/posts/requests/{request.id}", decision="approve")
    assert decided.status_code == 303
    assert session.execute(select(Post.role).where(Post.person_id == person.id)).scalar_one() == "UNIT_CLERK"
    assert unit.name in clients["SYS_ADMIN"].get(f"/people/{person.id}").text


@pytest.mark.parametrize("start", ["", "31.12.2026"])
def test_a_wrong_day_is_named_at_its_field(clients, session, start):
    person, unit = create_person(session), create_unit(session)
    session.commit()
    wanted = {"person_id": person.id, "role": "UNIT_CLERK", "organisation_id": unit.id, "reason": "任命文件"}
    answer = send(clients["SEC_ADMIN"], "/posts/new", "/posts/new", **wanted, valid_from=start)
    assert answer.status_code == 422
    assert "请填写日期" in answer.text


def test_ending_a_post_is_asked_for_on_the_persons_page(clients, session):
    person = create_person(session)
    post = create_post(session, role="UNIT_CLERK", organisation=create_unit(session), person=person)
    session.commit()
    page = f"/people/{person.id}"
    assert f"/posts/{post.id}/end" in clients["SEC_ADMIN"].get(page).text
    asked = send(clients["SEC_ADMIN"], page, f"/posts/{post.id}/end", last_day="2999-12-31", reason="调离")
    assert asked.status_code == 303


def test_the_log_is_for_the_audit_administrator_and_its_reading_is_logged(clients):
    page = clients["AUDIT_ADMIN"].get("/security-log")
    assert page.status_code == 200
    assert "查阅安全日志" in clients["AUDIT_ADMIN"].get("/security-log?kind=log_read&since=2020-01-01").text
    assert clients["SYS_ADMIN"].get("/security-log").status_code == 403


def test_lists_are_searched(clients, session):
    create_organisation(session, kind="external", name="示例事务所")
    create_person(session, name="欧阳示例")
    session.commit()
    assert "示例事务所" in clients["SYS_ADMIN"].get("/organisations?q=示例").text
    assert "欧阳示例" in clients["SYS_ADMIN"].get("/people?q=欧阳&state=active").text
    assert "没有符合条件的人员" in clients["SYS_ADMIN"].get("/people?q=欧阳&state=disabled").text
