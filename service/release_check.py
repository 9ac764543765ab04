"""What is wrong with these files of processes and decisions, whoever wrote them? Checked in a bounded process of their own."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Literal

#: What one file may take altogether, in seconds; the child gives up on a file before.
_SECONDS_PER_FILE = 6
_SECONDS_TO_START = 30
#: Larger files are refused unread; the reader allows less.
LARGEST = 8 * 2**20
#: Code of the problem that says a file was given up.
UNFINISHED = "check.unfinished"
_ROOT = Path(__file__).parents[1]
_MOST_KEPT = 64

Status = Literal["clean", "problems", "unreadable"]
_lock = Lock()


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """What was found in one file; each problem has code, severity, element_id, message and remedy (Chinese)."""

    file: str
    problems: tuple[Mapping[str, str], ...] = ()
    readable: bool = True

    @property
    def status(self) -> Status:
        """``unreadable`` if it is no BPMN or DMN, else whether anything is to be mended."""
        if not self.readable:
            return "unreadable"
        return "problems" if self.problems else "clean"

    def to_json(self) -> dict[str, Any]:
        """The check as plain JSON."""
        return {"file": self.file, "problems": [dict(problem) for problem in self.problems]}


_kept: dict[str, list[FileCheck]] = {}


@dataclass
class _Found:
    problems: list[Mapping[str, str]] = field(default_factory=list)
    end: str = "broken"


def check_texts(files: Sequence[tuple[str, bytes]]) -> list[FileCheck]:
    """Check files given as (name, content), in order; called processes are looked for in all of them.

    Never raises for what is wrong with a file. A file that takes more than 3 seconds or 1 GiB is given up with the
    problems found until then and one that says so.
    """
    usable = [(name, text) for name, text in files if len(text) <= LARGEST]
    found = iter(_run(usable)) if usable else iter(())
    return [_outcome(name, next(found)) if len(text) <= LARGEST else _too_large(name) for name, text in files]


def remembered(files: Sequence[tuple[str, bytes]]) -> list[FileCheck]:
    """As `check_texts`, but files that were checked together before are not read again: the answer would be the same."""
    digest = sha256()
    for name, text in files:
        digest.update(f"{len(name.encode())} {len(text)} {name}".encode())
        digest.update(text)
    key = digest.hexdigest()
    if key not in _kept:
        found = check_texts(files)
        if any(problem["code"] == UNFINISHED for one in found for problem in one.problems):
            return found
        with _lock:
            while len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = found
    return _kept[key]


def check_paths(paths: Sequence[Path]) -> list[FileCheck]:
    """Check files by path, in order; a missing or unreadable one is said."""
    texts = [_read(path) for path in paths]
    read = [(str(path), text) for path, text in zip(paths, texts, strict=True) if isinstance(text, bytes)]
    checked = iter(check_texts(read))
    return [
        next(checked) if isinstance(text, bytes) else _unreadable(str(path), text)
        for path, text in zip(paths, texts, strict=True)
    ]


def _read(path: Path) -> bytes | str:
    """The content of a file, or why there is none."""
    try:
        if not path.is_file():
            return f"没有文件“{path.name}”，或它不是普通文件。"
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as fault:
        return f"文件“{path.name}”不能读取：{fault.strerror}。"


def _run(files: Sequence[tuple[str, bytes]]) -> list[_Found]:
    lines = (json.dumps({"name": Path(name).name, "text": base64.b64encode(text).decode()}) for name, text in files)
    command = [sys.executable, "-P", "-m", "service.release_checker"]
    given = "".join(f"{line}\n" for line in lines).encode()
    limit = _SECONDS_TO_START + _SECONDS_PER_FILE * len(files)
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the files are only its input
            command, input=given, capture_output=True, timeout=limit, env=environment(), check=False
        )
        output = done.stdout
    except subprocess.TimeoutExpired as fault:
        output = fault.stdout or b""
    found = [_Found() for _ in files]
    for line in output.splitlines():
        _note(found, line)
    return found


def environment() -> dict[str, str]:
    """What a checking process may know of ours: where the program is, nothing else."""
    return {"PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", "")}


def _note(found: Sequence[_Found], line: bytes) -> None:
    try:
        said = json.loads(line)
    except ValueError:
        return  # a child was stopped in the middle of a line
    one = found[said["file"]]
    if "problem" in said:
        one.problems.append(said["problem"])
    else:
        one.end = said["end"]


def _outcome(name: str, found: _Found) -> FileCheck:
    problems = list(found.problems)
    if found.end == "broken":
        message = "文件过大或过于复杂，未能在规定的时间和内存内检查完，以上只是已发现的问题。"
        problems.append(_problem(UNFINISHED, message, "请拆分成几个流程后再检查。"))
    return FileCheck(file=name, problems=tuple(problems), readable=found.end != "unreadable")


def _too_large(name: str) -> FileCheck:
    return _unreadable(name, f"文件“{Path(name).name}”超过 {LARGEST // 2**20} MiB。")


def _unreadable(name: str, message: str) -> FileCheck:
    problems = (_problem("file.unreadable", message, "请检查文件后重试。"),)
    return FileCheck(file=name, problems=problems, readable=False)


def _problem(code: str, message: str, remedy: str) -> dict[str, str]:
    return {"code": code, "severity": "error", "element_id": "", "message": message, "remedy": remedy}
