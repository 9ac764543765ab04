"""How does a change of a process redesign its forms? Definitions edited, checked, tried and previewed in a draft."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from db.release import FormRelease
from forms.definition import SHIPPED, DefinitionError, FormDefinition, canonical
from forms.example import example
from forms.problem import Problem
from forms.view import FormView
from service import drafts, release_check
from service.drafts import Draft
from service.engine import ReleaseError, UserStep
from service.engine.outline import read_outline
from service.errors import BadRequest, NotFound, Problems
from service.form_soundness import LARGEST
from service.people import Actor
from service.release_words import step_title

MODES = ("edit", "read", "print")


@dataclass(frozen=True, kw_only=True)
class FormFile:
    """A form of a draft or a version as lists show it; ``changed`` tells that the draft redesigns it."""

    code: str
    official_code: str
    title: str
    fields: int
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the process, for permissions; ``fills`` tells that the form is filled in there."""

    id: str
    title: str
    fills: bool


def listed(session: Session, draft: Draft) -> list[FormFile]:
    """The forms of a draft, by official code."""
    found = [(code, raw_of(session, draft, code)) for code in draft.forms]
    made = [
        FormFile(
            code=code,
            official_code=str(raw.get("official_code", "")),
            title=str(raw.get("title", code)),
            fields=sum(isinstance(field, Mapping) and field.get("type") != "section" for field in _fields(raw)),
            changed=code in draft.form_changes,
        )
        for code, raw in found
    ]
    return sorted(made, key=lambda form: form.official_code)


def _fields(raw: Mapping[str, Any]) -> Sequence[Any]:
    fields = raw.get("fields")
    return fields if isinstance(fields, list) else ()


def raw_of(session: Session, draft: Draft, code: str) -> Mapping[str, Any]:
    """A form's definition as the draft has it.

    Raises:
        NotFound: the draft has no such form.
    """
    if code in draft.form_changes:
        return draft.form_changes[code]
    if code not in draft.forms:
        raise NotFound("草稿中没有这个表单。")
    return session.get_one(FormRelease, draft.forms[code]).definition


def text_of(session: Session, draft: Draft, code: str) -> str:
    """A form's definition as the draft has it, as a file.

    Raises:
        NotFound: the draft has no such form.
    """
    return json.dumps(raw_of(session, draft, code), ensure_ascii=False, indent=1) + "\n"


def steps(draft: Draft, code: str) -> list[Step]:
    """The steps of the drafted process in drawn order; none while the drawing cannot be read."""
    return [
        Step(id=step.node_id, title=step_title(step), fills=step.form == code)
        for step in _steps(draft).values()
        if step.form == code or code in step.reads
    ]


def _steps(draft: Draft) -> Mapping[str, UserStep]:
    try:
        return read_outline(draft.bpmn).steps
    except ReleaseError:
        return {}


def builtin(code: str) -> dict[str, list[str]]:
    """What may not be removed: ids of the shipped form's fields, each with those of its columns."""
    if code not in SHIPPED:
        return {}
    return {field.id: [column.id for column in field.columns] for field in forms.load(code).fields}


def read(text: bytes) -> dict[str, Any]:
    """A definition as sent by the designer.

    Raises:
        BadRequest: it is too large or no JSON object.
    """
    if len(text) > LARGEST:
        raise BadRequest(f"表单定义超过 {LARGEST // 2**10} KiB，请精简。")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise BadRequest("没有收到表单定义，请刷新页面后重试。")
    return raw


def save(
    session: Session, draft_id: str, code: str, *, actor: Actor, at: datetime, version: int, raw: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep a definition as designed, sound or not; one that says what is released already is no change.

    Raises:
        BadRequest: its code is another one's.
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    raw_of(session, draft, code)
    if raw.get("code") != code:
        raise BadRequest("表单代码不能改。")
    released = session.get_one(FormRelease, draft.forms[code]).definition
    changed = {name: other for name, other in draft.form_changes.items() if name != code}
    if _said(raw) != _said(released):
        changed[code] = dict(raw)
    return drafts.save(session, draft_id, actor=actor, at=at, version=version, form_changes=changed)


def reset(session: Session, draft_id: str, code: str, *, actor: Actor, at: datetime, version: int) -> dict[str, Any]:
    """Give up what the draft changes in a form.

    Raises:
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    kept = {name: raw for name, raw in draft.form_changes.items() if name != code}
    return drafts.save(session, draft_id, actor=actor, at=at, version=version, form_changes=kept)


def _said(raw: Mapping[str, Any]) -> bytes:
    return canonical({name: value for name, value in raw.items() if name != "version"})


def check(draft: Draft, code: str, raw: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with a definition that is being designed, judged with the drafted process; nothing is kept."""
    files = [(f"{code}.json", json.dumps(raw).encode()), (f"{draft.process_id}.bpmn", draft.bpmn)]
    found, _ = release_check.check_texts(files)
    return [dict(problem) for problem in found.problems]


def preview(
    raw: Mapping[str, Any],
    *,
    mode: str,
    node: str,
    sent: Sequence[tuple[str, str]] | None = None,
    english: bool = False,
) -> FormView:
    """The form as somebody at a step would see it: made-up content, or what was just filled in, with its problems.

    Args:
        mode: edit, read or print.
        node: the step; "" for pages of no step.
        sent: pairs of a page on which the form was tried.

    Raises:
        Problems: the definition is not sound.
        BadRequest: there is no such mode.
    """
    if mode not in MODES:
        raise BadRequest("没有这种预览。")
    definition = _parsed(raw)
    content: Mapping[str, Any] = {} if mode == "edit" else example(definition)
    problems: Sequence[Problem] = ()
    if sent is not None and mode == "edit":
        content = forms.unflatten(definition, sent)
        _, problems = forms.accept(definition, content, node=node)
    return forms.view(definition, content, mode=mode, node=node, problems=problems, english=english)  # type: ignore[arg-type]


def _parsed(raw: Mapping[str, Any]) -> FormDefinition:
    try:
        return forms.parse(raw)
    except DefinitionError as fault:
        raise Problems(fault.problems, "表单定义还有错误，不能预览。") from fault
