"""Pages for people: every module here with a blueprint named `pages` is served."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask

from service.web import after_work, language, layout


def install(app: Flask) -> None:
    """Give pages their language and frame, then register them."""
    language.install(app)
    layout.install(app)
    after_work.install(app)
    for module in sorted(found.name for found in iter_modules(__path__)):
        try:
            pages = getattr(import_module(f"{__name__}.{module}"), "pages", None)
        except ImportError:
            continue
        if isinstance(pages, Blueprint) and pages.name not in app.blueprints:
            app.register_blueprint(pages)
