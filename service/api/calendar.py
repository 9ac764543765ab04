"""The district's working days for programs."""

from datetime import date, datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import calendar
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema
from service.calendar_text import LONGEST_NOTE
from service.errors import NotFound
from service.permission import permission
from service.web import current

operations = Blueprint("api_calendar", __name__, url_prefix="/api/v1/calendar", description="工作日表")


class CalendarDaySchema(Schema):
    day = fields.Date()
    working = fields.Boolean()
    note = fields.String()


class CalendarYearSchema(Schema):
    year = fields.Integer()
    days = fields.List(fields.Nested(CalendarDaySchema), metadata={"description": "本区另定的日子"})
    working_days = fields.Integer(metadata={"description": "全年工作日数"})
    is_unknown = fields.Boolean(
        attribute="unknown", data_key="unknown", metadata={"description": "没有任何节假日安排，按周一至周五计算"}
    )


class DaySettingSchema(BodySchema):
    working = fields.Boolean(required=True, metadata={"description": "true 上班，false 放假"})
    note = fields.String(required=True, validate=validate.Length(1, LONGEST_NOTE))


class YearTextSchema(BodySchema):
    text = fields.String(
        required=True,
        validate=validate.Length(1, 40_000),
        metadata={"description": "每行一天或一段，如 2028-01-24至2028-01-30 休 春节"},
    )


class SetDaySchema(Schema):
    day = fields.String()


class ReplacedYearSchema(Schema):
    year = fields.Integer()
    days = fields.Integer(metadata={"description": "该年另定的天数"})


@operations.get("/<int:year>")
@permission("calendar.manage")
@operations.response(200, CalendarYearSchema)
def show(year: int) -> Any:
    """一年的工作日表。"""
    if not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR:
        raise NotFound(f"工作日表只有 {calendar.FIRST_YEAR} 年至 {calendar.LAST_YEAR} 年。")
    return calendar.year(wiring.session(), year)


@operations.put("/<int:year>")
@permission("calendar.manage")
@operations.arguments(YearTextSchema)
@operations.response(200, ReplacedYearSchema)
@operations.doc(parameters=[KEY_HEADER])
def replace_year(wanted: dict[str, str], year: int) -> Any:
    """用一年的安排替换原来的；读不出的行一次列全，什么都不改。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        days = calendar.replace_year(session, year, wanted["text"], actor=who, at=at, client=client)
        return {"year": year, "days": days}

    return answered(current.change(action, route="calendar.replace_year"))


@operations.put("/days/<day>")
@permission("calendar.manage")
@operations.arguments(DaySettingSchema)
@operations.response(200, SetDaySchema)
@operations.doc(parameters=[KEY_HEADER])
def set_day(wanted: dict[str, Any], day: str) -> Any:
    """定一天上班或放假；已定的期限不变。"""
    who, client, named = current.actor(), current.client(), _named(day)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        calendar.set_day(session, named, **wanted, actor=who, at=at, client=client)
        return {"day": named.isoformat()}

    return answered(current.change(action, route="calendar.set_day"))


@operations.delete("/days/<day>")
@permission("calendar.manage")
@operations.response(200, SetDaySchema)
@operations.doc(parameters=[KEY_HEADER])
def remove_day(day: str) -> Any:
    """不再另定这一天，恢复国家安排。"""
    who, client, named = current.actor(), current.client(), _named(day)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        calendar.remove_day(session, named, actor=who, at=at, client=client)
        return {"day": named.isoformat()}

    return answered(current.change(action, route="calendar.remove_day"))


def _named(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("没有这一天，日期应写成 2028-01-24。") from error
