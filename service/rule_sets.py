"""Which rules does a version of a process judge by? Quality rules and scoring rules, kept in its bundle, editable, compared."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import Any

from forms.definition import canonical
from forms.problem import Problem
from service.release_diff import Change
from service.rules import scoring
from service.rules.quality import RuleSet, shipped_parameters, with_parameters

QUALITY = "quality"
SCORING = "scoring"
TITLES: Mapping[str, str] = MappingProxyType({QUALITY: "质量规则", SCORING: "计分规则"})
#: Which rule sets the versions of a process hold: targets are judged by the one and later scored by the other.
OF_PROCESS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"target_declaration": (QUALITY, SCORING), "self_evaluation": (SCORING,)}
)
SOURCE = "P19 · 规则集"
MOST_WORDS, LONGEST_WORD = 300, 20
#: Decimals of a limit.
PLACES = 6


@dataclass(frozen=True)
class RuleParameter:
    """A parameter of a rule set an administrator may set: where it stands, what it is called, its unit and its bounds."""

    rule_set: str
    path: tuple[str, ...]
    label: str
    unit: str = ""
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(0)
    words: bool = False
    #: Document of the rule set it belongs to, where there are several.
    group: str = ""

    @property
    def name(self) -> str:
        """How forms and programs call it."""
        return ".".join((self.rule_set, *self.path))

    def of(self, rule_sets: Mapping[str, Any]) -> Any:
        """Its value in these rule sets, that of the product where they do not have it."""
        value: Any = rule_sets.get(self.rule_set) or _shipped()[self.rule_set]
        for key in self.path:
            value = value[key]
        return value

    def shown(self, rule_sets: Mapping[str, Any]) -> str:
        """Its value as people read and write it: words apart by 、."""
        value = self.of(rule_sets)
        return "、".join(map(str, value)) if self.words else str(value)


def _quality(name: str, label: str, unit: str, maximum: int, minimum: int = 0) -> RuleParameter:
    return RuleParameter(QUALITY, (name,), label, unit, Decimal(minimum), Decimal(maximum))


def _scoring(code: str) -> Iterator[RuleParameter]:
    title = scoring.shipped()[code].document
    numbers = (
        (("execution_weight",), "预算执行率的分值", "分", 100),
        (("completion_floor",), "完成率不高于此不得分（0 至 1）", "", 1),
        (("explain_from",), "完成率从此起须说明原因（倍）", "", 10),
        (("saved_from",), "成本节约从此起须说明原因（0 至 1）", "", 1),
        (("grades", "excellent"), "“优”的起点", "分", 100),
        (("grades", "good"), "“良”的起点", "分", 100),
        (("grades", "fair"), "“中”的起点", "分", 100),
    )
    for path, label, unit, maximum in numbers:
        yield RuleParameter(SCORING, (code, *path), label, unit, Decimal(0), Decimal(maximum), group=title)


#: What the page offers, in its order; everything else of a rule set is carried over unchanged.
PARAMETERS: tuple[RuleParameter, ...] = (
    _quality("weight_total", "指标权重合计", "分", 100, 1),
    _quality("weight_min", "单项指标权重下限", "分", 100),
    _quality("output_weight_max", "单项产出指标权重上限", "分", 100),
    _quality("percent_min", "百分比指标值下限", "%", 1000),
    _quality("percent_max", "百分比指标值上限", "%", 1000),
    _quality("same_value_share", "指标值雷同占比（0 至 1）", "", 1),
    _quality("same_value_rows", "检查雷同的最少指标数", "条", 60),
    _quality("satisfaction_min", "满意度目标下限", "%", 100),
    _quality("satisfaction_below", "满意度目标应低于", "%", 101),
    _quality("goal_min_characters", "年度总体目标最少字数", "字", 800),
    _quality("key_project_indicators", "大额项目指标数下限", "条", 60),
    _quality("name_similarity", "项目名称相似度（0 至 1）", "", 1),
    _quality("copied_goal_characters", "检查总体目标雷同的最少字数", "字", 800),
    RuleParameter(QUALITY, ("vague_words",), "模糊词", words=True),
    RuleParameter(QUALITY, ("input_words",), "投入类用语", words=True),
    RuleParameter(QUALITY, ("activity_words",), "工作量用语", words=True),
    *(parameter for code in scoring.shipped() for parameter in _scoring(code)),
)


def shipped(process_id: str) -> dict[str, Any]:
    """The rule sets that come with the product for a process, as plain JSON: what its first version holds."""
    return {name: _copy(_shipped()[name]) for name in OF_PROCESS.get(process_id, ())}


@cache
def _shipped() -> Mapping[str, Any]:
    rules = {code: rules.to_json() for code, rules in scoring.shipped().items()}
    return MappingProxyType({QUALITY: shipped_parameters(), SCORING: rules})


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def files(rule_sets: Mapping[str, Any]) -> dict[str, bytes]:
    """Rule sets as files of a bundle: what its hash is taken of."""
    return {f"rules.{name}.json": canonical(content) for name, content in rule_sets.items()}


def parameters(rule_sets: Mapping[str, Any]) -> tuple[RuleParameter, ...]:
    """What may be set in these rule sets, in the order of the page."""
    return tuple(parameter for parameter in PARAMETERS if parameter.rule_set in rule_sets)


def quality(rule_sets: Mapping[str, Any], own: Mapping[str, Any]) -> RuleSet:
    """The quality rules of a version with a season's own parameters in place of its own.

    Raises:
        ValueError: a parameter does not exist or cannot be read; the Chinese text names it.
    """
    return with_parameters(own, rule_sets.get(QUALITY))


def changed(rule_sets: Mapping[str, Any], given: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The rule sets with what a person wrote, by `RuleParameter.name`, and everything that is wrong with it.

    Whatever is left empty or not named stays as it is.
    """
    made: dict[str, Any] = _copy(dict(rule_sets))
    found: list[Problem] = []
    for parameter in parameters(made):
        text = given.get(parameter.name, "").strip()
        if not text or text == parameter.shown(made):
            continue
        whole = isinstance(parameter.of(made), int)
        value = _words(parameter, text, found) if parameter.words else _number(parameter, text, whole, found)
        _put(made, parameter, value)
    return made, found or list(problems(made))


