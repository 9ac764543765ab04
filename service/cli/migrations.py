"""`jiheng migrations`: for developers: make a migration, see whether models and migrations agree."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from db import schema, server
from db.connection import make_engine


@click.group(help="数据库结构变更（开发者）。Migrations, for developers.")
def command() -> None:
    pass


@command.command(help="对照模型生成一步新的迁移。Write the step from the newest migration to the models.")
@click.argument("message")
def make(message: str) -> None:
    with _scratch() as engine:
        schema.upgrade(engine, application=None)
        for path in schema.make_step(engine, message):
            click.echo(path)


@command.command(help="模型与迁移是否一致。Do models and migrations agree?")
def check() -> None:
    with _scratch() as engine:
        schema.upgrade(engine, application=None)
        differences = schema.differences(engine)
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        raise click.ClickException("模型与迁移不一致，请运行 jiheng migrations make。Models and migrations differ.")
    click.echo("模型与迁移一致。Models and migrations agree.")


@contextmanager
def _scratch() -> Iterator[Engine]:
    home = Path(tempfile.mkdtemp(prefix="jiheng-migrations-"))
    home.chmod(0o711)
    running = server.start(home, durable=False)
    engine = make_engine(running.url(server.OWNER))
    try:
        yield engine
    finally:
        engine.dispose()
        running.stop()
        for folder in (running.cluster, running.socket, home):
            shutil.rmtree(folder, ignore_errors=True)
