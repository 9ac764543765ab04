"""`jiheng check-monitoring`: which lights do monitored projects get by the light tables? Needs no server, no database."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from service.decision_tables import read_tables
from service.errors import BadRequest
from service.lights import ProjectLights, judge, shipped
from service.rules.monitoring import LIGHTS, IndicatorReport, report_of
from service.rules.quantities import number_of

_LARGEST = 50 * 2**20
_SHAPES = (
    "应为 .json（{“projects”: [{“project_code”, “annual_budget”, “executed”, “indicators”: […]}]}）或 .csv（项目一行，"
    "同一文件夹中另有“文件名_indicators.csv”和“indicators.csv”，格式见 db/demo/monitoring.csv）"
)
#: What a file may call the same figure; the first that is there counts.
_BUDGET = ("annual_budget", "initial_budget")
_EXECUTED = ("executed_to_date", "executed", "jan_jul_executed")
_VALUE = ("value_to_date", "value", "jan_jul_value")
#: Lights a file may state, for comparison, by the light of ours they are compared with.
_STATED = {"execution_light": "execution", "target_light": "target", "overall_light": "project"}


class Unreadable(click.ClickException):
    """The file holds no monitored projects; exit status 2."""

    exit_code = 2

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"无法读取“{file.name}”：{reason}。Cannot read this file as monitored projects; nothing was judged."
        )


@dataclass(frozen=True)
class Judged:
    """A project of the file, its lights, and where they differ from what the file states."""

    code: str
    lights: ProjectLights
    differing: tuple[str, ...]


@click.command(
    help="按预警灯规则（MR1 至 MR8）判定监控数据文件中的项目灯和指标灯；文件写有灯色的逐一比较；不需要服务和数据库。Judge the"
    " monitored projects of FILE (.json or .csv) by the light tables and compare with the lights it states. 退出码 exit"
    " status: 0 一致或没有可比的 equal, 1 有不一致 differences, 2 无法读取 unreadable."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON 列表。Print a JSON list.")
@click.option("--month", type=click.IntRange(1, 12), default=7, show_default=True, help="截至月份。Up to this month.")
@click.option("--tables", type=click.Path(path_type=Path), help="另用一份预警灯决策表（.dmn）。Light tables to use.")
@click.option("--red-line", is_flag=True, help="同时提醒执行红线（MR2）。Warn by MR2 as well.")
def command(file: Path, as_json: bool, month: int, tables: Path | None, red_line: bool) -> None:
    projects = _read(file)
    model = shipped()
    if tables is not None:
        try:
            model = read_tables(_bytes(tables), tables.name)
        except BadRequest as fault:
            raise Unreadable(tables, fault.detail.rstrip("。")) from fault
    found = [_judged(file, project, model, month, red_line) for project in projects]
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=1))
    else:
        _print(found)
    if any(one.differing for one in found):
        raise SystemExit(1)


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST:
            raise Unreadable(file, f"文件超过 {_LARGEST // 2**20} MiB")
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(file, "文件不存在或没有读取权限") from error


def _read(file: Path) -> Sequence[Mapping[str, Any]]:
    data = _bytes(file)
    if file.suffix.lower() == ".csv":
        return _from_csv(file, data)
    try:
        given = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(file, f"不是 JSON，{_SHAPES}") from error
    projects = given.get("projects", [given]) if isinstance(given, Mapping) else given
    if not isinstance(projects, list) or not projects or not all(_is_project(one) for one in projects):
        raise Unreadable(file, _SHAPES)
    return projects


def _is_project(one: Any) -> bool:
    if not isinstance(one, Mapping) or not isinstance(one.get("indicators", []), list):
        return False
    return "project_code" in one and all(isinstance(row, Mapping) for row in one.get("indicators", []))


def _from_csv(file: Path, data: bytes) -> Sequence[Mapping[str, Any]]:
    projects = _rows(file, data)
    if not projects or "project_code" not in projects[0]:
        raise Unreadable(file, _SHAPES)
    beside = [file.with_name(f"{file.stem}_indicators.csv"), file.with_name("indicators.csv")]
    reported, targets = (
        {(row.get("project_code"), row.get("seq")): row for row in _rows(other, _bytes(other))} for other in beside
    )
    missing = [f"{code}第{seq}项" for code, seq in reported if (code, seq) not in targets]
    if missing:
        raise Unreadable(file, f"{beside[1].name} 中没有指标：{'、'.join(missing[:5])}")
    own: dict[Any, list[Mapping[str, Any]]] = {}
    for key, row in reported.items():
        own.setdefault(key[0], []).append({"weight": targets[key].get("weight_classic_2020"), **targets[key], **row})
    return [{**project, "indicators": own.get(project["project_code"], [])} for project in projects]


def _rows(file: Path, data: bytes) -> list[dict[str, Any]]:
    try:
        return list(csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(file, f"不是 UTF-8 的 CSV，{_SHAPES}") from error


def _judged(file: Path, project: Mapping[str, Any], model: Any, month: int, red_line: bool) -> Judged:
    code = str(project["project_code"])
    budget, executed = (_amount(file, code, project, names) for names in (_BUDGET, _EXECUTED))
    rows = project.get("indicators", [])
    reports = [_report(row) for row in rows]
    lights = judge(model, month=month, executed=executed, annual_budget=budget, indicators=reports, red_line=red_line)
    return Judged(code, lights, tuple(_differing(project, rows, lights)))


def _report(row: Mapping[str, Any]) -> IndicatorReport:
    return report_of(row, value=_first(row, _VALUE), possibility=row.get("possibility"))


def _amount(file: Path, code: str, project: Mapping[str, Any], names: Sequence[str]) -> Decimal:
    number = number_of(_first(project, names))
    if number is None or number < 0:
        raise Unreadable(file, f"项目{code}没有可用的金额（{'或'.join(names)}）")
    return number


def _first(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _differing(project: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], lights: ProjectLights) -> list[str]:
    found = []
    for name, own in _STATED.items():
        color = getattr(lights, own).color
        if project.get(name) and project[name] != color:
            found.append(f"{name}：文件为 {project[name]}，判定为 {color}")
    for number, (row, light) in enumerate(zip(rows, lights.indicators, strict=True), 1):
        if row.get("light") and row["light"] != light.color:
            title = row.get("level3_name") or ""
            found.append(f"indicators[{number}]{title}：文件为 {row['light']}，判定为 {light.color}（{light.why}）")
    return found


def _as_json(one: Judged) -> dict[str, Any]:
    lights = one.lights
    return {
        "project_code": one.code,
        "execution_rate": None if lights.rate is None else f"{lights.rate * 100:.2f}",
        "execution_light": lights.execution.color,
        "target_light": lights.target.color,
        "overall_light": lights.project.color,
        "why": lights.project.why,
        "indicators": [{"light": light.color, "why": light.why} for light in lights.indicators],
        "warnings": list(lights.warnings),
        "differences": list(one.differing),
    }


def _print(found: Sequence[Judged]) -> None:
    for one in found:
        click.echo(f"{one.code}  {_name(one.lights.project.color)}  {one.lights.project.why}")
        for number, light in enumerate(one.lights.indicators, 1):
            if light.color in ("red", "yellow", "blue", None):
                click.echo(f"    第{number}项 {_name(light.color)}  {light.why}")
        for warning in one.lights.warnings:
            click.echo(f"    提醒 warning：{warning}")
        for differing in one.differing:
            click.echo(f"    不一致 DIFFERS：{differing}")
    counts = "，".join(
        f"{name} {sum(one.lights.project.color == color for one in found)}" for color, name in LIGHTS.items()
    )
    differ = sum(bool(one.differing) for one in found)
    click.echo(f"\n{len(found)} 个项目 projects：{counts}；{differ} 个不一致 differ")


def _name(color: str | None) -> str:
    return LIGHTS.get(color or "", "未判定")
