"""Which forms and decision tables does a published version hold? For everybody who reads processes, auditors above all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

import forms
from service import publishing, readable_tables
from service.engine.dmn import WrittenTable
from service.engine.outline import read_outline
from service.errors import NotFound
from service.form_drafts import FormFile, Step
from service.release_words import step_title


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A version's forms, and its decision tables by file name: as they read, and what they ask for (for trying them)."""

    process_id: str
    version: int
    title: str
    hash: str
    forms: tuple[FormFile, ...]
    tables: Mapping[str, list[WrittenTable]]
    questions: Mapping[str, list[dict[str, Any]]]


def of_version(session: Session, process_id: str, version: int) -> Parts:
    """The parts of a version; what is stored is compared with the hash it was published with.

    Raises:
        NotFound: there is no such version.
        ReleaseDamaged: what is stored is no longer what was published.
    """
    row, files = publishing.files_of(session, process_id, version)
    definitions = [json.loads(files[f"{code}.json"]) for code in row.forms]
    listed = [
        FormFile(
            code=raw["code"],
            official_code=raw["official_code"],
            title=raw["title"],
            fields=sum(field["type"] != "section" for field in raw["fields"]),
        )
        for raw in sorted(definitions, key=lambda raw: str(raw["official_code"]))
    ]
    tables = {name: readable_tables.tables(files[name], name) for name in sorted(row.decisions)}
    return Parts(
        process_id=process_id,
        version=version,
        title=row.title,
        hash=row.hash,
        forms=tuple(listed),
        tables=tables,
        questions={name: readable_tables.questions(files[name], name) for name in tables},
    )


def file_of(session: Session, process_id: str, version: int, name: str) -> bytes:
    """One file of a version's bundle, exactly as its hash was taken of.

    Raises:
        NotFound: there is no such version or file.
        ReleaseDamaged: what is stored is no longer what was published.
    """
    _, files = publishing.files_of(session, process_id, version)
    if name not in files:
        raise NotFound("这个版本没有这个文件。")
    return files[name]


def form_of(session: Session, process_id: str, version: int, code: str) -> tuple[Mapping[str, Any], list[Step]]:
    """A form's definition in a version, and the version's steps that fill it in or read it.

    Raises:
        NotFound: there is no such version, or it holds no such form.
    """
    row, files = publishing.files_of(session, process_id, version)
    if code not in row.forms:
        raise NotFound("这个版本没有这个表单。")
    outline = read_outline(files[f"{process_id}.bpmn"])
    steps = [
        Step(id=step.node_id, title=step_title(step), fills=step.form == code)
        for step in outline.steps.values()
        if step.form == code or code in step.reads
    ]
    return forms.parse(json.loads(files[f"{code}.json"])).raw, steps