def problems(rule_sets: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with rule sets as a whole; a version that holds them could not be judged by."""
    for name in sorted(rule_sets.keys() - TITLES):
        yield _problem(name, f"没有规则集“{name}”，可用的有：{'、'.join(TITLES)}。")
    try:
        quality(rule_sets, {})
    except ValueError as fault:
        yield _problem(QUALITY, f"{fault}。")
    for code, values in (rule_sets.get(SCORING) or {}).items():
        try:
            scoring.read(values)
        except ValueError as fault:
            yield _problem(SCORING, f"{code}：{fault}。")


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """What is different between the rule sets of two versions, in sentences."""
    for parameter in parameters({**old, **new}):
        before, after = parameter.of(old), parameter.of(new)
        if before == after:
            continue
        title = f"{TITLES[parameter.rule_set]}{parameter.group and f'（{parameter.group}）'} {parameter.label}"
        if parameter.words:
            yield from _word_changes(title, list(before), list(after))
        else:
            values = f"{before}{parameter.unit}", f"{after}{parameter.unit}"
            sentence = f"{title}由“{values[0]}”改为“{values[1]}”"
            yield Change(kind="rule.changed", sentence=sentence, before=values[0], after=values[1])


def _word_changes(title: str, before: list[str], after: list[str]) -> Iterator[Change]:
    for kind, verb, words in (
        ("rule.words_added", "增加", [word for word in after if word not in before]),
        ("rule.words_removed", "删去", [word for word in before if word not in after]),
    ):
        if words:
            yield Change(kind=kind, sentence=f"{title}{verb}“{'、'.join(words)}”")


def _number(parameter: RuleParameter, text: str, whole: bool, found: list[Problem]) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    within = number.is_finite() and parameter.minimum <= number <= parameter.maximum
    # Written out, a number like 1e-999999 would be a megabyte of noughts.
    if not within or number != round(number, 0 if whole else PLACES):
        kind = "整数" if whole else f"数字（最多 {PLACES} 位小数）"
        bounds = f"{parameter.minimum} 至 {parameter.maximum}{parameter.unit}"
        said = f"“{parameter.label}”应为 {bounds} 之间的{kind}，现为“{text[:20]}”，请改正。"
        found.append(_problem(parameter.name, said))
        return text
    return format(number, "f")


def _words(parameter: RuleParameter, text: str, found: list[Problem]) -> list[str]:
    parts = text.replace("，", "、").replace(",", "、").replace("\n", "、").split("、")
    words = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        limit = f"最多 {MOST_WORDS} 个词，每词不超过 {LONGEST_WORD} 个字，请删减。"
        found.append(_problem(parameter.name, f"“{parameter.label}”{limit}"))
    return words


def _put(rule_sets: dict[str, Any], parameter: RuleParameter, value: Any) -> None:
    place = rule_sets[parameter.rule_set]
    for key in parameter.path[:-1]:
        place = place[key]
    # Counts stay whole numbers, as the rule set has them.
    last = parameter.path[-1]
    place[last] = int(Decimal(value)) if isinstance(place[last], int) and _is_whole(value) else value


def _is_whole(value: Any) -> bool:
    try:
        return Decimal(str(value)) % 1 == 0
    except InvalidOperation:
        return False


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=SOURCE)
