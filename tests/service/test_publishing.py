"""A change of policy on its way: drawn, submitted with its basis, approved by another person, followed by new cases from its day."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import SecurityEvent
from db.release import ProcessRelease
from service import access, draft_check, drafts, inbox, people, publishing, release_files, releases
from service.errors import BadRequest, NotAllowed, NotFound, Problems, Refused, Stale
from service.process_changes import Basis
from tests import factories
from tests.district import District, create_district
from tests.engine.foreign import CAMUNDA
from tests.service.test_dry_run import with_legal
from tests.service.test_release_diff import SHIPPED

PROCESS = "target_declaration"
BASIS = Basis(number="演示〔2027〕3号", title="钢城区预算绩效管理办法", article="第八条")


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    centre = factories.create_organisation(session, kind="information_centre")
    for name in ("SYS_ADMIN", "SECOND_ADMIN"):
        made.people[name] = factories.create_person(session, username=name.lower())
        factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=made.people[name])
    session.commit()
    return made


def begun(district: District, bpmn: bytes | None = None, **options):
    made = drafts.start(
        district.session, actor=district.actor("SYS_ADMIN"), at=district.later(), process_id=PROCESS, **options
    )
    if bpmn is not None:
        saved(district, made["draft_id"], bpmn, 0)
    return made["draft_id"]


def saved(district: District, draft_id: str, bpmn: bytes, version: int, role: str = "SYS_ADMIN", **more):
    return drafts.save(
        district.session, draft_id, actor=district.actor(role), at=district.later(), version=version, bpmn=bpmn, **more
    )["version"]


def submitted(district: District, draft_id: str, *, version: int = 1, basis: Basis = BASIS, day: date | None = None):
    told = publishing.submit(
        district.session, draft_id, actor=district.actor("SYS_ADMIN"), at=district.later(), version=version, basis=basis,
        effective_from=day or people.day(district.at),
    )  # fmt: skip
    publishing.confirm_test(district.session, draft_id, actor=district.actor("SYS_ADMIN"), at=district.later())
    return told


def approved(district: District, draft_id: str, role: str = "PERF_CHIEF"):
    made = publishing.approve(district.session, draft_id, actor=district.actor(role), at=district.later())
    district.session.commit()
    return made


def published(district: District, bpmn: bytes, day: date | None = None, **options):
    draft_id = begun(district, bpmn, **options)
    submitted(district, draft_id, day=day)
    return approved(district, draft_id)


def test_a_new_case_takes_the_new_step_from_its_day_and_a_running_one_does_not(session: Session, district: District):
    running = district.start()["case_id"]
    day = people.day(district.at) + timedelta(days=3)
    made = published(district, with_legal(), day)
    assert (made["version"], made["effective_from"]) == (2, day)
    before = district.start(project_name="生效前的项目")["case_id"]
    district.later(days=3)
    after = district.start(project_name="生效后的项目")["case_id"]
    assert district.case(before).release_id == district.case(running).release_id
    assert district.case(after).release_id == made["release_id"]
    assert "legal_review" in releases.bundle(session, made["release_id"]).release.steps
    assert district.case(after).campaign_id == district.case(before).campaign_id


def test_the_version_says_what_changed_on_which_basis_and_by_whom(session: Session, district: District):
    made = published(district, with_legal())
    row = session.get_one(ProcessRelease, made["release_id"])
    assert row.change_note == "1. 资金科室审核绩效目标 之后新增 法规科审核。"
    assert row.legal_basis == "《钢城区预算绩效管理办法》（演示〔2027〕3号）第八条"
    assert (row.prepared_by, row.approved_by) == (district.people["SYS_ADMIN"].id, district.people["PERF_CHIEF"].id)
    assert [one["version"] for one in publishing.history(session, PROCESS)] == [2, 1]
    kinds = session.scalars(select(SecurityEvent.kind).order_by(SecurityEvent.id)).all()
    assert kinds[-2:] == ["process_draft_started", "process_published"]


def test_who_had_a_hand_in_a_change_cannot_approve_it(session: Session, district: District):
    factories.create_post(
        session,
        role="PERF_CHIEF",
        organisation=district.bodies["performance_section"],
        person=district.people["SECOND_ADMIN"],
    )
    draft_id = begun(district)
    saved(district, draft_id, with_legal(), 0, role="SECOND_ADMIN")
    submitted(district, draft_id)
    with pytest.raises(NotAllowed, match="参与了这次修改的编制"):
        approved(district, draft_id, "SECOND_ADMIN")
    with pytest.raises(NotAllowed):
        approved(district, draft_id, "SYS_ADMIN")
    assert approved(district, draft_id)["version"] == 2


@pytest.mark.parametrize("role", ["UNIT_CLERK", "PERF_CHIEF", "AUDITOR"])
def test_only_the_system_administrator_prepares(district: District, role: str):
    with pytest.raises(NotAllowed):
        drafts.start(district.session, actor=district.actor(role), at=district.later(), process_id=PROCESS)


def test_a_change_with_mistakes_is_not_submitted(district: District):
    draft_id = begun(district, SHIPPED.replace(b'default="fund_yes"', b""))
    found = drafts.check(district.session, draft_id, actor=district.actor("SYS_ADMIN"))
    assert "gateway.default" in {one["code"] for one in found}
    with pytest.raises(Problems) as refusal:
        submitted(district, draft_id)
    assert any("没有默认出线" in one.message for one in refusal.value.problems)


def test_an_id_that_means_something_else_is_found_against_the_version_before(district: District):
    text = SHIPPED.replace(
        'id="arbitration" name="裁定是否入库"'.encode(), 'id="arbitration" name="法规审核" jh:role="AUDITOR"'.encode()
    )
    found = drafts.check(district.session, begun(district, text), actor=district.actor("SYS_ADMIN"))
    assert [one["element_id"] for one in found if one["code"] == "id.meaning"] == ["arbitration"]


def test_basis_and_day_must_be_given(district: District):
    draft_id = begun(district, with_legal())
    with pytest.raises(Problems) as refusal:
        submitted(district, draft_id, basis=Basis(number="", title="办法", article=" "), day=date(2020, 1, 1))
    assert [one.field for one in refusal.value.problems] == ["document_number", "article", "effective_from"]


def test_a_scenario_that_fails_stands_in_the_way(district: District):
    draft_id = begun(district)
    scenario = {
        "name": "直接入库",
        "decisions": [{"step": "draft", "verb": "submit"}],
        "expected": ["draft"],
        "ends_in": "in_library",
    }
    saved(district, draft_id, with_legal(), 0, scenarios=[scenario])
    with pytest.raises(Problems) as refusal:
        submitted(district, draft_id)
    assert "情景“直接入库”没有通过" in refusal.value.problems[0].message
    with pytest.raises(BadRequest, match="情景须写明"):
        saved(district, draft_id, with_legal(), 1, scenarios=[{"name": "x"}])


def test_two_editors_do_not_overwrite_each_other(district: District):
    draft_id = begun(district)
    assert saved(district, draft_id, SHIPPED, 0) == 1
    with pytest.raises(Stale):
        saved(district, draft_id, with_legal(), 0, role="SECOND_ADMIN")
    with pytest.raises(Stale):
        submitted(district, draft_id, version=0)


def test_every_save_is_kept_even_a_broken_one(district: District):
    draft_id = begun(district)
    saved(district, draft_id, b"<half", 0)
    saved(district, draft_id, with_legal(), 1)
    admin = district.actor("SYS_ADMIN")
    assert [one["version"] for one in drafts.versions(district.session, draft_id, actor=admin)] == [2, 1, 0]
    assert drafts.saved_version(district.session, draft_id, 1, actor=admin) == b"<half"
    with pytest.raises(NotFound):
        drafts.saved_version(district.session, draft_id, 9, actor=admin)


def test_a_change_sent_back_can_be_drawn_and_submitted_again(district: District):
    draft_id = begun(district, with_legal())
    submitted(district, draft_id)
    with pytest.raises(Problems):
        publishing.send_back(
            district.session, draft_id, actor=district.actor("PERF_CHIEF"), at=district.later(), reason="不"
        )
    publishing.send_back(
        district.session, draft_id, actor=district.actor("PERF_CHIEF"), at=district.later(), reason="请补上条款号"
    )
    draft = drafts.one(district.session, draft_id, actor=district.actor("SYS_ADMIN"))
    assert (draft.state_label, draft.judgement) == ("编辑中", "请补上条款号")
    submitted(district, draft_id)
    assert approved(district, draft_id)["version"] == 2
    with pytest.raises(Stale):
        approved(district, draft_id)


def test_a_change_given_up_is_over(district: District):
    draft_id = begun(district, with_legal())
    admin = district.actor("SYS_ADMIN")
    assert [one.id for one in drafts.listed(district.session, actor=admin)] == [draft_id]
    drafts.discard(district.session, draft_id, actor=admin, at=district.later())
    assert drafts.listed(district.session, actor=admin) == []
    with pytest.raises(Stale):
        saved(district, draft_id, SHIPPED, 1)


def test_an_earlier_bundle_is_brought_into_force_again_by_a_new_version(session: Session, district: District):
    first = session.scalars(select(ProcessRelease).where(ProcessRelease.process_id == "target_declaration")).one()
    published(district, with_legal())
    again = published(district, first.bpmn, release_id=first.id)
    assert (again["version"], again["hash"]) == (3, first.hash)
    row = session.get_one(ProcessRelease, again["release_id"])
    assert row.change_note == "1. 删去 法规科审核（原在资金科室审核绩效目标 之后）。"
    case_id = district.start()["case_id"]
    assert district.case(case_id).release_id == again["release_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.sound(case_id)


def test_decision_tables_are_part_of_the_bundle_and_of_its_hash(session: Session, district: District):
    table = DMN
    draft_id = begun(district)
    saved(district, draft_id, SHIPPED, 0, decisions={"light.dmn": table})
    submitted(district, draft_id)
    made = approved(district, draft_id)
    assert (
        made["hash"]
        != session.scalars(
            select(ProcessRelease.hash).where(
                ProcessRelease.version == 1, ProcessRelease.process_id == "target_declaration"
            )
        ).one()
    )
    row, files = publishing.files_of(session, PROCESS)
    assert (row.version, files["light.dmn"].decode()) == (2, table)
    releases._kept.clear()
    assert releases.bundle(session, row.id).release.hash == made["hash"]


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:x">
<decision id="light" name="亮灯"><decisionTable id="t" hitPolicy="FIRST"><input id="i"><inputExpression id="x" typeRef="number">
<text>rate</text></inputExpression></input><output id="o" name="light" typeRef="string"/><rule id="r"><inputEntry id="e">
<text>&gt; 1</text></inputEntry><outputEntry id="f"><text>"绿"</text></outputEntry></rule></decisionTable></decision></definitions>"""


