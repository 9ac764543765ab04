"""A change to a process as a case (P19): its tasks in the inboxes of those concerned, its history, its day, its end."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from db.release import ProcessRelease
from db.studio import ProcessDraft
from service import (
    audit_search,
    cases,
    drafts,
    history,
    inbox,
    people,
    publishing,
    release_files,
    releases,
    tasks,
    timers,
)
from service.errors import BadRequest, NotAllowed, NotFound, Problems, Stale
from service.release_check import check_texts
from tests.district import District
from tests.service.test_dry_run import with_legal
from tests.service.test_publishing import BASIS, approved, begun, district, published, saved, submitted
from tests.service.test_release_diff import SHIPPED

__all__ = ["district"]
FORM = {"document_number": BASIS.number, "document_title": BASIS.title, "article": BASIS.article}


def case_of(district: District, draft_id: str) -> CaseFile:
    draft = district.session.get_one(ProcessDraft, draft_id, populate_existing=True)
    return district.case(draft.case_id)


def todo(district: District, role: str) -> list[str]:
    found = inbox.page(district.session, actor=district.actor(role), at=district.at)
    return [row.node_name for row in found.rows]


def kinds(district: District, case_id: str) -> list[str]:
    return [event.kind for event in history.of_case(district.session, case_id)]


def decide(district: District, draft_id: str, node: str, verb: str, *, role: str, **asked):
    case = case_of(district, draft_id)
    visit, actor = district.open_visits(case.id)[node], district.actor(role)
    answer = tasks.decide(
        district.session, visit.id, verb, actor=actor, at=district.later(), expected_seq=case.seq, **asked
    )
    district.session.commit()
    return answer


def by_inbox(district: District, draft_id: str, day) -> None:
    """From the drawing to the signature by the tasks alone, without the studio's own pages."""
    content = {**FORM, "effective_from": day.isoformat()}
    decide(district, draft_id, "edit", "submit", role="SYS_ADMIN", form={"process_change": content})
    note = {"test_note": "另核对了上年十件办结件"}
    decide(district, draft_id, "test", "submit", role="SYS_ADMIN", form={"process_change": note})


def test_a_change_is_found_by_what_it_changes_and_by_its_document(session: Session, district: District):
    draft_id = begun(district, with_legal())
    auditor, chief = district.actor("AUDITOR"), district.actor("PERF_CHIEF")
    case = case_of(district, draft_id)

    def found(q: str = "", **asked) -> list[str]:
        rows = audit_search.find(session, audit_search.Asked(q=q, **asked), actor=auditor).rows
        return [row.case_id for row in rows]

    assert found(case.title) == found(case.number) == found("target_declaration") == [case.id]
    assert found(BASIS.title) == found("教育") == []
    by_inbox(district, draft_id, people.day(district.at) + timedelta(days=3))
    assert found(BASIS.title) == found(BASIS.number) == [case.id]
    listed = cases.search(session, actor=chief, at=district.at, q=BASIS.title).rows
    assert [row.case_id for row in listed] == [case.id]
    year = people.day(district.at).year
    assert found(fiscal_year=year, stages=["change_approval"]) == [case.id]
    assert found(fiscal_year=year - 1, stages=["change_approval"]) == []


def test_a_change_goes_from_inbox_to_inbox_and_comes_into_force_on_its_day(session: Session, district: District):
    draft_id = begun(district, with_legal())
    assert (todo(district, "SYS_ADMIN"), todo(district, "PERF_CHIEF")) == (["编辑流程草稿"], [])
    day = people.day(district.at) + timedelta(days=3)
    by_inbox(district, draft_id, day)
    assert (todo(district, "SYS_ADMIN"), todo(district, "PERF_CHIEF")) == ([], ["业务批准"])
    decide(district, draft_id, "approve", "approve", role="PERF_CHIEF", reason="同意")
    case = case_of(district, draft_id)
    assert (case.stage, case.finished_at) == ("change_scheduled", None)
    assert drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN")).state == "published"
    timers.fire(session, district.later(days=1))
    assert case_of(district, draft_id).finished_at is None
    timers.fire(session, district.later(days=2))
    case = case_of(district, draft_id)
    assert case.stage == "change_in_force"
    assert people.day(case.finished_at) == day
    assert kinds(district, case.id) == [
        "case_started",
        "form_submitted",
        "form_submitted",
        "visit_approved",
        "timer_fired",
    ]
    district.sound(case.id)


