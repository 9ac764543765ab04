"""`jiheng check-targets`: which quality rules do the targets of a file break? Needs no server and no database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click

from db import demo
from service.rules.interchange import from_interchange
from service.rules.quality import OtherProject, QualityContext, check, default
from service.workbooks import WorkbookRefused, read_declarations

_LEVELS = {"error": "错误 error", "warning": "警告 warning", "info": "提示 info"}
_LARGEST = 50 * 2**20
_SHAPES = "应为目标列表、{“projects”: […]} 或 .xlsx 工作簿"


class Unreadable(click.ClickException):
    """The file holds no targets; exit status 2."""

    exit_code = 2

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"无法读取“{file.name}”：{reason}。Cannot read this file as targets; nothing was checked.")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong with a target: a rule's finding, or (without rule) a cell of a workbook that cannot be read."""

    severity: str
    rule: str
    field: str
    message: str
    source: str
    cell: str = ""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A target as the file declares it. A ``sample`` is judged alone, other targets beside each other."""

    id: str
    content: Mapping[str, Any]
    template: str
    sample: bool = False
    unread: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return str(self.content.get("project_name", ""))


@click.command(
    help="检查绩效目标文件触发哪些质量规则；不需要服务和数据库。Check targets in FILE (.json or .xlsx) against the quality"
    " rules. 退出码 exit status: 0 无错误 no errors, 1 有错误 errors, 2 无法读取 unreadable."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON 列表。Print a JSON list.")
@click.option(
    "--template",
    type=click.Choice(list(default().templates)),
    default="CLASSIC_2020",
    show_default=True,
    help="指标模板；文件中注明的优先。Indicator template, unless the file names one.",
)
def command(file: Path, as_json: bool, template: str) -> None:
    targets = _read(file, template)
    judged = list(zip(targets, _judged(targets), strict=True))
    if as_json:
        found = [_as_json(target, findings) for target, findings in judged]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(judged)
    if any(finding.severity == "error" for _, findings in judged for finding in findings):
        raise SystemExit(1)


def _read(file: Path, template: str) -> list[Declared]:
    try:
        if file.stat().st_size > _LARGEST:
            raise Unreadable(file, f"文件超过 {_LARGEST // 2**20} MiB")
        data = file.read_bytes()
    except OSError as error:
        raise Unreadable(file, "文件不存在或没有读取权限") from error
    if file.suffix.lower() == ".xlsx" or data.startswith(b"PK"):
        return list(_from_workbook(file, data, template))
    try:
        given = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable(file, f"既不是 JSON 也不是 .xlsx，{_SHAPES}") from error
    targets = list(_from_json(file, given, template))
    if not targets:
        raise Unreadable(file, f"文件中没有目标，{_SHAPES}")
    return targets


def _from_json(file: Path, given: Any, template: str) -> Iterator[Declared]:
    entries = given.get("projects", [given]) if isinstance(given, Mapping) else given
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise Unreadable(file, _SHAPES)
    for number, entry in enumerate(entries, 1):
        project = entry.get("project", entry) if isinstance(entry, Mapping) else None
        if not isinstance(project, Mapping) or not {"project_name", "project_code", "indicators"} & set(project):
            raise Unreadable(file, f"第{number}项不是绩效目标，{_SHAPES}")
        own = str(entry.get("template") or template)
        try:
            content = from_interchange(project, own)
        except (TypeError, ValueError) as error:
            raise Unreadable(file, f"第{number}项无法识别，{error}") from error
        shown = entry.get("id") or content.get("project_code") or content.get("project_name") or f"第{number}项"
        yield Declared(id=str(shown), content=content, template=own, sample="project" in entry)


def _from_workbook(file: Path, data: bytes, template: str) -> Iterator[Declared]:
    try:
        reading = read_declarations(data, template=template)
    except WorkbookRefused as error:
        raise Unreadable(file, error.detail.rstrip("。")) from error
    for row in reading.rows:
        unread = tuple(
            _finding(placed.problem, f"{placed.sheet}!{placed.cell or placed.row}") for placed in row.place()
        )
        shown = row.content.get("project_code") or row.name
        yield Declared(id=str(shown), content=row.content, template=template, unread=unread)
    # Rows that belong to no project are a target of their own: they must not pass unnoticed.
    lost = [placed for placed in reading.problems if placed.problem.severity == "error"]
    for placed in lost:
        place = f"{placed.sheet}!{placed.cell or placed.row}"
        finding = _finding(placed.problem, place)
        yield Declared(id=place, content={}, template=template, unread=(finding,))


def _judged(targets: Sequence[Declared]) -> Iterator[list[Finding]]:
    """What is found in each target, in the order of the file."""
    others = [_other(number, target) for number, target in enumerate(targets) if target.content and not target.sample]

    @cache
    def context(template: str, sample: bool) -> QualityContext:
        beside = () if sample else others
        return QualityContext(template=template, measure_units=demo.measure_units(), others=beside)

    for number, target in enumerate(targets):
        found = [*target.unread]
        if target.content:
            content = {**target.content, "project_code": _code(number, target)}
            season = context(target.template, target.sample)
            found += [_finding(problem) for problem in check(content, season)]
        yield found


def _code(number: int, target: Declared) -> str:
    """A target recognises itself among the others by its code; one without any gets a stand-in."""
    return str(target.content.get("project_code") or f"#{number}")


def _other(number: int, target: Declared) -> OtherProject:
    texts = {name: str(target.content.get(name, "")) for name in ("department_code", "annual_goal", "basis")}
    return OtherProject(project_code=_code(number, target), name=target.name, **texts)


def _finding(problem: Any, cell: str = "") -> Finding:
    return Finding(
        severity=problem.severity,
        rule=problem.rule,
        field=problem.field,
        message=problem.message,
        source=problem.source,
        cell=cell,
    )


def _rules(findings: Sequence[Finding]) -> list[str]:
    return sorted({finding.rule for finding in findings if finding.rule})


def _as_json(target: Declared, findings: Sequence[Finding]) -> dict[str, Any]:
    groups = {
        f"{level}s": [_members(finding) for finding in findings if finding.severity == level] for level in _LEVELS
    }
    return {"id": target.id, "name": target.name, "rules": _rules(findings), **groups}


def _members(finding: Finding) -> dict[str, str]:
    members = {"rule": finding.rule, "field": finding.field, "message": finding.message, "source": finding.source}
    return members | ({"cell": finding.cell} if finding.cell else {})


def _print(judged: Sequence[tuple[Declared, Sequence[Finding]]]) -> None:
    for target, findings in judged:
        click.echo(f"{target.id}  {target.name}  {' '.join(_rules(findings)) or '—'}")
        for level, title in _LEVELS.items():
            for finding in (own for own in findings if own.severity == level):
                place = f"{finding.cell} " if finding.cell else ""
                click.echo(f"  {title}  {place}{finding.message}（{finding.source}）")
    counts = {level: sum(own.severity == level for _, found in judged for own in found) for level in _LEVELS}
    summary = "，".join(f"{title} {counts[level]}" for level, title in _LEVELS.items())
    click.echo(f"\n{len(judged)} 个目标 targets：{summary}")
