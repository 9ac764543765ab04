"""Two versions of a process compared: the sentences an approver reads and the ids the canvas colours."""

from itertools import pairwise
from pathlib import Path

import pytest

from service.release_diff import change_note, compare
from tests.engine.diagrams import END, OUTCOMES, START, STEP, flow, flows, process, user_task
from tests.engine.models import choice

SHIPPED = Path("workflows/target_declaration.bpmn").read_bytes()
LEGAL = (
    '<bpmn:userTask id="legal_review" name="法规科审核" jh:role="LEGAL" jh:organisation="district.justice_bureau"'
    ' jh:stage="fund_review" jh:dueDays="3"/>'
)


def put(old, new):
    assert old.encode() in SHIPPED
    return SHIPPED.replace(old.encode(), new.encode(), 1)


def inserted():
    """A review of the legal section after the fund section's."""
    flow_ = '<bpmn:sequenceFlow id="to_fund_question" sourceRef="fund_review" targetRef="fund_agrees" />'
    both = flow("fund_review", "legal_review", None, "to_fund_question") + flow("legal_review", "fund_agrees")
    return put(flow_, LEGAL + both)


def sentences(old, new):
    return [change.sentence for change in compare(old, new)]


def test_a_new_step_is_said_by_what_it_follows():
    (change,) = compare(SHIPPED, inserted())
    assert change.sentence == "资金科室审核绩效目标 之后新增 法规科审核"
    assert (change.kind, change.old, change.new) == ("step.added", (), ("legal_review",))


def test_a_step_taken_out_is_said_with_its_place():
    (change,) = compare(inserted(), SHIPPED)
    assert change.sentence == "删去 法规科审核（原在资金科室审核绩效目标 之后）"
    assert (change.kind, change.old, change.new) == ("step.removed", ("legal_review",), ())


def test_the_same_version_has_no_changes_whatever_the_drawing():
    moved = SHIPPED.replace(b'x="', b'x="1')
    assert moved != SHIPPED
    assert compare(SHIPPED, moved) == ()
    assert change_note(()) == "内容没有变化。"


