"""What must a person know to fill the workbook in? The sheet 填表说明, made from the form and the season's template."""

from __future__ import annotations

from collections.abc import Iterator

from forms.definition import Field, FormDefinition
from service.rules.quality.rule_set import WeightTemplate, default
from service.rules.quality.target import LEVEL1_NAMES
from service.rules.quantities import plain
from service.workbooks.columns import Column, Columns
from service.workbooks.drawing import Book, heighten, put, put_merged, widen

INSTRUCTIONS = "填表说明"
_HEADINGS = ("栏目", "必填", "填写要求", "依据")
_WIDTHS = (24, 10, 70, 44)
_TYPES = {
    "decimal": "数字",
    "integer": "整数",
    "month": "月份，1至12",
    "date": "日期，如 2027-01-01",
    "boolean": "“是”或“否”",
}


def write_instructions(
    book: Book, definition: FormDefinition, columns: Columns, template: WeightTemplate, kind: str
) -> None:
    """Add the sheet of instructions; ``kind`` says how the sheets of this workbook hold their projects."""
    sheet = book.sheet(INSTRUCTIONS)
    widen(sheet, dict(enumerate(_WIDTHS)))
    put_merged(sheet, (0, 0, 0, 3), f"{definition.title} {INSTRUCTIONS}", "title")
    sheet.row_dimensions[1].height = 30
    line = 1
    for number, text in enumerate(_general(definition, template, kind), 1):
        put_merged(sheet, (line, 0, line, 3), f"{number}. {text}", "note")
        heighten(sheet, line, text, sum(_WIDTHS))
        line += 1
    for place, heading in enumerate(_HEADINGS):
        put(sheet, line + 1, place, heading, "heading")
    line += 2
    for title, column in _all(columns):
        field = column.field
        needed = "必填" if field.required else "条件必填" if field.required_if else "系统生成" if field.auto else "选填"
        source = f"{definition.official_code} · {field.source or definition.source}"
        for place, text in enumerate((f"{title}{column.label}", needed, _demand(field), source)):
            put(sheet, line, place, text)
        heighten(sheet, line, _demand(field), _WIDTHS[2])
        line += 1


def _general(definition: FormDefinition, template: WeightTemplate, kind: str) -> Iterator[str]:
    weights = "、".join(f"{LEVEL1_NAMES[group]}{plain(points)}分" for group, points in template.weights.items())
    rest = plain(100 - default().weight_total)
    yield f"本工作簿用于填报{definition.title}（{definition.official_code}），依据{definition.source}。"
    yield kind
    yield "请不要改动表头和工作表名称，可以增加、删除数据行；带下拉箭头的单元格请从列表中选择。"
    yield "金额单位为万元；如按元填写，请把表头中的“万元”改为“元”，导入时自动换算。"
    yield (
        f"指标模板 {template.code}（{template.document}）：{weights}，合计{plain(default().weight_total)}分；"
        f"预算执行率{rest}分由系统计算，不用填写。"
    )
    yield "指标值只填数字，符号填“计算符号”，单位填“计量单位”；写成“≥300人次”也能识别。百分比填 95，不要填 0.95。"
    yield "新项目的项目代码留空，由系统生成；代码类单元格请设为文本格式，Excel 只保留数字的前15位。"
    yield "导入时逐项检查，问题按工作表、行、单元格列出，可下载问题清单；有错误的项目不导入，改正后重新上传即可。"


def _all(columns: Columns) -> Iterator[tuple[str, Column]]:
    for column in columns.project:
        yield "", column
    for name, table in columns.tables.items():
        for column in table:
            if not column.field.auto:
                yield f"{columns.titles[name]}：", column


def _demand(field: Field) -> str:
    """What an answer must look like, from the form's own definition."""
    parts = [_TYPES.get(field.type, "")]
    if field.choices:
        parts.append("选择" + "、".join(f"“{choice.label}”" for choice in field.choices))
    if field.unit and field.type != "integer":
        parts.append(f"单位：{field.unit}")
    if field.type == "decimal":
        parts.append(f"最多{field.places}位小数")
    if field.min_length:
        parts.append(f"不少于{field.min_length}字")
    if field.max_length:
        parts.append(f"不超过{field.max_length}字")
    parts += [field.help, field.pattern_message]
    return "；".join(part for part in parts if part)
