"""May cases be run on this form? Beyond its own shape: what the product's rules read of it, and the steps that fill it in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import forms
from forms.definition import SHIPPED, DefinitionError, Field, FormDefinition, permission
from forms.example import example
from service.engine import LintProblem, ReleaseError, UserStep
from service.engine.release import Severity
from service.release_words import step_title

#: A definition is refused unread beyond this.
LARGEST = 512 * 2**10
#: What every review form is told by the system (service.reviews.context).
_CONTEXT = frozenset({"is_key_project", "verb", "return_targets", "decision", "reviewer", "reviewed_at"})
_KEEP = "请恢复它；不想让人看到时，可在“权限”中设为不可见。"


def form_problems(text: bytes, filename: str, steps: Mapping[str, UserStep]) -> Iterator[LintProblem]:
    """Yield what stands against using a definition; ``element_id`` is the place in it, such as ``fields.3.label``.

    Args:
        filename: what the file is called, for messages.
        steps: the steps of the process by id; permissions are judged against those that fill the form in.

    Raises:
        ReleaseError: it is no JSON object, or too large.
    """
    raw = _read(text, filename)
    try:
        definition = forms.parse(raw)
    except DefinitionError as fault:
        for problem in fault.problems:
            message = problem.message.rstrip("。") + "。"
            yield _problem("form.definition", problem.field, message, "请改正后再检查。")
        return
    known = definition.code in SHIPPED
    shipped = forms.load(definition.code) if known else definition
    found = [*_builtin(definition, shipped)] if known else [*_own_problems(definition, filename, steps)]
    yield from found
    yield from _permission_problems(definition, shipped, steps)
    yield from _layout_problems(definition)
    if not found:
        yield from _broken(definition, steps)


def _own_problems(definition: FormDefinition, filename: str, steps: Mapping[str, UserStep]) -> Iterator[LintProblem]:
    """What stands against a form of the district's own: it reviews, it is not what a case is about."""
    code = definition.code
    if filename != f"{code}.json":
        message = f"表单编号“{code}”与文件名 {filename} 不一致。"
        yield _problem("form.code", "code", message, f"请把文件命名为 {code}.json，或改正编号。")
    for name in definition.context:
        if name not in _CONTEXT:
            message = f"“context”中的“{name}”不是系统提供的数据。"
            yield _problem("form.builtin", "context", message, f"可用的有：{'、'.join(sorted(_CONTEXT))}。")
    for index, field in enumerate(definition.fields):
        yield from _own_field(definition, field, f"fields.{index}")
    for step in steps.values():
        if step.form == code and step.outcome("submit") is not None:
            message = f"步骤“{step_title(step)}”填报业务内容，只能填系统内置的表单，不能填“{definition.title}”。"
            yield _problem("form.subject", "code", message, "请改为审核步骤填写，或在内置表单上增加字段。")


def _own_field(definition: FormDefinition, field: Field, place: str) -> Iterator[LintProblem]:
    if field.choices_from and field.choices_from not in definition.context:
        message = f"“{field.label}”的选项来源“{field.choices_from}”不是系统提供的数据。"
        yield _problem("form.builtin", f"{place}.choices_from", message, "请改为直接列出选项。")
    if field.auto and not field.value and field.id not in _CONTEXT:
        message = f"“{field.label}”由系统填写，但系统没有名为“{field.id}”的数据，也没有写“自动取值”。"
        yield _problem("form.auto", place, message, f"请写出取值，或改用：{'、'.join(sorted(_CONTEXT))}。")
    if field.type == "files":
        message = f"“{field.label}”是附件；审核类表单不收附件。"
        yield _problem("form.files", f"{place}.type", message, "请改为文字，附件在事项页上传。")


def sound(raw: Mapping[str, Any]) -> FormDefinition:
    """A definition ready to use.

    Raises:
        ReleaseError: it is not sound in itself; it holds every problem.
    """
    try:
        return forms.parse(raw)
    except DefinitionError as fault:
        raise ReleaseError(
            tuple(_problem("form.definition", one.field, f"{one.message}。", "") for one in fault.problems)
        ) from fault


def _read(text: bytes, filename: str) -> Mapping[str, Any]:
    message = f"文件 {filename} 不是表单定义"
    try:
        raw = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        raw = None
        message += "：不是 JSON"
    if len(text) > LARGEST:
        message = f"文件 {filename} 超过 {LARGEST // 2**10} KiB"
    if not isinstance(raw, dict):
        raise ReleaseError((_problem("form.unreadable", "", f"{message}。", "请从表单设计页导出后再试。"),))
    return raw


def _builtin(definition: FormDefinition, shipped: FormDefinition) -> Iterator[LintProblem]:
    """What rules, imports and counts read of the shipped form has to stay; words, limits and additions are free."""
    if set(definition.context) != set(shipped.context):
        yield _problem("form.builtin", "context", "“context”是系统提供的数据，不能增减。", "请恢复原来的内容。")
    for index, field in enumerate(definition.fields):
        if field.choices_from and field.choices_from not in shipped.context:
            message = f"“{field.label}”的选项来源“{field.choices_from}”不是系统提供的数据。"
            yield _problem("form.builtin", f"fields.{index}.choices_from", message, "请改为直接列出选项。")
    for field in shipped.questions:
        own = definition.field(field.id)
        if own is None:
            message = f"系统内置字段“{field.label}”（{field.id}）不能删去，审核规则、导入和统计要用它。"
            yield _problem("form.builtin", "fields", message, _KEEP)
            continue
        place = f"fields.{definition.fields.index(own)}"
        yield from _changed(own, field, place, "字段")
        for column in field.columns:
            kept = own.column(column.id)
            if kept is None:
                message = f"“{own.label}”的系统内置列“{column.label}”（{column.id}）不能删去。"
                yield _problem("form.builtin", f"{place}.columns", message, "请恢复它。")
            else:
                yield from _changed(kept, column, f"{place}.columns.{own.columns.index(kept)}", "列")


