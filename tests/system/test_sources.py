"""Facts about all sources: small units, plain names, nothing that runs text, nothing that points outside."""

import ast
import re
import subprocess
from pathlib import Path
from typing import TypeGuard

from tests.system.sources import ROOT, modules, name, parsed

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
TEXT_RUNNERS = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "cPickle", "shelve", "marshal", "dill"}
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common|service)$")
#: Built from pieces, so that this file does not contain what it looks for.
OUTSIDE = re.compile("|".join(["/" + "work/", "/tmp/" + "jiheng", r"(?<![\w./])shared" + "/", "proto" + "types/"]))


def test_every_module_fits_on_a_few_pages():
    long = {name(path): n for path in modules() if (n := len(path.read_text("utf-8").splitlines())) > LONGEST_MODULE}
    assert long == {}


def test_every_function_fits_on_a_screen():
    long = {}
    for path in modules("service", "forms", "db", "scripts"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[f"{name(path)}:{node.lineno} {node.name}"] = lines
    assert long == {}


def test_nothing_runs_text_as_a_program():
    found = []
    for path in modules("service", "forms", "db", "scripts"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TEXT_RUNNERS:
                found.append(f"{name(path)}:{node.lineno} {node.func.id}")
            for module in _imported(node):
                if module.split(".")[0] in UNSAFE_MODULES:
                    found.append(f"{name(path)}:{node.lineno} {module}")
    assert found == []


def test_every_module_is_named_after_a_noun_of_the_field():
    empty = [name(path) for path in modules() if EMPTY_NAMES.search(path.stem)]
    assert empty == []


def test_every_module_says_which_question_it_answers():
    silent = [name(path) for path in modules() if not ast.get_docstring(parsed(path)) and path.read_text().strip()]
    assert silent == []


def test_use_cases_rules_and_forms_explain_themselves():
    silent = []
    for path in [*(ROOT / "service").glob("*.py"), *modules("forms"), *modules("service/rules")]:
        for node in parsed(path).body:
            if _is_public(node) and not ast.get_docstring(node):
                silent.append(f"{name(path)}:{node.lineno} {node.name}")
    assert silent == []


def test_nothing_points_outside_the_repository():
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True, encoding="utf-8"
    ).splitlines()
    found = []
    for path in (ROOT / line for line in listed):
        if path.is_file() and not _is_data(path):
            for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
                if OUTSIDE.search(line):
                    found.append(f"{name(path)}:{number} {line.strip()[:100]}")
    assert found == []


def test_the_top_of_the_tree_holds_only_what_the_map_names():
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    top = {line.split("/")[0] for line in listed.splitlines()}
    folders = {"workflows", "service", "forms", "db", "tests", "scripts"}
    files = {"pyproject.toml", "README.md", "LICENSE"}
    extra = {entry for entry in top - folders - files if not entry.startswith(".") and not entry.endswith(".lock")}
    assert extra == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _is_public(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


def _is_data(path: Path) -> bool:
    return path.suffix in {".json", ".lock", ".png", ".xlsx", ".csv", ".svg", ".po", ".mo", ".jpg", ".woff2"}


def test_nothing_built_is_kept_with_the_sources():
    """Third-party JavaScript comes by npm at set-up; a bundle of it among the sources would be a copy nobody renews."""
    command = ["git", "ls-files", "service/web/static", "*.min.js", "*.map", "node_modules"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == ""
