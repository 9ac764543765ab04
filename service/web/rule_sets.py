"""The page on which the rule sets of a drafted version are set: limits and words of the quality rules, points of the scoring."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import drafts, rule_sets
from service import request as wiring
from service.errors import BadRequest, Problems
from service.permission import permission
from service.web import current

pages = Blueprint("rule_sets", __name__, url_prefix="/processes/drafts")
#: Names of the rule sets and their parameters that the use case gives and the season's page does not show already.
WORDS = (
    lazy_gettext("质量规则"),
    lazy_gettext("计分规则"),
    lazy_gettext("预算执行率的分值"),
    lazy_gettext("完成率不高于此不得分（0 至 1）"),
    lazy_gettext("完成率从此起须说明原因（倍）"),
    lazy_gettext("成本节约从此起须说明原因（0 至 1）"),
    lazy_gettext("“优”的起点"),
    lazy_gettext("“良”的起点"),
    lazy_gettext("“中”的起点"),
)


@pages.get("/<draft_id>/rules")
@permission("process.read")
def index(draft_id: str) -> ResponseReturnValue:
    return _index(draft_id)


@pages.post("/<draft_id>/rules")
@permission("process.prepare")
def keep(draft_id: str) -> ResponseReturnValue:
    who, text = current.actor(), request.form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(_("没有收到草稿的版本号，请刷新页面后重试。"))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        draft = drafts.one(session, draft_id, actor=who)
        made, found = rule_sets.changed(draft.rule_sets, request.form)
        drafts.refuse(found)
        asked: dict[str, Any] = {"version": int(text), "bpmn": draft.bpmn, "rule_sets": made}
        saved = drafts.save(session, draft_id, actor=who, at=at, **asked)
        return {"version": saved["version"]}

    try:
        current.change(action, route="rule_sets.keep")
    except Problems as error:
        return _index(draft_id, error), error.status
    flash(_("规则已保存在草稿中，送审批准后随新版本生效。"), "success")
    return redirect(url_for("rule_sets.index", draft_id=draft_id), 303)


def _index(draft_id: str, error: Problems | None = None) -> str:
    draft = drafts.one(wiring.session(), draft_id, actor=current.actor())
    offered = rule_sets.parameters(draft.rule_sets)
    return render_template(
        "studio/rules.html",
        draft=draft,
        titles=rule_sets.TITLES,
        groups=list(dict.fromkeys((one.rule_set, one.group) for one in offered)),
        parameters=offered,
        values={one.name: request.form.get(one.name, one.shown(draft.rule_sets)) for one in offered},
        problems=error.problems if error else (),
        open_for_change=draft.state == "draft",
    )
