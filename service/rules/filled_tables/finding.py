"""What is wrong in a filled table, and in which cell?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: What can be proved from the table alone, in the order it is looked for.
ERRORS = {
    "MONEY_TOTAL_NE_PARTS": "资金总额不等于各项资金之和",
    "EXEC_OVER_100": "全年执行数大于全年预算数",
    "EXEC_RATE_WRONG": "执行率计算有误",
    "EXEC_RATE_MISSING": "未填执行率",
    "EXEC_SCORE_WRONG": "执行率得分计算有误",
    "EXEC_SCORE_MISSING": "未填执行率得分",
    "WEIGHTS_NE_100": "分值合计不等于100",
    "SCORES_NE_TOTAL": "各项得分之和不等于总分",
    "TOTAL_SCORE_MISSING": "未填总分",
    "SCORE_GT_WEIGHT": "得分超过分值",
    "SCORE_LOST_NO_REASON": "扣分未说明原因",
    "SCORE_MISSING": "未填得分",
    "ACTUAL_MISSING": "未填实际完成值",
}
#: What a reviewer should look at, though the table may be right.
WARNINGS = {
    "TABLE_CUT": "表格不完整，未核对合计",
    "MONEY_TOTAL_MISSING": "填了各项资金，未填资金总额",
    "EXEC_WITHOUT_BUDGET": "有执行数，没有全年预算数",
    "FIGURE_UNREAD": "应为数字的单元格无法识别",
    "TARGET_MISSING": "有分值，没有指标值",
    "WEIGHT_MISSING": "有得分，没有分值",
    "SCORE_NEGATIVE": "得分为负数",
    "SCORE_ABOVE_RULE": "得分高于按完成比例计算的得分",
    "OVER_130_NO_REASON": "完成率达到130%或比指标值节约30%，未说明原因",
    "GOAL_RESULT_MISSING": "未填年度目标完成情况",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault: its code, whether it is proved (error) or only odd (warning), and where it lies.

    ``path`` names the cell in the table (``money[0].rate``), ``cell`` in the workbook (``F8``, "" without one).
    """

    code: str
    severity: Literal["error", "warning"]
    path: str
    message: str
    cell: str = ""


Found = Iterator[Finding]


def fault(code: str, path: str, said: str = "") -> Finding:
    """Return the finding of a code at a place, what was found in this table after the code's own words."""
    known = ERRORS.get(code) or WARNINGS[code]
    return Finding(
        code=code,
        severity="error" if code in ERRORS else "warning",
        path=path,
        message=f"{known}：{said}" if said else known,
    )
