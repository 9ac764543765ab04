"""Which language does the reader read? Chinese unless the person or this browser chose English."""

from flask import Flask, g, request
from flask_babel import Babel, gettext, lazy_gettext

COOKIE = "jiheng_language"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}

#: Names in the shipped process, which pages show by `word`.
WORDS = (
    lazy_gettext("提交"),
    lazy_gettext("同意"),
    lazy_gettext("同意报送"),
    lazy_gettext("同意入库"),
    lazy_gettext("会商修改"),
    lazy_gettext("退回"),
    lazy_gettext("退回修改"),
    lazy_gettext("不予通过"),
    lazy_gettext("领取"),
    lazy_gettext("放回"),
    lazy_gettext("发起"),
    lazy_gettext("填报绩效目标"),
    lazy_gettext("审签申报材料"),
    lazy_gettext("初审绩效目标"),
    lazy_gettext("审核绩效目标"),
    lazy_gettext("复核审核意见"),
    lazy_gettext("会签预算安排"),
    lazy_gettext("会签绩效指标"),
    lazy_gettext("复核会签意见"),
    lazy_gettext("裁定是否入库"),
    lazy_gettext("退回后重报"),
    lazy_gettext("会商修改中"),
    lazy_gettext("已退回"),
    lazy_gettext("跳转"),
    lazy_gettext("挂起"),
    lazy_gettext("恢复"),
    lazy_gettext("终止"),
    lazy_gettext("作废"),
)


def install(app: Flask) -> None:
    """Let templates speak with `_()`; Chinese sentences are the message ids."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    Babel(app, locale_selector=_locale)
    app.jinja_env.filters["word"] = word


def code() -> str:
    """`zh` or `en`: the person's own setting, else this browser's choice, else Chinese."""
    # An error page must not ask the database for the person: it may be the database that is away.
    who = g.get("recognised")
    if who is not None:
        return "en" if who.actor.locale.startswith("en") else "zh"
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LOCALES else "zh"


def word(text: str | None) -> str:
    """A word of the process, such as a step's or a verb's name, in the reader's language; unknown words stay."""
    return gettext(text) if text else ""


def english() -> bool:
    """Whether the reader reads English."""
    return code() == "en"


def _locale() -> str:
    return LOCALES[code()]
