"""`jiheng score`: does every recorded score of a file come out the same again? Needs no server and no database."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from service.rules.scoring.vectors import Comparison, compare

_LARGEST = 50 * 2**20
_SHAPE = "应为 {“unit”: […], “projects”: […]}，格式见 db/demo/score_test_vectors.json"


class Unreadable(click.ClickException):
    """The file holds no score vectors; exit status 2."""

    exit_code = 2

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"无法读取“{file.name}”：{reason}。Cannot read this file as score vectors; nothing was computed."
        )


@click.command(
    help="按评分规则计算文件中的得分，与文件所列结果逐一比较；不需要服务和数据库。Compute the scores of FILE (.json) and"
    " compare each with the one it expects. 退出码 exit status: 0 全部一致 all equal, 1 有差异 differences, 2 无法读取"
    " unreadable."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON 列表。Print a JSON list.")
def command(file: Path, as_json: bool) -> None:
    compared = list(compare(_read(file)))
    if not compared:
        raise Unreadable(file, f"文件中没有测试向量，{_SHAPE}")
    if as_json:
        click.echo(json.dumps([_as_json(found) for found in compared], ensure_ascii=False, indent=1, default=str))
    else:
        _print(compared)
    if not all(found.equal for found in compared):
        raise SystemExit(1)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > _LARGEST:
            raise Unreadable(file, f"文件超过 {_LARGEST // 2**20} MiB")
        given = json.loads(file.read_bytes(), parse_float=Decimal)
    except OSError as error:
        raise Unreadable(file, "文件不存在或没有读取权限") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(file, f"不是 JSON，{_SHAPE}") from error
    if not isinstance(given, Mapping) or not {"unit", "projects"} & set(given):
        raise Unreadable(file, _SHAPE)
    return given


def _as_json(found: Comparison) -> dict[str, Any]:
    return {"id": found.id, "expected": found.expected, "got": found.got, "equal": found.equal}


def _print(compared: Sequence[Comparison]) -> None:
    for found in compared:
        mark = "一致" if found.equal else "不一致 DIFFERS"
        click.echo(
            f"{found.id}  {found.title}  应为 expected {_text(found.expected)}  得 got {_text(found.got)}  {mark}"
        )
        for name, score in found.scores:
            click.echo(
                f"    {name}  {score.points}/{score.weight}  公式：{score.formula}；{score.worked}（{score.source}）"
            )
    differing = sum(not found.equal for found in compared)
    click.echo(f"\n共 {len(compared)} 项 results，{differing} 项不一致 differ")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
