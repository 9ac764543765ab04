"""How is the API described? OpenAPI for programs, and the same as a page for people."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api
from marshmallow import Schema, fields

from service import commands
from service.permission import public

#: Documents the header every change needs.
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "同一请求重发时用同一个值，只生效一次。The same value for a repeated request: one effect.",
}
#: Describes an answer that is a file.
FILE = {"type": "string", "format": "binary"}
_INTRODUCTION = (
    "绩衡的全部业务操作。先用 POST /api/v1/session 登录，或在“我的账户”创建访问令牌，再以 Authorization: Bearer 调用。"
    "更改数据的请求必须带 Idempotency-Key。错误为 application/problem+json，一次列出全部问题。"
)


class ProblemSchema(Schema):
    """One problem at one field."""

    field = fields.String(metadata={"description": "字段路径，如 indicators[2].weight"})
    message = fields.String(metadata={"description": "哪里不对、怎么改"})
    severity = fields.String(metadata={"description": "error、warning 或 info"})
    source = fields.String(metadata={"description": "规则与文件依据"})
    rule = fields.String(metadata={"description": "规则编号，可为空"})


class RefusalSchema(Schema):
    """An error: application/problem+json."""

    title = fields.String()
    detail = fields.String()
    code = fields.String()
    problems = fields.List(fields.Nested(ProblemSchema))


class JihengApi(Api):  # type: ignore[misc]
    """The described API; errors are answered by the application's own handler."""

    ERROR_SCHEMA = RefusalSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `service.failures`, which serves pages and API alike."""


def describe(app: Flask) -> JihengApi:
    """Set up the description; operations are added to it as they are registered."""
    app.config.update(
        API_TITLE="Jiheng",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    bearer = {"type": "http", "scheme": "bearer"}
    cookie = {"type": "apiKey", "in": "cookie", "name": "jiheng"}
    api = JihengApi(
        app,
        spec_kwargs={
            "info": {"description": _INTRODUCTION, "license": {"name": "Apache-2.0"}},
            "security": [{"bearer": []}, {"cookie": []}],
            "components": {"securitySchemes": {"bearer": bearer, "cookie": cookie}},
        },
    )
    served = app.view_functions["api-docs.openapi_json"]

    @public
    def described() -> ResponseReturnValue:
        return cast(ResponseReturnValue, served())

    # The extension's view is a bound method, which cannot carry the mark of a public page.
    app.view_functions["api-docs.openapi_json"] = described
    return api


def answered(answer: commands.Answer, status: int = 200) -> tuple[Any, int, dict[str, str]]:
    """The answer to a change, saying whether it is a repetition of the first one."""
    return answer.body, status, {"Idempotent-Replayed": "true"} if answer.replayed else {}


def add_page(app: Flask, api: JihengApi) -> None:
    """Serve the description as a page at /api/."""
    page = Blueprint("api_page", __name__)

    @page.get("/api/")
    @public
    def index() -> ResponseReturnValue:
        described = api.spec.to_dict()
        return render_template("api/index.html", info=described["info"], groups=_groups(described), api=described)

    app.register_blueprint(page)


def _groups(described: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in described.get("tags", ())}
    for operation in _operations(described):
        groups.setdefault((operation.get("tags") or ["其他"])[0], []).append(operation)
    return groups


def _operations(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in described["paths"].items():
        shared = item.get("parameters", [])
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                parameters = [*shared, *item[method].get("parameters", [])]
                yield {**item[method], "path": path, "method": method.upper(), "parameters": parameters}
