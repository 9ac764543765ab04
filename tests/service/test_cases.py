"""Is the file of a case complete, shown only to those who may see it, and the auditor's reading on record?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, VisitReading
from db.event import SecurityEvent
from db.person import Person
from service import cases, search
from service.errors import NotFound
from tests import factories
from tests.forms import samples

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@dataclass
class File:
    """A case with its clerk, leader, reviewer and somebody from elsewhere."""

    session: Session
    case: CaseFile
    people: dict[str, Person]

    def page(self, who: str = "reviewer", **asked: Any) -> cases.CasePage:
        actor = factories.actor_of(self.session, self.people[who], at=AT)
        return cases.page(self.session, self.case.id, actor=actor, at=AT, **asked)


@pytest.fixture
def file(session: Session) -> File:
    unit = factories.create_unit(session, name="区人社局机关")
    department = session.get_one(factories.Organisation, unit.parent_id)
    audit = factories.create_organisation(session, kind="audit_office")
    people = {}
    for name, role, place in (
        ("clerk", "UNIT_CLERK", unit),
        ("leader", "UNIT_LEADER", unit),
        ("reviewer", "DEPT_REVIEWER", department),
        ("stranger", "UNIT_CLERK", factories.create_unit(session)),
        ("auditor", "AUDITOR", audit),
    ):
        people[name] = factories.create_person(session, name=name)
        factories.create_post(session, role=role, organisation=place, person=people[name])
    release = factories.shipped_release(session)
    campaign = factories.create_campaign(session, units=[unit], release=release)
    project = factories.create_project(session, campaign=campaign, unit=unit, name="职业技能培训")
    case = factories.create_case(
        session, project=project, campaign=campaign, initiator=people["clerk"], stage="dept_review", seq=3,
        started_at=AT - timedelta(days=3), release_id=release.id, head_hash="ab" * 32,
    )  # fmt: skip
    return File(session, case, people)


def submitted(file: File, **values: Any) -> Any:
    """The declaration sent by the clerk, signed by the leader."""
    draft = factories.create_decided(
        file.session, case=file.case, person=file.people["clerk"], vote="submit", node="draft", opened_seq=1
    )
    revision = factories.create_revision(
        file.session, visit=draft, person=file.people["clerk"], content=samples.declaration(), **values
    )
    file.case.form_revision_id = revision.id
    factories.create_decided(file.session, case=file.case, person=file.people["leader"], opened_seq=2)
    return revision


def reviewed(file: File, vote: str = "return", **values: Any) -> Any:
    """A review by the department."""
    of_review = {name: values.pop(name) for name in ("content",) if name in values}
    visit = factories.create_visit(file.session, case=file.case, **{"state": "decided", "outcome": vote, **values})
    content = {**samples.review(overall_grade="中"), "review_mode": "qualitative", **of_review.get("content", {})}
    revision = factories.create_revision(
        file.session, visit=visit, person=file.people["reviewer"], code="target_review", content=content
    )
    factories.create_seat(
        file.session, visit=visit, person=file.people["reviewer"], vote=vote, opinion="依据不足，请补充。",
        review_revision_id=revision.id,
    )  # fmt: skip
    return visit


def test_the_head_says_what_the_case_is_about(file):
    head = file.page().header

    assert (head["number"], head["title"], head["unit"]) == (file.case.number, "职业技能培训", "区人社局机关")
    assert (head["stage_label"], head["fiscal_year"], len(head["release_hash"])) == ("主管部门审核", 2027, 64)


def test_a_foreign_case_is_not_found(file):
    with pytest.raises(NotFound):
        file.page("stranger")
    with pytest.raises(NotFound):
        cases.diagram(
            file.session, file.case.id, actor=factories.actor_of(file.session, file.people["stranger"], at=AT), at=AT
        )


def test_the_declaration_is_the_last_submitted_one_and_says_who_signed(file):
    submitted(file)
    form = file.page().form

    assert form["content"]["project_name"] == "职业技能培训"
    assert form["definition"].code == "project_target"
    assert (form["context"]["unit_name"], form["context"]["unit_signer"]) == ("区人社局机关", "leader")


def test_before_the_first_submission_nothing_is_read_but_what_was_saved(file):
    assert file.page().form["content"] == {}


def test_last_years_target_stands_beside(file):
    revision = submitted(file)
    earlier = factories.create_project(
        file.session, campaign=file.session.get_one(factories.Campaign, file.case.campaign_id),
        unit=file.session.get_one(factories.Organisation, file.case.unit_id),
    )  # fmt: skip
    before = factories.create_case(
        file.session, project=earlier, campaign=file.session.get_one(factories.Campaign, file.case.campaign_id)
    )
    factories.create_target(file.session, case=before, revision=revision, content={"amount_total": "35"})
    file.session.get_one(factories.Project, file.case.project_id).previous_project_id = earlier.id
    file.session.flush()

    assert file.page().previous == {"amount_total": "35"}


def test_what_the_rules_found_is_shown_with_the_drafters_reasons(file):
    check = {"field": "annual_goal", "message": "目标偏低", "severity": "warning", "source": "Q17", "rule": "Q17"}
    submitted(file, checks=[{**check, "reason": "受益人口减少"}])

    problem = file.page().problems[0]
    assert (problem.rule, problem.message) == ("Q17", "目标偏低（说明：受益人口减少）")


def test_opinions_of_all_rounds_are_kept_and_say_whether_they_count(file):
    submitted(file)
    reviewed(file, state="superseded", opened_seq=3)
    cancelled = factories.create_visit(
        file.session, case=file.case, node="fund_review", state="cancelled", opened_seq=4, round=2, closed_at=AT
    )
    factories.create_seat(
        file.session, visit=cancelled, person=file.people["stranger"], state="cancelled", opinion="写到一半"
    )
    reviewed(file, vote="approve", opened_seq=5, round=2)
    shown = [(one["round"], one["person"], one["verb"], one["state"]) for one in file.page().opinions]

    assert shown == [
        (1, "leader", "approve", "valid"),
        (1, "reviewer", "return", "superseded"),
        (2, "stranger", "", "cancelled"),
        (2, "reviewer", "approve", "valid"),
    ]


def test_a_submission_without_words_is_no_opinion(file):
    submitted(file)

    assert [one["person"] for one in file.page().opinions] == ["leader"]


def test_an_opinion_carries_its_review_form_and_grade(file):
    visit = reviewed(file)
    one = file.page().opinions[0]

    assert (one["grade"], one["opinion"], one["verb_label"]) == ("中", "依据不足，请补充。", "退回")
    assert one["review"]["visit_id"] == visit.id
    assert one["review"]["content"]["overall_grade"] == "中"
    assert one["review"]["context"]["review_mode"] == "qualitative"


def test_the_grade_of_a_scored_review_follows_from_its_points(file):
    items = [{"code": f"C{number}", "score": points} for number, points in enumerate((9, 9, 14, 14, 13, 13, 9, 9), 1)]
    content = {"review_mode": "quantitative", "items": items, "overall_grade": None}
    reviewed(file, vote="approve", content=content)

    assert file.page().opinions[0]["grade"] == "优"


def test_findings_name_the_place_in_the_forms_words(file):
    visit = reviewed(file)
    for number, field in enumerate(("annual_goal", "indicators[2].weight", "", "no_such_field")):
        factories.create_finding(
            file.session, visit=visit, person=file.people["reviewer"], field=field, raised_at=AT + timedelta(0, number)
        )

    assert [one["label"] for one in file.page().findings] == [
        "年度总体目标",
        "绩效指标 第3行 权重",
        "",
        "no_such_field",
    ]


def test_the_timeline_tells_every_event_with_its_changes(file):
    visit = reviewed(file)
    factories.create_visit(file.session, case=file.case, node="draft", state="open", opened_seq=4)
    changes = [
        {"type": "visit_decided", "visit": visit.id, "vote": "return", "grade": "中"},
        {"type": "finding_raised", "message": "请写明受益人群。"},
        {"type": "visit_superseded", "node": "draft"},
        {"type": "visit_superseded", "node": "department_review"},
        {"type": "case_returned", "from": "department_review", "to": "draft", "verb": "return", "resubmit": "replay"},
        {"type": "visit_opened", "node": "draft", "due_at": "2026-11-30T15:59:59+00:00"},
        {"type": "something_new"},
    ]
    factories.create_event(
        file.session, case=file.case, seq=1, verb="return", kind="visit_returned", node="department_review",
        actor=file.people["reviewer"].id, post={"role": "DEPT_REVIEWER", "organisation": "x"},
        reason="依据不足，请补充。", changes=changes,
    )  # fmt: skip
    factories.create_event(file.session, case=file.case, seq=2, verb="whatever", kind="ex_ante_recorded")
    first, second = file.page().timeline

    assert (first["actor"], first["post"], first["verb_label"]) == ("reviewer", "部门审核人", "退回")
    assert (first["node_name"], first["reason"]) == ("初审绩效目标", "依据不足，请补充。")
    assert first["details"] == [
        "等级：中",
        "提出问题：请写明受益人群。",
        "原意见不再有效：填报绩效目标、初审绩效目标",
        "退回到：填报绩效目标，修改后逐级重审",
        "送达：填报绩效目标，2026-11-30 前办理",
    ]
    assert (second["actor"], second["verb_label"]) == ("", "登记事前绩效评估结论")


def test_the_diagram_shows_where_the_case_is_and_who_holds_it(file):
    submitted(file)
    reviewed(file, opened_seq=3)
    factories.create_waiting(file.session, case=file.case, node="department_review", opened_seq=5, opened_at=AT)
    shown = file.page().diagram

    assert '<bpmn:process id="target_declaration"' in shown["xml"]
    assert shown["done"] == ["draft", "unit_sign"]
    assert shown["returned"] == ["department_review"]
    assert shown["current"] == [
        {
            "node_id": "department_review",
            "node_name": "初审绩效目标",
            "role_name": "部门审核人",
            "names": ["reviewer"],
            "since": "2026-11-24T10:00:00+08:00",
        }
    ]


def test_a_post_nobody_holds_is_shown_as_empty(file):
    factories.create_waiting(file.session, case=file.case, node="fund_review")

    assert file.page().diagram["current"][0]["names"] == []


def test_admission_is_told_with_number_and_version(file):
    assert file.page().admitted is None

    factories.create_target(file.session, case=file.case, revision=submitted(file), library_no="库〔2027〕0001")
    assert file.page().admitted == {"library_no": "库〔2027〕0001", "version": 1, "admitted_at": file.case.changed_at}


def test_who_may_decide_is_led_to_the_step(file):
    visit = factories.create_waiting(file.session, case=file.case)

    assert file.page("reviewer").my_visit == visit.id
    assert file.page("leader").my_visit is None


def test_opening_a_case_marks_it_as_read(file):
    file.page("leader")

    reading = file.session.scalars(select(VisitReading)).one()
    assert (reading.person_id, reading.seq) == (file.people["leader"].id, 3)


def test_an_auditors_reading_is_logged_and_nobody_elses(file):
    file.page("leader")
    file.page("auditor", what="print", client={"ip": "10.0.0.1"})

    logged = file.session.scalars(select(SecurityEvent)).one()
    assert (logged.kind, logged.actor, logged.case_id) == ("case_read", file.people["auditor"].id, file.case.id)
    assert logged.detail == {"what": "print", "number": file.case.number}


def test_the_list_holds_what_the_person_may_see(file):
    def numbers(who: str, **asked: Any) -> list[str]:
        actor = factories.actor_of(file.session, file.people[who], at=AT)
        return [row.number for row in cases.search(file.session, actor=actor, at=AT, **asked).rows]

    search.index(file.session, file.case.project_id, ["职业技能培训"])

    assert numbers("reviewer") == numbers("auditor", q="培训") == [file.case.number]
    assert numbers("stranger") == numbers("auditor", q="绿化") == numbers("auditor", stages=("draft",)) == []


def test_deleted_drafts_are_not_listed(file):
    file.case.stage, file.case.finished_at = "discarded", AT
    file.session.flush()
    actor = factories.actor_of(file.session, file.people["auditor"], at=AT)

    assert cases.search(file.session, actor=actor, at=AT).total == 0
    assert cases.search(file.session, actor=actor, at=AT, stages=("discarded",)).total == 1
