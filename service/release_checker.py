"""What is wrong with each of these files? Run as a process of its own: one bounded child per file, never imported.

Reads `{"name": …, "text": base64}` lines from standard input. Writes, per file in order, one line
`{"file": number, "problem": {…}}` per problem as it is found, and at last `{"file": number, "end": "checked"}`, `"unreadable"` (its one
problem says why) or `"broken"` (the limits of time or memory were reached; what was found before still stands).
"""

import base64
import json
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

import forms
from forms.definition import SHIPPED, FormDefinition
from service.engine import LintProblem, ReleaseError, UserStep
from service.engine.check import check_file
from service.engine.dmn import Model, read_model
from service.engine.lint_foreign import cleaned
from service.engine.lint_release import PolicyData
from service.engine.outline import read_outline
from service.engine.xml_reader import read_xml
from service.form_facts import form_amounts, form_facts
from service.form_soundness import form_problems

SECONDS = 3
MEMORY = 1024 * 2**20
#: One file lists at most this many; the rest is counted by kind.
MOST_PROBLEMS = 20_000
#: How the name of a form definition ends; every other file is a diagram or a decision table.
FORM = ".json"
TABLE = ".dmn"
_FAILED = "文件未能检查完，请把它发给系统管理员：{fault}。"

File = tuple[str, bytes]


def main() -> None:
    """Check every file of standard input, each in a child of its own."""
    files = [_file(line) for line in sys.stdin.buffer]
    for number in range(len(files)):
        child = os.fork()
        if child == 0:
            limit()
            _check(files, number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status != 0:
            _say(number, end="broken")


def _file(line: bytes) -> File:
    document = json.loads(line)
    return document["name"], base64.b64decode(document["text"])


def limit() -> None:
    """Bound this process in time and memory for good; it is killed where it goes further."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))
    # The work is bounded by the processor's time; the clock only ends a child that waits.
    signal.alarm(SECONDS + 1)


def _check(files: Sequence[File], number: int) -> None:
    try:
        _list(number, _problems(files, number))
        _say(number, end="checked")
    except ReleaseError as fault:
        _list(number, iter(fault.problems))
        _say(number, end="unreadable")
    except Exception as fault:  # whatever it is, the file's other problems are already written
        text = _FAILED.format(fault=f"{type(fault).__name__} {fault}"[:200])
        problem = LintProblem(
            code="check.failed", severity="error", element_id="", message=text, remedy="请删去不常用的元素后再试。"
        )
        _list(number, iter([problem]))
        _say(number, end="checked")


def _problems(files: Sequence[File], number: int) -> Iterator[LintProblem]:
    name, text = files[number]
    if name.endswith(FORM):
        return form_problems(text, name, _steps(files))
    definitions = _definitions(files)
    return check_file(
        text,
        name,
        others=lambda: _others(files, number),
        forms=frozenset(definitions),
        data=PolicyData(facts=form_facts(definitions), amounts=form_amounts(definitions)),
        tables=lambda: _tables(files),
    )


def _tables(files: Sequence[File]) -> dict[str, Model]:
    """The decision tables that can be read, by file name."""
    found: dict[str, Model] = {}
    for name, text in files:
        try:
            found |= {name: read_model(text, name)} if name.endswith(TABLE) else {}
        except ReleaseError:
            continue  # said where that file is checked itself
    return found


def _definitions(files: Sequence[File]) -> dict[str, FormDefinition]:
    """The forms a diagram may name: the shipped ones, changed and added to by the sound definitions among the files."""
    found = {code: forms.load(code) for code in SHIPPED}
    for name, text in files:
        if not name.endswith(FORM):
            continue
        try:
            definition = forms.parse(json.loads(text))
        except (ValueError, RecursionError):
            continue  # said where that file is checked itself
        found[definition.code] = definition
    return found


def _steps(files: Sequence[File]) -> dict[str, UserStep]:
    """The steps of the diagrams that can be read, by id."""
    found: dict[str, UserStep] = {}
    for name, text in files:
        try:
            found |= {} if name.endswith(FORM) else read_outline(text, name).steps
        except ReleaseError:
            continue
    return found


def _others(files: Sequence[File], number: int) -> Mapping[str, etree._Element]:
    """Return the other diagrams that can be read, without anything foreign."""
    found = {}
    for index, (name, text) in enumerate(files):
        try:
            if index != number and not name.endswith(FORM):
                found[f"{index} {name}"] = cleaned(read_xml(text, name))
        except ReleaseError:
            continue  # said where that file is checked itself
    return found


def _list(number: int, problems: Iterator[LintProblem]) -> None:
    seen: set[LintProblem] = set()
    left = Counter[str]()
    for problem in problems:
        if problem in seen:
            continue
        if len(seen) >= MOST_PROBLEMS:
            left[problem.code] += 1
            continue
        seen.add(problem)
        _say(number, problem=problem.to_json())
    if left:
        counted = "、".join(f"{code} {count} 处" for code, count in left.most_common())
        rest = LintProblem(
            code="check.more",
            severity="error",
            element_id="",
            message=f"问题太多，另有 {left.total()} 处没有逐一列出：{counted}。",
            remedy="请先处理已列出的问题，再检查一次。",
        )
        _say(number, problem=rest.to_json())


def _say(number: int, **content: Any) -> None:
    line = json.dumps({"file": number, **content}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    while line:
        line = line[os.write(1, line) :]


if __name__ == "__main__":
    main()
