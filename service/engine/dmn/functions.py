"""Which functions of the standard may a table call? A closed list; each is a plain Python function here or beside.

The functions that read the clock are left out on purpose: a decision must come out the same when it is repeated, so
the day is an input like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.dmn.faults import FeelFault, TooMuch
from service.engine.dmn.list_functions import LIST_FUNCTIONS
from service.engine.dmn.number_functions import NUMBER_FUNCTIONS
from service.engine.dmn.scope import Scope
from service.engine.dmn.text_functions import TEXT_FUNCTIONS
from service.engine.dmn.time_functions import TIME_FUNCTIONS
from service.engine.dmn.values import show

CLOCK = frozenset({"now", "today"})
_PAIRWISE = frozenset({"distinct values", "union"})


@dataclass(frozen=True)
class Builtin:
    """A function of the standard: name, the lists of parameter names it may be called with, what it does.

    A parameter list ending in ``…`` takes any number of further values.
    """

    name: str
    signatures: tuple[tuple[str, ...], ...]
    body: Callable[..., Any]

    def call(self, arguments: Sequence[Any], scope: Scope) -> Any:
        """Work it out; null with a note if the arguments are of the wrong kind, as the standard says."""
        if not any(self._fits(signature, len(arguments)) for signature in self.signatures):
            raise FeelFault(f"函数 {self.name} 的参数个数不对，应为 {self._shown()}")
        scope.run.step(self._work(arguments))
        try:
            return self.body(*arguments)
        except TooMuch:
            raise
        except FeelFault as fault:
            scope.note(f"{self.name}({', '.join(map(show, arguments))})：{fault}，结果为空值")
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            scope.note(f"{self.name}({', '.join(map(show, arguments))}) 的参数不对，结果为空值")
        return None

    def call_named(self, arguments: Mapping[str, Any], scope: Scope) -> Any:
        """Work it out with arguments by name; raises ``FeelFault`` if no parameter list has these names."""
        for signature in self.signatures:
            if set(arguments) == set(signature) and "…" not in signature:
                return self.call([arguments[name] for name in signature], scope)
        raise FeelFault(f"函数 {self.name} 的参数名不对，应为 {self._shown()}")

    def _work(self, arguments: Sequence[Any]) -> int:
        """How much work a call is: long lists and texts cost more, comparing everything with everything most."""
        elements = sum(len(value) for value in arguments if isinstance(value, list))
        characters = sum(len(value) for value in arguments if isinstance(value, str))
        return 1 + elements + characters // 100 + (elements**2 // 20 if self.name in _PAIRWISE else 0)

    def _fits(self, signature: tuple[str, ...], count: int) -> bool:
        return count >= len(signature) - 1 if "…" in signature else count == len(signature)

    def _shown(self) -> str:
        return " 或 ".join(f"({', '.join(signature)})" for signature in self.signatures)


def _negation(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


_PLAIN: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "not": (_negation, ("negand",)),
    "is defined": (lambda value: value is not None, ("value",)),
}

BUILTINS: Mapping[str, Builtin] = {
    name: Builtin(name, tuple(tuple(part.strip() for part in text.split(",")) for text in signatures), body)
    for table in (_PLAIN, LIST_FUNCTIONS, NUMBER_FUNCTIONS, TEXT_FUNCTIONS, TIME_FUNCTIONS)
    for name, (body, signatures) in table.items()
}
