"""What do the forms of a task page look like? The case's form and the review beside it, filled in, sent or compared."""

from collections.abc import Mapping
from typing import Any

import forms
from forms.problem import Problem
from service.web import language, task_form


def form_view(page: Any, sent: Any = None, problems: tuple[Problem, ...] = (), more_rows: str = "") -> forms.FormView:
    """The case's form: to fill in where it is the person's to do, else to read with what has changed marked in it."""
    shown = definition(page.form)
    content = dict(page.form["content"] or {})
    edit = page.form["mode"] == "edit"
    if edit and sent:
        content = task_form.shown_again(shown, content, sent)
    if more_rows in {field.id for field in shown.fields}:
        content[more_rows] = [*(content.get(more_rows) or []), {}]
    view = forms.view(
        shown,
        content,
        mode="edit" if edit else "read",
        node=page.form.get("node") or page.visit["node_id"],
        context=page.form.get("context") or {},
        problems=problems if edit else (),
        previous=page.previous,
        english=language.english(),
        spare_empty=not edit,
    )
    return view if edit else forms.marked(view, (one.change for one in page.comparison.changes))


def review_view(page: Any, sent: Any, problems: tuple[Problem, ...]) -> forms.FormView | None:
    """The review form of the step; None where nobody fills one in here."""
    if page.review is None:
        return None
    shown = definition(page.review)
    content = dict(page.review["content"] or {})
    edit = page.review.get("editable", True) and any(verb["allowed"] for verb in page.verbs)
    if edit and sent:
        content = task_form.shown_again(shown, content, sent)
    return forms.view(
        shown,
        content,
        mode="edit" if edit else "read",
        node=page.visit["node_id"],
        context=page.review.get("context") or {"review_mode": page.review.get("mode")},
        problems=problems if edit else (),
        english=language.english(),
    )


def definition(part: Mapping[str, Any]) -> forms.FormDefinition:
    """The form a part of the page shows."""
    given = part["definition"]
    if isinstance(given, forms.FormDefinition):
        return given
    return forms.load(given) if isinstance(given, str) else forms.parse(given)
