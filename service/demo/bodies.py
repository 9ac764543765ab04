"""Which bodies does the demo district have? Departments, units and sections of the demo data, and the bodies beside them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from db import demo
from service import organisations

#: The finance bureau: its own projects go to the bureau leader (SD6).
FINANCE_BUREAU = "115"
#: Kinds of the demo data's sections that are called otherwise here.
_KINDS = {"it_center": "information_centre"}
#: Bodies the demo data does not list: code, name, kind.
_BESIDE = (
    ("JLD", "区财政局领导", "bureau_leaders"),
    ("SJJ", "区审计局（审计监督）", "audit_office"),
    ("RDCW", "区人大常委会预算工作委员会", "congress"),
    ("ZFB", "区政府办公室（文电）", "government_office"),
    ("FZ", "区司法局（合法性审查）", "justice_bureau"),
    ("ZJK", "（示例）绩效专家库", "external"),
    ("JG01", "（示例）鲁信会计师事务所", "external"),
)

#: Code of the one body of each of these kinds.
SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "budget": "YSK",
        "performance": "JXK",
        "treasury": "GKK",
        "supervision": "JDK",
        "centre": "XXZX",
        "leaders": "JLD",
        "audit": "SJJ",
        "congress": "RDCW",
        "government": "ZFB",
        "justice": "FZ",
        "experts": "ZJK",
        "agency": "JG01",
    }
)


def fund_sections() -> list[str]:
    """Codes of the seven fund sections (资金科室)."""
    return [row["section_code"] for row in demo.rows("sections") if row["section_kind"] == "fund_section"]


def enter(session: Session, *, at: datetime) -> dict[str, str]:
    """Enter every body of the district; returns their ids by official code. The caller commits."""
    ids: dict[str, str] = {}
    for row in demo.rows("sections"):
        kind = _KINDS.get(row["section_kind"], row["section_kind"])
        _enter(session, ids, at, code=row["section_code"], name=row["section_name"], kind=kind)
    for code, name, kind in _BESIDE:
        _enter(session, ids, at, code=code, name=name, kind=kind)
    units = demo.rows("units")
    for row in (unit for unit in units if unit["is_department_head"] == "1"):
        code = row["department_code"]
        section = ids[row["fund_section_code"]]
        own = code == FINANCE_BUREAU
        _enter(
            session, ids, at, code=code, name=row["department_name"], kind="department", fund_section_id=section,
            finance_own=own,
        )  # fmt: skip
    for row in units:
        _enter(session, ids, at, **_unit(row, ids))
    return ids


def _unit(row: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, object]:
    return {
        "code": row["unit_code"],
        "name": row["unit_name"],
        "kind": "budget_unit",
        "parent_id": ids[row["department_code"]],
        "fund_section_id": ids[row["fund_section_code"]],
        "finance_own": row["department_code"] == FINANCE_BUREAU,
        "region_code": row["region_code"],
        "default_functional_subject": row["default_functional_subject"],
    }


def _enter(session: Session, ids: dict[str, str], at: datetime, **values: object) -> None:
    ids[str(values["code"])] = organisations.create(session, values, by=None, at=at)
