"""`jiheng demo`: an empty installation becomes the demo district; its log-ins."""

import os
import unicodedata
from pathlib import Path

import click

from db.connection import database_now
from service.cli.context import data_option, open_session, settings
from service.demo import loading
from service.demo.logins import Login, logins

PROCESSES = 2


@click.group(help="演示数据（全部虚构）：装入、登录名。Demo data, all invented: load it, show its log-ins.")
def command() -> None:
    """Group of the operators' commands on the demo district."""


@command.command("load", help="把演示区装入空的系统。Make an empty installation the demo district.")
@data_option
def load(data: Path | None) -> None:
    config = settings(data)
    with open_session(data) as session:
        at = database_now(session)
    try:
        loading.load(config, at=at, say=click.echo, processes=min(PROCESSES, os.cpu_count() or 1))
    except (loading.AlreadyInUse, loading.LoadingFailed) as error:
        raise click.ClickException(str(error)) from error


@command.command(
    "logins", help="演示登录名和口令；不是演示系统时什么也不打印。Log-ins of the demo district, if it is one."
)
@data_option
def show_logins(data: Path | None) -> None:
    config = settings(data)
    secret = loading.password(config)
    if secret is None:
        return
    with open_session(data) as session:
        rows = logins(session)
    click.echo(f"\n演示数据，全部虚构 · demo data, all invented · 口令 password: {secret}")
    for row in rows:
        click.echo(_line(row))


def _line(row: Login) -> str:
    return f"  {_padded(row.role_name, 26)}{row.username:<20}{_padded(row.name, 10)}{row.organisation}"


def _padded(text: str, columns: int) -> str:
    """Chinese characters take two columns of a terminal."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return text + " " * max(columns - len(text) - wide, 1)
