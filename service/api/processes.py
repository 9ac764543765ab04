"""Processes in force for programs."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from service import processes
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
    steps = fields.List(fields.Nested(StepSchema))


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
