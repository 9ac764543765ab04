"""The auditor's desk: search with red flags, the saved questions, how the process runs, event logs to take away."""

import json
from datetime import datetime, time, timedelta

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service import analytics, audit_search, event_logs, library, red_flags, security_log, verification
from service import request as wiring
from service.audit_search import Asked
from service.errors import NotFound
from service.people import DISTRICT
from service.permission import permission
from service.web import addresses, current
from service.web.inbox import STAGES, page_number

pages = Blueprint("audit", __name__, url_prefix="/audit")

SIZE = 50
CONDITIONS = ("q", "unit", "stage", "year", "person", "release", "since", "until", "returns")
_LOGS = {"xes": ("application/xml", "jiheng.xes"), "ocel": ("application/json", "jiheng-ocel2.json")}


@pages.get("")
@permission("audit.read")
def index() -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    asked = _asked()
    found = audit_search.find(session, asked, actor=who, page=page_number(), size=SIZE)
    if filtered := addresses.kept(CONDITIONS):
        facts = {"what": "audit_search", "changes": filtered}
        security_log.write(
            session, "case_read", at=wiring.at(), actor=who.person_id, detail=facts, client=current.client()
        )
    return render_template(
        "audit/index.html",
        found=found,
        asked=asked,
        stages=STAGES,
        years=library.years(session),
        versions=audit_search.versions(session),
        flags=red_flags.counts(session, actor=who, at=wiring.at()),
        last_run=verification.latest(session),
        filtered=bool(filtered),
        page_address=lambda number: addresses.with_changes("audit.index", CONDITIONS, page=number),
    )


@pages.get("/flags/<code>")
@permission("audit.read")
def flag(code: str) -> ResponseReturnValue:
    """The answers to one saved question."""
    if code not in red_flags.FLAGS:
        raise NotFound("没有这个疑点查询。")
    rows = red_flags.answers(wiring.session(), code, actor=current.actor(), at=wiring.at())
    return render_template("audit/flag.html", flag=red_flags.FLAGS[code], rows=rows)


@pages.get("/process")
@permission("audit.read")
def process() -> ResponseReturnValue:
    """Figures of a year or a version, and a second version or year beside them."""
    found = _analysis(_year("year"), request.args.get("release") or None)
    beside = None
    if request.args.get("beside_year") or request.args.get("beside_release"):
        beside = _analysis(_year("beside_year"), request.args.get("beside_release") or None)
    years = library.years(wiring.session())
    return render_template("audit/process.html", found=found, beside=beside, years=years)


@pages.get("/process/figures")
@permission("audit.read")
def figures() -> ResponseReturnValue:
    """Diagram and figures of each step, for the heatmap."""
    found = _analysis(_year("year"), request.args.get("release") or None)
    steps = {step.node_id: {"count": step.visits, "time": step.median or 0} for step in found.steps}
    return jsonify({"xml": found.xml, "steps": steps})


@pages.get("/event-log/<kind>")
@permission("audit.export")
def event_log(kind: str) -> ResponseReturnValue:
    """XES or OCEL 2.0 of a year; the export is logged."""
    if kind not in _LOGS:
        raise NotFound("没有这种日志格式，可用 xes 或 ocel。")
    session, year = wiring.session(), _year("year")
    if kind == "xes":
        content = event_logs.xes(session, fiscal_year=year)
    else:
        content = json.dumps(event_logs.ocel(session, fiscal_year=year), ensure_ascii=False).encode()
    security_log.write(
        session,
        "exported",
        at=wiring.at(),
        actor=current.actor().person_id,
        detail={"what": kind, "year": year},
        client=current.client(),
    )
    mimetype, name = _LOGS[kind]
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f"attachment; filename={name}"})


def _analysis(year: int | None, release_id: str | None) -> analytics.Analysis:
    return analytics.analysis(
        wiring.session(),
        actor=current.actor(),
        at=wiring.at(),
        fiscal_year=year,
        release_id=release_id,
        process_id=asked_text("process") or None,
    )


def _asked() -> Asked:
    known = {code for code, _ in STAGES}
    returns = request.args.get("returns", "")
    return Asked(
        q=asked_text("q"),
        unit=asked_text("unit") or None,
        stages=tuple(code for code in request.args.getlist("stage") if code in known),
        fiscal_year=_year("year"),
        person=asked_text("person"),
        release_id=asked_text("release"),
        since=asked_day("since"),
        until=asked_until(),
        returns=int(returns) if returns.isdecimal() and len(returns) < 4 else 0,
    )


def asked_text(name: str) -> str:
    """A text of the address, trimmed, of bounded length."""
    return request.args.get(name, "").strip()[:100]


def asked_until() -> datetime | None:
    """The instant after the last day asked for."""
    last = asked_day("until")
    return last + timedelta(days=1) if last else None


def _year(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) == 4 else None


def asked_day(name: str) -> datetime | None:
    """The beginning of a day of the address; None for none."""
    try:
        return datetime.combine(datetime.fromisoformat(asked_text(name)).date(), time.min, DISTRICT)
    except ValueError:
        return None
