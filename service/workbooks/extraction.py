"""What stands in the cells of a workbook? Run as a process of its own, with little memory and time, never imported.

Reads the workbook from standard input and writes one JSON line per sheet and per row, in the order of the workbook:
`{"sheet": name, "visible": bool, "merged": [[row, column, row, column]]}` and `[row, [[column, value], ...]]`, all
counted from 0. A value is a text, number, boolean or `{"day": "2021-11-30"}`. The last line is `{"end": true}` or
`{"refused": "…"}`.
"""

import datetime
import io
import json
import math
import resource
import sys
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY = 256 * 2**20
SECONDS = 3
MAX_CELLS = 200_000
MAX_TEXT = 12_000_000
MAX_MERGED = 20_000
#: Cells inside merged ranges. Larger single ranges are decoration: whole rows, whole columns.
MAX_MERGED_CELLS = 200_000
LARGEST_MERGED = 10_000
MAX_COLUMNS = 256
MAX_CELL_TEXT = 32_767


class TooMuch(Exception):
    """The workbook holds more than a declaration needs."""


def main() -> None:
    """Limit this process, read, write, and say how it ended."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))
    try:
        _copy(CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())))
        _say({"end": True})
    except TooMuch as fault:
        _say({"refused": str(fault)})
    except PasswordError:
        _say({"refused": "工作簿带有密码，请取消密码后上传"})
    except (CalamineError, MemoryError, ValueError, OSError):
        _say({"refused": "工作簿内容已损坏或过大，无法读取，请重新另存为 .xlsx 后上传"})


def _copy(workbook: CalamineWorkbook) -> None:
    cells = letters = 0
    for number, described in enumerate(workbook.sheets_metadata):
        if described.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(number)
        visible = described.visible == SheetVisibleEnum.Visible
        _say({"sheet": sheet.name, "visible": visible, "merged": _merged(sheet)})
        left = sheet.start[1] if sheet.start else 0  # rows begin at the sheet's first filled column
        for row, values in enumerate(sheet.iter_rows()):
            found = [[left + column, _value(value)] for column, value in enumerate(values) if value != ""]
            if not found:
                continue
            if found[-1][0] >= MAX_COLUMNS:
                raise TooMuch(f"工作表“{sheet.name}”第{row + 1}行超过{MAX_COLUMNS}列，请删去多余的列")
            cells += len(found)
            letters += sum(len(value) for _, value in found if isinstance(value, str))
            if cells > MAX_CELLS or letters > MAX_TEXT:
                raise TooMuch(f"工作簿超过{MAX_CELLS // 10_000}万个单元格或文字过多，请分成几个工作簿上传")
            _say([row, found])


def _merged(sheet: Any) -> list[list[int]]:
    ranges = [[*start, *end] for start, end in sheet.merged_cell_ranges or []]
    sizes = [(bottom - top + 1) * (right - left + 1) for top, left, bottom, right in ranges]
    small = [found for found, size in zip(ranges, sizes, strict=True) if size <= LARGEST_MERGED]
    if len(ranges) > MAX_MERGED or sum(size for size in sizes if size <= LARGEST_MERGED) > MAX_MERGED_CELLS:
        raise TooMuch(f"工作表“{sheet.name}”的合并单元格过多，请使用系统模板")
    return small


def _value(value: Any) -> Any:
    if isinstance(value, bool | int | str):
        return value[:MAX_CELL_TEXT] if isinstance(value, str) else value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime.datetime | datetime.date):
        return {"day": value.isoformat()[:10]}
    return str(value)


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace")
    main()
