"""What did the person send from a task page? The form's pairs as a decision's content, findings, answers and reasons."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

import forms
from forms.definition import FormDefinition

_NAMED = re.compile(r"[^.\[\]]+")
_FINDING = re.compile(r"finding-(\d{1,3})-(field|message|severity)")


def content(definition: FormDefinition, sent: MultiDict[str, str]) -> dict[str, Any]:
    """The form's content as sent, nested; other fields of the page are left out."""
    return forms.unflatten(definition, list(sent.items(multi=True)))


def shown_again(definition: FormDefinition, kept: Mapping[str, Any], sent: MultiDict[str, str]) -> dict[str, Any]:
    """What was just sent, beside what only the system fills in: blanks that were sent stay blank."""
    filled = {field.id: kept[field.id] for field in definition.fields if field.auto and field.id in kept}
    again = {**filled, **content(definition, sent)}
    for table in (field for field in definition.fields if field.given):
        written = {row.get("row_id"): row for row in again.get(table.id) or []}
        auto = {column.id for column in table.columns if column.auto} | {"row_id"}
        rows = [row for row in kept.get(table.id) or [] if isinstance(row, Mapping)]
        again[table.id] = [
            {**written.get(row.get("row_id"), {}), **{name: row[name] for name in auto if name in row}} for row in rows
        ]
    return again


def findings(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """The findings a reviewer wrote, in the order of the page; rows without a text are left out."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        match = _FINDING.fullmatch(name)
        if match:
            rows.setdefault(int(match[1]), {})[match[2]] = value.strip()
    kept = (rows[number] for number in sorted(rows))
    return [
        {"field": row.get("field", ""), "message": row["message"], "severity": row.get("severity") or "error"}
        for row in kept
        if row.get("message")
    ]


def answers(sent: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The drafter's answers by finding id; findings without a chosen kind are left out."""
    found = {}
    for name, value in sent.items():
        if name.startswith("answer-") and name.endswith("-kind") and value:
            finding = name.removeprefix("answer-").removesuffix("-kind")
            found[finding] = {"kind": value, "text": sent.get(f"answer-{finding}-text", "").strip()}
    return found


def reasons(sent: Mapping[str, str]) -> dict[str, str]:
    """The reasons given for warnings, by `<rule>:<field>`."""
    return {
        name.removeprefix("warning-"): value.strip()
        for name, value in sent.items()
        if name.startswith("warning-") and value.strip()
    }


def reason(sent: Mapping[str, str], verb: str) -> str | None:
    """The opinion: of the verb's own dialog, else of the page."""
    for name in (f"reason-{verb}", "opinion", "reason"):
        text = sent.get(name, "").strip()
        if text:
            return text
    return None


def parameters(sent: Mapping[str, str], verb: str) -> dict[str, Any]:
    """What the verb needs beyond form and opinion."""
    if verb == "return":
        return {name: sent[name] for name in ("to", "resubmit") if sent.get(name)}
    if verb == "submit":
        given = {"warnings": reasons(sent), "answers": answers(sent)}
        return {**given, **({"resubmit": sent["resubmit"]} if sent.get("resubmit") else {})}
    return _named(sent, verb)


def _named(sent: Mapping[str, str], verb: str) -> dict[str, Any]:
    """Whom a verb names, and how they join."""
    person = sent.get(f"person-{verb}", "")
    if verb == "drop_seat":
        return {"seat": person}
    if verb == "cc":
        listed = sent.getlist("person-cc") if isinstance(sent, MultiDict) else [person]
        return {"people": [one for one in listed if one]}
    kind = {"kind": sent["kind"]} if verb == "add_seat" and sent.get("kind") else {}
    return {"person": person, **kind} if person or verb in ("transfer", "delegate", "add_seat") else {}


def anchor(path: str) -> str:
    """The id of the place a path names: `indicators[2].weight` is `indicators-2-weight`."""
    return "-".join(_NAMED.findall(path)) or "main-form"


def places(definition: FormDefinition, filled: Mapping[str, Any], *, english: bool) -> list[tuple[str, str]]:
    """Every field and row a reviewer can raise a finding on, as path and label."""
    found = []
    for field in definition.fields:
        if field.type in ("section", "heading"):
            continue
        label = field.label_en if english and field.label_en else field.label
        found.append((field.id, label))
        rows = filled.get(field.id) if field.type == "table" else None
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            name = str(row.get(field.key) or "") if isinstance(row, Mapping) else ""
            found.append((f"{field.id}[{index}]", f"{label} 第{index + 1}行 {name}".rstrip()))
            found += [
                (f"{field.id}[{index}].{column.id}", f"{label} 第{index + 1}行 {column.label}")
                for column in field.columns
            ]
    return found
