"""Phrases people use again and again, for programs."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import phrases
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_phrases", __name__, url_prefix="/api/v1/phrases", description="常用语")


class NewPhraseSchema(BodySchema):
    text = fields.String(required=True, validate=validate.Length(max=10 * phrases.LONGEST))
    shared = fields.Boolean(load_default=False, metadata={"description": "本科室、本单位共用（只限负责人）"})


class PhraseSchema(Schema):
    id = fields.String()
    text = fields.String()
    section = fields.String(metadata={"description": "共用的科室或单位；自己的为空"})
    own = fields.Boolean(metadata={"description": "可以删除"})


class KeptPhraseSchema(Schema):
    id = fields.String()
    text = fields.String()
    message = fields.String()


@operations.get("")
@permission("task.decide")
@operations.response(200, PhraseSchema(many=True))
def index() -> Any:
    """自己的常用语和所在科室共用的常用语。"""
    return phrases.of_person(wiring.session(), current.actor())


@operations.post("")
@permission("task.decide")
@operations.arguments(NewPhraseSchema)
@operations.response(200, KeptPhraseSchema)
@operations.doc(parameters=[KEY_HEADER])
def add(wanted: dict[str, Any]) -> Any:
    """添加一条常用语。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return phrases.add(session, wanted["text"], shared=wanted["shared"], actor=who, at=at)

    return answered(current.change(action, route="phrases.add"))


@operations.delete("/<phrase_id>")
@permission("task.decide")
@operations.response(200, KeptPhraseSchema)
@operations.doc(parameters=[KEY_HEADER])
def remove(phrase_id: str) -> Any:
    """删除一条常用语；已经写下的意见不变。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return phrases.remove(session, phrase_id, actor=who, at=at)

    return answered(current.change(action, route="phrases.remove"))