def test_files_are_published_and_exported_without_a_browser(session: Session, district: District, tmp_path: Path):
    asked = {
        "text": with_legal(), "filename": "x.bpmn", "decisions": {}, "prepared_by": "sys_admin", "approved_by": "perf_chief",
        "effective_from": people.day(district.at), "at": district.later(),
    }  # fmt: skip
    with pytest.raises(BadRequest, match="缺少文号"):
        release_files.publish(session, basis="《办法》第八条", **asked)
    with pytest.raises(Refused):
        release_files.publish(
            session, basis="《办法》（演示〔2027〕3号）第八条", **{**asked, "approved_by": "sys_admin"}
        )
    session.rollback()
    made = release_files.publish(session, basis="《办法》（演示〔2027〕3号）第八条", **asked)
    assert made["version"] == 2
    written = release_files.export(session, PROCESS, tmp_path / "out")
    assert [path.name for path in written] == [
        "project_target.json",
        "rules.quality.json",
        "rules.scoring.json",
        "target_declaration.bpmn",
        "target_review.json",
        "manifest.json",
    ]
    assert (tmp_path / "out" / "target_declaration.bpmn").read_bytes() == with_legal()
    first = release_files.export(session, PROCESS, tmp_path / "one", version=1)
    assert first[3].read_bytes() == SHIPPED
    with pytest.raises(NotFound):
        release_files.export(session, PROCESS, tmp_path, version=7)


