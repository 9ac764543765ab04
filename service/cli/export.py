"""`jiheng export`: evidence of a case, and event logs for process-mining tools."""

import json
from pathlib import Path

import click
from sqlalchemy.orm import Session

from db.connection import database_now
from service import event_logs, evidence, replay, security_log
from service.cli.context import data_option, open_session, settings
from service.errors import NotFound

out_option = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。The file to write."
)
year_option = click.option("--year", type=int, help="只导出这个预算年度。Only this fiscal year.")


@click.group(
    help="导出证据包和过程日志，每次导出都记入安全日志。Export evidence and event logs; each export is logged."
)
def command() -> None:
    pass


@command.command(
    "evidence", help="一个业务件的证据包（ZIP），可用包内的 verifier.py 离线核对。The evidence package of a case."
)
@click.option("--case", "name", required=True, help="业务件编号或标识，如 绩目〔2027〕0123。A case by number or id.")
@out_option
@data_option
def evidence_package(name: str, out: Path, data: Path | None) -> None:
    folder = settings(data).data
    with open_session(data) as session:
        try:
            case_id = replay.by_number(session, name)
            made = evidence.package(session, case_id, data=folder, at=database_now(session))
        except NotFound as error:
            raise click.ClickException(error.detail) from error
        session.commit()
    out.write_bytes(made)
    click.echo(f"{out}  {len(made):,} B")


@command.command("xes", help="XES 过程日志。An event log in XES.")
@year_option
@out_option
@data_option
def xes(year: int | None, out: Path, data: Path | None) -> None:
    with open_session(data) as session:
        made = event_logs.xes(session, fiscal_year=year)
        _logged(session, "xes", year)
    out.write_bytes(made)
    click.echo(f"{out}  {len(made):,} B")


@command.command("ocel", help="OCEL 2.0 过程日志（JSON）。An event log in OCEL 2.0 (JSON).")
@year_option
@out_option
@data_option
def ocel(year: int | None, out: Path, data: Path | None) -> None:
    with open_session(data) as session:
        made = event_logs.ocel(session, fiscal_year=year)
        _logged(session, "ocel", year)
    out.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    click.echo(f"{out}  {len(made['events']):,} events, {len(made['objects']):,} objects")


def _logged(session: Session, what: str, year: int | None) -> None:
    security_log.write(session, "exported", at=database_now(session), detail={"what": what, "year": year})
    session.commit()
