"""Every text the process library would hand to Python goes through our own expression language instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from forms.expression import Facts, compile_expression
from service.engine.release import CASE, EngineError
from service.engine.timer_text import is_timer_text

_TIMERS = {
    DurationTimerEventDefinition: "timeDuration",
    TimeDateEventDefinition: "timeDate",
    CycleTimerEventDefinition: "timeCycle",
}


class DecisionScope(Mapping[str, Any]):
    """Decisions as names: every step of the process is known; one not yet decided has the outcome ``None``.

    The facts the case began with are known as ``case``; an absent one is empty.
    """

    def __init__(self, data: Mapping[str, Any], node_ids: frozenset[str]) -> None:
        self.data = data
        self.node_ids = node_ids

    def __contains__(self, name: object) -> bool:
        return name in self.data or name in self.node_ids or name == CASE

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        value = self.data.get(name)
        if name in self.node_ids:
            return Facts(value) if isinstance(value, dict) else Facts(outcome=None)
        return Facts(value or {}) if name == CASE else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.node_ids | set(self.data) | {CASE})

    def __len__(self) -> int:
        return len(self.node_ids | set(self.data) | {CASE})


class SafeEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """The library's correlation and ad hoc code calls the environment directly, so the safety sits here."""

    def __init__(self, node_ids: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.node_ids = node_ids

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Compute an expression over the decisions; nothing is changed. Raises ``ExpressionError``."""
        scope = DecisionScope(context, self.node_ids)
        return compile_expression(expression).run(external_context or {}, scope)

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        """Refuse: scripts are not part of a diagram."""
        raise EngineError("流程图中不允许脚本")

    def call_service(self, context: Any, **parameters: Any) -> Any:
        """Refuse: service tasks yield effects, which the use case carries out."""
        raise EngineError("流程图中的服务任务只能产生登记过的效果")


class SafeScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """The library's script engine over the safe environment; ``node_ids`` are the steps that conditions may name."""

    def __init__(self, node_ids: frozenset[str] = frozenset()) -> None:
        super().__init__(SafeEnvironment(node_ids))

    def validate(self, expression: str) -> None:
        """Raise ``ExpressionError`` unless the text is an allowed expression; the library would compile it as Python."""
        compile_expression(expression)

    def evaluate(self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """Compute an expression for one task."""
        value = self.environment.evaluate(expression, task.data, external_context)
        kind = _TIMERS.get(type(getattr(task.task_spec, "event_definition", None)))
        if kind is not None and not is_timer_text(kind, value):
            raise EngineError(f"定时事件“{task.task_spec.name}”的时间“{value}”不是有效的期限、日期或周期")
        return value

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        """Refuse every script."""
        return bool(self.environment.execute(script, task.data, external_context))

    def call_service(self, task: Any, **parameters: Any) -> Any:
        """Refuse every call to a service."""
        return self.environment.call_service(task.data, **parameters)