def test_a_process_that_is_new_begins_with_its_diagram(session: Session, district: District):
    text = SHIPPED.replace(b"target_declaration", b"training_publicity")
    with pytest.raises(NotFound):
        drafts.start(session, actor=district.actor("SYS_ADMIN"), at=district.later(), process_id="training_publicity")
    made = drafts.start(
        session, actor=district.actor("SYS_ADMIN"), at=district.later(), process_id="training_publicity", bpmn=text
    )
    assert submitted(district, made["draft_id"], version=0)["change_note"] == "第一版。"
    assert approved(district, made["draft_id"])["version"] == 1


def test_a_file_of_another_tool_is_imported_without_what_is_foreign():
    text, problems = draft_check.import_diagram("camunda.bpmn", CAMUNDA)
    assert b"camunda" in CAMUNDA
    assert b"camunda" not in text
    assert any("camunda:assignee" in one["message"] for one in problems)
    with pytest.raises(BadRequest, match="不是规范的 XML"):
        draft_check.import_diagram("x.bpmn", b"PK")


def test_the_post_the_new_step_belongs_to_sees_the_case_from_then_on_and_decides(session: Session, district: District):
    bureau = factories.create_organisation(session, kind="justice_bureau")
    district.people["LEGAL"] = factories.create_person(session, username="legal")
    factories.create_post(session, role="LEGAL", organisation=bureau, person=district.people["LEGAL"])
    published(district, with_legal())
    case_id, _ = (district.start(project_name=name)["case_id"] for name in ("法规审核项目", "另一项目"))
    seen = select(CaseFile.id).where(access.visible_cases(district.actor("LEGAL")))
    district.walk(case_id, "draft", "unit_sign", "department_review")
    assert session.scalars(seen).all() == []
    district.walk(case_id, "fund_review")
    assert session.scalars(seen).all() == [case_id]
    assert inbox.counts(session, actor=district.actor("LEGAL"), at=district.at)["todo"] == 1
    district.decide(case_id, "legal_review", role="LEGAL")
    assert list(district.open_visits(case_id)) == ["fund_chief_review"]
    assert session.scalars(seen).all() == [case_id]
    district.sound(case_id)


