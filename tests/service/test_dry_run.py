"""A changed process over the recorded cases of a period: the same, different, or not possible, and why."""

import time
from datetime import date

import pytest
from sqlalchemy.orm import Session

from service import dry_run, recorded_cases, releases
from service.engine import compile_release
from service.errors import NotAllowed
from service.recorded_cases import Action, RecordedCase
from tests.district import District, create_district
from tests.service.test_release_diff import SHIPPED, inserted, put

UPWARD = (
    "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review", "performance_review",
    "performance_chief_review",
)  # fmt: skip
OUTCOME = '<bpmn:extensionElements><jh:outcomes><jh:outcome verb="approve" label="同意"/></jh:outcomes></bpmn:extensionElements>'


def release(text=SHIPPED):
    return compile_release({"target_declaration.bpmn": text}, "target_declaration")


def with_legal():
    step = b'jh:organisation="district.justice_bureau" jh:stage="fund_review" jh:dueDays="3"/>'
    text = inserted()
    assert step in text
    return text.replace(step, step[:-2] + f">{OUTCOME}</bpmn:userTask>".encode())


def case(number=1, *, key=False, steps=UPWARD, back=False, stage="in_library", last=()):
    facts = {"is_key_project": key, "is_finance_own": False}
    draft = Action(step="draft", verb="submit", facts=facts)
    round_ = (
        draft,
        Action(step="unit_sign", verb="approve"),
        Action(step="department_review", verb="return", to="draft"),
    )
    actions = (*(round_ if back else ()), draft, *(Action(step=name, verb="approve") for name in steps), *last)
    return RecordedCase(
        case_id=f"c{number}", number=f"绩目〔2027〕{number:04}", title="某项目", stage=stage, finished=stage != "dept_review",
        actions=actions, open=() if stage != "dept_review" else ("department_review",),
    )  # fmt: skip


def test_the_version_itself_changes_nothing():
    cases = [
        case(1), case(2, back=True), case(3, steps=UPWARD[:1], stage="dept_review"),
        case(4, key=True, last=(Action(step="arbitration", verb="reject"),), stage="rejected"),
    ]  # fmt: skip
    found = dry_run.judge(release(), cases)
    assert (found.same, found.differ, found.cannot_run, found.groups) == (4, 0, 0, ())


def test_an_inserted_step_is_the_first_difference_and_is_assumed_to_agree():
    found = dry_run.judge(
        release(with_legal()), [case(1), case(2, back=True), case(3, steps=UPWARD[:1], stage="dept_review")]
    )
    assert (found.same, found.differ, found.cannot_run) == (1, 2, 0)
    (group,) = found.groups
    assert group.reason == "资金科室审核绩效目标之后：原来到 资金科室复核审核意见，现在到 法规科审核"
    first = group.cases[0]
    assert first.assumed == ("legal_review",)
    assert [entry.step for entry in first.after] == ["draft", *UPWARD[:3], "legal_review", *UPWARD[3:]]
    assert first.stage_after == "in_library"


def test_a_removed_step_is_a_difference():
    text = put('sourceRef="draft" targetRef="unit_sign"', 'sourceRef="draft" targetRef="department_review"')
    text = text.replace(b'id="to_department" sourceRef="unit_sign"', b'id="to_department" sourceRef="gone"')
    start, end = text.index(b'<bpmn:userTask id="unit_sign"'), text.index(b'<bpmn:userTask id="department_review"')
    text = text[:start] + text[end:]
    text = text.replace(b'<bpmn:sequenceFlow id="to_department" sourceRef="gone" targetRef="department_review" />', b"")
    text = text.replace(b"<bpmn:flowNodeRef>unit_sign</bpmn:flowNodeRef>", b"")
    found = dry_run.judge(release(text), [case()])
    assert [group.reason for group in found.groups] == [
        "填报绩效目标之后：原来到 “unit_sign”，现在到 主管部门初审绩效目标".replace("填报", "预算单位经办人填报", 1)
    ]


def test_another_condition_sends_some_cases_another_way():
    text = put("draft.is_key_project == True or ", "")
    cases = [case(1), case(2, key=True, last=(Action(step="arbitration", verb="approve"),))]
    found = dry_run.judge(release(text), cases)
    assert (found.same, found.differ) == (1, 1)
    assert found.groups[0].reason == "绩效科复核会签意见之后：原来到 局领导裁定是否入库，现在到 办结"


def test_an_outcome_no_longer_offered_cannot_run():
    text = put('<jh:outcome verb="approve" label="同意报送" />', "")
    found = dry_run.judge(release(text), [case(1), case(2)])
    assert (found.cannot_run, len(found.groups)) == (2, 1)
    assert "没有处理结果“approve”" in found.groups[0].reason


def test_a_condition_on_a_fact_no_case_has_cannot_run():
    text = put("draft.is_key_project == True", "draft.amount_of_legal &gt; 300")
    found = dry_run.judge(release(text), [case()])
    assert found.cannot_run == 1
    assert found.groups[0].reason.startswith("绩效科复核会签意见办理时：流程不能继续：")


def test_477_cases_take_less_than_three_seconds():
    cases = [case(number, back=number % 3 == 0) for number in range(477)]
    seen, began = [], time.process_time()
    found = dry_run.judge(release(with_legal()), cases, lambda done, total: seen.append((done, total)))
    assert time.process_time() - began < 3, "of the processor: others may be at work on the machine"
    assert (found.differ, seen[0], seen[-1]) == (477, (1, 477), (477, 477))
    assert found.to_json()["groups"][0]["count"] == 477


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


def test_recorded_cases_are_read_from_the_log_and_run_the_same(session: Session, district: District):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, "department_review", "return")
    district.walk(case_id, "draft", *UPWARD)
    running = district.start(project_name="职业技能培训第二期")["case_id"]
    district.walk(running, "draft", "unit_sign")
    found = {
        one.case_id: one
        for one in recorded_cases.started_between(session, "target_declaration", date(2026, 1, 1), date(2026, 12, 31))
    }
    assert found[running].open == ("department_review",)
    assert [action.verb for action in found[case_id].actions][:4] == ["submit", "approve", "return", "submit"]
    own = releases.bundle(session, district.case(case_id).release_id).release
    assert dry_run.judge(own, list(found.values())).same == 2
    assert recorded_cases.started_between(session, "target_declaration", date(2025, 1, 1), date(2025, 12, 31)) == []


def test_only_who_prepares_or_approves_processes_may_look(session: Session, district: District):
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    with pytest.raises(NotAllowed):
        dry_run.of_period(session, release(), actor=district.actor("UNIT_CLERK"), first=first, last=last)
    found = dry_run.of_period(session, release(), actor=district.actor("PERF_CHIEF"), first=first, last=last)
    assert found.same == 0


def test_a_recall_is_repeated_as_the_move_it_was():
    recalled = (
        Action(step="draft", verb="submit", facts={"is_key_project": False, "is_finance_own": False}),
        Action(step="draft", verb="recall", to="draft"),
    )
    plain = case()
    one = RecordedCase(**{**vars(plain), "actions": (*recalled, *plain.actions)})
    assert dry_run.judge(release(), [one]).same == 1
