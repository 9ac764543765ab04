"""What a person does to the list itself: keep it as a view, choose its columns, take it away as a workbook."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from service import inbox_columns, inbox_sheet, saved_views
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current, inbox_address
from service.web.inbox import columns
from service.web.library import SPREADSHEET

pages = Blueprint("inbox_views", __name__, url_prefix="/inbox")


@pages.post("/views")
@permission("inbox.use")
def keep() -> ResponseReturnValue:
    """Keep the list as it stands under a name."""
    who, sent = current.actor(), request.form
    words = inbox_address.words(sent)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        own_columns = inbox_columns.of(session, who.person_id) if "with_columns" in sent else None
        view_id = saved_views.keep(
            session,
            actor=who,
            at=at,
            name=sent.get("name", ""),
            colour=sent.get("colour", "blue"),
            tab=sent.get("tab") or "todo",
            words=words,
            sort=sent.get("sort", ""),
            columns=own_columns,
            marks=sent.getlist("marks"),
            share="share" in sent,
        )
        return {"view": view_id}

    tab, sort = sent.get("tab") or None, sent.get("sort") or None
    try:
        kept = current.change(action, route="inbox.keep_view").body["view"]
    except Problems as refused:
        flash("；".join(problem.message for problem in refused.problems), "danger")
        kept = None
    else:
        flash(gettext("视图已保存。"), "success")
    return redirect(inbox_address.fresh(tab=tab, sort=sort, view=kept, **words), 303)


@pages.post("/views/<view_id>/remove")
@permission("inbox.use")
def remove(view_id: str) -> ResponseReturnValue:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        saved_views.remove(session, view_id, actor=who)
        return {"removed": view_id}

    current.change(action, route="inbox.remove_view")
    flash(gettext("视图已删除。"), "success")
    return redirect(inbox_address.fresh(), 303)


@pages.post("/columns")
@permission("inbox.use")
def choose_columns() -> ResponseReturnValue:
    """Keep which columns are shown, in the order in which they are sent, and how wide."""
    who, sent = current.actor(), request.form
    codes = [] if "usual" in sent else sent.getlist("column")
    widths = {
        code: int(text) for code in codes if (text := sent.get(f"width-{code}", "")).isdecimal() and len(text) < 5
    }

    def action(session: Session, at: datetime) -> dict[str, Any]:
        inbox_columns.choose(session, who.person_id, codes, widths, at=at)
        return {"columns": len(codes)}

    current.change(action, route="inbox.choose_columns")
    tab, sort = sent.get("tab") or None, sent.get("sort") or None
    return redirect(inbox_address.fresh(tab=tab, sort=sort, **inbox_address.words(sent)), 303)


@pages.get("/export.xlsx")
@permission("inbox.use")
def export() -> ResponseReturnValue:
    who, session, asked = current.actor(), wiring.session(), inbox_address.asked()
    view = next((one for one in saved_views.visible(session, who) if one.id == request.args.get("view")), None)
    name, content = inbox_sheet.export(
        session,
        asked.criteria,
        actor=who,
        at=wiring.at(),
        tab=asked.tab,
        sort=asked.sort,
        columns=columns(view),
        client=current.client(),
    )
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
