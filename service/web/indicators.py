"""Suggestions from the indicator library, for the cell a drafter is typing in."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from service import indicators
from service import request as wiring
from service.permission import permission

pages = Blueprint("indicators", __name__, url_prefix="/indicators")


@pages.get("/suggest")
@permission("indicator.read")
def suggest() -> ResponseReturnValue:
    asked = request.args
    found = indicators.suggest(wiring.session(), q=asked.get("q", "")[:100], level2=asked.get("level2", "")[:20])
    return jsonify(found)
