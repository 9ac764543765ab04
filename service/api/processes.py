"""Processes in force for programs."""

import json
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from service import decision_trial, processes
from service import request as wiring
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_processes", __name__, url_prefix="/api/v1/processes", description="流程")
BPMN = "application/xml"


class OutcomeSchema(Schema):
    verb = fields.String()
    label = fields.String()


class StepSchema(Schema):
    node_id = fields.String()
    name = fields.String()
    role = fields.String()
    role_name = fields.String()
    stage = fields.String()
    form = fields.String(metadata={"description": "所填表单代码，可为空"})
    due_days = fields.Integer(allow_none=True, metadata={"description": "办理期限，工作日；null 以批次截止为准"})
    resubmit = fields.String()
    policy = fields.String(metadata={"description": "依据"})
    outcomes = fields.List(fields.Nested(OutcomeSchema))


class PinnedFormSchema(Schema):
    code = fields.String()
    title = fields.String()
    version = fields.Integer()
    hash = fields.String()


class ProcessSchema(Schema):
    process_id = fields.String()
    release_id = fields.String(metadata={"description": "这一版的标识"})
    version = fields.Integer()
    title = fields.String()
    hash = fields.String(metadata={"description": "流程图和表单合起来的校验值"})
    legal_basis = fields.String()
    effective_from = fields.Date()
    published_at = fields.DateTime()
    forms = fields.List(fields.Nested(PinnedFormSchema))
    decisions = fields.List(fields.String(), metadata={"description": "决策表文件名"})
    steps = fields.List(fields.Nested(StepSchema))


class QuestionSchema(Schema):
    decision = fields.String(
        load_default=None, allow_none=True, metadata={"description": "决策的编号或名称；文件中只有一个最终决策时可不给"}
    )
    inputs = fields.Dict(keys=fields.String(), required=True, metadata={"description": "各项输入的值"})


class TrialSchema(Schema):
    status = fields.String(metadata={"description": "decided 有结论，undecided 没有结论，unreadable 不能读取"})
    result = fields.Raw(allow_none=True)
    matched = fields.List(fields.Integer(), metadata={"description": "相符的行，从 1 起"})
    hit_policy = fields.String()
    notes = fields.List(fields.String())
    problems = fields.List(fields.String(), metadata={"description": "没有结论的原因"})


@operations.get("")
@permission("process.read")
@operations.response(200, ProcessSchema(many=True))
def index() -> Any:
    """今天生效的流程版本、所用表单和环节。"""
    return processes.in_force(wiring.session(), at=current.at())


@operations.get("/<process_id>/bpmn")
@permission("process.read")
@operations.response(200, {"type": "string"}, content_type=BPMN)
def diagram(process_id: str) -> Response:
    """流程图原文，BPMN 2.0，与发布时一字不差。"""
    return Response(processes.diagram(wiring.session(), process_id, at=current.at()), mimetype=BPMN)


@operations.get("/<process_id>/parts/<name>")
@permission("process.read")
@operations.response(200, {"type": "string"}, content_type=BPMN)
def part(process_id: str, name: str) -> Response:
    """生效版本中的一个文件：表单定义（如 target_review.json）或决策表（.dmn），与发布时一字不差。"""
    text = processes.part(wiring.session(), process_id, name, at=current.at())
    kind = "application/json" if name.endswith(".json") else BPMN
    return Response(text, mimetype=kind)


@operations.post("/<process_id>/decisions/<name>/trial")
@permission("process.read")
@operations.arguments(QuestionSchema)
@operations.response(200, TrialSchema)
def trial(asked: Any, process_id: str, name: str) -> Any:
    """用生效版本的决策表试算；只看结果，什么也不改。"""
    text = processes.part(wiring.session(), process_id, name, at=current.at())
    return decision_trial.ask(text, name, asked["decision"], json.dumps(asked["inputs"]))
