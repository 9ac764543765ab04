"""`jiheng serve`: database, migrations, demo data, web and scheduler processes, until Ctrl-C."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import click

from service.cli.context import data_option, settings
from service.cli.supervisor import CannotServe, Supervisor
from service.config import data_folder
from service.demo import UNFINISHED_FILE

FIRST_PORT = 8000
PORTS_TRIED = 20
#: The demo loader keeps the demo log-ins' password in this file of the data folder.
DEMO_MARK = "demo_password"


@click.command(help="启动绩衡，直到按 Ctrl-C。Serve Jiheng until Ctrl-C.")
@click.option("--port", type=click.IntRange(1, 65535), help="端口，默认 8000 起第一个空闲的。Port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。Address to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="网页进程数。Web processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="每进程线程数。Threads each.")
@click.option("--no-demo", is_flag=True, help="不装入演示数据。No demo data.")
@data_option
def command(port: int | None, host: str, workers: int, threads: int, no_demo: bool, data: Path | None) -> None:
    folder = (data or data_folder()).absolute()
    os.environ["JIHENG_DATA"] = str(folder)
    chosen = _free_port(host, port)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{chosen}"  # noqa: S104 - compared, not bound
    os.environ["JIHENG_ADDRESS"] = address
    try:
        with Supervisor(folder, say=_say) as supervisor:
            supervisor.start_database()
            settings(folder)
            empty = supervisor.migrate()
            if (empty or (folder / UNFINISHED_FILE).exists()) and not no_demo:
                _optional("demo", "load", "装入演示数据 · loading the demo district")
            supervisor.start_web(f"{host}:{chosen}", workers=workers, threads=threads)
            supervisor.start_scheduler()
            supervisor.wait_for(f"{address}/health")
            if empty and no_demo:
                _optional("accounts", "setup-token")
            _say(f"\n✓ 绩衡已就绪 · ready: {address}\n  按 Ctrl-C 停止 · Ctrl-C stops it")
            if (folder / DEMO_MARK).exists():
                _optional("demo", "logins")
            supervisor.watch()
    except CannotServe as error:
        raise click.ClickException(str(error)) from error


def _say(text: str) -> None:
    click.echo(text)


def _free_port(host: str, wanted: int | None) -> int:
    for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise click.ClickException(
        f"端口 {wanted or FIRST_PORT} 已被占用，请用 --port 另选一个。The port is taken; choose another with --port."
    )


def _optional(noun: str, verb: str, title: str = "") -> None:
    """Run another command of ours; what it prints goes to the terminal as it comes."""
    if importlib.util.find_spec(f"service.cli.{noun}") is None:
        return
    if title:
        _say(f"· {title} …")
    done = subprocess.run([sys.executable, "-m", "service.cli", noun, verb], check=False)
    if done.returncode and not title:
        # What only tells people something must not take the service down.
        _say(f"! jiheng {noun} {verb} 失败 · failed（{done.returncode}）")
    elif done.returncode:
        raise click.ClickException(f"jiheng {noun} {verb} 失败 · failed（{done.returncode}）")
