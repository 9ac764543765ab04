"""People for the system administrator's programs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import passwords, personnel
from service import request as wiring
from service.api.document import KEY_HEADER
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_people", __name__, url_prefix="/api/v1/people", description="人员与账户")
VERBS = ("disable", "enable", "unlock", "reset_password")


class PersonFieldsSchema(Schema):
    name = fields.String(metadata={"description": "姓名"})
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    locale = fields.String(validate=validate.OneOf(personnel.LOCALES))


class NewPersonSchema(PersonFieldsSchema):
    username = fields.String(required=True)
    name = fields.String(required=True)


class PersonSchema(NewPersonSchema):
    id = fields.String()
    active = fields.Boolean()
    locked_until = fields.DateTime(allow_none=True)
    must_change_password = fields.Boolean()
    created_at = fields.DateTime()


class PeopleSchema(Schema):
    rows = fields.List(fields.Nested(PersonSchema))
    total = fields.Integer()
    page = fields.Integer()
    size = fields.Integer()


class PeopleQuerySchema(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    active = fields.Boolean(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    size = fields.Integer(load_default=personnel.PAGE_SIZE, validate=validate.Range(1, 500))


class PersonCommandSchema(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(VERBS))


class ChangedPersonSchema(Schema):
    id = fields.String()
    start_password = fields.String(
        allow_none=True, metadata={"description": "一次性初始口令，只在首次回答中出现；本人首次登录必须修改"}
    )


@operations.get("")
@permission("person.read")
@operations.arguments(PeopleQuerySchema, location="query")
@operations.response(200, PeopleSchema)
def index(query: dict[str, Any]) -> Any:
    """人员清单，按用户名排列。"""
    return personnel.page(wiring.session(), **query)


@operations.post("")
@permission("person.manage")
@operations.arguments(NewPersonSchema)
@operations.response(201, ChangedPersonSchema)
@operations.doc(parameters=[KEY_HEADER])
def create(values: dict[str, Any]) -> Any:
    """新建人员，得到一次性初始口令；岗位另行申请、会签。"""
    who, client, secret = current.actor(), current.client(), passwords.start_password()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        stored = passwords.hashed(secret)
        return {"id": personnel.create(session, values, password_hash=stored, by=who.person_id, at=at, client=client)}

    return _changed(action, "people.create", secret, 201)


@operations.get("/<person_id>")
@permission("person.read")
@operations.response(200, PersonSchema)
def show(person_id: str) -> Any:
    """一个人员。"""
    return personnel.one(wiring.session(), person_id)


@operations.patch("/<person_id>")
@permission("person.manage")
@operations.arguments(PersonFieldsSchema)
@operations.response(200, ChangedPersonSchema)
@operations.doc(parameters=[KEY_HEADER])
def edit(values: dict[str, Any], person_id: str) -> Any:
    """修改姓名、电话、邮箱或语言；用户名不能修改。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.edit(session, person_id, values, by=who.person_id, at=at, client=client)
        return {"id": person_id}

    return _changed(action, "people.edit")


@operations.post("/<person_id>/commands")
@permission("person.manage")
@operations.arguments(PersonCommandSchema)
@operations.response(200, ChangedPersonSchema)
@operations.doc(parameters=[KEY_HEADER])
def command(wanted: dict[str, str], person_id: str) -> Any:
    """停用 disable、启用 enable、解除锁定 unlock、重置口令 reset_password。"""
    who, client, verb = current.actor(), current.client(), wanted["verb"]
    secret = passwords.start_password() if verb == "reset_password" else None

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if verb == "unlock":
            personnel.unlock(session, person_id, by=who.person_id, at=at, client=client)
        elif secret:
            stored = passwords.hashed(secret)
            passwords.reset(session, person_id, password_hash=stored, by=who.person_id, at=at, client=client)
        else:
            active = verb == "enable"
            personnel.set_active(session, person_id, active, by=who.person_id, at=at, client=client)
        return {"id": person_id}

    return _changed(action, f"people.{verb}", secret)


def _changed(
    action: Callable[[Session, datetime], dict[str, Any]], route: str, secret: str | None = None, status: int = 200
) -> Any:
    answer = current.change(action, route=route)
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return {**answer.body, "start_password": None if answer.replayed else secret}, status, headers
