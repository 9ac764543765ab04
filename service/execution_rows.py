"""Which rows of a file of execution figures can be taken, and what is wrong with the others, cell by cell?"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign, CampaignUnit
from db.project import Project, TargetVersion
from service.rules.quantities import half_width, number_of
from service.workbooks.container import WorkbookRefused
from service.workbooks.grid import Sheet, address, extract

SOURCE = "P10 · 国库执行数导入要求"
MOST_ROWS = 5000
LARGEST_CSV = 5 * 2**20
#: What the columns may be called, without spaces and units.
_HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "project_code": ("项目代码", "项目编码"),
        "project_name": ("项目名称",),
        "annual_budget": ("调整后预算数", "调整后预算", "年度预算数", "预算数"),
        "carry_over": ("上年结转", "结转数", "上年结转数"),
        "executed": ("执行数", "累计执行数", "支出数", "累计支出数"),
    }
)
_TITLES = {name: words[0] for name, words in _HEADINGS.items()}
MONEY = ("annual_budget", "carry_over", "executed")
#: Amounts come in 万元 unless the heading says 元.
_YUAN = Decimal(10_000)
_MOST = Decimal(10) ** 11


@dataclass(frozen=True)
class Line:
    """One row of a file or a call as it was sent: its place, its cells by name, the cell each stood in."""

    row: int
    cells: Mapping[str, Any]
    places: Mapping[str, str]


def lines(filename: str, content: bytes) -> Iterator[Line]:
    """The rows of an uploaded workbook or CSV file, in the first sheet that has the needed headings.

    Raises:
        WorkbookRefused: it is neither, too large, or has no such headings.
    """
    if content.startswith(b"PK") or filename.lower().endswith((".xlsx", ".xlsm")):
        sheets = [sheet for sheet in extract(content) if sheet.visible and sheet.rows]
    else:
        sheets = [_csv_sheet(content)]
    for sheet in sheets:
        found = _headings(sheet)
        if found is not None:
            yield from _sheet_lines(sheet, *found)
            return
    raise WorkbookRefused("没有找到表头：至少应有“项目代码”“调整后预算数”“执行数”三列，请使用系统下载的模板")


def _csv_sheet(content: bytes) -> Sheet:
    if len(content) > LARGEST_CSV:
        raise WorkbookRefused(f"文件超过 {LARGEST_CSV // 2**20} MB，请分批上传")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            rows = list(csv.reader(StringIO(content.decode(encoding)), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        filled: dict[int, dict[int, Any]] = {
            n: {c: cell for c, cell in enumerate(row) if cell.strip()} for n, row in enumerate(rows)
        }
        return Sheet("CSV", True, {n: cells for n, cells in filled.items() if cells}, ())
    raise WorkbookRefused("文件既不是 Excel 工作簿，也不是可以识别的 CSV，请另存后重新上传")


def _headings(sheet: Sheet) -> tuple[int, dict[str, tuple[int, bool]]] | None:
    """The heading row and, by name, each column with whether its amounts are in 元."""
    for row in list(sheet.numbers())[:10]:
        found: dict[str, tuple[int, bool]] = {}
        for column in range(sheet.width):
            text = half_width(sheet.text(row, column)).replace(" ", "")
            plain, _, unit = text.partition("(")
            name = next((name for name, words in _HEADINGS.items() if plain in words or _monthly(plain) in words), None)
            if name is not None and name not in found:
                found[name] = (column, unit.rstrip(")") == "元")
        if {"project_code", "annual_budget", "executed"} <= found.keys():
            return row, found
    return None


def _monthly(heading: str) -> str:
    """A heading without the months before it: 1-7月执行数 is 执行数."""
    return heading.rpartition("月")[2]


def _sheet_lines(sheet: Sheet, heading: int, columns: Mapping[str, tuple[int, bool]]) -> Iterator[Line]:
    rows = [row for row in sheet.numbers() if row > heading]
    if len(rows) > MOST_ROWS:
        raise WorkbookRefused(f"文件有{len(rows)}行，超过{MOST_ROWS}行，请拆分后上传")
    for row in rows:
        cells: dict[str, Any] = {name: sheet.value(row, column) for name, (column, _) in columns.items()}
        code = str(cells.get("project_code") or "").strip()
        if code in ("合计", "总计") or not any(value not in (None, "") for value in cells.values()):
            continue
        cells |= {f"{name}_yuan": True for name, (_, yuan) in columns.items() if yuan}
        places = {name: address(row, column) for name, (column, _) in columns.items()}
        yield Line(row + 1, cells, places)


def check(
    session: Session, campaign: Campaign, lines: Sequence[Line]
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The rows that can be taken, and every problem with its row and cell.

    Source:
        P10: executed ≤ annual budget + carry-over; one row a project of the season.
    """
    projects = _projects(session, campaign)
    ready, problems, seen = [], [], dict[str, int]()
    for line in lines:
        found = [*_line_problems(line, projects, seen)]
        problems += [_placed(line, *problem) for problem in found]
        if not any(severity == "error" for _, _, severity in found):
            project_id, _ = projects[_code(line)]
            amounts = {name: format(_amount(line, name) or Decimal(0), "f") for name in MONEY}
            ready.append({"project_id": project_id, **amounts})
    return ready, problems


