"""Files of a case: uploaded at a step, downloaded by everybody who may see the case."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from service import attachments, failures
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current

pages = Blueprint("attachments", __name__)


@pages.post("/tasks/<visit_id>/attachments")
@permission("attachment.write")
def upload(visit_id: str) -> ResponseReturnValue:
    """Keep the chosen files, one command each; a refused one does not hold the others back.

    Scripts that put files into a form get their ids as JSON; people are led back to the task.
    """
    if failures.wants_json():
        return _for_scripts(visit_id)
    chosen = [file for file in request.files.getlist("upload") if file.filename]
    for number, file in enumerate(chosen):
        try:
            _keep(visit_id, file.filename or "", file.read(), number)
        except Problems as refused:
            for problem in refused.problems:
                flash(f"{file.filename}：{problem.message}", "error")
        else:
            flash(gettext("已上传：%(name)s", name=file.filename), "success")
    if not chosen:
        flash(gettext("请先选择要上传的文件。"), "error")
    return redirect(url_for("tasks.show", visit_id=visit_id, _anchor="tab-attachments"), 303)


@pages.get("/attachments/<attachment_id>")
@permission("attachment.read")
def download(attachment_id: str) -> ResponseReturnValue:
    found = attachments.load(
        wiring.session(), attachment_id, actor=current.actor(), at=current.at(), client=current.client()
    )
    # Never shown inside our own pages: an uploaded file must not run as one of them.
    return send_file(
        BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.filename
    )


def _for_scripts(visit_id: str) -> ResponseReturnValue:
    files, problems = [], []
    for number, file in enumerate(file for file in request.files.getlist("upload") if file.filename):
        try:
            files.append(_keep(visit_id, file.filename or "", file.read(), number))
        except Problems as refused:
            problems += [f"{file.filename}：{problem.message}" for problem in refused.problems]
    return jsonify(files=files, problems=problems)


def _keep(visit_id: str, filename: str, content: bytes, number: int) -> dict[str, Any]:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return attachments.store(session, visit_id, actor=who, at=at, filename=filename, content=content)

    given = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key", "")
    body = {"visit": visit_id, "filename": filename}
    return current.change(action, route="attachments.upload", key=f"{given}-{number}", body=body).body
