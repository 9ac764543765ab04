"""`jiheng replay`: does running the histories again give what they say?"""

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from sqlalchemy.orm import Session

from service import replay
from service.cli.context import data_option, open_session
from service.errors import NotFound
from service.replay import Rerun


@click.command(
    help="重新执行业务件的历史，逐个事件比对流程状态和事件链；不一致时退出码为 1。"
    " Run the histories of cases again and compare digests and chains; exit status 1 if any differs."
)
@click.option("--case", "name", help="业务件编号或标识，如 绩目〔2027〕0123。A case by number or id.")
@click.option("--all", "everything", is_flag=True, help="全部业务件。All cases.")
@click.option("--json", "as_json", is_flag=True, help="每个业务件一行 JSON。One JSON object a line.")
@data_option
def command(name: str | None, everything: bool, as_json: bool, data: Path | None) -> None:
    if bool(name) == everything:
        raise click.UsageError("请用 --case 指明一个业务件，或用 --all 重放全部。Give --case or --all.")
    began = time.perf_counter()
    with open_session(data) as session:
        try:
            counted = _print(_wanted(session, name), as_json=as_json)
        except NotFound as error:
            raise click.ClickException(error.detail) from error
    cases, events, wrong = counted
    if not as_json:
        spent = time.perf_counter() - began
        click.echo(f"\n{cases} 个业务件，{events} 个事件，{wrong} 个不一致 · {spent:.1f} s")
    if wrong:
        raise SystemExit(1)


def _wanted(session: Session, name: str | None) -> Iterator[Rerun]:
    return replay.rerun_all(session, case_id=replay.by_number(session, name) if name else None)


def _print(found: Iterable[Rerun], *, as_json: bool) -> tuple[int, int, int]:
    """Print each case; returns how many cases, events and unsound cases there were."""
    cases = events = wrong = 0
    for one in found:
        cases, events, wrong = cases + 1, events + one.events, wrong + (not one.sound)
        click.echo(json.dumps(one.to_json(), ensure_ascii=False) if as_json else _line(one))
    return cases, events, wrong


def _line(one: Rerun) -> str:
    head = f"{'✓' if one.sound else '✗'} {one.number}  {one.events:>3}  {one.digest[:16]}  {one.head_hash[:16]}"
    if one.mismatch is None:
        return head
    return f"{head}\n    第 {one.mismatch.seq} 个事件：{one.mismatch.message}"
