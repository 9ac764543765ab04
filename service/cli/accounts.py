"""`jiheng accounts`: the first administrators' token, forgotten passwords, lists, tokens for programs."""

import os
from pathlib import Path

import click

from db.connection import database_now
from service import administrators, passwords, personnel, tokens
from service.cli.context import data_option, open_session
from service.errors import NotFound, Problems, Refused


@click.group(help="账户：初始化令牌、重置口令、清单、访问令牌。Accounts: set-up token, passwords, lists, API tokens.")
def command() -> None:
    """Group of the operators' commands on accounts."""


@command.command(
    "setup-token", help="生成一次性令牌，用来设立首批管理员。Make the one-time token for the first administrators."
)
@data_option
def setup_token(data: Path | None) -> None:
    with open_session(data) as session:
        token = administrators.new_token(session, at=database_now(session))
        session.commit()
    if token is None:
        return
    address = os.environ.get("JIHENG_ADDRESS", "")
    click.echo("· 还没有管理员。请在 24 小时内用一次性令牌设立三员账户 · create the first administrators:")
    click.echo(f"  {address}/setup?token={token}")


@command.command("reset-password", help="重置口令，打印一次性初始口令。Reset a password; prints a one-time password.")
@click.argument("username")
@data_option
def reset_password(username: str, data: Path | None) -> None:
    secret = passwords.start_password()
    try:
        with open_session(data) as session:
            person = personnel.by_username(session, username)
            stored = passwords.hashed(secret)
            passwords.reset(session, person.id, password_hash=stored, by=None, at=database_now(session))
            session.commit()
    except Refused as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"{username} 的一次性口令 · one-time password: {secret}")


@command.command("list", help="列出全部账户。List all accounts.")
@data_option
def list_accounts(data: Path | None) -> None:
    with open_session(data) as session:
        at = database_now(session)
        found = personnel.page(session, size=100_000).rows
    for person in found:
        locked = person.locked_until is not None and person.locked_until > at
        state = "停用 disabled" if not person.active else "锁定 locked" if locked else "在用 active"
        click.echo(f"{person.username}\t{person.name}\t{state}")


@command.command("token", help="为某人创建访问令牌，打印一次。Make an API token for a person; printed once.")
@click.argument("username")
@click.option("--name", default="运维创建", show_default=True, help="用途。What it is for.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, tokens.GREATEST_DAYS), help="天数。Days.")
@data_option
def token(username: str, name: str, days: int, data: Path | None) -> None:
    secret = tokens.new_secret()
    try:
        with open_session(data) as session:
            person = personnel.by_username(session, username)
            if not person.active:
                raise NotFound(f"“{username}”的账户已停用。")
            tokens.create(session, person_id=person.id, name=name, days=days, secret=secret, at=database_now(session))
            session.commit()
    except Problems as error:
        raise click.ClickException("；".join(problem.message for problem in error.problems)) from error
    except Refused as error:
        raise click.ClickException(error.detail) from error
    click.echo(secret)
