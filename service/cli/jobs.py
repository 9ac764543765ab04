"""`jiheng jobs`: the scheduler process."""

from pathlib import Path

import click

from service import jobs
from service.cli.context import data_option, settings


@click.command(help="运行后台任务，直到被终止。Run the background jobs until told to end.")
@data_option
def command(data: Path | None) -> None:
    jobs.run_forever(settings(data))
