"""`jiheng demo-workbook`: the 477 projects of the demo district as one workbook, to try the import with."""

from pathlib import Path

import click

from db import demo
from service.rules.interchange import from_interchange
from service.rules.quality import default
from service.workbooks import write_declarations


@click.command(
    help="把演示区的477个项目写成一个 .xlsx 工作簿，供试导入。Write the demo district's projects to FILE (.xlsx)."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--template",
    type=click.Choice(list(default().templates)),
    default="CLASSIC_2020",
    show_default=True,
    help="指标模板。Indicator template.",
)
def command(file: Path, template: str) -> None:
    contents = [from_interchange(project, template) for project in demo.projects()]
    try:
        file.write_bytes(write_declarations(contents, template=template, measure_units=demo.measure_units()))
    except OSError as error:
        raise click.ClickException(f"无法写入“{file}”：{error.strerror}。Cannot write the file.") from error
    click.echo(f"✓ {len(contents)} 个项目 projects → {file}")
