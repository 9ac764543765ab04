"""Do imports only point downwards? Every module of `service` has a layer; one that is not named is a use case."""

import ast

from tests.system.sources import ROOT, modules, name, parsed

#: From the bottom up. What is named nowhere here is a use case, layer 1.
LAYERS = {
    "errors": 0, "config": 0, "log": 0, "engine": 0, "rules": 0, "history": 0,
    "request": 2, "permission": 2, "failures": 2,
    "api": 3, "web": 3, "cli": 3, "jobs": 3,
    "app": 4,
}  # fmt: skip
USE_CASE = 1
#: Edges that may start others: the command `jiheng jobs`, gunicorn's application.
ALLOWED = {("cli", "jobs"), ("api", "web"), ("web", "api")}


def test_no_module_imports_from_a_layer_above_its_own():
    upward = []
    for path in modules("service"):
        own = path.relative_to(ROOT / "service").parts[0].removesuffix(".py")
        for node in ast.walk(parsed(path)):
            for used in _parts_of_service(node):
                if used != own and _layer(used) > _layer(own):
                    upward.append(f"{name(path)}:{node.lineno} imports service.{used}")
                if _layer(own) == _layer(used) == 3 and used != own and (own, used) not in ALLOWED:
                    upward.append(f"{name(path)}:{node.lineno} imports another edge, service.{used}")
    assert upward == []


def _layer(part: str) -> int:
    return LAYERS.get(part, USE_CASE)


def _parts_of_service(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module == "service":
        names = [f"service.{alias.name}" for alias in node.names]
    else:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return {full.split(".")[1] for full in names if full.startswith("service.")}
