"""Pages on which the forms and decision tables of a published version are read, tried and downloaded; nothing can be changed."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service import form_drafts, readable_tables, release_parts, table_drafts
from service import request as wiring
from service.permission import permission
from service.web import language

pages = Blueprint("release_parts", __name__, url_prefix="/processes/<process_id>/versions/<int:version>")
WORDS = {"policy_words": readable_tables.policy_words, "type_words": readable_tables.type_words}
_TYPES = {"json": "application/json", "dmn": "application/xml", "bpmn": "application/xml"}


@pages.get("/parts")
@permission("process.read")
def index(process_id: str, version: int) -> ResponseReturnValue:
    parts = release_parts.of_version(wiring.session(), process_id, version)
    return render_template("studio/parts.html", parts=parts, **WORDS)


@pages.get("/parts/forms/<code>")
@permission("process.read")
def form(process_id: str, version: int, code: str) -> ResponseReturnValue:
    """A form as a step of the version sees it, with made-up content."""
    raw, steps = release_parts.form_of(wiring.session(), process_id, version, code)
    mode, node = request.args.get("mode", "read"), request.args.get("node", "")
    shown = form_drafts.preview(raw, mode=mode, node=node, english=language.english())
    asked = {"process_id": process_id, "version": version, "code": code, "title": raw["title"]}
    return render_template(
        "studio/part_form.html", steps=steps, mode=mode, node=node, form_view=shown, problems=(), **asked
    )


@pages.get("/parts/<name>")
@permission("process.read")
def file(process_id: str, version: int, name: str) -> ResponseReturnValue:
    """One file of the bundle, to the byte."""
    text = release_parts.file_of(wiring.session(), process_id, version, name)
    kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(text, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.post("/parts/<name>/try")
@permission("process.read")
def ask(process_id: str, version: int, name: str) -> ResponseReturnValue:
    """Which rows of a published table match these values, and what comes of it; nothing is kept."""
    text = release_parts.file_of(wiring.session(), process_id, version, name)
    return jsonify(table_drafts.ask(text, name, request.form.get("decision"), request.form.get("inputs", "{}")))
