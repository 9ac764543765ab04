"""Migration of running cases for programs: what would happen, who prepares, who confirms?"""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import migration_plans, migrations_of_cases, reasons
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema, text_id
from service.permission import permission
from service.web import current

operations = Blueprint(
    "api_migrations", __name__, url_prefix="/api/v1/migrations", description="在办事项迁移：一人拟定、一人批准"
)
_MOVES = {"description": "显式改道：正在办理的步骤 → 新版本的步骤（node_id）；其余步骤按编号自动对应"}
_STAY = {"description": "停在这些步骤（node_id）的业务件不迁移"}


def _steps(**more: Any) -> Any:
    return fields.List(text_id(), validate=validate.Length(max=200), **more)


class MigrationWishSchema(BodySchema):
    release_id = text_id(required=True, metadata={"description": "要迁移到的流程版本"})
    moves = fields.Dict(keys=text_id(), values=text_id(), load_default=dict, metadata=_MOVES)
    stay = _steps(load_default=list, metadata=_STAY)


class MigrationPlanBodySchema(MigrationWishSchema):
    reason = fields.String(required=True, validate=validate.Length(max=reasons.LONGEST))


class MigrationReasonSchema(BodySchema):
    reason = fields.String(required=True, validate=validate.Length(max=reasons.LONGEST))


class MigratedCaseSchema(Schema):
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    from_release = fields.String(metadata={"description": "迁移前的流程版本"})
    before = fields.List(fields.String(), metadata={"description": "迁移前在办的步骤"})
    after = fields.List(fields.String(), metadata={"description": "迁移后在办的步骤"})
    notes = fields.List(fields.String(), metadata={"description": "随迁移发生的变化"})
    reasons = fields.List(fields.String(), metadata={"description": "不能迁移的原因；能迁移时为空"})
    reversible = fields.Boolean(metadata={"description": "引擎能否证明可以退回原版本"})


class MigrationPreviewSchema(Schema):
    moved = fields.List(fields.Nested(MigratedCaseSchema))
    refused = fields.List(fields.Nested(MigratedCaseSchema))


class MigrationPlanSchema(Schema):
    id = fields.String()
    process_id = fields.String()
    release_id = fields.String()
    version = fields.Integer()
    state = fields.String(metadata={"description": "prepared 待批准、done 已执行或 dropped 已取消"})
    cases = fields.Integer(metadata={"description": "指定的业务件数；0 为其他版本下的全部在办业务件"})
    reason = fields.String()
    prepared_by = fields.String()
    prepared_at = fields.DateTime()
    confirmed_by = fields.String()
    confirmed_at = fields.DateTime(allow_none=True)


class MigrationOutcomeSchema(MigrationPlanSchema):
    found = fields.Nested(
        MigrationPreviewSchema, allow_none=True, metadata={"description": "已执行的结果，或此刻执行会有的结果"}
    )


class MigrationPlanIdSchema(Schema):
    plan_id = fields.String()


class MigrationPlanIdsSchema(Schema):
    plan_ids = fields.List(fields.String())


@operations.get("")
@permission("process.read")
@operations.response(200, MigrationPlanSchema(many=True))
def index() -> Any:
    """全部迁移计划，最新在前；只对拟定和批准流程的岗位开放。"""
    return migration_plans.listed(wiring.session(), actor=current.actor())


@operations.post("/preview")
@permission("process.work")
@operations.arguments(MigrationWishSchema)
@operations.response(200, MigrationPreviewSchema)
def preview(wanted: dict[str, Any]) -> Any:
    """迁移的效果：哪些业务件能迁移、哪些不能及原因；什么都不保存。"""
    session, who = wiring.session(), current.actor()
    cases = migration_plans.cases_without(session, wanted["release_id"], wanted.pop("stay"), actor=who)
    return migrations_of_cases.preview(session, actor=who, at=current.at(), cases=cases, **wanted)


@operations.post("")
@permission("process.prepare")
@operations.arguments(MigrationPlanBodySchema)
@operations.response(201, MigrationPlanIdSchema)
@operations.doc(parameters=[KEY_HEADER])
def prepare(wanted: dict[str, Any]) -> Any:
    """系统管理员拟定迁移计划；批准之前业务件不变。"""
    who, client, stay = current.actor(), current.client(), wanted.pop("stay")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        cases = migration_plans.cases_without(session, wanted["release_id"], stay, actor=who)
        plan_id = migrations_of_cases.prepare(session, actor=who, at=at, cases=cases, client=client, **wanted)
        return {"plan_id": plan_id}

    return answered(current.change(action, route="migrations.prepare"), 201)


@operations.get("/<plan_id>")
@permission("process.read")
@operations.response(200, MigrationOutcomeSchema)
def one(plan_id: str) -> Any:
    """一个迁移计划和它的结果，或此刻执行会有的结果。"""
    return migration_plans.one(wiring.session(), plan_id, actor=current.actor(), at=current.at())


@operations.post("/<plan_id>/confirm")
@permission("process.approve")
@operations.response(200, MigrationPreviewSchema)
@operations.doc(parameters=[KEY_HEADER])
def confirm(plan_id: str) -> Any:
    """绩效科负责人批准并执行；拟定人不能自己批准，每个业务件记一个事件。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return migrations_of_cases.confirm(session, plan_id, actor=who, at=at, client=client).to_json()

    return answered(current.change(action, route="migrations.confirm"))


@operations.post("/<plan_id>/drop")
@permission("process.work")
@operations.response(200, MigrationPlanIdSchema)
@operations.doc(parameters=[KEY_HEADER])
def drop(plan_id: str) -> Any:
    """取消一个尚未执行的计划；拟定和批准流程的岗位都可以。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        migrations_of_cases.drop(session, plan_id, actor=who, at=at, client=client)
        return {"plan_id": plan_id}

    return answered(current.change(action, route="migrations.drop"))


@operations.post("/<plan_id>/take-back")
@permission("process.prepare")
@operations.arguments(MigrationReasonSchema)
@operations.response(201, MigrationPlanIdsSchema)
@operations.doc(parameters=[KEY_HEADER])
def take_back(wanted: dict[str, Any], plan_id: str) -> Any:
    """为能够退回原版本的业务件拟定退回计划，每个原版本一个，同样须经批准。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        asked: dict[str, Any] = {"reason": wanted["reason"], "client": client}
        return {"plan_ids": migration_plans.take_back(session, plan_id, actor=who, at=at, **asked)}

    return answered(current.change(action, route="migrations.take_back"), 201)
