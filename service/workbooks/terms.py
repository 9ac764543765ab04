"""Which code does a written term mean (≥, 不低于, 产出指标, 新增 …)?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from service.rules.comparison import AFTER, BEFORE
from service.rules.quantities import day_of, half_width, number_of, plain

#: The signs and words, and the code numbers other systems export.
_OPERATORS = {
    "ge": (*BEFORE["ge"], "2"),
    "gt": (*BEFORE["gt"], "1"),
    "eq": (*BEFORE["eq"], "3"),
    "le": (*BEFORE["le"], "5"),
    "lt": (*BEFORE["lt"], "4"),
    "date": ("不晚于", "截止", "之前", "前", "date"),
    "qual": ("定性", "qual", "6"),
}
_CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "operator": _OPERATORS,
    "level1_code": {
        "cost": ("成本",),
        "output": ("产出",),
        "benefit": ("效益", "效果"),
        "satisfaction": ("满意度", "服务对象满意度"),
    },
    "level2_code": {
        "qty": ("数量",),
        "qual": ("质量",),
        "time": ("时效", "进度"),
        "cost": ("成本", "经济成本", "社会成本", "生态环境成本"),
        "econ": ("经济效益", "经济"),
        "soc": ("社会效益", "社会"),
        "eco": ("生态效益", "生态", "环境效益", "生态环境效益"),
        "sus": ("可持续影响", "可持续", "可持续发展", "可持续发展影响"),
        "sat": ("满意度", "服务对象满意度", "社会公众满意度", "公众满意度", "群众满意度", "受益对象满意度"),
    },
    "nature": {"quantitative": ("定量",), "qualitative": ("定性",), "date": ("时间", "日期", "时限")},
    "project_attribute": {
        "new": ("新增", "新增项目", "新设", "新立项"),
        "ongoing": ("延续", "延续项目", "延续性项目", "经常性", "经常性项目", "常年"),
    },
    "ex_ante_conclusion": {
        "support": ("支持", "予以支持"),
        "support_after_adjustment": ("调整后支持", "调整完善后予以支持", "部分支持"),
        "not_support": ("不支持", "不予支持"),
    },
}
#: No number with its unit is longer; a description may be.
_LONGEST_TARGET = 100
_PERIOD = re.compile(r"(\d{4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2})?\s*[日月]?)")
_VALUE = re.compile(r"([-+]?\d[\d,]*(?:\.\d+)?)\s*([%‰A-Za-z㎡℃\u4e00-\u9fff][^\d≥≤<>=]{0,15}[23]?)?$")
_MONTH_END = re.compile(r"(\d{1,2})月(?:底|末|份)?(\d{1,2}日)?(?:之?前|以前)?$")


def code_of(name: str, text: str, labels: Mapping[str, str]) -> str | None:
    """Return the code a term means for a field; ``labels`` are the form's own (label → code). None if it means none."""
    plain_text = re.sub(r"\s+", "", half_width(text))
    own = {half_width(label): code for label, code in labels.items()}
    if plain_text in own:
        return own[plain_text]
    if plain_text in own.values():
        return plain_text
    short = plain_text.removesuffix("指标")
    for code, names in _CHOICES.get(name, {}).items():
        if plain_text in names or short in names:
            return code
    return None


def term_of(name: str, code: str) -> str:
    """Return the usual term for a code of a field without labels of its own, the code itself if there is none."""
    return _CHOICES.get(name, {}).get(code, (code,))[0]


def truth_of(text: str) -> bool | None:
    """Return what 是 and 否 (√, ×, 公开, 不公开) mean, None for anything else."""
    plain_text = half_width(text).strip().lower()
    if plain_text in ("是", "√", "y", "yes", "true", "1", "公开"):
        return True
    return False if plain_text in ("否", "×", "x", "n", "no", "false", "0", "不公开") else None


def period_of(text: str) -> tuple[date, date] | None:
    """Return both days of ``2021-01-01至2021-12-31`` or ``2021.1—2021.12`` (whole months), None if they are not there."""
    found = _PERIOD.findall(half_width(text))
    if len(found) != 2:
        return None
    start, end = day_of(found[0].strip()), day_of(found[1].strip())
    if start is None or end is None:
        return None
    whole_month = len(re.findall(r"\d+", found[0])) == 2
    return (start.replace(day=1) if whole_month else start), end


def split_target(text: str, year: int | None = None) -> tuple[str, str, str]:
    """Split what people write as a target: ``≥300人次`` is (ge, 300, 人次); parts not written are "".

    Days (``2027年11月底前``, with the project's year also ``11月底前``) are (date, ISO day, ""); anything else comes
    back whole as the value.
    """
    if len(text) > _LONGEST_TARGET:
        return "", text.strip(), ""
    rest = half_width(text).strip()
    day = day_of(rest) or _day_of_year(rest, year)
    if day is not None:
        return "date", day.isoformat(), ""
    operator, rest = _leading_operator(rest)
    trailing, rest = _trailing_operator(rest)
    operator = operator or trailing
    match = _VALUE.match(rest)
    if match is None:
        after = day_of(rest) if operator else None
        return ("date", after.isoformat(), "") if after else ("", text.strip(), "")
    number = number_of(match[1])
    if number is None:
        return "", text.strip(), ""
    return operator, plain(number), (match[2] or "").strip()


def _leading_operator(text: str) -> tuple[str, str]:
    for code, sign in sorted(
        ((code, sign) for code, signs in _OPERATORS.items() for sign in signs if not sign.isalnum() or len(sign) > 1),
        key=lambda pair: -len(pair[1]),
    ):
        if text.startswith(sign) and code not in ("date", "qual"):
            return code, text[len(sign) :].strip()
    return "", text


def _trailing_operator(text: str) -> tuple[str, str]:
    for code, endings in AFTER.items():
        for ending in endings:
            if text.endswith(ending) and len(text) > len(ending):
                return code, text[: -len(ending)].strip()
    return "", text


def _day_of_year(text: str, year: int | None) -> date | None:
    return day_of(f"{year}年{text}") if year and _MONTH_END.match(text) else None


def amount_of(value: object, unit: str) -> Decimal | None:
    """Return an amount in 万元 from a cell in ``unit`` (万元 unless named; a unit in the cell itself goes first).

    None where the cell holds no number.
    """
    text = half_width(str(value)).strip()
    for name in ("亿元", "百万元", "万元", "千元", "元"):
        if text.endswith(name):
            text, unit = text[: -len(name)].strip(), name
            break
    number = number_of(text)
    return None if number is None else number * _IN_WAN[unit or "万元"]


_IN_WAN = {
    "亿元": Decimal(10000),
    "百万元": Decimal(100),
    "万元": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
