"""Does the library list every project once, with true sums, and only what the reader may see?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import SecurityEvent
from service import library, library_sheet, search
from tests import factories

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def place(session: Session) -> dict[str, Any]:
    """Two units of two departments, a season, and people who see one or all."""
    units = {}
    for code, name in (("101001", "区委办公室"), ("201001", "区人社局机关")):
        department = factories.create_organisation(session, code=code[:3], name=f"{name}主管")
        department.fund_section_id = factories.create_organisation(session, kind="fund_section").id
        units[code] = factories.create_unit(session, department=department, code=code, name=name)
    clerk, officer = factories.create_person(session), factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=units["101001"], person=clerk)
    section = factories.create_organisation(session, kind="performance_section")
    factories.create_post(session, role="PERF_OFFICER", organisation=section, person=officer)
    return {
        "units": units,
        "campaign": factories.create_campaign(session, units=units.values()),
        "clerk": factories.actor_of(session, clerk),
        "officer": factories.actor_of(session, officer),
    }


def declare(
    session: Session, place: dict[str, Any], unit: str, name: str, stage: str, amount: Any, **values: Any
) -> Any:
    of_case = {key: values.pop(key) for key in ("started_at", "finished_at") if key in values}
    project = factories.create_project(
        session, campaign=place["campaign"], unit=place["units"][unit], name=name, amount_total=amount, **values
    )
    search.index(session, project.id, [name, project.project_code])
    case = factories.create_case(
        session, project=project, campaign=place["campaign"], stage=stage, amount=amount, **of_case
    )
    return project, case


@pytest.fixture
def projects(session: Session, place: dict[str, Any]) -> dict[str, Any]:
    for unit, name, stage, amount in (
        ("101001", "会议服务", "in_library", "20.5"),
        ("101001", "档案整理", "draft", None),
        ("201001", "职业技能培训", "dept_review", "38.5"),
        ("201001", "社保补贴", "rejected", "9.123456"),
    ):
        declare(session, place, unit, name, stage, Decimal(amount) if amount else None)
    declare(session, place, "201001", "删掉的", "discarded", None, discarded_at=AT)
    return place


def names(found: library.LibraryPage) -> list[str]:
    return [row.name for row in found.rows]


def test_every_project_of_the_year_is_listed_with_true_sums(session, projects):
    found = library.page(session, actor=projects["officer"], fiscal_year=2027)

    assert sorted(names(found)) == sorted(["会议服务", "档案整理", "职业技能培训", "社保补贴"])
    assert (found.total, found.amount) == (4, Decimal("68.123456"))
    assert (found.admitted, found.admitted_amount) == (1, Decimal("20.5"))
    assert [row.unit_code for row in found.rows] == ["101001", "101001", "201001", "201001"]


def test_a_unit_sees_its_own_projects_and_department(session, projects):
    found = library.page(session, actor=projects["clerk"], fiscal_year=2027)

    assert sorted(names(found)) == ["会议服务", "档案整理"]
    assert [name for _, name in found.departments] == ["区委办公室主管"]


@pytest.mark.parametrize(
    "asked, expected",
    [
        ({"stage": "in_library"}, ["会议服务"]),
        ({"q": "技能培训"}, ["职业技能培训"]),
        ({"q": "不存在"}, []),
        ({"unit": "201001"}, ["社保补贴", "职业技能培训"]),
        ({"unit": "人社"}, ["社保补贴", "职业技能培训"]),
        ({"unit": "人社", "stage": "rejected"}, ["社保补贴"]),
    ],
)
def test_filters_narrow_list_and_sums_alike(session, projects, asked, expected):
    found = library.page(session, actor=projects["officer"], fiscal_year=2027, **asked)

    assert sorted(names(found)) == sorted(expected)
    assert found.total == len(expected)
    assert found.amount == sum((row.amount or 0 for row in found.rows), Decimal(0))


def test_a_department_is_chosen_by_its_id(session, projects):
    chosen = projects["units"]["201001"].parent_id

    found = library.page(session, actor=projects["officer"], fiscal_year=2027, department=chosen)
    assert sorted(names(found)) == sorted(["职业技能培训", "社保补贴"])


def test_another_year_is_empty(session, projects):
    found = library.page(session, actor=projects["officer"], fiscal_year=2031)

    assert (found.rows, found.total, found.amount) == ([], 0, 0)


def test_sums_are_of_all_pages(session, projects):
    found = library.page(session, actor=projects["officer"], fiscal_year=2027, page=2, size=3)

    assert (len(found.rows), found.total, found.amount) == (1, 4, Decimal("68.123456"))


def test_a_project_declared_again_shows_its_newest_case(session, projects):
    project, first = declare(
        session, projects, "101001", "再报", "rejected", Decimal(5), started_at=AT - timedelta(days=9), finished_at=AT
    )
    second = factories.create_case(
        session, project=project, campaign=projects["campaign"], stage="unit_signing", started_at=AT
    )
    row = library.page(session, actor=projects["officer"], fiscal_year=2027, q="再报").rows[0]

    assert (row.case_id, row.stage) == (second.id, "unit_signing")
    assert row.case_id != first.id


def test_a_row_tells_number_version_and_assessment(session, projects):
    _, case = declare(
        session, projects, "101001", "大项目", "in_library", Decimal(600), is_key_project=True, needs_ex_ante=True,
        ex_ante_conclusion="support_after_adjustment", ex_ante_score=Decimal("86.5"),
    )  # fmt: skip
    visit = factories.create_visit(session, case=case, node="draft")
    revision = factories.create_revision(session, visit=visit, person=factories.create_person(session), content={})
    factories.create_target(session, case=case, revision=revision, library_no="库〔2027〕0007", admitted_at=AT)
    row = library.page(session, actor=projects["officer"], fiscal_year=2027, q="大项目").rows[0]

    assert (row.library_no, row.version, row.admitted_at) == ("库〔2027〕0007", 1, AT)
    assert (row.ex_ante_label, row.ex_ante_score, row.is_key_project) == ("调整后支持", Decimal("86.50"), True)


def test_the_years_are_those_of_the_seasons(session, place):
    factories.create_campaign(session, fiscal_year=2026)

    assert library.years(session) == [2027, 2026]


def test_the_workbook_holds_every_row_and_the_sum_and_no_formula(session, projects):
    declare(session, projects, "101001", "=1+1", "dept_review", Decimal(2))
    name, content = library_sheet.export(session, actor=projects["officer"], at=AT, fiscal_year=2027)
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))

    assert name == "项目库-2027.xlsx"
    assert sorted(row[1] for row in rows[:-1]) == sorted(["'=1+1", "会议服务", "档案整理", "职业技能培训", "社保补贴"])
    assert rows[-1][0] == "合计（5 个项目）"
    assert Decimal(str(rows[-1][7])) == Decimal("70.123456")
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_the_workbook_holds_only_what_was_asked_for_and_its_making_is_logged(session, projects):
    _, content = library_sheet.export(
        session, actor=projects["officer"], at=AT, fiscal_year=2027, stage="in_library", client={"ip": "10.0.0.1"}
    )
    rows = list(openpyxl.load_workbook(BytesIO(content)).worksheets[0].iter_rows(min_row=3, values_only=True))
    logged = session.scalars(select(SecurityEvent)).one()

    assert [row[1] for row in rows[:-1]] == ["会议服务"]
    assert (logged.kind, logged.actor) == ("exported", projects["officer"].person_id)
    assert logged.detail == {"what": "library", "fiscal_year": 2027, "stage": "in_library"}


def test_an_empty_library_is_an_empty_workbook(session, place):
    _, content = library_sheet.export(session, actor=place["officer"], at=AT, fiscal_year=2027)
    rows = list(openpyxl.load_workbook(BytesIO(content)).worksheets[0].iter_rows(min_row=3, values_only=True))

    assert [row[0] for row in rows] == ["合计（0 个项目）"]
