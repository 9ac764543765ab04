"""The address that tells load balancers and operators whether this installation can serve."""

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from service import health, request
from service.permission import public

pages = Blueprint("health", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/health")
@public
def show() -> ResponseReturnValue:
    wiring = request.wiring()
    found = health.check(wiring.engine, wiring.config.data)
    return found.to_json(), 200 if found.serves else 503, {"Cache-Control": "no-store"}
