"""What can go wrong with a decision model: faults of one expression, decisions not made, problems of a file."""

from __future__ import annotations

from lxml import etree

from service.engine.release import EngineError, LintProblem, Severity
from service.engine.xml_reader import local_id


class FeelFault(EngineError):
    """An expression is not understood or cannot be worked out; the text says why, the caller adds where."""


class MissingName(FeelFault):
    """An expression uses a name that nothing gives a value: usually an input that was not supplied."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"缺少输入“{name}”")


class TooMuch(FeelFault):
    """A limit on work or size is reached; unlike a wrong argument this never becomes a mere null."""


class Undecided(EngineError):
    """A decision was not made: the Chinese text names the table, row and column and the reason."""


class Findings:
    """Collects every problem of a file instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[LintProblem] = []

    def error(self, code: str, element: etree._Element | None, message: str, remedy: str) -> None:
        """Note what keeps a decision from being made."""
        self._add("error", code, element, message, remedy)

    def warning(self, code: str, element: etree._Element | None, message: str, remedy: str) -> None:
        """Note what is odd but has one clear meaning."""
        self._add("warning", code, element, message, remedy)

    @property
    def errors(self) -> int:
        """Return how many errors were found so far."""
        return sum(problem.severity == "error" for problem in self.problems)

    def _add(self, severity: Severity, code: str, element: etree._Element | None, message: str, remedy: str) -> None:
        self.problems.append(
            LintProblem(
                code=code,
                severity=severity,
                element_id=_place(element),
                message=message.rstrip("。") + "。",
                remedy=remedy,
            )
        )


def _place(element: etree._Element | None) -> str:
    """The id of an element, or of the nearest one around it that has one: a cell's, a row's, a decision's."""
    around = () if element is None else (element, *element.iterancestors())
    return next((found for found in map(local_id, around) if found), "")
