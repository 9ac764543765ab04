"""Which decision tables does a change of a process bring along? Made, edited, imported, tried and taken away in a draft."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy.orm import Session

from db.base import opaque_id
from service import decision_trial, drafts, readable_tables, release_check
from service.drafts import problem
from service.engine import ReleaseError
from service.engine.lint_foreign import cleaned_text
from service.errors import BadRequest, NotFound, Problems
from service.people import Actor

MOST = 40
LARGEST = 2**20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\.dmn")
_NEW = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
 xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="{name}_file" name={title} namespace="urn:jiheng:decision">
<decision id="{name}" name={title}><decisionTable id="{name}_table" hitPolicy="UNIQUE">
<input id="{name}_input" label="条件"><inputExpression id="{name}_expression" typeRef="number"><text>value</text></inputExpression></input>
<output id="{name}_output" label="结果" name="result" typeRef="string"/>
<rule id="{name}_rule"><inputEntry id="{name}_test"><text>-</text></inputEntry><outputEntry id="{name}_result"><text>""</text></outputEntry></rule>
</decisionTable></decision>
<dmndi:DMNDI><dmndi:DMNDiagram id="{name}_diagram"><dmndi:DMNShape id="{name}_shape" dmnElementRef="{name}"><dc:Bounds height="80" width="180" x="160" y="100"/></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """A decision file as lists show it: its name, its decisions' names, and how many rows they have altogether."""

    name: str
    titles: tuple[str, ...]
    rows: int


def listed(decisions: Mapping[str, str]) -> list[TableFile]:
    """The decision files of a draft or a version, by name; one that cannot be read has no titles."""
    return [_listed(name, text) for name, text in sorted(decisions.items())]


def _listed(name: str, text: str) -> TableFile:
    found = readable_tables.tables(text.encode(), name)
    return TableFile(name=name, titles=tuple(one.name for one in found), rows=sum(len(one.rows) for one in found))


def one(session: Session, draft_id: str, name: str, *, actor: Actor) -> str:
    """The text of a decision file as last saved.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft or file.
    """
    return _text(drafts.one(session, draft_id, actor=actor).decisions, name)


def _text(decisions: Mapping[str, str], name: str) -> str:
    if name not in decisions:
        raise NotFound("草稿中没有这个决策表。")
    return decisions[name]


def add(
    session: Session, draft_id: str, *, actor: Actor, at: datetime, version: int, name: str, title: str
) -> dict[str, Any]:
    """Begin a decision table: one condition, one result, one row that admits everything.

    Args:
        name: English words joined by underscores; the file is called so.

    Raises:
        Problems: name or title cannot be used, or there are 40 files already.
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    file = f"{name.strip().removesuffix('.dmn')}.dmn"
    found = [] if title.strip() else [problem("title", "请填写决策表的名称，如“监控预警灯”。")]
    if not _NAME.fullmatch(file):
        found.append(problem("name", "编号只能用小写字母开头，由小写字母、数字和下划线组成，如 monitoring_light。"))
    elif file in draft.decisions:
        found.append(problem("name", f"已有编号为“{file.removesuffix('.dmn')}”的决策表，请换一个。"))
    if len(draft.decisions) >= MOST:
        found.append(problem("name", f"一个流程最多 {MOST} 个决策表文件。"))
    if found:
        raise Problems(found)
    words = {"name": file.removesuffix(".dmn"), "title": quoteattr(title.strip()[:100])}
    decisions = {**draft.decisions, file: _NEW.format(**words)}
    made = drafts.save(session, draft_id, actor=actor, at=at, version=version, decisions=decisions)
    return {**made, "name": file}


def save(
    session: Session, draft_id: str, name: str, *, actor: Actor, at: datetime, version: int, text: bytes
) -> dict[str, Any]:
    """Keep a decision file as edited, sound or not, without anything other tools added.

    Raises:
        BadRequest: it is too large or no XML.
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    _text(draft.decisions, name)
    decisions = {**draft.decisions, name: _clean(text, name)}
    return drafts.save(session, draft_id, actor=actor, at=at, version=version, decisions=decisions)


def remove(session: Session, draft_id: str, name: str, *, actor: Actor, at: datetime, version: int) -> dict[str, Any]:
    """Take a decision file out of the draft; versions already published keep theirs.

    Raises:
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    _text(draft.decisions, name)
    kept = {other: text for other, text in draft.decisions.items() if other != name}
    return drafts.save(session, draft_id, actor=actor, at=at, version=version, decisions=kept)


def check(text: bytes, name: str) -> dict[str, Any]:
    """What is wrong with a decision file that is being edited, and what it asks for; nothing is kept.

    Returns:
        problems, and outline (see `readable_tables.questions`; empty where the file could not be read in bounds).
    """
    (found,) = release_check.check_texts([(name, text)])
    unread = not found.readable or any(problem["code"] == release_check.UNFINISHED for problem in found.problems)
    questions = [] if unread else readable_tables.questions(text, name)
    return {"problems": [dict(problem) for problem in found.problems], "outline": questions}


def take(text: bytes, filename: str) -> tuple[str, list[dict[str, str]]]:
    """A decision file of another tool as the editor may open it, with what was found and kept out.

    Raises:
        BadRequest: it cannot be read as DMN; the sentence says why.
    """
    (found,) = release_check.check_texts([(filename, text)])
    if found.status == "unreadable":
        raise BadRequest("；".join(problem["message"] for problem in found.problems))
    if not readable_tables.tables(text, filename):
        raise BadRequest(f"文件 {filename} 不是决策表。")
    return _clean(text, filename), [dict(problem) for problem in found.problems]


def new_name(decisions: Mapping[str, str], filename: str) -> str:
    """A free name for an imported file, like its own where that can be used."""
    stem = re.sub(r"[^a-z0-9]+", "_", filename.rpartition("/")[2].lower().removesuffix(".dmn")).strip("_")[:30]
    name = f"{stem}.dmn"
    if not _NAME.fullmatch(name) or name in decisions:
        name = f"table_{opaque_id()[:8].lower()}.dmn"
    return name


def add_imported(
    session: Session, draft_id: str, *, actor: Actor, at: datetime, version: int, filename: str, text: bytes
) -> dict[str, Any]:
    """Bring a decision file of any tool into the draft.

    Returns:
        version, saved_at, name, and ``problems``: what was found in it, what was kept out included.

    Raises:
        BadRequest: it cannot be read as DMN, or there are 40 files already.
        NotAllowed, NotFound, Stale: as `drafts.save` says.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    if len(draft.decisions) >= MOST:
        raise BadRequest(f"一个流程最多 {MOST} 个决策表文件。")
    kept, problems = take(text, filename)
    name = new_name(draft.decisions, filename)
    decisions = {**draft.decisions, name: kept}
    made = drafts.save(session, draft_id, actor=actor, at=at, version=version, decisions=decisions)
    return {**made, "name": name, "problems": problems}


def ask(text: bytes, name: str, decision: str | None, inputs: str) -> dict[str, Any]:
    """Try values on a decision file that is being edited (see `decision_trial.ask`)."""
    return decision_trial.ask(text, name, decision, inputs)


def _clean(text: bytes, name: str) -> str:
    if len(text) > LARGEST:
        raise BadRequest(f"决策表文件超过 {LARGEST // 2**20} MiB，请精简。")
    try:
        return cleaned_text(text, name).decode("utf-8")
    except ReleaseError as fault:
        raise BadRequest(str(fault)) from fault
