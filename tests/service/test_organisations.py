"""Are organisations entered with all they need, and taken out of use only when nobody needs them?"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.event import SecurityEvent
from service import organisations
from service.errors import NotFound, Problems
from tests.factories import create_organisation, create_unit

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_unit_is_entered_with_its_department_and_fund_section(session):
    section = create_organisation(session, kind="fund_section", name="教科文科")
    department = create_organisation(session, kind="department", name="区教体局", fund_section_id=section.id)
    values = {
        "code": "202002",
        "name": "区第一中学",
        "kind": "budget_unit",
        "parent_id": department.id,
        "fund_section_id": section.id,
    }
    made = organisations.create(session, values, by=None, at=NOW)
    row = organisations.one(session, made)
    assert (row.parent_name, row.fund_section_name, row.kind_label) == ("区教体局", "教科文科", "预算单位")
    assert session.execute(select(SecurityEvent.kind)).scalars().all() == ["organisation_created"]


def test_all_that_is_wrong_is_said_at_once(session):
    with pytest.raises(Problems) as refused:
        organisations.create(session, {"code": "二〇二", "kind": "budget_unit"}, by=None, at=NOW)
    assert [problem.field for problem in refused.value.problems] == ["code", "name", "parent_id", "fund_section_id"]


def test_a_code_names_one_organisation(session):
    create_organisation(session, kind="external", code="T1")
    with pytest.raises(Problems):
        organisations.create(session, {"code": "T1", "name": "另一家", "kind": "external"}, by=None, at=NOW)


def test_a_department_is_no_fund_section(session):
    department = create_organisation(session, kind="department")
    values = {"code": "301", "name": "区民政局", "kind": "department", "fund_section_id": department.id}
    with pytest.raises(Problems) as refused:
        organisations.create(session, values, by=None, at=NOW)
    assert [problem.field for problem in refused.value.problems] == ["fund_section_id"]


def test_a_change_is_logged_with_old_and_new_value_and_the_kind_stays(session):
    unit = create_unit(session, name="旧名")
    organisations.edit(session, unit.id, {"name": "新名", "kind": "external"}, by=None, at=NOW)
    session.flush()
    assert (organisations.one(session, unit.id).name, organisations.one(session, unit.id).kind) == (
        "新名",
        "budget_unit",
    )
    assert session.execute(select(SecurityEvent.detail)).scalar_one()["changes"] == {"name": ["旧名", "新名"]}


def test_a_department_with_units_in_use_cannot_be_taken_out_of_use(session):
    unit = create_unit(session)
    with pytest.raises(Problems):
        organisations.set_active(session, unit.parent_id, False, by=None, at=NOW)
    organisations.set_active(session, unit.id, False, by=None, at=NOW)
    organisations.set_active(session, unit.parent_id, False, by=None, at=NOW)
    assert not organisations.one(session, unit.parent_id).active


def test_lists_filter_by_kind_text_and_use(session):
    create_organisation(session, kind="external", code="E1", name="甲事务所")
    create_organisation(session, kind="external", code="E2", name="乙事务所", active=False)
    assert [row.code for row in organisations.rows(session, kind="external", active=True)] == ["E1"]
    assert [row.code for row in organisations.rows(session, q="乙")] == ["E2"]
    assert organisations.counts(session)["external"] == 2


def test_an_unknown_organisation_is_not_found(session):
    with pytest.raises(NotFound):
        organisations.one(session, "nothing")
