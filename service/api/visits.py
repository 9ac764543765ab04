"""One step of a case for programs: read it, decide at it, keep a draft, check."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import asking, commands, comparisons, copies, declarations, findings, joining, tasks
from service import request as wiring
from service.api.case_schemas import CaseFileSchema, DiagramSchema, FilledFormSchema, parts
from service.api.document import KEY_HEADER, ProblemSchema, answered
from service.api.schemas import LONGEST_ID, LONGEST_TEXT, BodySchema, Schema, text_id
from service.api.visit_schemas import CommandEffectsSchema, ComparisonSchema, VoteTallySchema, WritingSchema
from service.permission import permission
from service.web import current

operations = Blueprint("api_visits", __name__, url_prefix="/api/v1/visits/<visit_id>", description="办理一个环节")
LONGEST_FIELD = 200
LARGEST_SEQ = 2**31 - 1
#: A preview changes nothing and needs no key.
_KEY_UNLESS_PREVIEW = {**KEY_HEADER, "required": False, "description": f"{KEY_HEADER['description']} 试算时不需要。"}


class VisitSchema(Schema):
    visit_id = fields.String()
    node_id = fields.String()
    node_name = fields.String()
    round = fields.Integer()
    state = fields.String(metadata={"description": "open、decided、cancelled 或 superseded"})
    opened_at = fields.DateTime()
    due_at = fields.DateTime(allow_none=True)
    due_state = fields.String(allow_none=True)
    holder = fields.String(metadata={"description": "me、group 或 other"})
    incident = fields.String(allow_none=True)
    resubmission = fields.Dict(keys=fields.String(), allow_none=True)


class ReturnTargetSchema(Schema):
    node_id = fields.String()
    name = fields.String()


class VerbSchema(Schema):
    verb = fields.String()
    label = fields.String()
    allowed = fields.Boolean()
    why = fields.String(metadata={"description": "不可办理的原因；可办理时为空"})
    targets = fields.List(fields.Nested(ReturnTargetSchema), metadata={"description": "可以退回的环节"})
    resubmit = fields.String(allow_none=True, metadata={"description": "replay 逐级重审、direct 直接送回、ask 可选"})


class TaskPageSchema(CaseFileSchema):
    visit = fields.Nested(VisitSchema)
    expected_seq = fields.Integer(metadata={"description": "办理时原样带回"})
    review = fields.Nested(FilledFormSchema, allow_none=True)
    verbs = fields.List(fields.Nested(VerbSchema))
    diagram = fields.Nested(DiagramSchema)
    reason = fields.String(allow_none=True, metadata={"description": "随草稿暂存的意见"})
    writing = fields.Nested(WritingSchema, allow_none=True)
    tally = fields.Nested(
        VoteTallySchema, allow_none=True, metadata={"description": "会签、票签的进度；一人办理时为空"}
    )
    comparison = fields.Nested(ComparisonSchema)


class ComparisonQuerySchema(Schema):
    base = fields.String(
        data_key="with",
        load_default=comparisons.SEEN,
        validate=validate.OneOf(tuple(comparisons.BASES)),
        metadata={"description": "seen 自我上次查看、round 上一轮、year 上年同项目、original 原申报"},
    )


class CommandQuerySchema(Schema):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "试算：给出同样的结果，什么都不保存"})


class RaisedFindingSchema(BodySchema):
    field = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_FIELD),
        metadata={"description": "字段路径，如 indicators[2].weight；整表为空"},
    )
    message = fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT))
    severity = fields.String(load_default="error", validate=validate.OneOf(findings.SEVERITIES))


class FindingAnswerSchema(BodySchema):
    kind = fields.String(required=True, validate=validate.OneOf(findings.ANSWERS))
    text = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))


class CommandParametersSchema(BodySchema):
    to = text_id(metadata={"description": "退回到哪个环节（node_id）"})
    resubmit = fields.String(validate=validate.OneOf(("replay", "direct")))
    warnings = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_FIELD)),
        values=fields.String(validate=validate.Length(max=LONGEST_TEXT)),
        metadata={"description": "对提醒的说明，键为 规则:字段"},
    )
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_ID)),
        values=fields.Nested(FindingAnswerSchema),
        metadata={"description": "对审核问题的答复，键为问题标识"},
    )
    person = text_id(metadata={"description": "转办、委派、加签给谁（person_id，见 people）"})
    kind = fields.String(
        validate=validate.OneOf(tuple(joining.WAYS)),
        metadata={"description": "加签方式：before 前加签、after 后加签、parallel 并加签"},
    )
    seat = text_id(metadata={"description": "减去哪个加签席位；负责人转办本科室的哪个席位。只有一个时不需要"})
    people = fields.List(
        text_id(),
        validate=validate.Length(max=copies.MOST),
        metadata={"description": f"抄送给哪些人（person_id），一次最多 {copies.MOST} 人"},
    )


class CommandSchema(BodySchema):
    verb = fields.String(required=True, validate=validate.OneOf(tuple(tasks.HANDLERS)))
    expected_seq = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, LARGEST_SEQ),
        metadata={"description": "所见的最后一个事件序号；领取和放回可以不带"},
    )
    form = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_ID)),
        values=fields.Dict(keys=fields.String()),
        load_default=None,
        allow_none=True,
        metadata={"description": "按表单代码给出的填写内容"},
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=10 * LONGEST_TEXT))
    findings = fields.List(fields.Nested(RaisedFindingSchema), load_default=list, validate=validate.Length(max=200))
    params = fields.Nested(CommandParametersSchema, load_default=dict)


class MovedVisitSchema(Schema):
    visit_id = fields.String()
    node_id = fields.String()
    node_name = fields.String()
    state = fields.String()


class DecidedSchema(Schema):
    message = fields.String()
    case_id = fields.String()
    number = fields.String()
    seq = fields.Integer()
    stage = fields.String()
    stage_label = fields.String()
    round = fields.Integer()
    finished = fields.Boolean()
    opened = fields.List(fields.Nested(MovedVisitSchema))
    closed = fields.List(fields.Nested(MovedVisitSchema))
    library_no = fields.String(allow_none=True)
    visit_id = fields.String(metadata={"description": "撤回或撤件后重新打开的环节"})
    effects = fields.Nested(CommandEffectsSchema, metadata={"description": "只在试算时给出"})
    dry_run = fields.Boolean(metadata={"description": "true 表示只是试算；正式办理时标识和编号另给"})


class ChoiceSchema(Schema):
    person_id = fields.String(metadata={"description": "人员；drop_seat 中为席位，作为 params.seat 带回"})
    name = fields.String()
    post = fields.String()


class ChoicesSchema(Schema):
    transfer = fields.List(fields.Nested(ChoiceSchema))
    delegate = fields.List(fields.Nested(ChoiceSchema))
    add_seat = fields.List(fields.Nested(ChoiceSchema))
    cc = fields.List(fields.Nested(ChoiceSchema))
    drop_seat = fields.List(fields.Nested(ChoiceSchema))


class DraftSchema(BodySchema):
    form_code = text_id(required=True, metadata={"description": "表单代码；只写意见时为 opinion"})
    content = fields.Dict(keys=fields.String(), required=True)
    opinion = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=10 * LONGEST_TEXT))
    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, LARGEST_SEQ))


class SavedDraftSchema(Schema):
    version = fields.Integer()
    saved_at = fields.String()
    problems = fields.List(fields.Nested(ProblemSchema))


class ContentSchema(BodySchema):
    content = fields.Dict(keys=fields.String(), required=True)


class CheckedSchema(Schema):
    problems = fields.List(fields.Nested(ProblemSchema))


@operations.get("")
@permission("task.read")
@operations.response(200, TaskPageSchema)
def show(visit_id: str) -> Any:
    """一个环节的全部内容：业务件、表单、意见、问题、时间线、可办操作。"""
    return parts(tasks.page(wiring.session(), visit_id, actor=current.actor(), at=current.at()))


@operations.get("/comparison")
@permission("task.read")
@operations.arguments(ComparisonQuerySchema, location="query")
@operations.response(200, ComparisonSchema)
def comparison(query: dict[str, Any], visit_id: str) -> Any:
    """申报内容与先前版本相比的变更：原值、现值、何人何时何轮。"""
    return comparisons.of_visit(wiring.session(), visit_id, query["base"], actor=current.actor())


@operations.get("/commands")
@permission("task.read")
@operations.response(200, VerbSchema(many=True))
def verbs(visit_id: str) -> Any:
    """本环节的操作：能否办理、为什么、可以退回到哪里。"""
    return tasks.verbs(wiring.session(), visit_id, actor=current.actor(), at=current.at())


@operations.get("/people")
@permission("task.read")
@operations.response(200, ChoicesSchema)
def people(visit_id: str) -> Any:
    """各操作可以选择的人员：转办、委派、加签、抄送，以及可以减去的席位。"""
    return asking.people(wiring.session(), visit_id, actor=current.actor(), at=current.at())


@operations.post("/commands")
@permission("task.decide")
@operations.arguments(CommandQuerySchema(), location="query")
@operations.arguments(CommandSchema())
@operations.response(200, DecidedSchema)
@operations.doc(parameters=[_KEY_UNLESS_PREVIEW])
def decide(query: dict[str, Any], wanted: dict[str, Any], visit_id: str) -> Any:
    """办理；`dry_run=true` 只试算。

    页面打开之后本环节、表单或流程版本有变时为 409，`since` 列出其间的办理；内容问题为 422，一次列全。
    """
    who, client, verb = current.actor(), current.client(), wanted.pop("verb")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return tasks.decide(
            session, visit_id, verb, actor=who, at=at, client=client, foresee=query["dry_run"], **wanted
        )

    if query["dry_run"]:
        wiring.session().rollback()  # its connection goes back to the pool while the preview runs on its own
        seen = commands.preview(current.sessions(), action, actor=who, route="tasks.decide", client=client)
        return {**seen, "dry_run": True}
    return answered(current.change(action, route="tasks.decide"))


@operations.put("/draft")
@permission("task.decide")
@operations.arguments(DraftSchema)
@operations.response(200, SavedDraftSchema)
@operations.doc(parameters=[KEY_HEADER])
def save_draft(wanted: dict[str, Any], visit_id: str) -> Any:
    """暂存填写内容；无法读取的格留空并列出。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return declarations.save_draft(session, visit_id, actor=who, at=at, **wanted)

    return answered(current.change(action, route="tasks.save_draft"))


@operations.post("/check")
@permission("task.decide")
@operations.arguments(ContentSchema)
@operations.response(200, CheckedSchema)
def check(wanted: dict[str, Any], visit_id: str) -> Any:
    """按表单要求和质量规则检查申报内容，什么都不保存。"""
    session = wiring.session()
    found = declarations.check(session, visit_id, actor=current.actor(), at=current.at(), content=wanted["content"])
    return {"problems": found}
