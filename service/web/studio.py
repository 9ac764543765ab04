"""Pages on which processes are read: versions, legal basis, steps with their open cases, two versions side by side."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from service import access, change_review, drafts, process_overview
from service import request as wiring
from service.change_review import Comparison
from service.errors import NotFound
from service.permission import permission
from service.web import current

pages = Blueprint("studio", __name__, url_prefix="/processes")
BPMN = "application/xml"
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("现行"),
    lazy_gettext("待生效"),
    lazy_gettext("已被替代"),
    lazy_gettext("编辑中"),
    lazy_gettext("编辑流程草稿"),
    lazy_gettext("流程变更发布"),
    lazy_gettext("送校验"),
    lazy_gettext("送业务批准"),
    lazy_gettext("批准"),
    lazy_gettext("校验与试运行"),
    lazy_gettext("业务批准"),
    lazy_gettext("已生效"),
    lazy_gettext("待批准"),
    lazy_gettext("已发布"),
    lazy_gettext("已放弃"),
)


@pages.get("")
@permission("process.read")
def index() -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    waiting = drafts.listed(session, actor=who) if takes_part() else []
    return render_template(
        "studio/index.html", processes=process_overview.overview(session, at=current.at()), drafts=waiting
    )


@pages.get("/<process_id>")
@permission("process.read")
def show(process_id: str) -> ResponseReturnValue:
    page = process_overview.one(wiring.session(), process_id, at=current.at())
    return render_template("studio/show.html", page=page)


@pages.get("/<process_id>/versions/<int:version>.bpmn")
@permission("process.read")
def document(process_id: str, version: int) -> ResponseReturnValue:
    text = process_overview.document(wiring.session(), process_id, version)
    name = f"{process_id}-{version}.bpmn"
    return Response(text, mimetype=BPMN, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.get("/<process_id>/diagram")
@permission("process.read")
def diagram(process_id: str) -> ResponseReturnValue:
    """The diagram of the version in force, with the open cases at each step."""
    session = wiring.session()
    page = process_overview.one(session, process_id, at=current.at())
    text = process_overview.document(session, process_id, page.shown.version)
    loaded = [
        {
            "node_id": step.node_id,
            "names": [_("%(n)s件", n=sum(step.open_cases.values()))],
            "role_name": step.who,
            "since": "",
        }
        for step in page.steps
        if step.open_cases
    ]
    return jsonify(xml=text.decode(), current=loaded, done=[], returned=[])


@pages.get("/<process_id>/compare")
@permission("process.read")
def compare(process_id: str) -> ResponseReturnValue:
    old, new = _versions()
    compared = change_review.of_versions(wiring.session(), process_id, old, new)
    page = process_overview.one(wiring.session(), process_id, at=current.at())
    source = url_for("studio.compared", process_id=process_id, old=old, new=new)
    return render_template("studio/compare.html", page=page, compared=compared, source=source)


@pages.get("/<process_id>/compare.json")
@permission("process.read")
def compared(process_id: str) -> ResponseReturnValue:
    return jsonify(drawings(change_review.of_versions(wiring.session(), process_id, *_versions())))


def drawings(compared: Comparison) -> dict[str, Any]:
    """What the two canvases show: both documents and the changes with the ids to colour."""
    changes = [change.to_json() for change in compared.changes]
    return {"old": compared.old.decode(), "new": compared.new.decode(), "changes": changes}


def takes_part() -> bool:
    """Whether the reader prepares or approves processes."""
    return any(access.allowed(current.actor(), name) for name in ("process.prepare", "process.approve"))


def _versions() -> tuple[int, int]:
    old, new = request.args.get("old", ""), request.args.get("new", "")
    if not (old.isdecimal() and new.isdecimal()) or len(old + new) > 10:
        raise NotFound("请选择要比较的两个版本。")
    return int(old), int(new)
