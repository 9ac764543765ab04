"""The running system for programs: what stands still, what is due, what can be retried."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from service import incidents, operation_state, process_overview, stuck_cases
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_operations", __name__, url_prefix="/api/v1/operations", description="系统运行")


class QueueSchema(Schema):
    kind = fields.String(metadata={"description": "event 内部通知、mail 邮件、webhook 工作群机器人"})
    waiting = fields.Integer()
    failing = fields.Integer(metadata={"description": "至少失败过一次、还会重试的"})
    oldest = fields.DateTime(allow_none=True)


class LastVerificationSchema(Schema):
    at = fields.DateTime()
    cases = fields.Integer()
    events = fields.Integer()
    inconsistent = fields.Integer()
    unverifiable = fields.Integer()


class OperationStateSchema(Schema):
    at = fields.DateTime()
    scheduler = fields.String(metadata={"description": "ok、late 或 missing"})
    scheduler_at = fields.DateTime(allow_none=True)
    reminders = fields.Integer()
    reminders_due = fields.Integer()
    next_reminder = fields.DateTime(allow_none=True)
    process_timers = fields.Integer()
    process_timers_due = fields.Integer()
    next_process_timer = fields.DateTime(allow_none=True)
    queues = fields.List(fields.Nested(QueueSchema))
    verification = fields.Nested(LastVerificationSchema, allow_none=True)


class VersionSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    hash = fields.String()
    legal_basis = fields.String()
    effective_from = fields.Date()
    state = fields.String(metadata={"description": "in_force 现行、scheduled 待生效或 earlier 已被替代"})
    open_cases = fields.Integer()


class StepLoadSchema(Schema):
    node_id = fields.String()
    title = fields.String()
    version = fields.Integer()
    open_cases = fields.Integer()


class VersionsSchema(Schema):
    process_id = fields.String()
    title = fields.String()
    versions = fields.List(fields.Nested(VersionSchema))
    steps = fields.List(fields.Nested(StepLoadSchema))


class StuckCaseSchema(Schema):
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    node_name = fields.String()
    since = fields.DateTime()
    kind = fields.String()
    label = fields.String()


class IncidentSchema(Schema):
    visit_id = fields.String()
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    node_name = fields.String()
    since = fields.DateTime()
    why = fields.String()


class RetriedSchema(Schema):
    case_id = fields.String()
    seq = fields.Integer()


@operations.get("")
@permission("incident.read")
@operations.response(200, OperationStateSchema)
def state() -> Any:
    """此刻的运行情况：后台任务、定时、待发送、最近一次全库核对。"""
    return operation_state.now(wiring.session(), actor=current.actor(), at=current.at())


@operations.get("/versions")
@permission("incident.read")
@operations.response(200, VersionsSchema(many=True))
def versions() -> Any:
    """各流程的版本和每一步的在办业务件数。"""
    return [_versions(page) for page in process_overview.overview(wiring.session(), at=current.at())]


def _versions(page: process_overview.ProcessPage) -> dict[str, Any]:
    steps = [
        {"node_id": step.node_id, "title": step.title, "version": version, "open_cases": count}
        for step in page.steps
        for version, count in step.open_cases.items()
    ]
    return {"process_id": page.process_id, "title": page.title, "versions": page.versions, "steps": steps}


@operations.get("/stuck-cases")
@permission("incident.read")
@operations.response(200, StuckCaseSchema(many=True))
def stuck() -> Any:
    """停滞的业务件及情形。"""
    return stuck_cases.found(wiring.session(), actor=current.actor(), at=current.at())


@operations.get("/incidents")
@permission("incident.read")
@operations.response(200, IncidentSchema(many=True))
def listed() -> Any:
    """无人可办的环节，最早在前。"""
    return incidents.listed(wiring.session(), actor=current.actor())


@operations.post("/incidents/<visit_id>/retry")
@permission("incident.retry")
@operations.response(200, RetriedSchema)
@operations.doc(parameters=[KEY_HEADER])
def retry(visit_id: str) -> Any:
    """补充任职之后，由系统管理员恢复办理。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return incidents.retry(session, visit_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="operations.retry"))
