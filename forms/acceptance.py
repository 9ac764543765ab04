"""May this content be taken in? Everything sent for one step is read, filled up, checked and reported at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms.completeness import Finding, gaps
from forms.content import evaluate, plain, scopes, settled, typed
from forms.definition import Field, FormDefinition, permission
from forms.problem import Problem
from forms.rowkeys import carry_over, given_rows, row_keys
from forms.schema import NOT_A_FORM, UNKNOWN, loaded, schema_of, shown_name

MAX_UNKNOWN = 20


def accept(
    definition: FormDefinition,
    raw: Any,
    *,
    node: str,
    context: Mapping[str, Any] | None = None,
    current: Mapping[str, Any] | None = None,
    complete: bool = True,
) -> tuple[dict[str, Any], list[Problem]]:
    """Read what was sent for a form at one step; return clean content and every problem.

    ``raw`` is JSON or what ``unflatten`` made of a page. ``node`` decides what may be edited; the other fields keep
    the value they have in ``current``. ``context`` fills the automatic fields and answers the conditions (indicator
    template, key project …); ``context["previous"]`` is last year's content. With ``complete=False`` (暂存) only
    what cannot be read is a problem. The content is JSON-able: numbers as exact text (money in 万元, never rounded),
    days as ISO text; cells not filled in are absent, hidden fields dropped, computed ones left to ``compute``.
    Each problem names the field, the row (第3行) and the document that asks for it; the order is the form's.
    Never raises, whatever ``raw`` is.
    """
    return _Intake(definition, node, context or {}, current or {}, complete).run(raw)


class _Intake:
    def __init__(
        self,
        definition: FormDefinition,
        node: str,
        context: Mapping[str, Any],
        current: Mapping[str, Any],
        complete: bool,
    ) -> None:
        self.definition = definition
        self.context = context
        self.current = current
        self.complete = complete
        self.editable = {field.id for field in definition.questions if permission(definition, node, field.id) == "edit"}

    def run(self, raw: Any) -> tuple[dict[str, Any], list[Problem]]:
        if not isinstance(raw, Mapping):
            return {}, [Problem(field="", message=NOT_A_FORM, severity="error", source=self._source(None))]
        known = {field.id for field in self.definition.questions}
        sent = {name: value for name, value in raw.items() if name in self.editable or name not in known}
        sent |= given_rows(self.definition, sent, self.current, self.editable)
        values, faults = loaded(schema_of(self.definition), sent)
        findings = list(self._readable(faults))
        self._fill(values)
        row_keys(self.definition, values, self.current)
        previous = self.context.get("previous")
        carry_over(self.definition, values, self.current, previous if isinstance(previous, Mapping) else {})
        broken = {finding.path for finding in findings}
        self._hide(values)
        if self.complete:
            everything, where = settled(self.definition, values, self.context)
            findings += self._forged(raw, plain(everything))
            findings += gaps(self.definition, values, where, editable=self.editable, broken=broken)
        content: dict[str, Any] = plain(values)
        return content, self._problems(findings)

    def _readable(self, faults: Any) -> Iterator[Finding]:
        for name, texts in list(faults.items())[: MAX_UNKNOWN + len(self.editable)]:
            field = self.definition.field(str(name))
            if field is None:
                yield Finding(path=shown_name(name), text=f"表单没有“{shown_name(name)}”这一项，请删去后重新提交")
            elif isinstance(texts, Mapping):
                yield from _cells(field, texts)
            else:
                yield from (Finding(field=field, path=field.id, text=str(text)) for text in texts)

    def _fill(self, values: dict[str, Any]) -> None:
        """Give the fields nobody may edit here the value of the system, else the one they already have."""
        for field in self.definition.questions:
            if field.auto:
                value = self.context.get(field.id)
                if value is None and field.value:
                    value = evaluate(field.value, *scopes(self.definition, values, self.context))
                if value is None:
                    value = self.current.get(field.id)
                if value is not None:
                    values[field.id] = typed(field, value)
            elif field.id not in self.editable and self.current.get(field.id) is not None and field.fillable:
                values[field.id] = self._kept(field)

    def _kept(self, field: Field) -> Any:
        kept, _ = loaded(schema_of(self.definition), {field.id: self.current[field.id]})
        return kept.get(field.id)

    def _hide(self, values: dict[str, Any]) -> None:
        where: tuple[Mapping[str, Any], ...] = ()
        for field in self.definition.questions:
            if not field.show_if:
                continue
            where = where or settled(self.definition, values, self.context)[1]
            if evaluate(field.show_if, *where) is False and field.id in values:
                del values[field.id]
                where = ()

    def _forged(self, raw: Mapping[str, Any], have: Mapping[str, Any]) -> Iterator[Finding]:
        """Report what a client sends for fields the system fills or this step may only read, unless it is the same."""
        for field in self.definition.questions:
            sent = raw.get(field.id)
            if field.id in self.editable or sent in (None, "", []) or _same(field, sent, have.get(field.id)):
                continue
            text = "在本环节只能查看，不能修改" if field.fillable else "由系统填写，请不要提交"
            yield Finding(field=field, path=field.id, text=text)

    def _source(self, field: Field | None, source: str = "") -> str:
        document = source or (field.source if field else "") or self.definition.source
        return f"{self.definition.official_code} 填表要求 · {document}"

    def _problems(self, findings: list[Finding]) -> list[Problem]:
        order = {field.id: index for index, field in enumerate(self.definition.fields)}
        last = len(order)
        findings.sort(key=lambda finding: finding.place(order, last))
        problems = (
            Problem(
                field=finding.path,
                message=finding.sentence(),
                severity="error",
                source=self._source(finding.column or finding.field, finding.source),
            )
            for finding in findings
        )
        return list(dict.fromkeys(problems))


def _cells(table: Field, faults: Mapping[Any, Any]) -> Iterator[Finding]:
    for row, cells in faults.items():
        for name, texts in cells.items():
            column = table.column(str(name))
            path = f"{table.id}[{row}].{shown_name(name)}" if name != "_schema" else f"{table.id}[{row}]"
            for text in texts:
                said = f"没有“{shown_name(name)}”这一列，请删去后重新提交" if text == UNKNOWN else str(text)
                yield Finding(field=table, column=column, row=row, path=path, text=said)


def _same(field: Field, sent: Any, have: Any) -> bool:
    if have is None:
        return False
    return bool(plain(typed(field, sent)) == have) or str(sent) == str(have)
