"""Do workbooks come in row by row, faulty rows never, good rows only when confirmed and all at once?"""

import time
from datetime import UTC, date, datetime
from io import BytesIO
from threading import Thread

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from db import demo
from db.case import CaseFile
from db.connection import make_sessions
from db.event import SecurityEvent
from db.form import FormDraft, WorkbookImport
from db.organisation import Organisation
from db.project import MeasureUnit, Project
from db.release import ProcessRelease
from service import campaigns, import_downloads, imports, people, releases, workbooks
from service.errors import NotAllowed, NotFound, Problems
from service.rules.interchange import from_interchange
from tests import factories
from tests.district import District, create_district, declaration

TEMPLATE = "COST_2021"


@pytest.fixture
def district(session) -> District:
    return create_district(session, template=TEMPLATE)


def book(*contents, template=TEMPLATE):
    return workbooks.write_declarations(list(contents), template=template)


def project(name="职业技能培训", **changes):
    return declaration(**{"project_name": name, "unit_code": "101001", **changes})


def upload(district, content, *, role="UNIT_CLERK", filename="申报.xlsx"):
    asked = {"campaign_id": district.campaign.id, "filename": filename, "content": content}
    answer = imports.upload(district.session, actor=district.actor(role), at=district.later(), **asked)
    return imports.show(district.session, answer["import_id"], actor=district.actor(role))


def confirm(district, page, *, role="UNIT_CLERK"):
    return imports.confirm(district.session, page.id, actor=district.actor(role), at=district.later())


def errors(page):
    return [found for found in page.problems if found["severity"] == "error"]


def started(session):
    return session.scalar(select(func.count()).select_from(CaseFile))


def test_good_rows_wait_for_confirmation_and_then_all_become_drafts(district):
    page = upload(
        district, book(project("甲项目培训"), project("乙设备购置", annual_goal="购置设备20台，使用率达到95%以上。"))
    )
    assert (page.counts["rows"], page.counts["good"], page.counts["errors"]) == (2, 2, 0)
    assert [row["name"] for row in page.rows] == ["甲项目培训", "乙设备购置"]
    assert started(district.session) == 0
    assert confirm(district, page) == {"import_id": page.id, "imported": 2}
    after = imports.show(district.session, page.id, actor=district.actor("UNIT_CLERK"))
    assert after.state_label == "已导入"
    assert [one["name"] for one in after.started] == ["甲项目培训", "乙设备购置"]
    drafts = district.session.scalars(select(FormDraft.content)).all()
    assert {draft["project_name"] for draft in drafts} == {"甲项目培训", "乙设备购置"}
    assert {draft["unit_name"] for draft in drafts} == {district.bodies["unit"].name}
    assert all(len(draft["indicators"]) == len(declaration()["indicators"]) for draft in drafts)


def test_a_faulty_row_is_named_by_cell_and_never_imported(district):
    wrong = project("乙设备购置", amount_total="很多", annual_goal="")
    page = upload(district, book(project("甲项目培训"), wrong))
    assert (page.counts["good"], page.counts["faulty"]) == (1, 1)
    found = {problem["field"]: problem for problem in errors(page)}
    assert found["amount_total"]["project"] == "乙设备购置"
    assert {problem["rule"] for problem in found.values()} == {""}, (
        "what follows from the unread amount is not said again"
    )
    assert found["amount_total"]["sheet"] == "项目信息"
    assert found["amount_total"]["cell"].endswith(str(found["amount_total"]["row"]))
    assert "没有填写" in found["annual_goal"]["message"]
    assert confirm(district, page)["imported"] == 1
    assert district.session.scalars(select(Project.name)).all() == ["甲项目培训"]


def test_quality_errors_block_and_warnings_do_not(district):
    rows = project()["indicators"]
    light = [{**rows[0], "weight": "1"}, *rows[1:]]
    vague = project("乙设备购置", annual_goal="进一步提升全区企业职工的职业技能水平和就业能力。")
    page = upload(district, book(project("甲项目培训", indicators=light), vague))
    assert {problem["rule"] for problem in errors(page)} >= {"Q02"}
    assert [row["good"] for row in page.rows] == [False, True]
    assert "Q08" in {problem["rule"] for problem in page.problems if problem["severity"] == "warning"}