def test_the_form_holds_note_and_record_and_the_version_says_who(session: Session, district: District):
    district.start()
    draft_id = begun(district, with_legal())
    submitted(district, draft_id)
    page = tasks.page(
        session, publishing.task(session, draft_id, actor=district.actor("PERF_CHIEF")),
        actor=district.actor("PERF_CHIEF"), at=district.later(),
    )  # fmt: skip
    content = page.form["content"]
    assert content["change_note"] == "1. 资金科室审核绩效目标 之后新增 法规科审核。"
    assert (content["compared_version"], content["draft_version"]) == (1, 1)
    assert content["check_result"].startswith("检查通过")
    assert content["scenario_result"] == "没有保存情景。"
    assert content["walk_result"].startswith("随机走查 100 次，全部走到办结")
    assert "共 1 件：1 件走法相同，0 件走法不同" in content["dry_run_result"]
    made = approved(district, draft_id)
    row = session.get_one(ProcessRelease, made["release_id"])
    assert (row.change_note, row.prepared_by) == (content["change_note"], district.id("SYS_ADMIN"))
    district.sound(case_of(district, draft_id).id)


def test_a_change_of_the_process_of_changes_goes_the_same_way(session: Session, district: District):
    """New changes follow the changed process, those on their way stay under the old one."""
    first = session.scalars(select(ProcessRelease).where(ProcessRelease.process_id == "process_change")).one()
    older = begun(district, with_legal())
    text = first.bpmn.replace(b'jh:dueDays="2"', b'jh:dueDays="5"')
    own = drafts.start(session, actor=district.actor("SYS_ADMIN"), at=district.later(), process_id="process_change")
    saved(district, own["draft_id"], text, 0)
    submitted(district, own["draft_id"])
    made = approved(district, own["draft_id"])
    assert (made["process_id"], made["version"]) == ("process_change", 2)
    newer = begun(district, with_legal())
    assert case_of(district, older).release_id == first.id
    assert case_of(district, newer).release_id == made["release_id"]
    submitted(district, older)
    approved(district, older)
    for draft_id in (older, own["draft_id"]):
        district.sound(case_of(district, draft_id).id)


def test_a_process_of_changes_without_the_second_signature_is_not_released(district: District):
    first = releases.shipped_bundle("process_change")[0]
    (found,) = check_texts([("process_change.bpmn", first.replace(b"PERF_CHIEF", b"PERF_OFFICER"))])
    assert "flow.mandatory" in {one["code"] for one in found.problems}
    (found,) = check_texts([("x.bpmn", SHIPPED.replace(b'jh:role="PERF_OFFICER"', b'jh:role="SYS_ADMIN"'))])
    assert "step.administrator" in {one["code"] for one in found.problems}
    (found,) = check_texts([("process_change.bpmn", first)])
    assert [one for one in found.problems if one["severity"] == "error"] == []


def test_what_is_submitted_cannot_be_drawn_and_what_is_sent_back_can(session: Session, district: District):
    draft_id = begun(district, with_legal())
    submitted(district, draft_id)
    with pytest.raises(Stale, match="待批准"):
        saved(district, draft_id, SHIPPED, 1)
    why = "请补上条款号再送"
    decide(district, draft_id, "approve", "return", role="PERF_CHIEF", reason=why, params={"to": "edit"})
    draft = drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN"))
    assert (draft.state, draft.judgement) == ("draft", why)
    assert saved(district, draft_id, with_legal(), 1) == 2
    submitted(district, draft_id, version=2)
    approved(district, draft_id)
    case = case_of(district, draft_id)
    assert case.round == 2
    district.sound(case.id)


def test_the_tester_takes_the_drawing_back(session: Session, district: District):
    draft_id = begun(district, with_legal())
    decide(
        district, draft_id, "edit", "submit", role="SYS_ADMIN",
        form={"process_change": {**FORM, "effective_from": people.day(district.at).isoformat()}},
    )  # fmt: skip
    assert drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN")).state == "testing"
    district.act(case_of(district, draft_id).id, "edit", "recall", role="SYS_ADMIN")
    assert drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN")).state == "draft"
    district.sound(case_of(district, draft_id).id)


