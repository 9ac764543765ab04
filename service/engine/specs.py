"""What do the nodes of a diagram do? The library's specifications with their faults in loops and joins taken out."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.mixins import (
    BpmnSpecMixin,
    ExclusiveGatewayMixin,
    InclusiveGatewayMixin,
    ParallelGatewayMixin,
    ParallelMultiInstanceTaskMixin,
    SequentialMultiInstanceTaskMixin,
    UserTaskMixin,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.util.task import TaskState

from forms.expression import ExpressionError
from service.engine.merge import changes, merge_branches
from service.engine.release import CASE, EngineError, TableStep, UserStep
from service.engine.table_steps import answer

ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
USED = "used"
MAX_INSTANCES = 100


class HumanTask(UserTaskMixin, BpmnSpecMixin):  # type: ignore[misc]
    """A step a person decides; it waits until told the decision."""

    def __init__(self, wf_spec: Any, bpmn_id: str, step: UserStep | None = None, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.step = step


class EffectTask(BpmnSpecMixin):  # type: ignore[misc]
    """A service task: passing it yields an effect and performs nothing."""

    def __init__(self, wf_spec: Any, bpmn_id: str, effect: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.effect = effect


class TableTask(BpmnSpecMixin):  # type: ignore[misc]
    """A business rule task: asks its table with the decisions made so far and keeps the answer under its own name."""

    def __init__(self, wf_spec: Any, bpmn_id: str, step: TableStep | None = None, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.step = step

    def _run_hook(self, my_task: Any) -> bool:
        workflow = my_task.workflow.top_workflow
        asked = answer(
            self.step or TableStep(self.bpmn_id, self.bpmn_id),
            workflow.release.tables,
            lambda text: my_task.workflow.script_engine.evaluate(my_task, text),
        )
        my_task.data[self.bpmn_id] = dict(asked.result)
        workflow.asked.append(asked)
        return True


def is_arrival(task: Any) -> bool:
    """Return whether a task stands for a token that has come to a join which has not fired yet.

    Of the arrivals at one join the library keeps the latest waiting and cancels the others. A join task cancelled in an
    earlier round is told apart by the mark it got when the join fired or its token was withdrawn.
    """
    if not isinstance(task.task_spec, UnstructuredJoin) or task.internal_data.get(USED):
        return False
    if task._state == TaskState.WAITING:
        return True
    parent = task.parent
    arrived = task._state == TaskState.CANCELLED and not task._children
    return arrived and parent is not None and parent._state == TaskState.COMPLETED


class _TokenJoin(UnstructuredJoin):  # type: ignore[misc]
    """Counts each arrival once and merges branches against the point where they parted.

    The library's joins count a task cancelled in an earlier round as an arrival, so after a return they fire when one
    branch is done, and they let an inherited old value of the last branch override a fresh decision of another.
    """

    def _earlier_arrivals(self, my_task: Any) -> list[Any]:
        arrivals = [t for t in my_task.workflow.tasks.values() if t.task_spec is self and t is not my_task]
        return [t for t in arrivals if is_arrival(t)]

    def _run_hook(self, my_task: Any) -> bool:
        earlier = sorted(self._earlier_arrivals(my_task), key=lambda task: task.parent.last_state_change)
        my_task.data = merge_branches([task.parent for task in (*earlier, my_task)])
        for task in earlier:
            task.internal_data[USED] = True
            if task._state == TaskState.WAITING:
                task.cancel()
        return True


class ParallelGateway(_TokenJoin, ParallelGatewayMixin, BpmnSpecMixin):  # type: ignore[misc]
    """Waits for one token on every incoming flow, then sends one along every outgoing flow."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = {task.parent.task_spec.name for task in (*self._earlier_arrivals(my_task), my_task)}
        return arrived.issuperset(self._inputs)


def _holds(gateway: Any, condition: Any, my_task: Any) -> bool:
    try:
        return bool(condition._matches(my_task))
    except ExpressionError as fault:
        known = my_task.workflow.top_workflow.release.titles
        where = known.get(gateway.name, f"“{gateway.name}”")
        raise EngineError(f"流程不能继续：{where}的条件“{condition.args[0]}”算不出来：{fault}") from fault


class _Undecided:
    """A gateway whose way out is known only when it is passed, so nothing is put behind it before."""

    def _predict_hook(self, my_task: Any) -> None:
        pass


class ExclusiveGateway(_Undecided, ExclusiveGatewayMixin, BpmnSpecMixin):  # type: ignore[misc]
    """Follows the first flow whose condition holds, else the default."""

    def _run_hook(self, my_task: Any) -> bool:
        chosen = self.default_task_spec
        for condition, name in self.cond_task_specs:
            if condition is not None and _holds(self, condition, my_task):
                chosen = name
                break
        my_task._sync_children([self._wf_spec.task_specs[chosen]], TaskState.FUTURE)
        return True


