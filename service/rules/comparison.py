"""Which signs and words make a value a lower limit, an upper limit, or the value to be met exactly?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Written before the value, by operator code.
BEFORE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ge": ("≥", ">=", "≧", "=>", "大于等于", "大于或等于", "不低于", "不少于", "不小于", "至少", "达到"),
        "gt": (">", "大于", "超过", "高于", "多于"),
        "eq": ("=", "等于", "=="),
        "le": ("≤", "<=", "≦", "=<", "小于等于", "小于或等于", "不高于", "不超过", "不大于", "不多于", "控制在"),
        "lt": ("<", "小于", "低于", "少于"),
    }
)
#: Written after it.
AFTER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"ge": ("及以上", "以上"), "le": ("及以内", "以内", "及以下", "以下")}
)