class TestUnits:
    """Rows find their unit by code or name, and only those a person may declare for."""

    def test_a_clerk_of_one_unit_need_not_write_it(self, district):
        page = upload(district, book(project(unit_code=None)))
        assert (page.counts["good"], page.rows[0]["unit"]) == (1, district.bodies["unit"].name)

    def test_a_unit_is_found_by_its_name(self, district):
        page = upload(district, book(project(unit_code=None, unit_name=district.bodies["unit"].name)))
        assert page.counts["good"] == 1

    @pytest.mark.parametrize(
        ("given", "part"),
        [
            ({"unit_code": "999001"}, "999001”不在单位目录"),
            ({"unit_code": None, "unit_name": "不存在的单位"}, "“不存在的单位”不在单位目录"),
            ({"unit_code": "101001", "unit_name": "区审计局"}, "不一致"),
        ],
    )
    def test_an_unknown_or_contradicting_unit_is_a_problem_of_its_cell(self, district, given, part):
        page = upload(district, book(project(**given)))
        (found,) = errors(page)
        assert part in found["message"]
        assert found["cell"]

    def test_a_foreign_unit_is_refused(self, district):
        other = factories.create_unit(district.session, code="102001")
        district.session.flush()
        page = upload(district, book(project(unit_code=other.code)))
        assert "不由您申报" in errors(page)[0]["message"]

    def test_a_unit_outside_the_season_is_refused(self, district):
        factories.create_unit(district.session, code="102001", name="区外单位")
        page = upload(district, book(project(unit_code="102001")), role="PERF_OFFICER")
        assert "不在批次" in errors(page)[0]["message"]

    def test_departments_bring_their_units_projects(self, district):
        page = upload(district, book(project()), role="DEPT_CLERK")
        assert confirm(district, page, role="DEPT_CLERK")["imported"] == 1

    def test_two_units_of_one_name_need_the_code(self, district):
        factories.create_unit(district.session, code="102001", name=district.bodies["unit"].name)
        page = upload(district, book(project(unit_code=None, unit_name=district.bodies["unit"].name)))
        assert "填写单位代码以便区分" in errors(page)[0]["message"]

    def test_a_department_that_contradicts_the_directory_is_only_a_warning(self, district):
        page = upload(district, book(project(department_code="999")))
        assert page.counts["good"] == 1
        assert any("按目录采用" in problem["message"] for problem in page.problems)


class TestTwice:
    """The same project is never declared twice."""

    def test_a_project_already_declared_is_named_with_its_code(self, district):
        first = upload(district, book(project()))
        confirm(district, first)
        again = upload(district, book(project()))
        code = district.session.scalars(select(Project.project_code)).one()
        assert code in errors(again)[0]["message"]
        assert again.counts["good"] == 0
        assert not {problem["rule"] for problem in again.problems} & {"Q20", "Q29"}

    def test_the_same_name_twice_in_one_file_is_named(self, district):
        unit = district.bodies["unit"].name
        page = upload(district, book(project(), project(unit_code=None, unit_name=unit)))
        (found,) = errors(page)
        assert (found["field"], found["row"]) == ("project_name", page.rows[1]["row"])

    def test_the_same_file_is_recognised(self, district):
        content = book(project())
        assert upload(district, content).earlier is None
        again = upload(district, content)
        assert (again.earlier["by"], again.earlier["state_label"]) == (district.people["UNIT_CLERK"].name, "待确认")

    def test_a_similar_neighbour_in_the_same_file_is_a_warning(self, district):
        page = upload(district, book(project("职业技能提升培训项目甲"), project("职业技能提升培训项目乙")))
        similar = [problem for problem in page.problems if problem["rule"] == "Q20"]
        assert len(similar) == 2
        assert "工作表“项目信息”第" in similar[0]["message"]
        assert page.counts["good"] == 2

    def test_a_workbook_is_confirmed_once(self, district):
        page = upload(district, book(project()))
        confirm(district, page)
        with pytest.raises(Problems) as refused:
            confirm(district, page)
        assert "已导入" in refused.value.problems[0].message
        assert started(district.session) == 1

    def test_a_name_taken_meanwhile_stops_the_whole_confirmation(self, district):
        page = upload(district, book(project("甲项目培训"), project("乙设备购置")))
        district.start(project_name="乙设备购置")
        with pytest.raises(Problems) as refused:
            confirm(district, page)
        assert "乙设备购置" in refused.value.problems[0].message
        district.session.rollback()
        assert district.session.scalars(select(Project.name)).all() == ["乙设备购置"]


