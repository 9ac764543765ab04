"""What does a new version of a form change? Fields, columns, rules, permissions and layout, said in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from service.release_diff import Change

Raw = Mapping[str, Any]

_TYPES = {
    "text": "单行文字", "textarea": "多行文字", "decimal": "小数", "integer": "整数", "date": "日期", "month": "月份",
    "boolean": "是否", "choice": "选项", "computed": "自动计算", "table": "明细表", "files": "附件", "section": "小标题",
}  # fmt: skip
PERMISSIONS = {"edit": "填写", "read": "查看", "hidden": "不可见"}
_NAMES = {
    "label": "名称", "label_en": "英文名称", "help": "填写提示", "unit": "单位", "required": "必填",
    "required_if": "必填条件", "show_if": "显示条件", "value": "自动取值", "formula": "计算公式",
    "min_length": "最少字数", "max_length": "最多字数", "pattern": "格式", "pattern_message": "格式不对时的提示",
    "minimum": "最小值", "maximum": "最大值", "places": "小数位数", "half_width": "半角", "min_rows": "最少行数",
    "max_rows": "最多行数", "max_files": "附件个数上限", "max_mb": "附件大小上限（MB）", "material": "重大事项",
    "fact": "供流程判断", "source": "出处", "rows": "显示行数", "width": "列宽", "type": "类型", "totals": "合计列",
    "accept": "附件类型", "key": "识别列", "previous": "上年数", "follows": "跟随", "choices_from": "选项来源",
}  # fmt: skip
_TOP = {"title": "名称", "title_en": "英文名称", "source": "依据", "official_code": "表号"}


def compare_forms(old: Raw, new: Raw, step: Callable[[str], str] = str) -> tuple[Change, ...]:
    """Compare two definitions of one form; nothing is returned if they ask the same in the same way.

    Args:
        step: gives the title of a step for its id, for permissions.
    """
    return tuple(_form(old, new, step))


def _form(old: Raw, new: Raw, step: Callable[[str], str]) -> Iterator[Change]:
    title = f"表单“{new.get('title', '')}”"
    for name, words in _TOP.items():
        if old.get(name) != new.get(name):
            yield _became("form.head", f"{title}的{words}", old.get(name), new.get(name))
    yield from _fields(title, old.get("fields", ()), new.get("fields", ()), "字段")
    yield from _rules(f"{title}", old.get("rules", ()), new.get("rules", ()))
    yield from _permissions(title, old, new, step)
    if old.get("layout", []) != new.get("layout", []):
        yield Change(kind="form.layout", sentence=f"{title}的打印版式有调整")


def _fields(title: str, old: Sequence[Raw], new: Sequence[Raw], what: str) -> Iterator[Change]:
    before = {field.get("id"): field for field in old}
    after = {field.get("id"): field for field in new}
    for name, field in after.items():
        if name not in before:
            kind = _TYPES.get(field.get("type", ""), str(field.get("type", "")))
            needed = "，必填" if field.get("required") else ""
            sentence = f"{title}新增{what}“{field.get('label')}”（{kind}{needed}）"
            yield Change(kind="form.field_added", sentence=sentence)
    for name, field in before.items():
        if name not in after:
            yield Change(kind="form.field_removed", sentence=f"{title}删去{what}“{field.get('label')}”")
        else:
            yield from _field(f"{title}{what}“{after[name].get('label')}”", field, after[name])
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield Change(kind="form.order", sentence=f"{title}的{what}次序有调整")


def _field(title: str, old: Raw, new: Raw) -> Iterator[Change]:
    for name, words in _NAMES.items():
        if old.get(name) != new.get(name):
            yield _became("form.field_changed", f"{title}的{words}", _shown(name, old), _shown(name, new))
    yield from _choices(title, old.get("choices", ()), new.get("choices", ()))
    yield from _fields(title, old.get("columns", ()), new.get("columns", ()), "列")
    yield from _rules(title, old.get("rules", ()), new.get("rules", ()))
    if old.get("fixed_rows", []) != new.get("fixed_rows", []):
        yield Change(kind="form.field_changed", sentence=f"{title}的固定行有调整")


def _shown(name: str, field: Raw) -> Any:
    value = field.get(name)
    return _TYPES.get(str(value), value) if name == "type" else value


def _choices(title: str, old: Sequence[Raw], new: Sequence[Raw]) -> Iterator[Change]:
    before = {choice.get("value"): choice for choice in old}
    after = {choice.get("value"): choice for choice in new}
    for value, choice in after.items():
        if value not in before:
            yield Change(kind="form.choices", sentence=f"{title}新增选项“{choice.get('label')}”")
    for value, choice in before.items():
        if value not in after:
            yield Change(kind="form.choices", sentence=f"{title}删去选项“{choice.get('label')}”")
            continue
        for name, words in (("label", "名称"), ("when", "适用条件")):
            if choice.get(name) != after[value].get(name):
                where = f"{title}选项“{choice.get('label')}”的{words}"
                yield _became("form.choices", where, choice.get(name), after[value].get(name))


def _rules(title: str, old: Sequence[Raw], new: Sequence[Raw]) -> Iterator[Change]:
    """Rules have no names: those with one test are the same, and so are those with one message."""
    left, fresh = list(old), []
    for rule in new:
        partner = next((one for one in left if one.get("test") == rule.get("test")), None)
        if partner is None:
            fresh.append(rule)
            continue
        left.remove(partner)
        if partner.get("message") != rule.get("message"):
            where = f"{title}规则“{rule.get('test')}”的提示"
            yield _became("form.rule", where, partner.get("message"), rule.get("message"))
        if partner.get("at") != rule.get("at"):
            yield _became("form.rule", f"{title}规则“{rule.get('test')}”的位置", partner.get("at"), rule.get("at"))
    for rule in fresh:
        partner = next((one for one in left if one.get("message") == rule.get("message")), None)
        if partner is None:
            sentence = f"{title}新增规则：须 {rule.get('test')}，否则提示“{rule.get('message')}”"
            yield Change(kind="form.rule", sentence=sentence)
        else:
            left.remove(partner)
            yield _became("form.rule", f"{title}规则“{rule.get('message')}”", partner.get("test"), rule.get("test"))
    for rule in left:
        yield Change(kind="form.rule", sentence=f"{title}删去规则“{rule.get('message')}”")


def _permissions(title: str, old: Raw, new: Raw, step: Callable[[str], str]) -> Iterator[Change]:
    """What may be done with fields at steps; fields and steps that change alike are said together."""
    nodes = [node for node in dict.fromkeys([*old.get("permissions", {}), *new.get("permissions", {})]) if node != "*"]
    names = {**{node: f"“{step(node)}”" for node in nodes}, "*": "其他步骤和查阅页"}
    known = {one.get("id") for one in old.get("fields", ())}
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for field in new.get("fields", ()):
        for change, places in _moves(old, new, field["id"], names, field["id"] not in known).items():
            alike.setdefault((change, tuple(places)), []).append(field["label"])
    for (change, where), labels in alike.items():
        named = "、".join(f"“{label}”" for label in labels[:6]) + ("等" if len(labels) > 6 else "")
        yield Change(kind="form.permission", sentence=f"{title}的{named}在{'、'.join(where)}{change}")


def _moves(old: Raw, new: Raw, field: str, names: Mapping[str, str], fresh: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node, name in names.items():
        before, after = _granted(old, node, field), _granted(new, node, field)
        word = PERMISSIONS.get(after, after)
        if fresh and after != "read":
            found.setdefault(word if after == "hidden" else f"可以{word}", []).append(name)
        elif not fresh and before != after:
            found.setdefault(f"由{PERMISSIONS.get(before, before)}改为{word}", []).append(name)
    return found


def _granted(raw: Raw, node: str, field: str) -> str:
    rules = raw.get("permissions", {}).get(node) or raw.get("permissions", {}).get("*") or {}
    return str(rules.get(field) or rules.get("*") or "read")


def _became(kind: str, what: str, before: Any, after: Any) -> Change:
    texts = _text(before), _text(after)
    return Change(kind=kind, sentence=f"{what}由“{texts[0]}”改为“{texts[1]}”", before=texts[0], after=texts[1])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(str, value)) or "无"
    return "无" if value in (None, "") else str(value)
