"""`jiheng check-evaluations`: what is provably wrong in self-evaluation tables filled in elsewhere? Needs no server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from service.rules.filled_tables import FilledTable, Finding, check, codes, find_tables, read
from service.workbooks import WorkbookRefused
from service.workbooks.grid import address, extract

_LARGEST = 50 * 2**20
_SHAPES = "应为自评表列表、{“tables”: […]} 或 .xlsx 工作簿，格式见 db/demo/filled_tables_sample.json"


class Unreadable(click.ClickException):
    """The file holds no filled tables; exit status 2."""

    exit_code = 2

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"无法读取“{file.name}”：{reason}。Cannot read this file as filled tables; nothing was checked."
        )


@click.command(
    help="检查其他系统填报的自评表（.json 或 .xlsx）中可以证明的错误；不需要服务和数据库。Check self-evaluation tables filled in"
    " elsewhere. 退出码 exit status: 0 无错误 no errors, 1 有错误 errors, 2 无法读取 unreadable."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON 列表。Print a JSON list.")
def command(file: Path, as_json: bool) -> None:
    checked = [(table, check(table)) for table in _read(file)]
    if as_json:
        found = [
            {"id": table.id, "errors": codes(findings, "error"), "warnings": codes(findings, "warning")}
            for table, findings in checked
        ]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(checked)
    if any(codes(findings, "error") for _, findings in checked):
        raise SystemExit(1)


def _read(file: Path) -> list[FilledTable]:
    try:
        if file.stat().st_size > _LARGEST:
            raise Unreadable(file, f"文件超过 {_LARGEST // 2**20} MiB")
        data = file.read_bytes()
    except OSError as error:
        raise Unreadable(file, "文件不存在或没有读取权限") from error
    if file.suffix.lower() == ".xlsx" or data.startswith(b"PK"):
        tables = list(_from_workbook(file, data))
    else:
        try:
            given = json.loads(data, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise Unreadable(file, f"既不是 JSON 也不是 .xlsx，{_SHAPES}") from error
        tables = list(_from_json(file, given))
    if not tables:
        raise Unreadable(file, f"文件中没有自评表，{_SHAPES}")
    return tables


def _from_json(file: Path, given: Any) -> Iterator[FilledTable]:
    entries = given.get("tables", [given]) if isinstance(given, Mapping) else given
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise Unreadable(file, _SHAPES)
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, Mapping) or not {"indicators", "money"} & set(entry):
            raise Unreadable(file, f"第{number}项不是自评表，{_SHAPES}")
        try:
            table = read(entry)
        except ValueError as error:
            raise Unreadable(file, f"第{number}项无法识别，{error}") from error
        yield replace(table, id=table.id or table.project or f"第{number}项")


def _from_workbook(file: Path, data: bytes) -> Iterator[FilledTable]:
    try:
        sheets = extract(data)
    except WorkbookRefused as error:
        raise Unreadable(file, error.detail.rstrip("。")) from error
    for sheet in (own for own in sheets if own.visible):
        yield from find_tables(sheet, sheet.name, address)


def _print(checked: Sequence[tuple[FilledTable, Sequence[Finding]]]) -> None:
    for table, findings in checked:
        click.echo(f"{table.id}  {table.project}  {' '.join(codes(findings, 'error')) or '—'}")
        for finding in findings:
            level = "错误 error" if finding.severity == "error" else "警告 warning"
            click.echo(f"  {level}  {finding.code}  {finding.cell or finding.path}  {finding.message}")
    counts = {
        level: sum(own.severity == level for _, found in checked for own in found) for level in ("error", "warning")
    }
    click.echo(f"\n{len(checked)} 张自评表 tables：错误 error {counts['error']}，警告 warning {counts['warning']}")
