"""How do declarations begin, and how are drafts kept?"""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.form import DraftWriter, FormDraft
from db.person import Post
from db.project import Project
from service import declarations, ex_ante, tasks
from service.errors import NotAllowed, NotFound, Problems, Stale
from tests import factories
from tests.district import District, create_district, create_season, declaration


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


def begin(district: District, role: str = "UNIT_CLERK", **asked):
    answer = declarations.start(
        district.session,
        **{
            "actor": district.actor(role),
            "campaign_id": district.campaign.id,
            "unit_id": district.bodies["unit"].id,
            "content": {"project_name": "职业技能培训"},
            "at": district.later(),
            **asked,
        },
    )
    district.session.commit()
    return answer


def test_codes_and_numbers_run_without_gaps(district):
    made = [begin(district, content={"project_name": name}) for name in ("甲项目", "乙项目")]

    assert [one["project_code"] for one in made] == ["3701172027101001001", "3701172027101001002"]
    assert [one["number"] for one in made] == ["绩目〔2027〕0001", "绩目〔2027〕0002"]


def test_the_first_draft_holds_what_is_known_already(district):
    made = begin(district)
    draft = district.session.get_one(FormDraft, (made["visit_id"], "project_target", ""))

    assert draft.content["project_name"] == "职业技能培训"
    assert draft.content["unit_name"] == district.bodies["unit"].name
    assert draft.content["fiscal_year"] == 2027


def test_one_project_is_declared_once_a_year(district):
    begin(district)
    with pytest.raises(Problems) as refused:
        begin(district)
    assert refused.value.problems[0].field == "project_name"


@pytest.mark.parametrize("role", ["UNIT_LEADER", "DEPT_REVIEWER", "PERF_OFFICER"])
def test_only_the_units_clerks_declare(district, role):
    with pytest.raises(NotAllowed):
        begin(district, role)


def test_a_closed_season_and_a_unit_left_out_are_said(district):
    outside = factories.create_unit(district.session, department=district.bodies["department"])
    factories.create_post(
        district.session, role="UNIT_CLERK", organisation=outside, person=district.people["UNIT_CLERK"]
    )
    district.session.commit()
    with pytest.raises(Problems) as refused:
        begin(district, unit_id=outside.id)
    assert "单位范围内" in refused.value.problems[0].message

    district.session.get_one(Campaign, district.campaign.id).state = "closed"
    district.session.commit()
    with pytest.raises(Problems) as refused:
        begin(district)
    assert "不能新建申报" in refused.value.problems[0].message


def test_a_draft_is_kept_with_its_version_and_not_written_over(district):
    made = begin(district)
    keep = {"actor": district.actor("UNIT_CLERK"), "at": district.later(), "form_code": "project_target"}

    first = declarations.save_draft(
        district.session, made["visit_id"], content={"project_name": "甲", "amount_total": "三十八"}, version=1, **keep
    )
    assert first["version"] == 2
    assert [problem["field"] for problem in first["problems"]] == ["amount_total"]
    with pytest.raises(Stale):
        declarations.save_draft(district.session, made["visit_id"], content={}, version=1, **keep)


def test_whoever_wrote_into_the_draft_stays_a_drafter(district):
    other = factories.create_person(district.session)
    post = factories.create_post(
        district.session, role="UNIT_CLERK", organisation=district.bodies["unit"], person=other
    )
    district.people["OTHER"] = other
    made = begin(district)
    district.decide(made["case_id"], "draft", "unclaim")
    declarations.save_draft(
        district.session,
        made["visit_id"],
        actor=district.actor("OTHER"),
        at=district.later(),
        form_code="project_target",
        content={"project_name": "甲"},
    )
    district.session.delete(post)
    factories.create_post(district.session, role="UNIT_LEADER", organisation=district.bodies["unit"], person=other)
    district.session.commit()
    writers = set(district.session.scalars(select(DraftWriter.person_id)))
    assert writers == {other.id, district.people["UNIT_CLERK"].id}

    district.started.append({**made, "declared": declaration()})
    district.walk(made["case_id"], "draft")
    with pytest.raises(NotAllowed, match="填写过"):
        district.decide(made["case_id"], "unit_sign", role="OTHER")


def test_a_deleted_draft_frees_its_name_and_keeps_its_history(district):
    made = begin(district)
    declarations.discard(district.session, made["visit_id"], actor=district.actor("UNIT_CLERK"), at=district.later())
    district.session.commit()

    assert district.case(made["case_id"]).stage == "discarded"
    assert district.open_visits(made["case_id"]) == {}
    begin(district)


def test_a_submitted_declaration_is_not_deleted(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, "department_review", "return")
    visit = district.open_visits(case_id)["draft"]

    with pytest.raises(NotAllowed, match="已经提交过"):
        declarations.discard(district.session, visit.id, actor=district.actor("UNIT_CLERK"), at=district.later())


