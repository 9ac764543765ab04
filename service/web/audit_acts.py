"""Who did what: acts, changes by administrators, refusals, and what auditors themselves read, for auditors."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import audit_acts, security_log
from service import request as wiring
from service.audit_acts import GROUPS, Asked
from service.permission import permission
from service.web import addresses, current
from service.web.audit import asked_day, asked_text, asked_until
from service.web.inbox import page_number

pages = Blueprint("audit_acts", __name__, url_prefix="/audit/acts")

#: Words of the use case that templates show by `word`.
WORDS = (
    lazy_gettext("全部"),
    lazy_gettext("业务办理"),
    lazy_gettext("特别处理"),
    lazy_gettext("管理变更"),
    lazy_gettext("被拒绝的操作和登录"),
    lazy_gettext("登录与口令"),
    lazy_gettext("审计查阅与导出"),
)
SIZE = 50
CONDITIONS = ("person", "group", "since", "until")


@pages.get("")
@permission("audit.read")
def index() -> ResponseReturnValue:
    """Both logs in one order; the question is logged."""
    session, who, group = wiring.session(), current.actor(), asked_text("group")
    asked = Asked(
        person=asked_text("person"),
        group=group if group in GROUPS else "",
        since=asked_day("since"),
        until=asked_until(),
    )
    number = page_number()
    found = audit_acts.find(session, asked, actor=who, page=number, size=SIZE)
    if number == 1:
        facts = {"what": "audit_acts", "changes": addresses.kept(CONDITIONS)}
        security_log.write(
            session, "log_read", at=wiring.at(), actor=who.person_id, detail=facts, client=current.client()
        )
    return render_template(
        "audit/acts.html",
        found=found,
        asked=asked,
        groups=GROUPS,
        names=security_log.DETAILS,
        filtered=bool(addresses.kept(CONDITIONS)),
        page_address=lambda number: addresses.with_changes("audit_acts.index", CONDITIONS, page=number),
    )
