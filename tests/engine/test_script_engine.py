"""Nothing the process library hands over reaches Python's own evaluation."""

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from forms.expression import ExpressionError
from service.engine.release import EngineError
from service.engine.script_engine import SafeEnvironment, SafeScriptEngine

STEPS = frozenset({"draft", "review"})


def test_a_step_not_yet_decided_has_no_outcome_and_absent_facts_are_empty():
    environment = SafeEnvironment(STEPS)
    data = {"draft": {"outcome": "submit"}}
    assert environment.evaluate("review.outcome is None and draft.outcome == 'submit'", data) is True
    assert environment.evaluate("draft.is_key_project == True", data) is False
    assert data == {"draft": {"outcome": "submit"}}


def test_an_unknown_name_is_refused():
    with pytest.raises(ExpressionError, match="ghost"):
        SafeEnvironment(STEPS).evaluate("ghost.outcome == 'x'", {})


def test_the_environment_itself_is_safe_because_correlation_calls_it_directly():
    engine = SafeScriptEngine(STEPS)
    assert isinstance(engine, PythonScriptEngine)
    for evaluate in (engine.validate, lambda text: engine.environment.evaluate(text, {})):
        with pytest.raises(ExpressionError):
            evaluate("__import__('os').getpid()")


def test_scripts_and_services_never_run():
    environment, data = SafeEnvironment(STEPS), {}
    with pytest.raises(EngineError):
        environment.execute("x = 1", data)
    with pytest.raises(EngineError):
        environment.call_service(data, operation_name="x")
    assert data == {}


def test_the_facts_of_the_case_are_known_and_absent_ones_are_empty():
    environment = SafeEnvironment(STEPS)
    assert environment.evaluate("case.kind == 'k' and case.other is None", {"case": {"kind": "k"}}) is True
    assert environment.evaluate("case.kind is None", {}) is True
