"""Which invented district is shown? The demo data (演示数据，全部虚构) as rows; `README.md` describes the files."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from importlib.resources import files
from typing import Any


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of ``<name>.csv``, every cell as text. FileNotFoundError for a name there is not."""
    text = (files(__package__) / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def measure_units() -> tuple[str, ...]:
    """Return the names of the measure units (计量单位) of the demo district."""
    names = json.loads((files(__package__) / "measure_units.json").read_text("utf-8"))
    return tuple(str(name) for name in names)


def projects() -> list[dict[str, Any]]:
    """Return the 477 projects as interchange mappings: the project's cells, its unit's names and ``indicators``.

    Numbers stay texts (万元, points); cells not filled in are left out, so the mapping reads like a JSON file that
    an outside system would send.
    """
    units = {unit["unit_code"]: unit for unit in rows("units")}
    indicators: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("indicators"):
        indicators[row["project_code"]].append(_filled(row))
    found: list[dict[str, Any]] = []
    for row in rows("projects"):
        unit = units[row["unit_code"]]
        project: dict[str, Any] = {
            **_filled(row),
            **{name: unit[name] for name in ("unit_name", "department_code", "department_name", "fund_section_code")},
            "fiscal_year": int(row["fiscal_year"]),
            "is_public": row["is_public"] == "1",
            "indicators": indicators[row["project_code"]],
        }
        found.append(project)
    return found


def _filled(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value != ""}
