"""How do the parts become one application? Settings, errors, permissions, then the edges."""

import importlib.util
from importlib import import_module
from types import ModuleType

from flask import Flask
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from service import failures, log, permission, request
from service.config import Config

#: Modules with an `install(app)`, in order: the first's headers go over all answers.
EDGES = ("service.web.security", "service.web.health", "service.api", "service.web")


def create_app(config: Config | None = None) -> Flask:
    """The web application of one process.

    Args:
        config: settings; read from the environment if not given.
    """
    settings = config or Config.from_environment()
    log.configure(settings.log)
    app = Flask("service", template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload,
        # A form of 200 indicator rows has some 3,000 fields.
        MAX_FORM_PARTS=10_000,
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        TEMPLATES_AUTO_RELOAD=False,
    )
    configure_mappers()  # here and not in the first requests, which come in several threads
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    request.install(app, settings)
    failures.install(app)
    permission.install(app)
    for name in EDGES:
        if importlib.util.find_spec(name) is not None:
            _install(app, import_module(name))
    return app


def _install(app: Flask, edge: ModuleType) -> None:
    if hasattr(edge, "install"):
        edge.install(app)
    for blueprint in getattr(edge, "BLUEPRINTS", ()):
        app.register_blueprint(blueprint)