def _line_problems(
    line: Line, projects: Mapping[str, tuple[str, str]], seen: dict[str, int]
) -> Iterator[tuple[str, str, str]]:
    code = _code(line)
    if code not in projects:
        yield "project_code", f"项目代码“{code or '（空）'}”不在本批次的项目库中，请核对", "error"
    elif code in seen:
        yield "project_code", f"项目代码“{code}”与第{seen[code]}行重复，请只保留一行", "error"
    else:
        seen[code] = line.row
        name = str(line.cells.get("project_name") or "").strip()
        if name and name != projects[code][1]:
            yield "project_name", f"项目名称“{name}”与项目库中的“{projects[code][1]}”不一致，请核对", "warning"
    yield from _money_problems(line)


def _money_problems(line: Line) -> Iterator[tuple[str, str, str]]:
    amounts = {name: _amount(line, name) for name in MONEY}
    for name in ("annual_budget", "executed"):
        if line.cells.get(name) in (None, ""):
            yield name, f"“{_TITLES[name]}”没有填写", "error"
    for name, amount in amounts.items():
        given = line.cells.get(name)
        if amount is None and given not in (None, ""):
            yield name, f"“{_TITLES[name]}”应为数字，现为“{str(given)[:20]}”", "error"
        elif amount is not None and not 0 <= amount < _MOST:
            yield name, f"“{_TITLES[name]}”{amount}万元不在合理范围内，请核对", "error"
    executed, budget, carried = (amounts[name] for name in ("executed", "annual_budget", "carry_over"))
    if executed is not None and budget is not None and executed > budget + (carried or 0):
        most = budget + (carried or 0)
        text = f"“{_TITLES['executed']}”{executed}万元超过调整后预算数与上年结转之和{most}万元，请核对"
        yield "executed", text, "error"


def _placed(line: Line, field: str, message: str, severity: str) -> dict[str, Any]:
    cell = line.places.get(field, "")
    return {"row": line.row, "cell": cell, "field": field, "message": message, "severity": severity, "source": SOURCE}


def _code(line: Line) -> str:
    return half_width(str(line.cells.get("project_code") or "")).strip().removesuffix(".0")


def _amount(line: Line, name: str) -> Decimal | None:
    number = number_of(line.cells.get(name))
    return number / _YUAN if number is not None and line.cells.get(f"{name}_yuan") else number


def _projects(session: Session, campaign: Campaign) -> dict[str, tuple[str, str]]:
    """Id and name of every library project of the season's units, by code."""
    statement = (
        select(Project.project_code, Project.id, Project.name)
        .join(CampaignUnit, (CampaignUnit.unit_id == Project.unit_id) & (CampaignUnit.campaign_id == campaign.id))
        .where(Project.fiscal_year == campaign.fiscal_year, Project.discarded_at.is_(None))
        .where(Project.id.in_(select(TargetVersion.project_id).where(TargetVersion.voided_at.is_(None))))
    )
    return {code: (project_id, name) for code, project_id, name in session.execute(statement)}
