"""Which decisions may a step of a process ask, what do they want, and what do they tell the flow?"""

from collections.abc import Mapping
from typing import Any

from service.engine import ReleaseError
from service.engine.dmn import Decision, Model, read_model, wanted
from service.engine.table_steps import results


def of_files(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The decisions of files given as text by name, by how a step names them (``levels.dmn#level``).

    Returns:
        title; inputs: name and kind of every value the decision wants; results: name and kind of every fact it leaves
        (kinds: number, string, boolean, "" where open). A file that cannot be read offers nothing.
    """
    found = {}
    for name, text in sorted(files.items()):
        try:
            model = read_model(text.encode(), name)
        except ReleaseError:
            continue
        several = len(model.decisions) > 1
        for key, decision in model.decisions.items():
            title = f"{decision.name}（{model.name or name}）" if several else decision.name
            found[f"{name}#{key}"] = {"title": title, **_described(model, decision)}
    return found


def _described(model: Model, decision: Decision) -> dict[str, Any]:
    labels = {clause.text: clause.label for clause in decision.table.inputs} if decision.table else {}
    inputs = [
        {"name": name, "label": labels.get(name, name), "number": item.base.name in ("数字", "整数")}
        for name, item in wanted(model, decision).items()
    ]
    titles = {clause.name: clause.label for clause in decision.table.outputs} if decision.table else {}
    given = results(decision) or {}
    results_ = [
        {"name": name, "label": titles.get(name, name), "number": kind == "number"} for name, kind in given.items()
    ]
    return {"inputs": inputs, "results": results_}