def test_scenarios_and_rule_sets_come_in_from_the_files_they_went_out_to(
    session: Session, district: District, tmp_path
):
    asked = {
        "text": SHIPPED, "filename": "x.bpmn", "decisions": {}, "basis": BASIS.text(), "prepared_by": "sys_admin",
        "approved_by": "perf_chief", "effective_from": people.day(district.at), "at": district.later(),
    }  # fmt: skip
    story = {"name": "送到单位负责人", "decisions": [{"step": "draft", "verb": "submit"}], "expected": ["draft"]}
    stories = json.dumps({"scenarios": [story]}).encode()
    release_files.export(session, PROCESS, tmp_path)
    rules = (
        (tmp_path / "rules.quality.json").read_bytes().replace(b'"satisfaction_min":"80"', b'"satisfaction_min":"85"')
    )
    given = {"process.scenarios.json": stories, "rules.quality.json": rules}
    made = release_files.publish(session, annexes=given, **asked)
    assert "满意度目标下限由“80%”改为“85%”" in made["change_note"]
    assert "新增情景“送到单位负责人”" in made["change_note"]
    files = {path.name: path.read_bytes() for path in release_files.export(session, PROCESS, tmp_path / "again")}
    assert json.loads(files["process.scenarios.json"]) == {"scenarios": [story]}
    assert json.loads(files["rules.quality.json"])["satisfaction_min"] == "85"
    for wrong in ({"other.json": b"{}"}, {"rules.quality.json": b"["}, {"process.scenarios.json": b"{}"}):
        with pytest.raises(BadRequest):
            release_files.publish(session, annexes=wrong, **asked)
