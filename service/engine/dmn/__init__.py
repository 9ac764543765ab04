"""Decisions by the standard (DMN 1.1 to 1.5): tables under every hit policy, strictly, and what they need around them.

By the standard an expression that cannot be worked out (``10 / 0``, ``1 + null``) is null; that is kept, with a note.
What would silently steer a table wrong is an error instead: a missing input, a value of the wrong type or outside the
allowed values, a cell that compares a text with a number, rows that contradict the hit policy. No matching row
without a default is neither: the answer is null, says so, and lists no row.
"""

from service.engine.dmn.coverage import coverage_problems
from service.engine.dmn.decide import choose, decide
from service.engine.dmn.faults import Undecided
from service.engine.dmn.model import Answer, Decision, Model
from service.engine.dmn.model_reader import read_model
from service.engine.dmn.scope import Firing
from service.engine.dmn.values import number_text, show, to_json
from service.engine.dmn.wanted import telling, wanted
from service.engine.dmn.written import WrittenColumn, WrittenRow, WrittenTable, written_inputs, written_tables

__all__ = [
    "Answer",
    "Decision",
    "Firing",
    "Model",
    "Undecided",
    "WrittenColumn",
    "WrittenRow",
    "WrittenTable",
    "choose",
    "coverage_problems",
    "decide",
    "number_text",
    "read_model",
    "show",
    "telling",
    "to_json",
    "wanted",
    "written_inputs",
    "written_tables",
]
