"""How does a change of a process redesign its forms? Definitions edited, checked, tried and previewed in a draft."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.release import FormRelease
from forms.definition import SHIPPED, DefinitionError, FormDefinition, canonical
from forms.example import example
from forms.problem import Problem
from forms.view import FormView
from service import drafts, release_check
from service.drafts import Draft, problem
from service.engine import ReleaseError, UserStep
from service.engine.outline import read_outline
from service.errors import BadRequest, NotFound, Problems
from service.form_soundness import LARGEST
from service.people import Actor
from service.release_words import step_title

MODES = ("edit", "read", "print")
MOST_NEW = 20
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: What a new form must say of itself, with the greatest number of characters.
_ENTRIES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"title": ("表单名称", 100), "official_code": ("表号", 20), "source": ("依据", 200)}
)


@dataclass(frozen=True, kw_only=True)
class FormFile:
    """A form of a draft or a version as lists show it; the draft redesigns one that is ``changed`` and makes one that is ``new``."""

    code: str
    official_code: str
    title: str
    fields: int
    changed: bool = False
    new: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the process, for permissions; ``fills`` tells that the form is filled in there."""

    id: str
    title: str
    fills: bool


def listed(session: Session, draft: Draft) -> list[FormFile]:
    """The forms of a draft, by official code."""
    found = [(code, raw_of(session, draft, code)) for code in {**draft.forms, **draft.form_changes}]
    made = [
        FormFile(
            code=code,
            official_code=str(raw.get("official_code", "")),
            title=str(raw.get("title", code)),
            fields=sum(isinstance(field, Mapping) and field.get("type") != "section" for field in _fields(raw)),
            changed=code in draft.form_changes,
            new=code not in draft.forms,
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


def add(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    version: int,
    code: str,
    title: str,
    official_code: str,
    source: str,
) -> dict[str, Any]:
    """Begin a form of the district's own: an opinion, signed by whoever writes it; the designer adds the rest.

    Args:
        code: English words joined by underscores; steps name the form so.
        official_code: the number it is known by (表号), such as 法审01.
        source: the document that asks for it.

    Raises:
        Problems: what was entered cannot be used, or there are 20 forms of the district's own already.
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    code = code.strip()
    drafts.refuse(
        [*_entry_problems(title=title, official_code=official_code, source=source), *_taken(session, draft, code)]
    )
    raw = blank(code, title.strip(), official_code.strip(), source.strip())
    changed = {**draft.form_changes, code: raw}
    made = drafts.save(session, draft_id, actor=actor, at=at, version=version, form_changes=changed)
    return {**made, "code": code}


def _entry_problems(**given: str) -> Iterator[Problem]:
    for name, text in given.items():
        words, limit = _ENTRIES[name]
        if not text.strip():
            yield problem(name, f"请填写{words}。")
        elif len(text.strip()) > limit:
            yield problem(name, f"{words}不得超过{limit}字，现有{len(text.strip())}字。")


def _taken(session: Session, draft: Draft, code: str) -> Iterator[Problem]:
    own = [name for name in draft.form_changes if name not in draft.forms]
    known = session.scalars(select(FormRelease.id).where(FormRelease.code == code).limit(1)).first()
    if not _CODE.fullmatch(code):
        yield problem(
            "code", "编号只能用小写字母开头，由小写字母、数字和下划线组成，不超过40个字符，如 legal_opinion。"
        )
    elif code in {*SHIPPED, *draft.forms, *draft.form_changes} or known is not None:
        yield problem("code", f"已有编号为“{code}”的表单，请换一个。")
    if len(own) >= MOST_NEW:
        yield problem("code", f"一次修改最多新建 {MOST_NEW} 个表单。")


def blank(code: str, title: str, official_code: str, source: str) -> dict[str, Any]:
    """The definition a new form begins with: one required opinion, and who wrote it when, filled in by the system."""
    return {
        "code": code,
        "official_code": official_code,
        "version": 1,
        "title": title,
        "source": source,
        "context": {"verb": ""},
        "fields": [
            {"id": "opinion", "type": "textarea", "label": "意见", "required": True, "max_length": 500, "rows": 3},
            {"id": "reviewer", "type": "text", "label": "填表人", "auto": True},
            {"id": "reviewed_at", "type": "date", "label": "填表日期", "auto": True},
        ],
        "permissions": {"*": {"*": "edit"}},
        "layout": [
            {"rows": [[{"label_of": "opinion"}, {"field": "opinion", "cols": 3}]]},
            {"signatures": [{"text": "填表人（签字）", "person": "reviewer", "day": "reviewed_at"}]},
        ],
    }


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
    released = session.get_one(FormRelease, draft.forms[code]).definition if code in draft.forms else {}
    changed = {name: other for name, other in draft.form_changes.items() if name != code}
    if _said(raw) != _said(released):
        changed[code] = dict(raw)
    return drafts.save(session, draft_id, actor=actor, at=at, version=version, form_changes=changed)


def reset(session: Session, draft_id: str, code: str, *, actor: Actor, at: datetime, version: int) -> dict[str, Any]:
    """Give up what the draft changes in a form; one it makes itself is taken out of it.

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
