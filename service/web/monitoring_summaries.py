"""The page of a season's summary reports: drafted by the performance section, signed by the bureau leader, taken away."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import attachments, launches, monitoring_summaries
from service import request as wiring
from service.errors import Refused
from service.permission import permission
from service.web import current

pages = Blueprint("monitoring_summaries", __name__, url_prefix="/monitoring")


@pages.get("/<campaign_id>/summaries")
@permission("monitoring_summary.read")
def index(campaign_id: str) -> ResponseReturnValue:
    return _page(campaign_id)


@pages.post("/<campaign_id>/summaries")
@permission("monitoring_summary.draft")
def draft(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return monitoring_summaries.draft(session, campaign_id, actor=who, at=at, client=client)

    current.change(action, route="monitoring_summaries.draft")
    flash(_("报告已生成，请局领导阅签。"), "success")
    return redirect(url_for("monitoring_summaries.index", campaign_id=campaign_id), 303)


@pages.post("/<campaign_id>/summaries/<summary_id>/sign")
@permission("monitoring_summary.sign")
def sign(campaign_id: str, summary_id: str) -> ResponseReturnValue:
    who, client, opinion = current.actor(), current.client(), request.form.get("opinion", "")
    decide = monitoring_summaries.send_back if "send_back" in request.form else monitoring_summaries.sign

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return decide(session, summary_id, actor=who, at=at, opinion=opinion, client=client)

    try:
        current.change(action, route="monitoring_summaries.sign")
    except Refused as refused:
        told = [problem.message for problem in getattr(refused, "problems", ())] or [refused.detail]
        return _page(campaign_id, "；".join(told)), refused.status
    flash(_("报告已退回。") if "send_back" in request.form else _("报告已签发。"), "success")
    return redirect(url_for("monitoring_summaries.index", campaign_id=campaign_id), 303)


@pages.get("/summaries/<summary_id>.docx")
@permission("monitoring_summary.read")
def download(summary_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = monitoring_summaries.file(wiring.session(), summary_id, actor=who, at=current.at(), client=client)
    kind = attachments.KINDS[".docx"][1]
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


def _page(campaign_id: str, refused: str = "") -> str:
    session = wiring.session()
    return render_template(
        "monitoring/summaries.html",
        campaign=launches.season(session, campaign_id, "performance_monitoring"),
        rows=monitoring_summaries.of_season(session, campaign_id, actor=current.actor()),
        refused=refused,
    )
