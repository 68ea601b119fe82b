"""Task specs and event definitions of our own: where SpiffWorkflow is replaced or corrected."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.control import _EndJoin, BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    NoneTask,
    ParallelGateway,
    ReceiveTask,
    ServiceTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from perfflow.kernel.errors import RuleViolation

__all__ = [
    "BoundaryEvent",
    "BoundaryEventJoin",
    "BoundaryEventSplit",
    "InclusiveGateway",
    "IntermediateCatchEvent",
    "ReceiveTask",
    "StartEvent",
    "UserTask",
    "_EndJoin",
]


class Trigger(EventDefinition):  # type: ignore[misc]
    """Something to wait for. The engine fires it through a row; it never fires by itself."""

    def __init__(self, kind: str, element: Any) -> None:
        super().__init__(element.id)
        self.kind, self.element = kind, element

    def catches(self, my_task: Any, event: Any) -> bool:
        return False

    def reset(self, my_task: Any) -> None:
        my_task.internal_data.pop("event_fired", None)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


class Choice(EventDefinition):  # type: ignore[misc]
    """The events behind an event-based gateway; the first that happens decides."""

    def __init__(self) -> None:
        super().__init__("choice")
        self.event_definitions: list[EventDefinition] = []

    def has_fired(self, my_task: Any) -> bool:
        return "chosen" in my_task.internal_data

    def catches(self, my_task: Any, event: Any) -> bool:
        return False

    def reset(self, my_task: Any) -> None:
        my_task.internal_data.pop("chosen", None)

    __hash__ = object.__hash__


class Throw(EventDefinition):  # type: ignore[misc]
    """Something that the engine publishes or raises when the event is passed."""

    def __init__(self, kind: str, element: Any) -> None:
        super().__init__(element.id)
        self.kind, self.element = kind, element

    def throw(self, my_task: Any) -> None:
        my_task.workflow.script_engine.throw(my_task, self.kind, self.element)


class Terminate(TerminateEventDefinition):  # type: ignore[misc]
    """Ends the process (or the sub-process) at once; nobody outside hears of it."""

    def throw(self, my_task: Any) -> None:
        """Nothing to publish: the end event itself cancels what is left."""


class PassTask(NoneTask):  # type: ignore[misc]
    """An undefined or manual task: documented work that the engine does not wait for."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False


class WorkTask(ServiceTask):  # type: ignore[misc]
    """Automatic work: a service, a script or a decision, done by the engine of the step."""

    def _run_hook(self, my_task: Any) -> bool | None:
        done = my_task.workflow.script_engine.perform(my_task)
        return True if done else None


class ThrowEvent(IntermediateThrowEvent):  # type: ignore[misc]
    """An intermediate throw event; kept as the stock one, with our definitions."""


class ThrowEnd(EndEvent):  # type: ignore[misc]
    """An end event; an error end stays unfinished so that its scope cannot end normally."""

    def _run_hook(self, my_task: Any) -> bool | None:
        super()._run_hook(my_task)
        definition = self.event_definition
        return None if isinstance(definition, Throw) and definition.kind == "error" else True


class ChoiceGateway(EventBasedGateway):  # type: ignore[misc]
    """An event-based gateway whose events are rows, each with its own due date."""

    def _run_hook(self, my_task: Any) -> bool:
        chosen = my_task.internal_data.pop("chosen")
        spec = next(spec for spec in self.outputs if spec.bpmn_id == chosen)
        my_task._sync_children([spec], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class FirstMatchGateway(ExclusiveGateway):  # type: ignore[misc]
    """An exclusive gateway: the first flow of the file whose condition is true."""

    def _run_hook(self, my_task: Any) -> bool:
        output = self.default_task_spec
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                output = name
                break
        if output is None:
            raise RuleViolation("workflow.no_flow_taken", element=self.element.original_id)
        my_task._sync_children([self._wf_spec.task_specs[output]], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class AnyMatchGateway(InclusiveGateway):  # type: ignore[misc]
    """An inclusive gateway: every flow whose condition is true, else the default."""

    def _run_hook(self, my_task: Any) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise RuleViolation("workflow.no_flow_taken", element=self.element.original_id)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class JoiningGateway(ParallelGateway):  # type: ignore[misc]
    """A parallel gateway that takes exactly one token from each incoming flow.

    The stock join counts arrivals of rounds that are over; here an arrival is spent when the
    join that used it fires.
    """

    def _arrivals(self, my_task: Any) -> dict[str, Any]:
        first: dict[str, Any] = {}
        for task in my_task.workflow.tasks.values():
            if task.task_spec is not self or "spent" in task.internal_data:
                continue
            if task.state == TaskState.COMPLETED and task is not my_task:
                continue
            parent = task.parent
            if parent is not None and parent.state == TaskState.COMPLETED:
                first.setdefault(parent.task_spec.name, task)
        return first

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return len(self._arrivals(my_task)) == len(set(self._inputs))

    def _run_hook(self, my_task: Any) -> bool:
        for task in self._arrivals(my_task).values():
            task.internal_data["spent"] = 1
        my_task.internal_data["spent"] = 1
        return True


class SubProcessTask(SubWorkflowTask):  # type: ignore[misc]
    """An embedded sub-process; the engine of the step opens and closes its variable scope."""

    def start_workflow(self, my_task: Any) -> None:
        my_task.workflow.script_engine.enter(my_task)
        super().start_workflow(my_task)

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        """Tokens carry no data; what a sub-process inherits is the name of its scope."""
        subworkflow.scope = my_task.internal_data["scope"]

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        my_task.workflow.script_engine.leave(my_task)

    def _on_subworkflow_completed(self, subworkflow: Any, my_task: Any) -> None:
        # A cancelled scope also reports completion; it must not wake its cancelled activity.
        if not my_task.has_state(TaskState.FINISHED_MASK):
            super()._on_subworkflow_completed(subworkflow, my_task)


class CallTask(SubProcessTask, CallActivity):  # type: ignore[misc]
    """A call activity: a process of the same bundle with a scope of its own."""

    def __init__(self, wf_spec: Any, bpmn_id: str, subworkflow_spec: str, **kwargs: Any) -> None:
        CallActivity.__init__(self, wf_spec, bpmn_id, subworkflow_spec, **kwargs)
