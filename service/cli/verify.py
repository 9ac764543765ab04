"""`jiheng verify`: are the histories still what happened?"""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import click

from service import verification
from service.cli.context import data_option, open_session, settings
from service.errors import NotFound
from service.verification import Verdict, checking


@click.command(
    help="逐层核对业务件的历史：序号、事件链、封存、流程版本、表单、附件、重新执行、现有数据。"
    "有不一致时退出码为 1，只有无法验证的为 3。"
    " Check histories in every layer; exit status 1 if any differs, 3 if any could not be checked."
)
@click.option("--case", "name", help="业务件编号或标识，如 绩目〔2027〕0123。A case by number or id.")
@click.option("--all", "everything", is_flag=True, help="全部业务件、封存与安全日志。Everything.")
@click.option(
    "--hashes",
    is_flag=True,
    help="只核对序号、事件链与封存，不重新执行（快数倍）。Only sequence, chain and seals, several times as fast.",
)
@click.option("--json", "as_json", is_flag=True, help="每个业务件一行 JSON。One JSON object a line.")
@data_option
def command(name: str | None, everything: bool, hashes: bool, as_json: bool, data: Path | None) -> None:
    if bool(name) == everything or (name and hashes):
        raise click.UsageError("请用 --case 指明一个业务件，或用 --all 核对全部。Give --case or --all.")
    folder, began = settings(data).data, time.perf_counter()
    with open_session(data) as session:
        try:
            if name:
                case_id = checking.by_number(session, name)
                session.rollback()
                found: Iterable[Verdict] = [verification.verify(session, case_id, data=folder)]
            else:
                found = verification.verify_all(session, data=folder, hashes=hashes)
            states = _print(found, as_json=as_json)
        except NotFound as error:
            raise click.ClickException(error.detail) from error
    if not as_json:
        click.echo(f"\n{_counted(states)} · {time.perf_counter() - began:.1f} s")
    raise SystemExit(1 if verification.INCONSISTENT in states else 3 if verification.UNVERIFIABLE in states else 0)


def _print(found: Iterable[Verdict], *, as_json: bool) -> list[str]:
    states = []
    for verdict in found:
        states.append(verdict.state)
        click.echo(json.dumps(verdict.to_json(), ensure_ascii=False) if as_json else _line(verdict))
    return states


def _line(verdict: Verdict) -> str:
    lines = [
        f"{verdict.label}  {verdict.number or verdict.case_id}  {verdict.events} 个事件，{verdict.sealed} 个已封存"
    ]
    for fault in verdict.faults:
        place = f"第 {fault.seq} 个事件：" if fault.seq else ""
        lines.append(f"    {verification.LAYERS[fault.layer]} · {place}{fault.message}")
    return "\n".join(lines)


def _counted(states: list[str]) -> str:
    return "，".join(f"{label} {states.count(state)}" for state, label in verification.STATES.items())
