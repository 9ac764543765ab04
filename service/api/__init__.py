"""JSON for programs: every module here with a blueprint named `operations` is served and described."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask
from flask_smorest import Blueprint

from service.api import document, readable


def install(app: Flask) -> None:
    """Serve and describe all operations."""
    app.before_request(readable.require_readable)
    create_api(app)


def create_api(app: Flask) -> document.JihengApi:
    """The API with its description at /api/openapi.json and its readable page at /api/."""
    api = document.describe(app)
    for module in sorted(found.name for found in iter_modules(__path__)):
        operations = getattr(import_module(f"{__name__}.{module}"), "operations", None)
        if isinstance(operations, Blueprint):
            api.register_blueprint(operations)
    document.add_page(app, api)
    return api
