"""Do the form and the quality rules learn what the season, the bodies and the other projects say?"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import forms
from db.case import Visit
from db.form import FormDraft, FormRevision
from db.project import FunctionalSubject, MeasureUnit
from db.release import FormRelease
from service import target_context
from tests.factories import (
    create_campaign,
    create_case,
    create_organisation,
    create_person,
    create_project,
    create_unit,
)

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def unit(session):
    section = create_organisation(session, kind="fund_section")
    department = create_organisation(session, kind="department", code="101", fund_section_id=section.id)
    return create_unit(session, department=department, code="101001", name="区委办公室")


@pytest.fixture
def campaign(session, unit):
    return create_campaign(session, units=[unit])


def department_of(session, unit):
    return session.get_one(type(unit), unit.parent_id)


def visit_of(session, case):
    place = {"node_id": "draft", "node_name": "填报", "stage": "draft", "round": 1, "engine_task": 1, "state": "open"}
    visit = Visit(case_id=case.id, opened_seq=1, changed_seq=1, opened_at=NOW, **place)
    session.add(visit)
    session.flush()
    return visit


def save_draft(session, case, content):
    writer, visit = create_person(session), visit_of(session, case)
    draft = {"form_code": "project_target", "content": content, "saved_by": writer.id, "saved_at": NOW}
    session.add(FormDraft(visit_id=visit.id, case_id=case.id, **draft))
    session.flush()
    return visit


def submit(session, case, visit, content):
    release = FormRelease(code="project_target", version=1, title="", hash="f", definition={}, published_at=NOW)
    session.add(release)
    session.flush()
    author = create_person(session)
    revision = FormRevision(
        case_id=case.id,
        form_code="project_target",
        form_release_id=release.id,
        visit_id=visit.id,
        revision=1,
        content=content,
        hash="h",
        created_by=author.id,
        created_at=NOW,
    )
    session.add(revision)
    session.flush()
    case.form_revision_id = revision.id
    session.flush()


def test_the_form_learns_the_seasons_thresholds_and_the_bodies_names(session, unit, campaign):
    campaign.parameters = {"key_threshold": "300"}
    project = create_project(session, campaign=campaign, unit=unit, ex_ante_conclusion="support_after_adjustment")
    context = target_context.form_context(
        campaign=campaign,
        project=project,
        unit=unit,
        department=department_of(session, unit),
        previous=None,
        actor_name="张三",
        day=date(2026, 9, 1),
    )
    content, problems = forms.accept(
        forms.load("project_target"), {"amount_total": "400"}, node="draft", context=context, complete=False
    )
    assert problems == []
    assert content["unit_name"] == "区委办公室"
    assert (content["department_code"], content["drafter"], content["drafted_at"]) == ("101", "张三", "2026-09-01")
    assert content["ex_ante_conclusion"] == "调整后支持"
    facts = forms.facts(forms.load("project_target"), content, context)
    assert facts["is_key_project"] is True
    assert facts["is_finance_own"] is False


def test_the_rules_learn_the_districts_tables_and_the_seasons_parameters(session, campaign):
    session.add_all([MeasureUnit(name="人次"), FunctionalSubject(fiscal_year=2027, code="2010301", name="行政运行")])
    session.add(FunctionalSubject(fiscal_year=2026, code="2019999", name="其他"))
    campaign.parameters = {"ex_ante_threshold": "150.5", "goal_min_characters": 30, "satisfaction_waived": True}
    session.flush()
    context = target_context.quality_context(session, campaign)
    assert context.measure_units == {"人次"}
    assert context.functional_subjects == {"2010301"}
    assert (context.key_threshold, context.ex_ante_threshold) == (Decimal(500), Decimal("150.5"))
    assert context.rule_set.goal_min_characters == 30
    assert context.satisfaction_waived


def test_neighbours_are_read_as_submitted_else_as_drafted(session, unit, campaign):
    drafted, submitted, bare, gone = (
        create_project(
            session, campaign=campaign, unit=unit, project_code=code, discarded_at=NOW if code == "4" else None
        )
        for code in "1234"
    )
    save_draft(session, create_case(session, project=drafted, campaign=campaign), {"annual_goal": "甲", "basis": "文"})
    case = create_case(session, project=submitted, campaign=campaign)
    visit = save_draft(session, case, {"annual_goal": "还在改"})
    submit(session, case, visit, {"annual_goal": "已报"})
    other_year = create_campaign(session, fiscal_year=2026)
    create_project(session, campaign=other_year, unit=unit)
    others = target_context.quality_context(session, campaign).others
    assert [(one.project_code, one.annual_goal, one.basis) for one in others] == [
        ("1", "甲", "文"),
        ("2", "已报", ""),
        ("3", "", ""),
    ]
    assert {one.department_code for one in others} == {"101"}
    without = target_context.quality_context(session, campaign, exclude_project_id=bare.id).others
    assert {one.project_code for one in without} == {"1", "2"}
    assert gone.project_code not in {one.project_code for one in others}


def test_a_project_of_two_cases_is_one_neighbour_with_the_later_text(session, unit, campaign):
    project = create_project(session, campaign=campaign, unit=unit)
    first = create_case(session, project=project, campaign=campaign, finished_at=NOW)
    save_draft(session, first, {"annual_goal": "旧"})
    save_draft(session, create_case(session, project=project, campaign=campaign, started_at=NOW), {"annual_goal": "新"})
    assert [one.annual_goal for one in target_context.quality_context(session, campaign).others] == ["新"]


def test_a_mistyped_parameter_is_named(session, campaign):
    campaign.parameters = {"goal_min_caracters": 30}
    with pytest.raises(ValueError, match="goal_min_caracters"):
        target_context.quality_context(session, campaign)
