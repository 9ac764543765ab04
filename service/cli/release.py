"""`jiheng release`: check, compare, publish and export versions of processes."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from db.connection import database_now
from service import bundle_diff, release_check, release_diff, release_files
from service.cli.context import data_option, open_session
from service.errors import BadRequest, Refused
from service.release_check import FileCheck

_SEVERITIES = {"error": "错误 error", "warning": "警告 warning", "info": "提示 info"}


@click.group(help="流程版本：检查、比较、发布、导出。Versions of processes.")
def command() -> None:
    """The noun `release`."""


@command.command(
    "check",
    help="检查 BPMN、DMN 和表单定义（.json）文件，不需要服务和数据库；其他工具的文件也可以。Check files, of other tools too."
    " 退出码 exit status: 0 没有问题 clean, 1 有问题 problems, 2 不能作为 BPMN/DMN 读取 unreadable.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    found = release_check.check_paths(files)
    if as_json:
        click.echo(json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=1))
    else:
        _print(found)
    raise SystemExit(_status(found))


def _status(found: Sequence[FileCheck]) -> int:
    states = {one.status for one in found}
    return 2 if "unreadable" in states else 1 if "problems" in states else 0


def _print(found: Sequence[FileCheck]) -> None:
    for one in found:
        if one.status == "unreadable":
            click.echo("；".join(f"{one.file}：无法读取 unreadable：{problem['message']}" for problem in one.problems))
            continue
        click.echo(f"{one.file}：{f'{len(one.problems)} 个问题 problems' if one.problems else '没有问题 clean'}")
        for problem in one.problems:
            where = f" [{problem['element_id']}]" if problem["element_id"] else ""
            kind = f"{_SEVERITIES[problem['severity']]} {problem['code']}"
            click.echo(f"  {kind}{where}：{problem['message']}{problem['remedy']}")


@command.command(
    "diff",
    help="逐句说明两个版本的差别。Say in sentences how two versions differ."
    " 退出码 exit status: 0 相同 same, 1 有差别 different, 2 不能读取 unreadable.",
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    try:
        found = bundle_diff.compare_files(old, new)
    except BadRequest as fault:
        click.echo(fault.detail, err=True)
        raise SystemExit(2) from fault
    if as_json:
        click.echo(json.dumps([change.to_json() for change in found], ensure_ascii=False, indent=1))
    else:
        click.echo(release_diff.change_note(found))
    raise SystemExit(1 if found else 0)


@command.command(
    "publish",
    help="发布一个流程版本：系统管理员拟制，绩效科长批准，两人不同。Publish FILE as the next version of its process;"
    " one person prepares, another approves.",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--decision", "tables", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="决策表文件，可重复。Decision tables of the bundle.")  # fmt: skip
@click.option("--form", "forms", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="改动的表单定义文件，用导出时的文件名，可重复。Changed forms of the bundle, named as exported.")  # fmt: skip
@click.option("--annex", "annexes", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="情景和规则集文件，用导出时的文件名，可重复。Scenarios and rule sets, named as exported.")  # fmt: skip
@click.option("--legal-basis", "basis", required=True, help="《文件名称》（文号）条款。Title, number and article.")
@click.option("--prepared-by", required=True, help="系统管理员的用户名。Username of who prepares.")
@click.option("--approved-by", required=True, help="绩效科长的用户名。Username of who approves.")
@click.option("--effective", required=True, type=click.DateTime(["%Y-%m-%d"]), help="生效日期。First day in force.")
@data_option
def publish(
    file: Path,
    tables: tuple[Path, ...],
    forms: tuple[Path, ...],
    annexes: tuple[Path, ...],
    basis: str,
    prepared_by: str,
    approved_by: str,
    effective: datetime,
    data: Path | None,
) -> None:
    try:
        with open_session(data) as session:
            made = release_files.publish(
                session,
                text=file.read_bytes(),
                filename=file.name,
                decisions={table.name: table.read_text("utf-8") for table in tables},
                forms={form.name: form.read_bytes() for form in forms},
                annexes={annex.name: annex.read_bytes() for annex in annexes},
                basis=basis,
                prepared_by=prepared_by,
                approved_by=approved_by,
                effective_from=effective.date(),
                at=database_now(session),
                client={"program": "jiheng release publish"},
            )
            session.commit()
    except Refused as refusal:
        raise click.ClickException(_sentences(refusal)) from refusal
    except UnicodeDecodeError as fault:
        raise click.ClickException("决策表文件不是 UTF-8 编码，请另存为 UTF-8。") from fault
    click.echo(f"{made['process_id']} 第 {made['version']} 版，{made['effective_from']} 起生效 · {made['hash']}")
    click.echo(made["change_note"])
    for warning in made["warnings"]:
        click.echo(f"{_SEVERITIES[warning['severity']]} {warning['code']}：{warning['message']}{warning['remedy']}")


def _sentences(refusal: Refused) -> str:
    return "\n".join([problem.message for problem in refusal.problems] or [refusal.detail])


@command.command("export", help="把一个流程版本导出到文件夹，附校验清单。Write a version's bundle with its manifest.")
@click.argument("process_id")
@click.option("--version", type=int, help="版本号，默认最新。Default: the newest.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="文件夹。Folder.")
@data_option
def export(process_id: str, version: int | None, out: Path, data: Path | None) -> None:
    try:
        with open_session(data) as session:
            written = release_files.export(session, process_id, out, version=version)
    except Refused as refusal:
        raise click.ClickException(refusal.detail) from refusal
    for path in written:
        click.echo(path)
