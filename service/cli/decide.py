"""`jiheng decide`: what does a decision of a DMN file answer for given values? Needs no server and no database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from service.decision_tables import Trial, json_text, read_inputs, try_decision
from service.errors import BadRequest

_LARGEST = 5 * 2**20
_EXIT = {"decided": 0, "undecided": 1, "unreadable": 2}


@click.command(
    help="用给定的值试算 DMN 文件中的一个决策；不需要服务和数据库。Ask a decision of FILE (.dmn, version 1.1 to 1.5)."
    " 退出码 exit status: 0 有结论 decided, 1 没有结论并说明原因 not decided, 2 文件无法读取 unreadable."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--decision", "choice", help="决策的标识或名称。Id or name; not needed if the file has one final decision."
)
@click.option(
    "--input", "values", type=click.Path(path_type=Path), help="输入值：{“名称”: 值} 形式的 JSON 文件。Input values."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(file: Path, choice: str | None, values: Path | None, as_json: bool) -> None:
    trial = _tried(file, choice, values)
    if as_json:
        click.echo(json_text(trial.to_json()))
    else:
        _print(trial)
    raise SystemExit(_EXIT[trial.status])


def _tried(file: Path, choice: str | None, values: Path | None) -> Trial:
    try:
        inputs: Mapping[str, Any] = read_inputs(_read(values)) if values else {}
        return try_decision(_read(file), file.name, choice, inputs)
    except BadRequest as fault:
        return Trial(status="unreadable", problems=(fault.detail,))


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST:
            raise BadRequest(f"文件“{file.name}”超过 {_LARGEST // 2**20} MiB。")
        return file.read_bytes()
    except OSError as error:
        raise BadRequest(f"文件“{file.name}”不存在或没有读取权限。") from error


def _print(trial: Trial) -> None:
    if trial.name:
        click.echo(f"决策 decision：{trial.name}（{trial.decision_id}）{trial.hit_policy}")
    for name, value in (trial.required or {}).items():
        click.echo(f"依据 rests on：{name} = {_short(value)}")
    for table in trial.tables:
        rows = "、".join(map(str, table.rows)) or "无 none"
        click.echo(f"相符的行 rows：{table.title} {rows}")
        for annotation in filter(None, table.annotations):
            click.echo(f"  {annotation}")
    for note in trial.notes:
        click.echo(f"说明 note：{note}")
    for problem in trial.problems:
        click.echo(f"{'没有结论 not decided' if trial.status == 'undecided' else '无法读取 unreadable'}：{problem}")
    if trial.status == "decided":
        click.echo(f"结果 result：{_short(trial.result)}")


def _short(value: Any) -> str:
    return " ".join(line.strip() for line in json_text(value).splitlines())
