"""What do the demo district's projects declare in a year? The demo data moved to that year, and changed for the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import islice
from typing import Any

from db import demo
from service.demo.chance import dice
from service.demo.names import invented
from service.rules.interchange import from_interchange
from service.rules.quantities import plain

#: Year of the demo data.
DATA_YEAR = 2021
TEMPLATE = "CLASSIC_2020"
#: Cells the system fills in, or the drafter's own: never taken from the data.
_OWN = (
    "project_code", "unit_code", "unit_name", "department_code", "department_name", "owner_phone", "ex_ante_conclusion",
)  # fmt: skip
_AMOUNTS = ("amount_fiscal", "amount_district", "amount_superior", "amount_other")
_YEAR = re.compile(r"(?<!〔)(20\d\d)(?=年)")
#: Of so many projects one is not asked for again.
_DROPPED_OF = 60


@dataclass(frozen=True)
class Declared:
    """One project as a unit declares it for a year."""

    #: Code in the demo data; two years of one project have the same.
    code: str
    unit: str
    #: Content of F01 as its drafter writes it.
    content: Mapping[str, Any]
    #: Conclusion and score of the ex-ante assessment; None where none is needed.
    ex_ante: tuple[str, str | None] | None = None
    #: False for a project that did not exist the year before.
    continued: bool = False

    @property
    def amount(self) -> Decimal:
        """Amount of the year, 万元."""
        return Decimal(str(self.content["amount_total"]))


def this_year(fiscal_year: int) -> list[Declared]:
    """The 477 projects of the demo data as declarations for a fiscal year, in the order of their codes."""
    return [
        Declared(
            code=project["project_code"],
            unit=project["unit_code"],
            content=_moved(from_interchange(project, TEMPLATE), fiscal_year - DATA_YEAR),
            ex_ante=_assessed(project),
        )
        for project in demo.projects()
    ]


def next_year(fiscal_year: int) -> list[Declared]:
    """What the units ask for a year later: most projects again with other figures, some no more, some new."""
    before = this_year(fiscal_year - 1)
    again = [project for project in before if dice("dropped", project.code).randrange(_DROPPED_OF)]
    by_code = {project.code: project for project in before}
    new = [_new(row, by_code[row["like"]], fiscal_year) for row in demo.rows("new_projects")]
    return [*(_continued(project, fiscal_year) for project in again), *new]


def _assessed(project: Mapping[str, Any]) -> tuple[str, str | None] | None:
    conclusion = project.get("ex_ante_conclusion")
    return (conclusion, project.get("ex_ante_score")) if conclusion else None


def _moved(content: Mapping[str, Any], years: int) -> dict[str, Any]:
    """A declaration moved by years: dates, and years named in its texts."""
    moved = {name: value for name, value in content.items() if name not in _OWN}
    for name in ("start_date", "end_date"):
        moved[name] = _later(content[name], years)
    for name in ("basis", "summary", "annual_goal", "midterm_goal"):
        if moved.get(name):
            moved[name] = _YEAR.sub(lambda found: str(int(found[1]) + years), moved[name])
    moved["indicators"] = [_moved_row(row, years) for row in content["indicators"]]
    moved["owner_phone"] = f"0531-7587{dice('phone', content['project_code']).randrange(10_000):04d}"
    moved["owner_name"] = _owner(content["project_code"])
    return {**moved, "fiscal_year": content["fiscal_year"] + years}


def _moved_row(row: Mapping[str, Any], years: int) -> dict[str, Any]:
    if row.get("nature") != "date":
        return dict(row)
    return {**row, "target_value": _later(row["target_value"], years)}


def _later(text: str, years: int) -> str:
    day = date.fromisoformat(text)
    return day.replace(year=day.year + years).isoformat()


def _owner(code: str) -> str:
    """Who runs a project: somebody invented, the same person every year."""
    return _owners()[dice("owner", code).randrange(len(_owners()))]


@cache
def _owners() -> tuple[str, ...]:
    return tuple(islice(invented(), 600, 720))


def _continued(project: Declared, fiscal_year: int) -> Declared:
    """The same project a year later: another amount and, mostly, another quantity, in cells and texts alike."""
    content = _moved({**project.content, "project_code": project.code}, 1)
    content["project_attribute"] = "ongoing"
    random = dice("figures", fiscal_year, project.code)
    content = with_amount(content, _changed(project.amount, random.uniform(0.92, 1.12), 1))
    if random.random() < 0.7:
        content = _with_quantity(content, random.uniform(1.01, 1.12))
    return Declared(code=project.code, unit=project.unit, content=content, continued=True)


def _new(row: Mapping[str, str], like: Declared, fiscal_year: int) -> Declared:
    """A new project of a unit, in the manner of one that it knows; the texts name it by its own name."""
    content = _moved({**like.content, "project_code": row["code"]}, 1)
    old_name, name = str(like.content["project_name"]), row["project_name"]
    content = _with_value(with_amount(content, Decimal(row["amount_total"])), Decimal(row["quantity"]))
    summary = str(content["summary"]).replace(old_name, name)
    content = {**content, "project_name": name, "project_attribute": "new", "summary": summary}
    conclusion = row["ex_ante_conclusion"]
    assessed = (conclusion, row["ex_ante_score"] or None) if conclusion else None
    return Declared(code=row["code"], unit=like.unit, content=content, ex_ante=assessed)


def with_amount(content: Mapping[str, Any], amount: Decimal) -> dict[str, Any]:
    """The declaration with another amount of the year (万元); sources, cost indicators and texts follow."""
    old = Decimal(str(content["amount_total"]))
    factor = amount / old
    parts = {name: _changed(Decimal(str(content.get(name) or 0)), factor, 2) for name in _AMOUNTS}
    parts["amount_other"] = min(parts["amount_other"], amount)
    parts["amount_fiscal"] = amount - parts["amount_other"]
    parts["amount_superior"] = min(parts["amount_superior"], parts["amount_fiscal"])
    parts["amount_district"] = parts["amount_fiscal"] - parts["amount_superior"]
    changed = {**content, "amount_total": plain(amount), **{name: plain(value) for name, value in parts.items()}}
    if content.get("midterm_amount_total"):
        changed["midterm_amount_total"] = plain(_changed(Decimal(str(content["midterm_amount_total"])), factor, 2))
    changed["indicators"] = [_with_cost(row, old, amount) for row in content["indicators"]]
    return _retold(changed, f"{plain(old)}万元", f"{plain(amount)}万元")


def _with_cost(row: Mapping[str, Any], old: Decimal, amount: Decimal) -> dict[str, Any]:
    whole = row.get("level2_code") == "cost" and row.get("measure_unit") == "万元"
    if not whole or Decimal(str(row["target_value"])) > max(old, amount):
        return dict(row)
    share = Decimal(str(row["target_value"])) / old
    return {**row, "target_value": plain(_changed(amount, float(share), 2))}


def _with_quantity(content: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The declaration with more of its main quantity, if that is a count of some size."""
    row = content["indicators"][0]
    value = Decimal(str(row["target_value"])) if row["nature"] == "quantitative" else Decimal(0)
    if row["operator"] not in ("ge", "gt") or row.get("measure_unit") == "%" or value < 10 or value != int(value):
        return dict(content)
    step = Decimal(10) ** max(len(str(int(value))) - 2, 0)
    return _with_value(content, max(_rounded(value * Decimal(str(factor)), step), value))


def _with_value(content: Mapping[str, Any], value: Decimal) -> dict[str, Any]:
    """The declaration with another value of its first indicator; the texts follow."""
    first, *others = content["indicators"]
    old, unit = Decimal(str(first["target_value"])), first.get("measure_unit") or ""
    rows = [{**first, "target_value": plain(value)}, *others]
    return _retold({**content, "indicators": rows}, f"{plain(old)}{unit}", f"{plain(value)}{unit}")


def _retold(content: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The texts with a figure replaced where it stands by itself."""
    pattern = re.compile(rf"(?<![\d.]){re.escape(old)}")
    for name in ("summary", "annual_goal", "midterm_goal"):
        if content.get(name):
            content[name] = pattern.sub(new, content[name])
    return content


def _changed(amount: Decimal, factor: float | Decimal, places: int) -> Decimal:
    return (amount * Decimal(str(factor))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step