CASES = {
    "step.deadline": (('jh:stage="dept_review" jh:dueDays="5"', 'jh:stage="dept_review" jh:dueDays="3"'),
                      "主管部门初审绩效目标 的办理期限由“5个工作日”改为“3个工作日”"),
    "step.renamed": (('name="裁定是否入库"', 'name="局长裁定"'), "局领导裁定是否入库 的名称由“裁定是否入库”改为“局长裁定”"),
    "step.reassigned": (('name="复核审核意见" jh:role="FUND_CHIEF"', 'name="复核审核意见" jh:role="BUDGET_CHIEF"'),
                        "资金科室复核审核意见 的办理人由“项目资金科室·资金科室负责人”改为“项目资金科室·预算科长”"),
    "step.returns": (('jh:dueDays="2" jh:returnTargets="initiator"', 'jh:dueDays="2" jh:returnTargets="previous"'),
                     "单位负责人审签申报材料 的退回范围由“填报人”改为“上一步”"),
    "step.outcomes": (('<jh:outcome verb="consult" label="会商修改" />', ""), "主管部门初审绩效目标 取消处理结果“会商修改”"),
    "step.basis": (('jh:policyArticle="第二十五条"', 'jh:policyArticle="第二十六条"'),
                   "主管部门初审绩效目标 的政策依据由“财预〔2015〕88号 第二十五条”改为“财预〔2015〕88号 第二十六条”"),
    "step.form": (('name="审签申报材料" jh:reads="project_target"', 'name="审签申报材料" jh:form="target_review" jh:reads="project_target"'),
                  "单位负责人审签申报材料 的填写的表单由“无”改为“target_review”"),
    "condition.changed": (('department_review.outcome == "reject"', 'department_review.grade == "差"'),
                          '从判断“主管部门同意报送？”到结束“不予通过”的连线的条件由 department_review.outcome == "reject"'
                          ' 改为 department_review.grade == "差"'),
    "node.changed": (('name="目标已入库" jh:stage="in_library"', 'name="目标已入库" jh:stage="rejected"'),
                     "结束“目标已入库”的内容由“in_library”改为“rejected”"),
    "step.copies": (('jh:dueDays="2" jh:returnTargets="initiator"', 'jh:dueDays="2" jh:copyAtReturn="UNIT_CLERK" jh:returnTargets="initiator"'),
                    "单位负责人审签申报材料 的退回时抄送由“无”改为“单位经办人”"),
    "process.withdrawal": (('isExecutable="true"', 'isExecutable="true" jh:withdrawal="consent"'),
                           "撤件时限由“审核人办理之前”改为“审核人办理之后，经在办人员同意”"),
    "process.renamed": (('id="target_declaration" name="项目绩效目标申报审核入库"', 'id="target_declaration" name="目标申报"'),
                        "流程名称由“项目绩效目标申报审核入库”改为“目标申报”"),
    "flow.moved": (('sourceRef="leader_agrees" targetRef="target_rejected"', 'sourceRef="leader_agrees" targetRef="both_reject"'),
                   "从判断“局领导同意入库？”到结束“不予通过”的连线改接为从判断“局领导同意入库？”到判断“两科均不同意？”的连线"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_change_is_said(kind):
    (old, new), sentence = CASES[kind]
    found = [change for change in compare(SHIPPED, put(old, new)) if change.kind == kind]
    assert [change.sentence for change in found] == [sentence]
    assert all(change.old or kind.startswith("process") for change in found)


def line(*names):
    path = ["s", *names, "e"]
    return process(START + "".join(user_task(name) for name in names) + END + flows(*pairwise(path)))


def test_steps_in_another_order_are_said():
    found = [change for change in compare(line("a", "b", "c"), line("b", "a", "c")) if change.kind == "step.moved"]
    assert [change.sentence for change in found] == [
        "办理b 原在 办理a 之后，现在在 开始 之后",
        "办理a 原在 开始 之后，现在在 办理b 之后",
        "办理c 原在 办理b 之后，现在在 办理a 之后",
    ]


def test_a_new_branch_is_said_with_its_condition():
    def drawn(extra):
        arrows = flows(
            ("s", "a"), ("a", "g"), ("g", "b", "a.outcome == 'approve'"), ("g", "e", None, "g_else"), ("b", "e")
        )
        return process(START + user_task("a") + user_task("b") + choice("g") + END + arrows + extra)

    new = drawn(user_task("c") + flows(("g", "c", "a.amount &gt; 300"), ("c", "e")))
    assert sentences(drawn(""), new) == [
        "办理a 之后新增 办理c",
        "从“办理a”之后的判断到办理c的连线是新增的去向，条件为 a.amount > 300",
    ]
    assert "取消去向：从“办理a”之后的判断到办理c的连线，条件为 a.amount > 300" in sentences(new, drawn(""))


def test_whom_a_step_avoids_and_a_timer_are_said():
    def drawn(step="", timer="P5D"):
        event = (
            '<bpmn:boundaryEvent id="t" name="催办" attachedToRef="a"><bpmn:timerEventDefinition><bpmn:timeDuration>'
            f'"{timer}"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
        )
        return process(START + user_task("a", step) + event + END + flows(("s", "a"), ("a", "e"), ("t", "e")))

    assert sentences(drawn(), drawn('jh:distinctFrom="a"')) == ["办理a 的回避步骤由“其他所有步骤”改为“a”"]
    assert sentences(drawn(), drawn(timer="P3D")) == [
        '边界事件“催办”的内容由“timeDuration "P5D"”改为“timeDuration "P3D"”'
    ]


def test_the_change_note_counts_the_sentences():
    assert change_note(compare(SHIPPED, inserted())) == "1. 资金科室审核绩效目标 之后新增 法规科审核。"


def test_an_outcome_with_another_label_is_said():
    new = process(
        START + user_task("a", inner=OUTCOMES.replace("同意", "通过"), step=STEP) + END + flows(("s", "a"), ("a", "e"))
    )
    assert sentences(line("a"), new) == ["办理a 的处理结果“同意”改称“通过”"]
