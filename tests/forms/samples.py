"""A sound declaration and a sound review, to be spoilt by the tests."""

from copy import deepcopy
from typing import Any

CONTEXT = {
    "indicator_template": "COST_2021",
    "campaign_year": 2027,
    "project_code": "3701172027101001001",
    "unit_code": "101001",
    "unit_name": "区委办公室",
}

_ROWS = (
    ("output", "qty", "培训人次", "ge", "300", "人次", "20"),
    ("output", "qual", "培训合格率", "ge", "95", "%", "20"),
    ("cost", "cost", "培训总成本", "le", "38", "万元", "20"),
    ("benefit", "soc", "就业率", "ge", "60", "%", "20"),
    ("satisfaction", "sat", "学员满意度", "ge", "90", "%", "10"),
)


def declaration(**changes: Any) -> dict[str, Any]:
    """A complete F01 as a client sends it."""
    names = ("level1_code", "level2_code", "level3_name", "operator", "target_value", "measure_unit", "weight")
    rows = [{**dict(zip(names, row, strict=True)), "nature": "quantitative"} for row in _ROWS]
    raw = {
        "fiscal_year": 2027,
        "project_name": "职业技能培训",
        "owner_name": "王晓燕",
        "owner_phone": "0531-75870000",
        "project_attribute": "ongoing",
        "project_category": "特定目标类",
        "start_date": "2027-01-01",
        "end_date": "2027-12-31",
        "functional_subject": "2081104",
        "basis": "济人社发〔2026〕3号",
        "summary": "面向辖区失业人员和转岗职工开展职业技能培训。" * 3,
        "amount_total": "38.50",
        "amount_fiscal": "38.50",
        "amount_district": "30",
        "amount_superior": "8.50",
        "annual_goal": "完成职业技能培训300人次，合格率达到95%以上。",
        "indicators": rows,
        "is_public": True,
    }
    return deepcopy({**raw, **changes})


def review(**changes: Any) -> dict[str, Any]:
    """A complete qualitative F03 as a client sends it."""
    items = [{"code": f"C{number}", "rating": "优"} for number in range(1, 9)]
    return deepcopy({"items": items, "overall_grade": "优", "opinion": "同意", **changes})