class InclusiveGateway(_Undecided, _TokenJoin, InclusiveGatewayMixin, BpmnSpecMixin):  # type: ignore[misc]
    """Waits for the tokens that can still come, as BPMN 2.0 says, then follows every flow whose condition holds.

    A token can still come if it lies upstream of an empty incoming flow and not upstream of a full one.
    """

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = {task.parent.task_spec.name for task in (*self._earlier_arrivals(my_task), my_task)}
        empty = set(self._inputs) - arrived
        if not empty:
            return True
        awaited = self._upstream(empty) - self._upstream(arrived)
        tasks = my_task.workflow.tasks.values()
        return not any(t._state & ACTIVE and t.task_spec.name in awaited for t in tasks if t.task_spec is not self)

    def _upstream(self, names: set[str]) -> set[str]:
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in seen and name != self.name:
                seen.add(name)
                todo += self._wf_spec.task_specs[name]._inputs
        return seen

    def _run_hook(self, my_task: Any) -> bool:
        _TokenJoin._run_hook(self, my_task)
        matches, defaults = self._get_matching_outputs(my_task)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        return True


class EndJoin(_TokenJoin, _EndJoin):  # type: ignore[misc]
    """The end of a process: waits until no token is anywhere else."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return not any(
            task._state & TaskState.NOT_FINISHED_MASK
            for task in my_task.workflow.tasks.values()
            if task.task_spec is not self and task.task_spec.name != "End"
        )


class CaseReference(TaskDataReference):  # type: ignore[misc]
    """A list a loop runs over: a name of the process's data, or else a fact of the case."""

    def get(self, my_task: Any) -> Any:
        """Return the list, ``None`` if there is none of this name."""
        return my_task.data.get(self.bpmn_id, my_task.data.get(CASE, {}).get(self.bpmn_id))

    def exists(self, my_task: Any) -> bool:
        """Return whether there is a list of this name."""
        return isinstance(self.get(my_task), list)


class _Instances(MultiInstanceTask):  # type: ignore[misc]
    """Several instances of one step: every visit starts afresh, decisions are collected whole.

    The library refuses a second visit, lets the completion condition see one instance only and merges lists by position.
    The condition sees the data of the loop and the counters ``done`` and ``total``.
    """

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        if isinstance(kwargs.get("data_input"), TaskDataReference):
            kwargs["data_input"] = CaseReference(kwargs["data_input"].bpmn_id)
        super().__init__(wf_spec, bpmn_id, **kwargs)

    def _update_hook(self, my_task: Any) -> Any:
        if self.data_input is not None and not self.data_input.exists(my_task.parent):
            raise EngineError(f"“{self.bpmn_name or self.name}”要逐项办理的名单“{self.data_input.bpmn_id}”不存在")
        return super()._update_hook(my_task)

    def init_data_output_with_input_data(self, my_task: Any, input_data: Any) -> None:
        """Start every visit with an empty list of results."""
        self.init_data_output_with_cardinality(my_task)

    def init_data_output_with_cardinality(self, my_task: Any) -> None:
        """Start every visit with an empty list of results."""
        self.data_output.set(my_task, [])

    def create_child(self, my_task: Any, item: Any, key_or_index: Any = None) -> None:
        """Open one instance."""
        if len(my_task._children) >= MAX_INSTANCES:
            raise EngineError(f"“{self.bpmn_name or self.name}”一次最多分给{MAX_INSTANCES}人办理")
        super().create_child(my_task, item, key_or_index)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Take over what an instance decided and add it to the results."""
        my_task = child.parent
        aside = {spec.bpmn_id for spec in (self.input_item, self.output_item, self.data_output) if spec is not None}
        decided = changes(my_task.parent.data, child.data)
        my_task.data.update({name: value for name, value in decided.items() if name not in aside})
        if self.data_output is not None:
            named = self.output_item is not None and self.output_item.exists(child)
            item = self.output_item.get(child) if named else child.data.get(child.task_spec.bpmn_id)
            self.data_output.set(my_task, [*self.data_output.get(my_task), item])
        my_task.internal_data["merged"] = [*my_task.internal_data["merged"], str(child.id)]

    def check_completion_condition(self, my_task: Any) -> bool:
        """Return whether enough instances are done."""
        if self.condition is None:
            return False
        counters = {"done": len(my_task.internal_data["merged"]), "total": len(list(self._instances(my_task)))}
        return bool(my_task.workflow.script_engine.evaluate(my_task, self.condition, external_context=counters))


class ParallelMultiInstance(ParallelMultiInstanceTaskMixin, _Instances, BpmnSpecMixin):  # type: ignore[misc]
    """All instances at once."""


class SequentialMultiInstance(SequentialMultiInstanceTaskMixin, _Instances, BpmnSpecMixin):  # type: ignore[misc]
    """One instance after the other."""


class Start(BpmnStartTask):  # type: ignore[misc]
    """The root of a process. The library would fill the tree with the whole way ahead; a token needs one step of it."""

    def _predict(self, my_task: Any, *_: Any, **__: Any) -> None:
        self._predict_hook(my_task)


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process with our own start and end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"{self.name}.EndJoin"
        del self.task_specs[name], self.task_specs["End"], self.task_specs["Start"]
        self.start: Any = Start(self, "Start")
        self.end: Any = EndJoin(self, name)
        self.end.connect(SimpleBpmnTask(self, "End"))


def connect_loops(spec: ProcessSpec) -> None:
    """Tell each looped step to report to its loop.

    The library does so when an instance is opened; a process that only loads a snapshot would never merge a decision.
    """
    for task_spec in list(spec.task_specs.values()):
        if isinstance(task_spec, LoopTask):
            spec.task_specs[task_spec.task_spec].completed_event.connect(task_spec.merge_child)