def test_next_year_starts_from_this_years_target(district):
    case_id = district.start()["case_id"]
    nodes = ("unit_sign", "department_review", "fund_review", "fund_chief_review")
    district.walk(case_id, "draft", *nodes, "budget_review", "performance_review", "performance_chief_review")
    (earlier,) = declarations.copyable(district.session, actor=district.actor("UNIT_CLERK"))
    assert (earlier.fiscal_year, earlier.name) == (2027, "职业技能培训")
    district.campaign = create_season(district.session, [district.bodies["unit"]], template="COST_2021", year=2028)
    district.session.commit()

    made = begin(district, content={}, copy_of=earlier.project_id)

    draft = district.session.get_one(FormDraft, (made["visit_id"], "project_target", "")).content
    assert (draft["start_date"], draft["fiscal_year"], draft["project_attribute"]) == ("2028-01-01", 2028, "ongoing")
    assert len(draft["indicators"]) == 6
    project = district.session.get_one(Project, made["project_id"])
    assert project.previous_project_id == earlier.project_id
    page = tasks.page(district.session, made["visit_id"], actor=district.actor("UNIT_CLERK"), at=district.at)
    assert page.previous["amount_total"] == "38.50"


def test_only_the_own_units_projects_are_copied(district):
    with pytest.raises(NotFound):
        begin(district, copy_of="someone-elses")


def test_imported_rows_wait_for_the_units_clerk(district):
    rows = [{"unit_id": district.bodies["unit"].id, "content": declaration(project_name=name)} for name in ("甲", "乙")]
    made = declarations.import_rows(
        district.session,
        actor=district.actor("DEPT_CLERK"),
        campaign_id=district.campaign.id,
        rows=rows,
        at=district.at,
    )
    district.session.commit()

    district.started += [{**one, "declared": row["content"]} for one, row in zip(made, rows, strict=True)]
    case = district.case(made[0]["case_id"])
    assert (case.stage, case.initiator_id) == ("draft", district.people["DEPT_CLERK"].id)
    district.walk(made[0]["case_id"], "draft", "unit_sign")


def test_a_bad_row_leaves_nothing_behind(district):
    rows = [{"unit_id": district.bodies["unit"].id, "content": {"project_name": name}} for name in ("甲", "甲")]

    with pytest.raises(Problems) as refused:
        declarations.import_rows(
            district.session,
            actor=district.actor("DEPT_CLERK"),
            campaign_id=district.campaign.id,
            rows=rows,
            at=district.at,
        )
    district.session.rollback()
    assert refused.value.problems[0].field == "rows[1].project_name"
    assert district.session.scalars(select(Project)).all() == []


def test_a_large_new_project_waits_for_its_ex_ante_assessment(district):
    money = {"amount_total": "300", "amount_fiscal": "300", "amount_district": "300", "amount_superior": "0"}
    case_id = district.start(project_attribute="new", **money)["case_id"]
    with pytest.raises(Problems) as refused:
        district.walk(case_id, "draft")
    assert "Q21" in {problem.rule for problem in refused.value.problems}

    record = {"conclusion": "support", "score": "88.5", "at": district.later()}
    with pytest.raises(NotAllowed):
        ex_ante.record(district.session, case_id, actor=district.actor("UNIT_CLERK"), reason="评估报告一号", **record)
    with pytest.raises(Problems):
        ex_ante.record(district.session, case_id, actor=district.actor("PERF_OFFICER"), reason="无", **record)
    ex_ante.record(district.session, case_id, actor=district.actor("PERF_OFFICER"), reason="评估报告一号", **record)
    district.session.commit()
    district.walk(case_id, "draft")


def test_the_task_page_shows_what_each_may_do(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit = district.open_visits(case_id)["department_review"]

    page = tasks.page(district.session, visit.id, actor=district.actor("DEPT_REVIEWER"), at=district.at)
    assert (page.form["mode"], page.visit["holder"], page.review["context"]["stage"]) == ("read", "group", "department")
    assert {verb["verb"]: verb["allowed"] for verb in page.verbs} == {
        "approve": True,
        "consult": True,
        "return": True,
        "reject": True,
        "claim": True,
        "transfer": False,
        "delegate": False,
        "add_seat": False,
        "cc": True,
    }
    other = tasks.page(district.session, visit.id, actor=district.actor("PERF_OFFICER"), at=district.at)
    assert {verb["verb"]: verb["allowed"] for verb in other.verbs} == {
        "approve": False,
        "consult": False,
        "return": False,
        "reject": False,
    }
    assert "由部门审核人办理" in other.verbs[0]["why"]


def test_a_clerk_who_left_finds_the_draft_no_longer_theirs(district):
    made = begin(district)
    post = district.session.scalars(select(Post).where(Post.person_id == district.people["UNIT_CLERK"].id)).one()
    post.valid_to = (district.at - timedelta(days=1)).date()
    district.session.commit()

    with pytest.raises(NotFound):
        tasks.page(district.session, made["visit_id"], actor=district.actor("UNIT_CLERK"), at=district.at)
