"""Replaying a case: event by event as it was then, checked, with receipts, evidence and the approval sheet."""

import json
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

import forms
from service import cases, evidence, playback, security_log, timeline_sheet, verification
from service import request as wiring
from service.errors import NotFound
from service.permission import permission
from service.seals import receipts
from service.verification import Verdict
from service.web import cases as case_pages
from service.web import current, language

#: Words of the use cases that templates show by `_()`.
WORDS = (
    lazy_gettext("决定"),
    lazy_gettext("退回"),
    lazy_gettext("改数"),
    lazy_gettext("管理操作"),
    lazy_gettext("封存"),
    lazy_gettext("序号"),
    lazy_gettext("事件链"),
    lazy_gettext("流程版本"),
    lazy_gettext("表单"),
    lazy_gettext("附件"),
    lazy_gettext("重新执行"),
    lazy_gettext("现有数据"),
)

pages = Blueprint("replay", __name__, url_prefix="/cases/<case_id>")


@pages.get("/replay")
@permission("case.replay")
def show(case_id: str) -> ResponseReturnValue:
    """The case as it was after one event (``?event=n``)."""
    text = request.args.get("event", "")
    if text and not (text.isdecimal() and len(text) < 7):
        raise NotFound("没有这个事件。")
    everything = request.args.get("fields") == "all"
    found = playback.play(
        wiring.session(),
        case_id,
        actor=current.actor(),
        at=wiring.at(),
        seq=int(text) if text else None,
        client=current.client(),
    )
    return render_template(
        "replay/show.html",
        page=found,
        header=found.header,
        form_view=_view(found.form, found.node, everything),
        review_view=_view(found.review, found.node, everything),
        fields="all" if everything else None,
        jump_names=playback.JUMPS,
        changed=json.dumps([change.path for change in found.changes], ensure_ascii=False),
    )


@pages.get("/replay/frames")
@permission("case.replay")
def frames(case_id: str) -> ResponseReturnValue:
    """Diagrams and a frame for every event, for the player."""
    return jsonify(playback.frames(wiring.session(), case_id, actor=current.actor()))


@pages.get("/verification")
@permission("case.replay")
def check(case_id: str) -> ResponseReturnValue:
    """Every layer of the case checked now."""
    case = cases.one(wiring.session(), case_id, actor=current.actor())
    cases.note_read(
        wiring.session(), case, actor=current.actor(), at=wiring.at(), what="verification", client=current.client()
    )
    return render_template(
        "replay/verification.html", verdict=_verdict(case_id), layers=verification.LAYERS, case_id=case_id
    )


@pages.get("/receipts/<int:seq>")
@permission("case.replay")
def receipt(case_id: str, seq: int) -> ResponseReturnValue:
    """The receipt of one event (JSON), for the stand-alone verifier; the export is logged."""
    session = wiring.session()
    case = cases.one(session, case_id, actor=current.actor())
    made = receipts.receipt(session, case_id, seq, data=wiring.config().data)
    facts = {"what": "receipt", "number": case.number, "seq": seq}
    security_log.write(
        session,
        "exported",
        at=wiring.at(),
        actor=current.actor().person_id,
        case_id=case_id,
        detail=facts,
        client=current.client(),
    )
    return _download(json.dumps(made, ensure_ascii=False).encode(), "application/json", f"receipt-{case_id}-{seq}.json")


@pages.get("/evidence")
@permission("audit.export")
def package(case_id: str) -> ResponseReturnValue:
    """The evidence package (ZIP); the export is logged."""
    session = wiring.session()
    cases.one(session, case_id, actor=current.actor())
    made = evidence.package(
        session,
        case_id,
        data=wiring.config().data,
        at=wiring.at(),
        actor=current.actor().person_id,
        client=current.client(),
    )
    return _download(made, "application/zip", f"evidence-{case_id}.zip")


@pages.get("/timeline.csv")
@permission("audit.export")
def timeline(case_id: str) -> ResponseReturnValue:
    """The history as a table; the export is logged."""
    made = timeline_sheet.of_case(
        wiring.session(), case_id, actor=current.actor(), at=wiring.at(), client=current.client()
    )
    return _download(made, "text/csv; charset=utf-8", f"timeline-{case_id}.csv")


@pages.get("/print/approval")
@permission("case.print")
def approval(case_id: str) -> ResponseReturnValue:
    """审批单: every handler and every round, with the head of the chain."""
    page = case_pages.read(case_id, what="print")
    return render_template("print/approval.html", page=page, header=page.header, printed_at=wiring.at())


def _verdict(case_id: str) -> Verdict:
    # A session of its own: everything is read at one instant, whatever goes on meanwhile.
    with current.sessions()() as session:
        return verification.verify(session, case_id, data=wiring.config().data)


def _view(shown: dict[str, Any] | None, node: str, everything: bool) -> object | None:
    """A form as it was to be seen at a step, or with all its fields whoever may not see them."""
    if shown is None:
        return None
    definition = replace(shown["definition"], permissions={}) if everything else shown["definition"]
    return forms.view(
        definition,
        shown["content"],
        mode="read",
        node=node,
        context=shown["context"],
        english=language.english(),
        spare_empty=True,
    )


def _download(content: bytes, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f"attachment; filename={name}"})
