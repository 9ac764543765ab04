"""What may a season (批次) be given? Year, template, dates, parameters and units, all wrong ones named at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.organisation import Organisation
from forms.problem import Problem
from service.campaign_parameters import READERS
from service.campaign_parameters import number as decimal_of
from service.people import day
from service.rules.quality import default
from service.target_context import ASSESSMENT, THRESHOLDS, WAIVED, rule_set

SOURCE = "批次设置要求"
FIRST_YEAR, LAST_YEAR = 2015, 2100
LONGEST_TITLE = 100
MOST_EXPECTED = 10_000
MOST_WORDS, LONGEST_WORD = 300, 20

#: Processes that run in seasons, as pages name their seasons.
TARGETS, MONITORING, EVALUATION = "target_declaration", "performance_monitoring", "self_evaluation"
BUDGET, OVERALL = "library_to_budget", "overall_target"
SEASONS: Mapping[str, str] = MappingProxyType(
    {
        TARGETS: "绩效目标申报",
        MONITORING: "绩效运行监控",
        EVALUATION: "项目支出绩效自评",
        BUDGET: "预算编制",
        OVERALL: "部门整体绩效目标",
    }
)
#: Processes whose seasons open a case for every department.
DEPARTMENTS = (BUDGET, OVERALL)
#: Processes whose seasons open a case for every project of the library themselves.
LAUNCHED = frozenset({MONITORING, EVALUATION})
PHASES: Mapping[str, str] = MappingProxyType({"main": "年度申报", "additional": "年中追加"})
#: The same for seasons that open their cases themselves.
LAUNCHED_PHASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        MONITORING: {"main": "集中监控", "additional": "二次监控"},
        EVALUATION: {"main": "年度自评", "additional": "补充自评"},
        BUDGET: {"main": "年度"},
        OVERALL: {"main": "年度"},
    }
)
#: How scores of the year will be computed; a season's old year is never recomputed with new rules.
RULE_SETS: Mapping[str, str] = MappingProxyType(
    {"LINEAR_2020": "按完成比例计分（财预〔2020〕10号）", "THRESHOLD_2021": "按完成区间计分（财预〔2021〕101号）"}
)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a season's rules that the performance section may set on its page."""

    name: str
    label: str
    unit: str
    minimum: Decimal
    maximum: Decimal
    #: A list of words instead of a number.
    words: bool = False

    def shown(self, value: Any) -> str:
        """A stored value as people read and write it: words apart by 、."""
        return "、".join(str(word) for word in value) if self.words else str(value)


def _number(name: str, label: str, unit: str, maximum: int, minimum: int = 0) -> Parameter:
    return Parameter(name, label, unit, Decimal(minimum), Decimal(maximum))


def _words(name: str, label: str) -> Parameter:
    return Parameter(name, label, "", Decimal(0), Decimal(0), words=True)


#: What the page offers; the API also takes the rule set's other parameters, such as templates of one's own.
PARAMETERS: tuple[Parameter, ...] = (
    _number("key_threshold", "重点项目金额起点", "万元", 100_000_000),
    _number("ex_ante_threshold", "新增项目事前评估起点", "万元", 100_000_000),
    _number("ex_ante_expert_threshold", "事前评估须专家或第三方评审起点", "万元", 100_000_000),
    _number("ex_ante_leader_threshold", "事前评估须局领导审定起点", "万元", 100_000_000),
    _number("ex_ante_support_from", "事前评估予以支持的最低得分", "分", 100),
    _number("ex_ante_adjust_from", "事前评估调整后支持的最低得分", "分", 100),
    _number("adjustment_last_month", "目标调整截止月份（当月末）", "月", 12, 1),
    _number("weight_total", "指标权重合计", "分", 100, 1),
    _number("weight_min", "单项指标权重下限", "分", 100),
    _number("output_weight_max", "单项产出指标权重上限", "分", 100),
    _number("percent_min", "百分比指标值下限", "%", 1000),
    _number("percent_max", "百分比指标值上限", "%", 1000),
    _number("same_value_share", "指标值雷同占比（0 至 1）", "", 1),
    _number("same_value_rows", "检查雷同的最少指标数", "条", 60),
    _number("satisfaction_min", "满意度目标下限", "%", 100),
    _number("satisfaction_below", "满意度目标应低于", "%", 101),
    _number("goal_min_characters", "年度总体目标最少字数", "字", 800),
    _number("key_project_indicators", "大额项目指标数下限", "条", 60),
    _number("name_similarity", "项目名称相似度（0 至 1）", "", 1),
    _number("copied_goal_characters", "检查总体目标雷同的最少字数", "字", 800),
    _words("vague_words", "模糊词"),
    _words("input_words", "投入类用语"),
    _words("activity_words", "工作量用语"),
)
#: The columns of a season that its terms fill.
COLUMNS = (
    "title", "fiscal_year", "phase", "indicator_template", "rule_set", "parameters", "opens_on", "closes_on",
)  # fmt: skip
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


