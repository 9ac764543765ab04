"""What do the forms tell the flow? The facts conditions may read, and whether the form insists on them."""

from collections.abc import Mapping
from types import MappingProxyType

from forms.definition import Field, FormDefinition

#: What a decision keeps of a review form: its conclusion, under a name of its own (see service.deciding).
_CONCLUSIONS: Mapping[str, Mapping[str, bool]] = MappingProxyType({"target_review": MappingProxyType({"grade": True})})
_TITLES: Mapping[str, str] = MappingProxyType({"grade": "审核等次"})


def form_facts(definitions: Mapping[str, FormDefinition]) -> dict[str, dict[str, bool]]:
    """Per form code: the facts a decision with this form leaves, each with whether a condition can rely on a value.

    Computed fields and yes/no questions count as reliable: unanswered is read as "not so".
    """
    return {
        code: {field.id: _reliable(field) for field in definition.questions if field.fact}
        | dict(_CONCLUSIONS.get(code, {}))
        for code, definition in definitions.items()
    }


def fact_titles(definitions: Mapping[str, FormDefinition]) -> dict[str, dict[str, str]]:
    """Per form code: what the facts of `form_facts` are called."""
    titles = {code: {field.id: field.label for field in form.questions} for code, form in definitions.items()}
    return {
        code: {name: titles[code].get(name, _TITLES.get(name, name)) for name in facts}
        for code, facts in form_facts(definitions).items()
    }


def form_amounts(definitions: Mapping[str, FormDefinition]) -> dict[str, frozenset[str]]:
    """Per form code: the facts kept exact, as text; a condition reads them by ``number(…)``."""
    return {
        code: frozenset(field.id for field in definition.questions if field.fact and field.type == "decimal")
        for code, definition in definitions.items()
    }


def _reliable(field: Field) -> bool:
    return field.required or field.type in ("computed", "boolean")
