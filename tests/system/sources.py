"""Which files are ours? The sources that the tests about the whole look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("service", "forms", "db")


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file of ours in these folders (all of the product if none is named), without made migrations."""
    for folder in folders or PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts and "versions" not in path.parts:
                yield path


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    """The path as people say it."""
    return str(path.relative_to(ROOT))