def _changed(own: Field, shipped: Field, place: str, what: str) -> Iterator[LintProblem]:
    title = f"系统内置{what}“{own.label}”（{own.id}）"
    if (own.type, own.auto) != (shipped.type, shipped.auto):
        yield _problem("form.builtin", f"{place}.type", f"{title}的类型和填写方式不能改。", "请恢复原来的类型。")
    lost = {choice.value for choice in shipped.choices} - {choice.value for choice in own.choices}
    if lost:
        message = f"{title}缺少选项{'、'.join(sorted(lost))}，审核规则要用。"
        yield _problem("form.builtin", f"{place}.choices", message, "请恢复这些选项；选项的名称可以改。")
    if [row[own.key] for row in own.fixed_rows if own.key in row] != [row[shipped.key] for row in shipped.fixed_rows]:
        yield _problem("form.builtin", f"{place}.fixed_rows", f"{title}的固定行不能增减或换位。", "请恢复原来的行。")
    if _relied_on(shipped) and not own.required:
        message = f"{title}必须填写，不能改为选填，审核规则和统计要用。"
        yield _problem("form.builtin", f"{place}.required", message, "请改回必填。")


def _relied_on(field: Field) -> bool:
    return field.required and (field.fact or field.material)


def _permission_problems(
    definition: FormDefinition, shipped: FormDefinition, steps: Mapping[str, UserStep]
) -> Iterator[LintProblem]:
    filling = [step for step in steps.values() if step.form == definition.code]
    if not steps:
        return
    for node in definition.permissions:
        if node not in steps and node != "*":
            message = f"权限中的步骤“{node}”不在流程中。"
            yield _problem("form.node", f"permissions.{node}", message, "流程没有这一步时可以删去。", "warning")
    for step in filling:
        editable = [f for f in definition.questions if permission(definition, step.node_id, f.id) == "edit"]
        if not editable:
            message = f"步骤“{step_title(step)}”填写本表，但没有一个字段可以填写。"
            yield _problem("form.nothing", f"permissions.{step.node_id}", message, "请在“权限”中给它可填写的字段。")
            continue
        for field in shipped.questions:
            if _is_closed(field, definition, shipped, step, filling):
                message = f"步骤“{step_title(step)}”不能填写必填的“{field.label}”。"
                yield _problem("form.closed", f"permissions.{step.node_id}", message, "请在“权限”中改为可填写。")
    yield from _unfilled(definition, filling)


def _is_closed(
    field: Field, definition: FormDefinition, shipped: FormDefinition, step: UserStep, filling: Sequence[UserStep]
) -> bool:
    """Whether a step cannot fill in what is relied on, though it could as the form was shipped, or nobody else can."""
    may = {one.node_id for one in filling if permission(definition, one.node_id, field.id) == "edit"}
    if not _relied_on(field) or not field.fillable or definition.field(field.id) is None or step.node_id in may:
        return False
    return not may or permission(shipped, step.node_id, field.id) == "edit"


def _unfilled(definition: FormDefinition, filling: Sequence[UserStep]) -> Iterator[LintProblem]:
    for index, field in enumerate(definition.fields):
        may = {permission(definition, step.node_id, field.id) for step in filling}
        if field.fillable and filling and "edit" not in may:
            wanted = "必填" if field.required else "要由人填写"
            message = f"“{field.label}”{wanted}，但没有一个填写本表的步骤可以填写它。"
            yield _problem("form.unfilled", f"fields.{index}", message, "请在“权限”中让一个步骤填写它。", "warning")


def _layout_problems(definition: FormDefinition) -> Iterator[LintProblem]:
    placed = set()
    for block in definition.layout:
        cells = [cell for row in block.get("rows", ()) for cell in row]
        placed |= {cell[key] for cell in cells for key in ("field", "and", "or") if key in cell}
        placed |= {block["table"]} if "table" in block else set()
    for index, field in enumerate(definition.fields):
        if field.fillable and field.type != "section" and field.id not in placed:
            message = f"“{field.label}”没有排入版式，打印的表上没有它。"
            yield _problem("form.unprinted", f"fields.{index}", message, "请在“版式”中加入它。", "warning")


def _broken(definition: FormDefinition, steps: Mapping[str, UserStep]) -> Iterator[LintProblem]:
    """Fill the form in and show it as each step would: whatever fails now would fail people later."""
    content = example(definition)
    for node in (*steps, ""):
        try:
            for mode in ("edit", "read", "print"):
                forms.view(definition, content, mode=mode, node=node)
            forms.accept(definition, content, node=node)
        except Exception as fault:  # the definition is somebody's text: any failure is a fault of it
            message = f"表单试填时出错，不能使用：{type(fault).__name__} {str(fault)[:120]}。"
            yield _problem("form.broken", "", message, "请撤销最近的修改后再试。")
            return


def _problem(code: str, place: str, message: str, remedy: str, severity: Severity = "error") -> LintProblem:
    return LintProblem(code=code, severity=severity, element_id=place, message=message, remedy=remedy)