def test_two_confirmations_at_once_import_once(district, engine):
    content = book(project("甲项目培训"), project("乙设备购置"))
    pages = [upload(district, content) for _ in range(2)]
    district.session.commit()
    actor, outcomes = district.actor("UNIT_CLERK"), []

    def confirm_one(page):
        with make_sessions(engine)() as own:
            try:
                outcomes.append(imports.confirm(own, page.id, actor=actor, at=district.at)["imported"])
                own.commit()
            except Problems as refused:
                outcomes.append(len(refused.problems))

    threads = [Thread(target=confirm_one, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [2, 2]
    district.session.rollback()
    assert started(district.session) == 2


class TestExAnte:
    """A missing ex-ante assessment does not hold up a draft, and only the performance section brings its result."""

    new_and_large = {
        "project_attribute": "new",
        "amount_total": "300",
        "amount_fiscal": "300",
        "amount_district": "300",
    }

    def large(self, **changes):
        declared = project(amount_superior=None, amount_other=None, **self.new_and_large, **changes)
        return {**declared, "schedule": []}

    def test_a_missing_assessment_is_a_warning(self, district):
        page = upload(district, book(self.large()))
        (found,) = [problem for problem in page.problems if problem["rule"] == "Q21"]
        assert found["severity"] == "warning"
        assert page.counts["good"] == 1

    def test_the_performance_sections_conclusion_is_recorded(self, district):
        page = upload(district, book(self.large(ex_ante_conclusion="调整后支持")), role="PERF_OFFICER")
        assert not [problem for problem in page.problems if problem["rule"] == "Q21"]
        confirm(district, page, role="PERF_OFFICER")
        assert district.session.scalars(select(Project.ex_ante_conclusion)).one() == "support_after_adjustment"

    def test_a_units_own_conclusion_is_left_out_and_said(self, district):
        page = upload(district, book(self.large(ex_ante_conclusion="支持")))
        assert any("由财政局绩效科登记" in problem["message"] for problem in page.problems)
        confirm(district, page)
        assert district.session.scalars(select(Project.ex_ante_conclusion)).one() is None

    def test_an_unreadable_conclusion_is_named(self, district):
        page = upload(district, book(self.large(ex_ante_conclusion="也许")), role="PERF_OFFICER")
        assert "也许" in errors(page)[0]["message"]


def test_last_years_approved_target_is_the_measure(district, session):
    release = session.get_one(ProcessRelease, district.campaign.process_release_id)
    units = [district.bodies["unit"]]
    last_year = factories.create_campaign(session, fiscal_year=2026, units=units, release=release)
    unit = district.bodies["unit"]
    before = factories.create_project(session, campaign=last_year, unit=unit, name="职业技能培训")
    case = factories.create_case(session, project=before, campaign=last_year)
    visit = factories.create_visit(session, case=case, node="draft")
    earlier = declaration()
    earlier["indicators"][0]["prev_target"] = "300"
    revision = factories.create_revision(session, visit=visit, person=district.people["UNIT_CLERK"], content=earlier)
    factories.create_target(session, case=case, revision=revision)
    page = upload(district, book(project()))
    (unmoved,) = [problem for problem in page.problems if problem["rule"] == "Q19"]
    assert unmoved["severity"] == "warning"
    confirm(district, page)
    draft = session.scalars(select(FormDraft.content)).one()
    assert draft["project_name"] == "职业技能培训"


class TestRights:
    """Only open seasons, only people who declare, only one's own uploads."""

    def test_a_closed_season_takes_nothing(self, district):
        officer = district.actor("PERF_OFFICER")
        page = upload(district, book(project()))
        asked = {"reason": "提前完成申报", "actor": officer, "at": district.later()}
        campaigns.close(district.session, district.campaign.id, **asked)
        with pytest.raises(Problems, match="逐项"):
            upload(district, book(project("别的项目")))
        with pytest.raises(Problems):
            confirm(district, page)
        assert started(district.session) == 0

    @pytest.mark.parametrize("role", ["UNIT_LEADER", "FUND_REVIEWER", "AUDITOR"])
    def test_others_bring_nothing(self, district, role):
        with pytest.raises(NotAllowed):
            upload(district, book(project()), role=role)

    def test_an_upload_is_its_persons_own(self, district):
        page = upload(district, book(project()))
        for act in (imports.show, imports.discard, import_downloads.problem_workbook):
            with pytest.raises(NotFound):
                act(district.session, page.id, actor=district.actor("PERF_OFFICER"))
        with pytest.raises(NotFound):
            confirm(district, page, role="PERF_OFFICER")
        assert imports.rows(district.session, actor=district.actor("PERF_OFFICER")) == []
        assert [row.id for row in imports.rows(district.session, actor=district.actor("UNIT_CLERK"))] == [page.id]

    def test_a_post_lost_meanwhile_stops_the_confirmation(self, district):
        page = upload(district, book(project()))
        for post in district.session.scalars(select(factories.Post)):
            post.valid_to = date(2026, 10, 1)
        factories.create_post(
            district.session,
            role="UNIT_CLERK",
            organisation=factories.create_unit(district.session),
            person=district.people["UNIT_CLERK"],
        )
        with pytest.raises(Problems) as refused:
            confirm(district, page)
        assert "不由您申报" in refused.value.problems[0].message

    def test_a_given_up_upload_is_not_confirmed(self, district):
        page = upload(district, book(project()))
        imports.discard(district.session, page.id, actor=district.actor("UNIT_CLERK"))
        with pytest.raises(Problems):
            confirm(district, page)

    def test_without_a_good_row_there_is_nothing_to_confirm(self, district):
        page = upload(district, book(project(unit_code="999001")))
        with pytest.raises(Problems, match="逐项"):
            confirm(district, page)


class TestBadFiles:
    """What is no workbook is refused with a reason and leaves nothing behind."""

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old"])
    def test_a_broken_file_is_refused(self, district, content):
        with pytest.raises(workbooks.WorkbookRefused):
            upload(district, content)
        assert not district.session.scalars(select(WorkbookImport)).all()

    def test_a_workbook_of_something_else_is_refused(self, district):
        other, out = Workbook(), BytesIO()
        other.active.append(["姓名", "工资"])
        other.save(out)
        with pytest.raises(workbooks.WorkbookRefused, match="没有找到"):
            upload(district, out.getvalue())

    def test_too_many_projects_are_refused(self, district, monkeypatch):
        monkeypatch.setattr(imports, "MOST_ROWS", 1)
        with pytest.raises(workbooks.WorkbookRefused, match="有2个项目"):
            upload(district, book(project("甲"), project("乙")))

    def test_a_file_name_cannot_lead_elsewhere(self, district):
        page = upload(district, book(project()), filename="..\\..\\etc/申报.xlsx")
        assert page.filename == "申报.xlsx"


class TestDownloads:
    """Templates, filled workbooks and lists of problems can be taken away and read back."""

    def test_the_template_can_be_filled_in_and_uploaded(self, district):
        district.session.add(MeasureUnit(name="人次"))
        for layout in ("list", "form"):
            name, content = import_downloads.template(
                district.session, district.campaign.id, at=district.at, layout=layout
            )
            assert name.startswith("2027年度")
            assert load_workbook(BytesIO(content)).sheetnames

    def test_the_filled_workbook_holds_what_one_may_see_and_is_logged(self, district):
        page = upload(district, book(project("甲项目培训"), project("乙设备购置")))
        confirm(district, page)
        stranger = factories.create_unit(district.session)
        post = factories.create_post(district.session, role="UNIT_CLERK", organisation=stranger)
        elsewhere = people.actor(district.session, post.person_id, at=district.at)
        for who, names in ((district.actor("UNIT_CLERK"), ["甲项目培训", "乙设备购置"]), (elsewhere, [])):
            name, content = import_downloads.filled(
                district.session, district.campaign.id, actor=who, at=district.later()
            )
            assert f"_{len(names)}个" in name
            if names:
                read = workbooks.read_declarations(content, template=TEMPLATE)
                assert [row.name for row in read.rows] == names
        exported = select(SecurityEvent.detail["what"].astext).where(SecurityEvent.kind == "exported")
        assert district.session.scalars(exported).first().endswith("2个项目")

    def test_the_problems_are_listed_with_what_was_written(self, district):
        page = upload(district, book(project(amount_total="很多")))
        name, content = import_downloads.problem_workbook(district.session, page.id, actor=district.actor("UNIT_CLERK"))
        assert name == "问题清单_申报.xlsx"
        cells = [str(cell.value) for row in load_workbook(BytesIO(content)).active.iter_rows() for cell in row]
        assert "很多" in cells
        assert any("应为数字" in cell for cell in cells)


@pytest.fixture
def whole_district(session):
    """The demo district's 58 units in an open season of 2021, and an officer of the performance section."""
    at = datetime(2020, 11, 2, 1, tzinfo=UTC)
    releases.install_shipped(session, at=at, effective_from=date(2020, 1, 1))
    sections = {}
    for row in demo.rows("sections"):
        if row["section_kind"] == "fund_section":
            sections[row["section_code"]] = factories.create_organisation(
                session, kind="fund_section", code=row["section_code"]
            )
    departments, units = {}, []
    for row in demo.rows("units"):
        section = sections[row["fund_section_code"]]
        code = row["department_code"]
        if code not in departments:
            departments[code] = factories.create_organisation(
                session, kind="department", code=code, name=row["department_name"], fund_section_id=section.id
            )
        made = {"code": row["unit_code"], "name": row["unit_name"], "region_code": row["region_code"]}
        units.append(factories.create_unit(session, department=departments[code], **made))
    officer = factories.create_post(
        session, role="PERF_OFFICER", organisation=factories.create_organisation(session, kind="performance_section")
    )
    actor = people.actor(session, officer.person_id, at=at)
    for unit in units:
        factories.create_post(session, role="UNIT_CLERK", organisation=unit)
    session.add_all(MeasureUnit(name=name) for name in demo.measure_units())
    season = campaigns.create(
        session,
        {
            "title": "2021年度项目绩效目标申报",
            "fiscal_year": 2021,
            "indicator_template": "CLASSIC_2020",
            "opens_on": date(2020, 10, 1),
            "closes_on": date(2020, 12, 31),
            "units": [{"unit_id": unit.id} for unit in units],
        },
        actor=actor,
        at=at,
    )
    campaigns.open(session, season["id"], actor=actor, at=at)
    session.commit()
    return actor, season["id"], at


def test_the_whole_districts_477_projects_are_checked_in_ten_seconds_and_all_imported(session, whole_district):
    actor, campaign_id, at = whole_district
    contents = [from_interchange(project, "CLASSIC_2020") for project in demo.projects()]
    content = book(*contents, template="CLASSIC_2020")
    began = time.perf_counter()
    answer = imports.upload(
        session, actor=actor, at=at, campaign_id=campaign_id, filename="全区477个项目.xlsx", content=content
    )
    taken = time.perf_counter() - began
    assert answer["counts"]["rows"] == answer["counts"]["good"] == 477
    assert answer["counts"]["errors"] == 0
    assert taken < 10
    session.commit()
    assert imports.confirm(session, answer["import_id"], actor=actor, at=at)["imported"] == 477
    session.commit()
    assert session.scalar(select(func.count()).select_from(CaseFile)) == 477
    rows = session.scalars(select(func.jsonb_array_length(FormDraft.content["indicators"])))
    assert sum(rows) == 3022
    assert session.scalar(select(func.count(func.distinct(Project.unit_id)))) == 58
    assert session.scalar(select(func.count()).where(Organisation.kind == "department")) == 46
