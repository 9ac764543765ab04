"""`jiheng release`: check, compare, publish and export versions of processes."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from service import release_check, release_diff
from service.errors import BadRequest
from service.release_check import FileCheck

_SEVERITIES = {"error": "错误 error", "warning": "警告 warning", "info": "提示 info"}


@click.group(help="流程版本：检查、比较、发布、导出。Versions of processes.")
def command() -> None:
    """The noun `release`."""


@command.command(
    "check",
    help="检查 BPMN/DMN 文件，不需要服务和数据库；其他工具的文件也可以。Check files, of other tools too."
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
        found = release_diff.compare_files(old, new)
    except BadRequest as fault:
        click.echo(fault.detail, err=True)
        raise SystemExit(2) from fault
    if as_json:
        click.echo(json.dumps([change.to_json() for change in found], ensure_ascii=False, indent=1))
    else:
        click.echo(release_diff.change_note(found))
    raise SystemExit(1 if found else 0)