class Terms:
    """The terms of one season as they were sent, read once; `problems` names everything wrong."""

    def __init__(self, session: Session, given: Mapping[str, Any], *, at: datetime, process_id: str = TARGETS) -> None:
        self.problems: list[Problem] = []
        self._process = process_id
        self._today = day(at)
        self._rules = default()
        self.columns: dict[str, Any] = {
            "title": self._title(given.get("title")),
            "fiscal_year": self._year(given.get("fiscal_year")),
            "phase": self._chosen("phase", given.get("phase") or "main", phases(process_id), "期次"),
            "rule_set": self._chosen("rule_set", given.get("rule_set") or "LINEAR_2020", RULE_SETS, "计分规则"),
            "parameters": self._parameters(given.get("parameters") or {}),
        }
        template = given.get("indicator_template") or (None if process_id == TARGETS else "CLASSIC_2020")
        self.columns["indicator_template"] = self._template(template)
        self.columns |= self._period(given.get("opens_on"), given.get("closes_on"))
        self.units = read_units(session, given.get("units") or (), self.problems)

    def _title(self, value: Any) -> str:
        title = str(value or "").strip()
        if not 0 < len(title) <= LONGEST_TITLE:
            self._note("title", f"请填写批次名称，1 至 {LONGEST_TITLE} 个字，如“2027年度项目绩效目标申报”。")
        return title

    def _year(self, value: Any) -> int:
        text = str(value or "").strip()
        year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else 0
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self._note("fiscal_year", f"请填写预算年度，{FIRST_YEAR} 至 {LAST_YEAR} 之间的整数。")
        return year

    def _chosen(self, field: str, value: Any, options: Mapping[str, str], title: str) -> str:
        if value not in options:
            self._note(field, f"请从列表中选择{title}：{'、'.join(options.values())}。")
        return str(value)

    def _period(self, opens: Any, closes: Any) -> dict[str, date | None]:
        start, end = read_day(opens), read_day(closes)
        if start is None:
            self._note("opens_on", "请填写开放日期，如 2026-08-01。")
        if end is None:
            self._note("closes_on", "请填写截止日期，如 2026-09-30。")
        if start and end and end < start:
            self._note("closes_on", f"截止日期{end}早于开放日期{start}，请改正。")
        elif end and end < self._today:
            self._note("closes_on", f"截止日期{end}已过，请改为今天或以后的日期。")
        return {"opens_on": start, "closes_on": end}

    def _parameters(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self._note("parameters", "规则参数应为“名称: 值”的集合，请改正。")
            return {}
        if self._process in READERS:
            return READERS[self._process](given, self._note)
        read = {
            str(name): self._parameter(str(name), value) for name, value in given.items() if value not in ("", None)
        }
        try:
            self._rules = rule_set(read)
        except ValueError as fault:
            self._note("parameters", f"{fault}。")
        return read

    def _parameter(self, name: str, value: Any) -> Any:
        known = _BY_NAME.get(name)
        if name == WAIVED:
            return value is True or value == "1"
        if known is None:
            return value
        if known.words:
            return self._read_words(known, value)
        number = decimal_of(value)
        if number is None or not known.minimum <= number <= known.maximum or (name in THRESHOLDS and number == 0):
            bounds = f"{known.minimum} 至 {known.maximum}{known.unit}"
            self._note(
                f"parameters.{name}", f"“{known.label}”应为 {bounds} 之间的数字，现为“{str(value)[:20]}”，请改正。"
            )
            return str(default_value(name))
        return format(number, "f")

    def _read_words(self, known: Parameter, value: Any) -> list[str]:
        given = value if isinstance(value, Sequence) and not isinstance(value, str) else split_words(str(value))
        words = list(dict.fromkeys(str(word).strip() for word in given if str(word).strip()))
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            text = f"“{known.label}”最多 {MOST_WORDS} 个词，每词不超过 {LONGEST_WORD} 个字，请删减。"
            self._note(f"parameters.{known.name}", text)
        return words

    def _template(self, value: Any) -> str:
        templates = self._rules.templates
        options = {code: template.title for code, template in templates.items()}
        return self._chosen("indicator_template", value or "", options, "指标模板")

    def _note(self, field: str, message: str) -> None:
        self.problems.append(problem(field, message))


def phases(process_id: str) -> Mapping[str, str]:
    """What the seasons of one year are called, by process."""
    return LAUNCHED_PHASES.get(process_id, PHASES)


def default_value(name: str) -> Any:
    """What a parameter is where the season does not set it."""
    known = {**THRESHOLDS, **ASSESSMENT}
    return known[name] if name in known else getattr(default(), name)


def read_units(session: Session, given: Any, problems: list[Problem]) -> dict[str, int | None]:
    """Read the scope of a season: ids of budget units in use, with the number of projects expected from each, if known.

    Wrong entries are added to `problems` at the field `units`.
    """
    wanted: dict[str, int | None] = {}
    for entry in given:
        unit_id = str(entry.get("unit_id", "")) if isinstance(entry, Mapping) else str(entry)
        text = str(entry.get("expected_projects") or "").strip() if isinstance(entry, Mapping) else ""
        if text and not (text.isascii() and text.isdecimal() and int(text) <= MOST_EXPECTED):
            problems.append(problem("units", f"预计项目数“{text[:10]}”应为 0 至 {MOST_EXPECTED} 的整数，请改正。"))
            text = ""
        wanted[unit_id] = int(text) if text else None
    usable = (Organisation.kind == "budget_unit") & Organisation.active & Organisation.id.in_(list(wanted))
    known = set(session.scalars(select(Organisation.id).where(usable)))
    if set(wanted) - known:
        count = len(set(wanted) - known)
        problems.append(problem("units", f"有 {count} 个单位不存在、已停用或不是预算单位，请从列表中重新选择。"))
    return {unit_id: expected for unit_id, expected in wanted.items() if unit_id in known}


def read_day(value: Any) -> date | None:
    """A day given as a date or as ISO text; None for anything else."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError:
        return None


def split_words(text: str) -> list[str]:
    """Words written apart by 、, commas or spaces."""
    for sign in "，,；;\n\t":
        text = text.replace(sign, "、")
    return [word for part in text.split("、") for word in part.split()]


def problem(field: str, message: str) -> Problem:
    """A problem of a season's terms."""
    return Problem(field=field, message=message, severity="error", source=SOURCE)
