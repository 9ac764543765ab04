"""What is filled in: one definition per official form, and the expression language forms and diagrams share."""

from forms.acceptance import accept
from forms.comparison import Change, changes
from forms.content import compute, facts, readable, unflatten, visible
from forms.definition import DefinitionError, FormDefinition, load, parse, permission
from forms.marking import marked
from forms.presentation import view
from forms.view import FormView

__all__ = [
    "Change",
    "DefinitionError",
    "FormDefinition",
    "FormView",
    "accept",
    "changes",
    "compute",
    "facts",
    "load",
    "marked",
    "parse",
    "permission",
    "readable",
    "unflatten",
    "view",
    "visible",
]
