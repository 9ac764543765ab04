"""Files of a case for programs."""

from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import fields
from sqlalchemy.orm import Session

from service import attachments
from service import request as wiring
from service.api.document import FILE, KEY_HEADER, answered
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_attachments", __name__, url_prefix="/api/v1", description="附件")


class UploadSchema(Schema):
    file = Upload(required=True)


class KeptFileSchema(Schema):
    id = fields.String()
    filename = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "字节"})


@operations.post("/visits/<visit_id>/attachments")
@permission("attachment.write")
@operations.arguments(UploadSchema, location="files")
@operations.response(201, KeptFileSchema)
@operations.doc(parameters=[KEY_HEADER])
def upload(sent: dict[str, Any], visit_id: str) -> Any:
    """上传附件；类型、大小和内容都核对。"""
    who, filename, content = current.actor(), sent["file"].filename or "", sent["file"].read()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return attachments.store(session, visit_id, actor=who, at=at, filename=filename, content=content)

    body = {"path": request.path, "filename": filename, "sha256": sha256(content).hexdigest()}
    return answered(current.change(action, route="attachments.upload", body=body), 201)


@operations.get("/attachments/<attachment_id>")
@permission("attachment.read")
@operations.response(200, FILE, content_type="application/octet-stream")
def download(attachment_id: str) -> ResponseReturnValue:
    """下载附件。"""
    found = attachments.load(
        wiring.session(), attachment_id, actor=current.actor(), at=current.at(), client=current.client()
    )
    return send_file(
        BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.filename
    )
