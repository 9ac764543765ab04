"""What does a new version of a bundle change, in all its files: diagram, decision tables, forms?"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from service import release_diff
from service.engine import ReleaseError
from service.engine.outline import read_outline
from service.errors import BadRequest
from service.form_diff import compare_forms
from service.release_diff import Change
from service.release_words import step_title
from service.table_diff import compare_tables, describe_table

_LARGEST = 8 * 2**20


def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[Change, ...]:
    """Compare two bundles given as files by name; the diagram first, then tables and forms by name.

    Raises:
        ReleaseError: a file of one of them cannot be read.
    """
    return tuple(_changes(old, new))


def _changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Change]:
    steps = {**_steps(old), **_steps(new)}
    for name in sorted({*old, *new}, key=_rank):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name.endswith(".dmn"):
            yield from _table(before, after, name)
        elif name.count(".") > 1:
            continue  # scenarios and rule sets are compared by those who keep them
        elif name.endswith(".json"):
            yield from _form(before, after, steps)
        elif before is not None and after is not None:
            yield from release_diff.compare(before, after, names=(name, name))


def _rank(name: str) -> tuple[int, str]:
    return (0 if name.endswith(".bpmn") else 1 if name.endswith(".dmn") else 2), name


def _table(before: bytes | None, after: bytes | None, name: str) -> tuple[Change, ...]:
    if before is None or after is None:
        return describe_table(after or before or b"", added=before is None, filename=name)
    return compare_tables(before, after, names=(name, name))


def _form(before: bytes | None, after: bytes | None, steps: Mapping[str, str]) -> tuple[Change, ...]:
    """A draft may hold a definition of any shape; what the check says of it stands elsewhere."""
    if before is None or after is None:
        raw = json.loads(after or before or b"{}")
        count = sum(isinstance(one, dict) and one.get("type") != "section" for one in raw.get("fields") or ())
        words = (
            f"新增表单“{raw.get('title', '')}”，共{count}个字段"
            if before is None
            else f"删去表单“{raw.get('title', '')}”"
        )
        return (Change(kind="form.added" if before is None else "form.removed", sentence=words),)
    try:
        return compare_forms(json.loads(before), json.loads(after), lambda node: steps.get(node, node))
    except (AttributeError, KeyError, TypeError, ValueError):
        title = json.loads(before).get("title", "")
        return (Change(kind="form.unsound", sentence=f"表单“{title}”的定义还有错误，改正后才能逐条比较"),)


def _steps(files: Mapping[str, bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in files.items():
        if name.endswith(".bpmn"):
            found |= {step.node_id: step_title(step) for step in read_outline(text, name).steps.values()}
    return found


def compare_files(old: Path, new: Path) -> tuple[Change, ...]:
    """Compare two files of one kind: diagrams, decision tables or form definitions.

    Raises:
        BadRequest: one of them cannot be read, or they are of different kinds.
    """
    if not (old.suffix == new.suffix and new.suffix in (".dmn", ".json")):
        return release_diff.compare_files(old, new)
    name = f"file{new.suffix}"
    try:
        return compare({name: _text(old)}, {name: _text(new)})
    except OSError as fault:
        raise BadRequest(f"文件“{fault.filename}”不存在或没有读取权限。") from fault
    except ReleaseError as fault:
        raise BadRequest(str(fault)) from fault
    except (ValueError, AttributeError, TypeError) as fault:
        raise BadRequest(f"文件“{old.name}”或“{new.name}”不是表单定义。") from fault


def _text(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_LARGEST)