def test_a_change_given_up_ends_its_case(session: Session, district: District):
    drawn, waiting = begun(district, with_legal()), begun(district, with_legal())
    submitted(district, waiting)
    for draft_id in (drawn, waiting):
        drafts.discard(session, draft_id, actor=district.actor("SYS_ADMIN"), at=district.later())
        session.commit()
        case = case_of(district, draft_id)
        assert (case.stage, case.finished_at is not None) == ("discarded", True)
        district.sound(case.id)
    assert (todo(district, "SYS_ADMIN"), todo(district, "PERF_CHIEF")) == ([], [])
    own = begun(district, with_legal())
    district.act(case_of(district, own).id, "edit", "discard", role="SYS_ADMIN")
    assert drafts.one(session, own, actor=district.actor("SYS_ADMIN")).state == "discarded"


def test_administrators_see_and_do_nothing_of_the_business(session: Session, district: District):
    case_id, admin = district.start()["case_id"], district.actor("SYS_ADMIN")
    draft_id = begun(district)
    seen = cases.search(session, actor=admin, at=district.at)
    assert [row.case_id for row in seen.rows] == [case_of(district, draft_id).id]
    with pytest.raises(NotFound):
        tasks.page(session, district.open_visits(case_id)["draft"].id, actor=admin, at=district.later())
    with pytest.raises(NotFound):
        cases.one(session, case_of(district, draft_id).id, actor=district.actor("UNIT_CLERK"))


def test_mistakes_are_said_at_the_task_too(district: District):
    draft_id = begun(district, SHIPPED.replace(b'default="fund_yes"', b""))
    with pytest.raises(Problems) as refusal:
        by_inbox(district, draft_id, people.day(district.at) - timedelta(days=1))
    told = "；".join(one.message for one in refusal.value.problems)
    assert "没有默认出线" in told
    assert "不能早于今天" in told


def test_two_changes_of_one_process_are_not_published_on_the_same_comparison(session: Session, district: District):
    first, second = (
        begun(district, with_legal()),
        begun(district, SHIPPED.replace(b'jh:dueDays="5"', b'jh:dueDays="6"')),
    )
    for draft_id in (first, second):
        submitted(district, draft_id)
    approved(district, first)
    with pytest.raises(Problems) as refusal:
        approved(district, second)
    assert "已发布第 2 版" in refusal.value.problems[0].message
    session.rollback()
    publishing.send_back(
        session, second, actor=district.actor("PERF_CHIEF"), at=district.later(), reason="请与第二版比较后再送"
    )
    submitted(district, second)
    assert approved(district, second)["version"] == 3


def test_the_chief_of_another_district_role_cannot_sign(district: District):
    draft_id = begun(district, with_legal())
    submitted(district, draft_id)
    for role in ("PERF_OFFICER", "BUREAU_LEADER"):
        with pytest.raises(NotAllowed):
            decide(district, draft_id, "approve", "approve", role=role)


def test_forms_are_published_from_files_with_their_process(session: Session, district: District):
    asked = {
        "text": SHIPPED, "filename": "x.bpmn", "decisions": {}, "basis": BASIS.text(), "prepared_by": "sys_admin",
        "approved_by": "perf_chief", "effective_from": people.day(district.at), "at": district.later(),
    }  # fmt: skip
    raw = json.loads(json.dumps(forms.load("target_review").raw))
    raw["title"] = "项目绩效目标审核意见表"
    text = json.dumps(raw, ensure_ascii=False).encode()
    with pytest.raises(BadRequest, match="target_review"):
        release_files.publish(session, forms={"other.json": text}, **asked)
    session.rollback()
    made = release_files.publish(session, forms={"target_review.json": text}, **asked)
    assert "项目绩效目标审核意见表" in made["change_note"]
    bundle = releases.bundle(session, made["release_id"])
    assert (bundle.definitions["target_review"].version, bundle.definitions["target_review"].title) == (2, raw["title"])


def test_a_change_from_before_cases_is_submitted_in_one(session: Session, district: District):
    draft_id = begun(district, with_legal())
    draft = session.get_one(ProcessDraft, draft_id, populate_existing=True)
    draft.case_id, draft.own_state = None, "draft"
    session.flush()
    submitted(district, draft_id)
    assert approved(district, draft_id)["version"] == 2
    assert published(district, SHIPPED)["version"] == 3
